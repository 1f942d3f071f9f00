"""What changed between two texts, word by word. Pure: knows neither markup nor models."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

Operation = Literal["same", "remove", "add"]

_WORDS = re.compile(r"\s+|\w+(?:[’'\-]\w+)*|[^\w\s]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
# Comparing is quadratic in the worst case: beyond this many pairs, whole lines are compared instead.
_MOST_PAIRS = 1_000_000
# Below this likeness, scattered common words ("the", "a") confuse more than they tell.
_LEAST_LIKENESS = 0.35


class Piece(NamedTuple):
    """A run of text and what became of it."""

    operation: Operation
    text: str


def _likeness(matcher: SequenceMatcher[str], old: list[str], new: list[str]) -> float:
    """How much of both texts is the same, from 0 to 1, counted in letters without white space."""

    def letters(words: list[str]) -> int:
        return sum(len(word) for word in words if not word.isspace())

    total = letters(old) + letters(new)
    if not total:
        return 1.0
    return 2 * sum(letters(old[at : at + size]) for at, _there, size in matcher.get_matching_blocks()) / total


def word_diff(before: str, after: str) -> list[Piece]:
    """The pieces that lead from `before` to `after`, in reading order, removed before added.

    Joining the pieces that are not "add" gives `before`; those that are not "remove", `after`.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) * len(new) > _MOST_PAIRS:
        old, new = _LINES.findall(before), _LINES.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if before and after and _likeness(matcher, old, new) < _LEAST_LIKENESS:
        return [Piece("remove", before), Piece("add", after)]
    pieces: list[Piece] = []
    removed: list[str] = []
    added: list[str] = []

    def close() -> None:
        if removed:
            pieces.append(Piece("remove", "".join(removed)))
        if added:
            pieces.append(Piece("add", "".join(added)))
        removed.clear()
        added.clear()

    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            removed += old[i1:i2]
            added += new[j1:j2]
            continue
        text = "".join(old[i1:i2])
        if removed and added and text.isspace() and i2 < len(old) and j2 < len(new):
            # A lone space between two replaced words belongs to one replaced phrase.
            removed.append(text)
            added.append(text)
        else:
            close()
            pieces.append(Piece("same", text))
    close()
    return pieces
