"""What the room shows of an election to one person: words of the moving button, and what each has said (§5.3.5)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from governance.election_view import ElectionView
from governance.models import Election
from meetings import steps
from meetings.models import Turn
from meetings.room import Room
from people.models import Person

State = Election.State


def next_words(room: Room, shown: ElectionView) -> tuple[str, str]:
    """What the facilitator's moving button says in a step of an election, and why it cannot be pressed yet."""
    step = room.step
    if step is steps.DESCRIBE_STEP:
        return _("Next: nominate"), _("First choose a term; that opens the nominations")
    if step is steps.NOMINATE_STEP:
        out = shown.asked - shown.answered
        wait = _("Ballots still out: %(number)d") % {"number": out} if out > 0 else ""
        return _("Show all nominations"), wait
    if step is steps.SHARE_STEP:
        return _("Next: change round"), ""
    if step is steps.CHANGE_STEP:
        return _("Next: count"), ""
    if shown.election.state == State.TIED:
        return _("Next: propose"), _("First settle the tie")
    return _("Next: objection round"), ""


def said(room: Room, shown: ElectionView, turn: Turn) -> tuple[str, str] | None:
    """What somebody has said in a round of an election, in a word, and the state it is shown in."""
    if turn.state in (Turn.State.WAITING, Turn.State.SPEAKING, Turn.State.SKIPPED):
        return None
    if turn.step == steps.SHARE_STEP.key:
        return _("shared"), "none"
    line = next((n for n in shown.nominations if n.voter.pk == turn.person_id), None)
    if turn.step == steps.CHANGE_STEP.key and line is not None:
        return (_("changed"), "none") if line.changed else (_("keeps it"), "none")
    return None


def in_the_box(shown: ElectionView, person: Person) -> tuple[str, str]:
    """Whether somebody's ballot is in: in a word, and the state it is shown in."""
    line = next((a for a in shown.roll if a.person.pk == person.pk), None)
    if line is None:
        return "", ""
    return (_("in"), "none") if line.answered else (_("still to nominate"), "")
