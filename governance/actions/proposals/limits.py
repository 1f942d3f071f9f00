"""The time limit of a round: when answers close, its one extension, and the reminders before it (§5.3).

What is judged about the end of a limit is judged as of that instant, however late somebody looks: the worker and
whoever comes first after it find the same.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from circles.effects import ELECTION_TIME_LIMIT, TIME_LIMIT
from circles.structure import Structure
from governance.actions.proposals.common import tell
from governance.calendar import calendar_of
from governance.models import Proposal
from journal.actions import queue_job, record
from people.models import Absence, Person

AWAY = "away"
UNSEEN = "unseen"

# How much working time before the end the second reminder goes out
SHORTLY = dt.timedelta(hours=3)


def begin_limit(proposal: Proposal, structure: Structure, *, now: dt.datetime) -> None:
    """Set the instant at which answers to a round that begins now close, if a policy sets a time limit (§5.3).

    The proposal is locked and saved by the caller; ``follow_limit`` queues what follows once it is.
    """
    kind = ELECTION_TIME_LIMIT if proposal.election_id else TIME_LIMIT
    found = structure.effect(proposal.circle_id, kind)
    proposal.extended_from, proposal.extended_for = None, []
    if found is None:
        proposal.due_at, proposal.limit = None, {}
        return
    policy, effect = found
    proposal.limit = {
        "policy": policy.id,
        "working_days": effect["working_days"],
        "extension_days": effect.get("extension_days") or 0,
    }
    proposal.due_at = calendar_of(structure, proposal.circle_id).after(now, effect["working_days"])


def follow_limit(proposal: Proposal, structure: Structure, *, now: dt.datetime) -> None:
    """Have the worker come when the limit ends, and remind half-way and shortly before of those who are silent."""
    if proposal.due_at is None:
        return
    calendar = calendar_of(structure, proposal.circle_id)
    time = calendar.worked(now, proposal.due_at)
    _come_back(proposal)
    _remind(proposal, "half", calendar.on(now, time / 2))
    if time > 2 * SHORTLY:
        _remind(proposal, "last", calendar.on(now, time - SHORTLY))


def keep_time(proposal: Proposal, structure: Structure) -> None:
    """Let a limit that has passed be extended once, or be over, with the proposal locked (§5.3).

    It is extended by as many working days as the policy adds where a circle member who has not answered by then
    was away or had not seen the text; for everybody, to one instant. Does nothing before the limit or again.
    """
    now = timezone.now()
    while proposal.due_at is not None and proposal.due_at <= now and not proposal.limit.get("over"):
        days = proposal.limit.get("extension_days", 0) if proposal.extended_from is None else 0
        waits = waited_for(proposal, structure) if days else []
        if waits:
            _extend(proposal, structure, days, waits, ended=proposal.due_at, now=now)
        else:
            proposal.limit = {**proposal.limit, "over": True}
            proposal.save(update_fields=["limit"])


def waited_for(proposal: Proposal, structure: Structure) -> list[list[str]]:
    """Return because of whom a limit that ends at ``due_at`` is extended: [person, why], those away first."""
    due = proposal.due_at
    if due is None:
        return []
    members = structure.members(proposal.circle_id)
    silent = [
        line
        for line in proposal.responses.filter(round=proposal.round, answer="").select_related("person")
        if line.person_id in members
    ]
    away = away_at(due, [line.person_id for line in silent])
    found = []
    for line in silent:
        if line.person_id in away:
            found.append([line.person_id, AWAY])
        elif line.seen_at is None or line.seen_at >= due:
            found.append([line.person_id, UNSEEN])
    return sorted(found, key=lambda one: (one[1] != AWAY, one[0]))


def away_at(moment: dt.datetime, people: list[str]) -> dict[str, Absence]:
    """Return who of these people (identifiers) is away at ``moment``, with the absence."""
    day = moment.date()
    near = Absence.objects.filter(
        person__in=people,
        first_day__lte=day + dt.timedelta(days=1),
        last_day__gte=day - dt.timedelta(days=1),
    ).select_related("person__organization")
    return {absence.person_id: absence for absence in near if absence.covers(moment)}


def _extend(
    proposal: Proposal,
    structure: Structure,
    days: int,
    waits: list[list[str]],
    *,
    ended: dt.datetime,
    now: dt.datetime,
) -> None:
    calendar = calendar_of(structure, proposal.circle_id)
    proposal.extended_from, proposal.extended_for = ended, waits
    proposal.due_at = calendar.after(ended, days)
    proposal.save(update_fields=["extended_from", "extended_for", "due_at"])
    names = Person.objects.filter(pk__in=[person for person, _why in waits]).values_list("name", flat=True)
    record(
        organization=proposal.organization,
        kind="governance.extended",
        actor=None,
        circle_id=proposal.circle_id,
        proposal=proposal.pk,
        title=str(proposal),
        because_of=", ".join(sorted(names)),
        until=proposal.due_at.isoformat(),
    )
    _come_back(proposal)
    if proposal.due_at > now:
        for line in proposal.responses.filter(round=proposal.round, answer="").values_list("pk", flat=True):
            queue_job("governance.mail_reminder", line, "extended", organization=proposal.organization)
        time = calendar.worked(ended, proposal.due_at)
        if time > 2 * SHORTLY:
            _remind(proposal, "last", calendar.on(ended, time - SHORTLY))
    tell(proposal, "roll")
    tell(proposal, "state")


def _come_back(proposal: Proposal) -> None:
    extended = ":extended" if proposal.extended_from else ""
    queue_job(
        "governance.settle_proposal",
        proposal.pk,
        organization=proposal.organization,
        due=proposal.due_at,
        key=f"due:{proposal.pk}:{proposal.round}{extended}",
    )


def _remind(proposal: Proposal, which: str, at: dt.datetime) -> None:
    extended = ":extended" if proposal.extended_from else ""
    queue_job(
        "governance.remind",
        proposal.pk,
        proposal.round,
        which,
        organization=proposal.organization,
        due=at,
        key=f"remind:{proposal.pk}:{proposal.round}:{which}{extended}",
    )
