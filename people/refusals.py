"""Why the program says no. Pages, API and tasks catch these and nothing else."""

from __future__ import annotations


class Refused(Exception):
    """An act that cannot be done, in words for the person who tried it.

    ``message`` says what is wrong and how to go on; ``field`` names the input it belongs to, if there is one.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(str(message))
        self.message = str(message)
        self.field = field


class RuleBroken(Refused):
    """A rule of the Constitution forbids it; ``clause`` is its number, such as ``1.3.3``."""

    def __init__(self, clause: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.clause = clause

    def __str__(self) -> str:
        return f"§{self.clause} {self.message}"


class Malformed(Refused):
    """The input has not the form it should have: a missing field, a wrong type, a text that is too long."""


class NotAllowed(Refused):
    """This person may see the thing but may not do this with it."""


class Conflict(Refused):
    """What was drafted rests on something that has changed since.

    ``drafted_from`` is the text as it was when drafting began, ``drafted`` what the draft makes of it, and
    ``now`` what stands there today; an empty text means that there is none.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        drafted_from: str = "",
        drafted: str = "",
        now: str = "",
    ) -> None:
        super().__init__(message, field=field)
        self.drafted_from = drafted_from
        self.drafted = drafted
        self.now = now
