"""What every step of an election begins and ends with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from circles.constitution import FACILITATOR
from circles.effects import ELECTION_TIME_LIMIT
from circles.structure import Structure
from governance.calendar import due_after
from governance.elections import acts_as_facilitator, proposal_of
from governance.facilitation import acting
from governance.models import Ballot, Election, Proposal
from journal.actions import announce, queue_job, record
from journal.topics import topic_name
from people.models import Person
from people.refusals import Conflict, NotAllowed, Refused

State = Election.State


def lock(election: Election, *, seen: int | None = None) -> Election:
    """Return the election as it stands, locked until the transaction ends.

    ``seen`` is the version the page showed (``Election.version``): Conflict where it has gone on since.
    """
    locked = (
        Election.objects.select_for_update(no_key=True, of=("self",))
        .select_related("circle", "facilitator", "candidate")
        .get(pk=election.pk)
    )
    locked.organization = locked.circle.organization = election.organization
    if seen is not None and seen != locked.version:
        raise Conflict(_("The election has gone on since you opened this. Look again, then decide."))
    return locked


def tell(election: Election, fragment: str) -> None:
    """Tell whoever has this election open that ``fragment`` of it changed: ``state`` or ``roll``."""
    announce(organization=election.organization, topic=topic_name("election", election.pk), fragment=fragment)


def write_down(election: Election, kind: str, *, actor: Person | None, **payload: Any) -> None:
    """Write a step of an election into the journal. No payload tells whom a ballot names."""
    record(
        organization=election.organization,
        kind=f"governance.{kind}",
        actor=actor,
        circle_id=election.circle_id,
        election=election.pk,
        title=str(election),
        **payload,
    )


def require_facilitator(election: Election, actor: Person, structure: Structure) -> None:
    """Raise NotAllowed unless ``actor`` acts as facilitator: of the meeting it is held in, else of the circle."""
    if not acts_as_facilitator(election, actor, structure):
        raise NotAllowed(_("The acting facilitator does this."))


def require_state(election: Election, *states: str) -> None:
    """Raise Refused unless the election stands at one of these steps."""
    if election.state not in states:
        raise Refused(
            _("This election is over.")
            if not election.is_open
            else _("The election is at another step: %(step)s.") % {"step": election.get_state_display()}
        )


def go_to(election: Election, state: str, *, due: dt.datetime | None = None, **values: Any) -> None:
    """Take a locked election to a step, and let the worker look at it when it closes."""
    for name, value in values.items():
        setattr(election, name, value)
    election.state = state
    election.version += 1
    election.step_at = timezone.now()
    election.due_at = due
    election.save()
    if due is not None:
        queue_job(
            "governance.step_election",
            election.pk,
            organization=election.organization,
            due=due,
            key=f"election-due:{election.pk}:{election.version}",
        )
    tell(election, "state")


def limit_from_now(election: Election, structure: Structure) -> dt.datetime | None:
    """Return when a step that begins now closes by the policy that limits it (§5.3.5); None without one, and in a
    meeting."""
    limit = structure.effect(election.circle_id, ELECTION_TIME_LIMIT)
    if limit is None or election.meeting:
        return None
    return due_after(structure, election.circle_id, timezone.now(), limit[1]["working_days"])


def let_step(election: Election) -> None:
    """Have the worker look whether the present step of an election is complete."""
    queue_job(
        "governance.step_election",
        election.pk,
        organization=election.organization,
        key=f"election:{election.pk}",
    )


def mail(election: Election, people: Collection[str], step: str) -> None:
    """Have each of these people sent one e-mail about a step; the worker sees to it that it is one."""
    for person in sorted(people):
        queue_job("governance.mail_election", election.pk, person, step, organization=election.organization)


def facilitators(election: Election, structure: Structure) -> frozenset[str]:
    """Return who may act as facilitator of an election that is held asynchronously, surrogates included."""
    return acting(structure, election.circle_id, FACILITATOR).people


def end(election: Election, state: str, *, actor: Person | None, kind: str, reason: str) -> None:
    """Let a locked election end without anybody elected. Ballots that were never shared go with it."""
    if election.round == 0 and election.state in Election.SECRET:
        Ballot.objects.filter(election=election).delete()
    proposal = proposal_of(election)
    if proposal is not None and proposal.is_open:
        close_proposal(proposal, Proposal.State.DISCARDED, actor=actor, reason=reason)
    go_to(election, state, settled_at=timezone.now(), candidate=None, ended_reason=reason[:2000])
    write_down(election, kind, actor=actor, reason=reason[:400])
    if election.meeting:
        queue_job(
            "meetings.election_settled", election.meeting, election.pk, organization=election.organization
        )


def without_result(election: Election, *, actor: Person | None, reason: str) -> None:
    """Let a locked election end because nobody can be elected."""
    end(election, State.NO_RESULT, actor=actor, kind="election_without_result", reason=reason)


def close_proposal(proposal: Proposal, state: str, *, actor: Person | None, reason: str) -> Proposal:
    """Let the proposal of a candidate end; the election is locked already."""
    locked = Proposal.objects.select_for_update(no_key=True, of=("self",)).get(pk=proposal.pk)
    locked.state = state
    locked.settled_at = timezone.now()
    locked.settled_by = actor
    locked.settled_reason = reason
    locked.due_at = None
    locked.save()
    announce(organization=locked.organization, topic=topic_name("proposal", locked.pk), fragment="state")
    return locked
