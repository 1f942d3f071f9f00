"""``python -m bench.screenshots``: the pictures that README and docs show, taken of the sample organization.

Serves it from a folder of its own, signs in as its people, and writes PNG files to ``docs/screenshots``. Needs
Chromium (``CHROMIUM`` names another one).
"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "screenshots"
SIZES = {"wide": (1440, 900), "phone": (390, 844)}
SHOWN = (("wide", "light"), ("phone", "dark"))
ALL = (*SHOWN, ("wide", "dark"), ("phone", "light"))  # with --all, for whoever checks a page by eye

# name, who looks, and where: an address after the slug, or part of the address of a link on their home page
SCENES = (
    ("home", "Maya Lindqvist", ""),
    ("structure", "Maya Lindqvist", "structure/"),
    ("circle", "Maya Lindqvist", "link:/roles/storefront-"),
    ("role", "Maya Lindqvist", "link:/roles/copywriter-storyteller-"),
    ("tensions", "Maya Lindqvist", "tensions/"),
    ("proposal", "Maya Lindqvist", "link:/proposals/"),
    ("record", "Maya Lindqvist", "record/"),
    ("election", "Noor Haddad", "link:/elections/"),
    ("meetings", "Noor Haddad", "meetings/"),
    ("room", "Noor Haddad", "link:/meetings/"),
    ("set-up", "Oskar Nowicki", "set-up/"),
)


def chromium() -> str:
    """Return the path of Chromium; exits with a plain sentence where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next((p for n in names if (p := shutil.which(n))), "")
    if not found:
        sys.exit(
            "Pictures need Chromium. Install it (Debian: apt-get install chromium), or name it in CHROMIUM."
        )
    return found


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return once the site answers; exits where it does not within a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
    sys.exit("The site did not start.")


def sign_in(page: Any, who: str) -> None:
    """Sign in as somebody of the sample organization, by the buttons of demo mode."""
    page.goto("/accounts/login/")
    button = page.get_by_role("button", name=who)
    if not button.first.is_visible():
        page.locator("details > summary").first.click()
    button.first.click()
    page.wait_for_url("**/northwind/")


def take(browser: Any, address: str, scheme: str, size: str) -> None:
    """Take every scene in one colour scheme and size."""
    width, height = SIZES[size]
    who = ""
    for name, somebody, place in SCENES:
        if somebody != who:
            context = browser.new_context(
                base_url=address, color_scheme=scheme, viewport={"width": width, "height": height}
            )
            page, who = context.new_page(), somebody
            sign_in(page, who)
        where = place
        if place.startswith("link:"):
            page.goto("/northwind/")
            part = place.removeprefix("link:")
            addresses = page.locator(f"main a[href*='{part}'], nav a[href*='{part}']")
            where = next(
                address
                for address in (addresses.nth(n).get_attribute("href") for n in range(addresses.count()))
                if not address.endswith(part)
            ).removeprefix("/northwind/")
        page.goto(f"/northwind/{where}")
        page.evaluate("() => document.fonts.ready")
        file = FOLDER / f"{name}-{size}-{scheme}.png"
        page.screenshot(path=file, animations="disabled")
        print(f"{file.relative_to(ROOT)}  {page.title()}")


def main() -> None:
    """Take all pictures."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"TENSEGRITY_DATA_DIR": folder, "PORT": str(port), "TENSEGRITY_DEMO": "1"}
        environment.pop("DATABASE_URL", None)
        environment.pop("REDIS_URL", None)
        process = subprocess.Popen([sys.executable, "-m", "config.embedded"], cwd=ROOT, env=environment)
        try:
            wait_for(port, process)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
                for size, scheme in ALL if "--all" in sys.argv else SHOWN:
                    take(browser, f"http://127.0.0.1:{port}", scheme, size)
                browser.close()
        finally:
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    main()
