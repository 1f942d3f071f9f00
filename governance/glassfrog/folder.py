"""The files of a folder, their envelopes and objects, and what was wrong with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from governance.glassfrog.rows import FILE_OF, FolderUnreadable, Problem
from governance.glassfrog.values import as_list, as_number, clean, show

PLURALS = ("circles", "roles", "people", "assignments")
FILES = tuple(f"{plural}.json" for plural in PLURALS)
SINGULARS = {"circles": "circle", "roles": "role", "people": "person", "assignments": "assignment"}
ONE_LINE = ("name", "short_name", "title", "focus", "email")
Thing = Mapping[str, Any]


def folder_digest(path: Path) -> str:
    """Return a SHA-256 over what ``read_folder`` reads, to recognise a folder that was read before.

    Blank space and the order of keys make no difference; the order of objects does. Raises
    ``FolderUnreadable`` where there is no folder.
    """
    if not path.is_dir():
        raise FolderUnreadable(_("There is no folder “%(path)s”.") % {"path": path})
    digest = hashlib.sha256()
    for file in FILES:
        try:
            content = (path / file).read_bytes()
        except OSError:
            content = b""
        try:
            body = json.loads(content.decode("utf-8-sig"))
            content = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
        except (ValueError, RecursionError):
            pass  # what is no JSON counts byte by byte
        digest.update(f"{file} {len(content)}\n".encode() + content)
    return digest.hexdigest()


class File:
    """One file: its own objects by number, and those linked beside them."""

    def __init__(self) -> None:
        self.things: dict[int, Thing] = {}
        self.linked: dict[str, dict[int, Thing]] = {}
        self.there = False


class Folder:
    """The bodies in one folder; collects problems and notes as they are met."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.borrowed: dict[tuple[str, int | None], str] = {}
        self.files = {plural: self.load(plural) for plural in PLURALS}

    def about(self, kind: str, number: int | None, message: str) -> Problem:
        file = self.borrowed.get((kind, number), FILE_OF[kind])
        return Problem(f"{file}.json", kind, number, message)

    def problem(self, kind: str, number: int | None, message: str) -> None:
        self.problems.append(self.about(kind, number, message))

    def note(self, kind: str, number: int | None, message: str) -> None:
        self.notes.append(self.about(kind, number, message))

    def broken(self, file: str, message: str) -> None:
        self.problems.append(Problem(f"{file}.json", "file", None, message))

    def borrow(self, file: str, kind: str, number: int, home: str) -> None:
        """Remember that an object was read in ``file``, not in ``home`` where it belongs."""
        self.borrowed[kind, number] = file
        if self.files[home].there:
            self.note(kind, number, _("It is not in %(file)s.json; read from here.") % {"file": home})

    def load(self, plural: str) -> File:
        file = File()
        try:
            body = json.loads((self.folder / f"{plural}.json").read_bytes().decode("utf-8-sig"))
        except FileNotFoundError:
            self.broken(plural, _("This file is missing."))
            return file
        except OSError:
            self.broken(plural, _("This file cannot be opened."))
            return file
        except (ValueError, RecursionError) as error:
            self.broken(plural, _("This file is no JSON: %(error)s") % {"error": error})
            return file
        file.there = True
        for page in self.pages(plural, body):
            own = page.get(plural, page.get(SINGULARS[plural], []))
            self.index(SINGULARS[plural], as_list(own), file.things)
            linked = page.get("linked") or {}
            if not isinstance(linked, Mapping):
                self.broken(plural, _("“linked” is no object."))
                continue
            for kind, things in linked.items():
                known = file.linked.setdefault(kind, {})
                for thing in as_list(things):
                    number = as_number(thing.get("id")) if isinstance(thing, Mapping) else None
                    # The service sends empty objects here; slim ones may be followed by whole ones
                    if number is not None:
                        known[number] = {**thing, **known.get(number, {})}
                    elif thing:
                        self.broken(plural, _("A linked object has no number."))
        return file

    def pages(self, plural: str, body: Any) -> Iterator[Thing]:
        """Yield the envelopes of a body: itself, each of a list of pages, or one around bare objects."""
        waiting = [body]
        while waiting:
            part = waiting.pop()
            if isinstance(part, list):
                waiting.extend(reversed(part))
            elif not isinstance(part, Mapping):
                self.broken(plural, _("It holds %(value)s where an object belongs.") % show(part))
            elif "id" in part and plural not in part:
                yield {plural: [part]}
            else:
                if plural not in part and SINGULARS[plural] not in part:
                    self.broken(plural, _("“%(key)s” is not in it.") % {"key": plural})
                yield part

    def index(self, kind: str, things: Iterable[Any], known: dict[int, Thing]) -> None:
        for thing in things:
            if thing == {}:
                continue
            if not isinstance(thing, Mapping):
                self.problem(kind, None, _("It holds %(value)s where an object belongs.") % show(thing))
                continue
            number = as_number(thing.get("id"))
            if number is None:
                self.problem(kind, None, _("The number is %(value)s; left out.") % show(thing.get("id")))
            elif number not in known:
                known[number] = thing
            elif known[number] != thing:
                self.problem(kind, number, _("The number is there twice; the second one is left out."))

    def linked(self, kind: str, *files: str) -> dict[int, Thing]:
        """Return the linked objects of a kind from several files, the first file's counting most."""
        found: dict[int, Thing] = {}
        for file in files:
            for number, thing in self.files[file].linked.get(kind, {}).items():
                found.setdefault(number, thing)
        return found

    def note_other_files(self) -> None:
        for path in sorted(self.folder.glob("*.json")):
            if path.name not in FILES:
                self.notes.append(
                    Problem(path.name, "file", None, _("It holds no structure and is left aside."))
                )

    def text(self, kind: str, number: int, thing: Thing, key: str) -> str:
        value = thing.get(key)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.problem(kind, number, _("“%(key)s” is %(value)s, no text.") % {"key": key, **show(value)})
            return ""
        text = clean(str(value))
        return " ".join(text.split()) if key in ONE_LINE else text

    def day(self, kind: str, number: int, thing: Thing, key: str) -> date | None:
        value = thing.get(key)
        if value is None or value == "":
            return None
        try:
            return date.fromisoformat(value[:10])
        except (TypeError, ValueError):
            self.problem(kind, number, _("“%(key)s” is %(value)s, no day.") % {"key": key, **show(value)})
            return None

    def to_one(self, kind: str, number: int, thing: Thing, *keys: str) -> int | None:
        for key in keys:
            found = self.to_many(kind, number, thing, key)
            if len(found) > 1:
                self.problem(kind, number, _("“%(key)s” names several; the first is read.") % {"key": key})
            if found:
                return found[0]
        return None

    def to_many(self, kind: str, number: int, thing: Thing, key: str) -> list[int]:
        links = thing.get("links") or {}
        if not isinstance(links, Mapping):
            self.problem(kind, number, _("“links” is %(value)s, no object.") % show(links))
            return []
        found: list[int] = []
        for value in as_list(links.get(key)):
            if value in (None, {}, []):
                continue
            target = as_number(value.get("id") if isinstance(value, Mapping) else value)
            if target is None:
                self.problem(
                    kind, number, _("“%(key)s” is %(value)s, no number.") % {"key": key, **show(value)}
                )
            elif target not in found:
                found.append(target)
        return found
