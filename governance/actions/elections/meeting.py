"""Elections held in a governance meeting: the same steps, taken by its facilitator with those who are there (§5.3.5).

Who is in the meeting is for ``meetings`` to say, in its transaction, with the meeting's row locked before this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils.translation import gettext as _

from circles.structure import Structure
from governance.actions import in_meeting
from governance.actions.elections.common import (
    State,
    close_proposal,
    go_to,
    let_step,
    limit_from_now,
    lock,
    mail,
    tell,
    without_result,
)
from governance.actions.elections.nominating import ask_for_changes
from governance.actions.proposals.proposing import open_round
from governance.elections import asked, proposal_of
from governance.models import Election, Proposal
from people.models import Person
from people.refusals import Refused


@contextmanager
def outside_meetings(election: Election) -> Iterator[None]:
    """Let somebody act in an election by its page or by a program, in one transaction that holds it.

    Raises Refused while a meeting holds it: there people speak in turn, and the room goes on step by step (§5.4.3).
    """
    with transaction.atomic():
        if lock(election).meeting:
            raise Refused(_("This election is being held in a meeting. Enter its room to take part."))
        yield


def bring(
    election: Election, *, meeting: str, facilitator: Person | None, present: Iterable[Person], actor: Person
) -> Election:
    """Hold an election in a meeting from the step at which it is, and return it locked.

    Its time limit ends; everybody present is asked (§5.3.5b); ballots given before stay as secret as they were.
    Objections to a candidate who is proposed are asked for anew. Raises Refused where it is over, or is being held
    in another meeting.
    """
    locked = lock(election)
    if not locked.is_open:
        raise Refused(_("This election is over."))
    if locked.meeting not in ("", meeting):
        raise Refused(_("This election is being held in another meeting."))
    proposal = proposal_of(locked)
    if proposal is not None and proposal.state in (Proposal.State.PROPOSED, Proposal.State.OBJECTED):
        in_meeting.bring(proposal, meeting=meeting, facilitator=facilitator, actor=actor)
    go_to(
        locked,
        locked.state,
        meeting=meeting,
        facilitator=facilitator or locked.facilitator,
        present=sorted(p.pk for p in present),
    )
    return locked


def set_present(election: Election, *, facilitator: Person | None, present: Iterable[Person]) -> None:
    """Let an election follow who has come into its meeting and who has left, and who facilitates there now."""
    with transaction.atomic():
        locked = lock(election)
        people = sorted(p.pk for p in present)
        if not locked.meeting or (locked.present == people and locked.facilitator == facilitator):
            return
        locked.present = people
        locked.facilitator = facilitator or locked.facilitator
        locked.save(update_fields=["present", "facilitator"])
        proposal = proposal_of(locked)
        if proposal is not None and proposal.state == Proposal.State.IN_MEETING:
            proposal.facilitator = locked.facilitator
            proposal.save(update_fields=["facilitator"])
        tell(locked, "roll")


def hand_back(election: Election) -> None:
    """Let an election that a meeting has not finished go on asynchronously, from the step at which it is.

    Everybody who is a circle member is asked again; a time limit begins now if a policy sets one.
    """
    with transaction.atomic():
        locked = lock(election)
        if not locked.is_open or not locked.meeting:
            return
        proposal = proposal_of(locked)
        if proposal is not None and proposal.state == Proposal.State.ADOPTING:
            return
        structure = Structure.of(locked.organization_id)
        locked.meeting, locked.present = "", []
        if locked.state == State.SHARING:
            ask_for_changes(locked, structure)
            return
        if proposal is not None and proposal.state == Proposal.State.IN_MEETING:
            in_meeting.hand_back(proposal)
            proposal.refresh_from_db()
            try:
                open_round(proposal, actor=proposal.proposer)
            except Refused as refusal:
                close_proposal(proposal, Proposal.State.DISCARDED, actor=None, reason=refusal.message)
                without_result(locked, actor=None, reason=refusal.message)
                return
            go_to(locked, locked.state)
            locked.due_at = proposal.due_at
            locked.save(update_fields=["due_at"])
            return
        closes = locked.state in (State.NOMINATING, State.CHANGING)
        go_to(locked, locked.state, due=limit_from_now(locked, structure) if closes else None)
        if locked.state == State.NOMINATING:
            mail(locked, asked(locked, structure), "nominate")
        if closes:
            let_step(locked)
