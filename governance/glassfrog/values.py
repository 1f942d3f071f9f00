"""Single values of a body, as the service writes them and as a person sees them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

LARGEST_NUMBER = 2**63 - 1


def mentions(text: str) -> Iterator[str]:
    """Yield what follows each ``@`` that begins a word, up to the next blank or ``@``."""
    for match in re.finditer(r"(?<!\w)@(\w[^\s@]*)", text):
        yield match[1]


def as_number(value: Any) -> int | None:
    """Return a number as the service gives them, a positive 64-bit integer, also where it came as text."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST_NUMBER:
        return None
    return value


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, nothing as an empty one, and anything else as a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def clean(text: str) -> str:
    """Return text with one kind of line end, and without what cannot be shown."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc").strip()


def show(value: Any) -> dict[str, str]:
    """Return a value as it is named in a message, cut to a readable length."""
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return {"value": shown if len(shown) <= 60 else shown[:59] + "…"}


class _Plain(HTMLParser):
    BLOCKS = frozenset({"p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "tr", "blockquote"})
    UNSEEN = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in self.UNSEEN
        if tag in self.BLOCKS:
            self.parts.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.UNSEEN and self.hidden:
            self.hidden -= 1
        if tag in self.BLOCKS - {"br", "li"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def plain_text(html: str) -> str:
    """Return HTML as plain text: blocks on lines of their own, list items with a dash, no tags."""
    parser = _Plain()
    parser.feed(html)
    parser.close()
    lines = [re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in "".join(parser.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
