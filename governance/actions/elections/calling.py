"""How an election begins: called by a member or by an expired term, described, opened, or taken back (§5.3.5a)."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.models import Assignment, Role
from circles.structure import RoleRow, Structure
from governance.actions.elections.common import (
    State,
    end,
    facilitators,
    go_to,
    let_step,
    limit_from_now,
    lock,
    mail,
    require_facilitator,
    require_state,
    tell,
    write_down,
)
from governance.candidacy import seats_at_most
from governance.changes.base import clean
from governance.elections import asked
from governance.models import REASON_LENGTH, Election
from governance.rules import elections as rules
from people.ids import derived_id
from people.models import Organization, Person
from people.refusals import NotAllowed, Refused, RuleBroken


def call_election(circle: Role, seat: str, *, actor: Person, replaces: Person | None = None) -> Election:
    """Call an election for a circle's rep, facilitator or secretary, and return it (§5.1.1, §5.1.2, §5.3.5).

    Any circle member does, at any time. ``replaces`` names whose term it is about where the circle has several
    reps; without it, a further one is elected if the policy leaves room. The acting facilitator is told.

    Raises RuleBroken (§5.1.1, §5.1.2: no circle member, nobody eligible; §5.3.5: no such seat), and Refused where
    one is running already.
    """
    with transaction.atomic():
        structure = Structure.of(circle.organization_id)
        _require_seat(structure, circle, seat)
        for refusal in rules.may_call_5_1(structure, circle.pk, seat, actor.pk):
            raise refusal
        for refusal in rules.can_be_held_5_3_5(structure, circle.pk, seat):
            raise refusal
        election = Election(
            organization=circle.organization, circle=circle, seat=seat, called_by=actor, replaces=replaces
        )
        _require_room(structure, election)
        if not _alone(election):
            raise Refused(_("An election for this role is running already. Take part in that one."))
        write_down(election, "election_called", actor=actor)
        mail(election, facilitators(election, structure), "called")
        tell(election, "state")
    return election


def call_for_expired(assignment: Assignment) -> Election | None:
    """Call the new election that an expired term asks for, once, and return it (§5.3.5). The worker does.

    Whoever was elected serves on until somebody is. Nothing happens while an election for the seat runs, or where
    one was called since the term ended, or cannot be held.
    """
    with transaction.atomic():
        organization = Organization.objects.get(pk=assignment.organization_id)
        row = Assignment.objects.select_related("role__circle", "person").filter(pk=assignment.pk).first()
        if row is None or row.term_ends is None or row.role.circle is None:
            return None
        role, circle = row.role, row.role.circle
        if role.kind not in Election.Seat.values or row.term_ends >= today_in(organization):
            return None
        expired = end_of_term(row.term_ends, organization)
        of_seat = Election.objects.filter(circle=circle, seat=role.kind)
        structure = Structure.of(organization.pk)
        several = seats_at_most(structure, circle.pk, role.kind) > 1
        since = of_seat.filter(called_at__gte=expired)
        if (since.filter(replaces=row.person) if several else since).exists():
            return None
        if any(rules.can_be_held_5_3_5(structure, circle.pk, role.kind)):
            return None
        circle.organization = organization
        election = Election(
            organization=organization,
            circle=circle,
            seat=role.kind,
            called_by=None,
            replaces=row.person if several else None,
        )
        if not _alone(election):
            return None
        write_down(
            election,
            "term_expired",
            actor=None,
            person=row.person_id,
            holder=row.person.name,
            term_ends=row.term_ends.isoformat(),
        )
        mail(election, facilitators(election, structure), "expired")
        tell(election, "state")
    return election


def _alone(election: Election) -> bool:
    """Save a new election, and tell whether no other runs for its seat: of two called at one moment one is."""
    running = Election.objects.filter(circle=election.circle, seat=election.seat, state__in=Election.OPEN)
    if running.exists():
        return False
    try:
        with transaction.atomic():
            election.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def begin_nominations(
    election: Election, *, actor: Person, term_ends: dt.date | None, note: str = "", seen: int | None = None
) -> Election:
    """Describe the role, choose the term, and open the ballots (§5.3.5a). The acting facilitator does.

    ``term_ends`` is the last day of the term. ``note`` is other information about the election; nobody comments on
    candidates. Every circle member (in a meeting: everybody present) is asked to nominate, within the time limit
    if a policy sets one.

    Raises NotAllowed, RuleBroken (§5.3.5 without a term in the future; §5.1.1, §5.1.2 where nobody is eligible),
    Refused (begun already), Conflict (``seen``), Malformed.
    """
    with transaction.atomic():
        locked = lock(election, seen=seen)
        structure = Structure.of(locked.organization_id)
        require_facilitator(locked, actor, structure)
        require_state(locked, State.CALLED)
        words = clean(note, "note", most=REASON_LENGTH, multiline=True)
        for refusal in (
            *rules.term_5_3_5a(term_ends, today_in(locked.organization)),
            *rules.can_be_held_5_3_5(structure, locked.circle_id, locked.seat),
        ):
            raise refusal
        _require_room(structure, locked)
        go_to(
            locked,
            State.NOMINATING,
            due=limit_from_now(locked, structure),
            term_ends=term_ends,
            note=words,
            facilitator=actor,
        )
        write_down(
            locked,
            "election_opened",
            actor=actor,
            term_ends=locked.term_ends.isoformat() if locked.term_ends else "",
        )
        if not locked.meeting:
            mail(locked, asked(locked, structure), "nominate")
            let_step(locked)
    return locked


def withdraw_election(election: Election, *, actor: Person, reason: str = "") -> Election:
    """Take back the election one has called, as long as nominations are secret. Ballots given in it are destroyed.

    An election that an expired term has called is not taken back. Raises NotAllowed, Refused.
    """
    with transaction.atomic():
        locked = lock(election)
        if locked.called_by_id is None or locked.called_by_id != actor.pk:
            raise NotAllowed(_("Only who called an election can take it back."))
        if not locked.is_secret:
            require_state(locked, *State.values[:6])
            raise RuleBroken("5.3.5", _("Nominations have been shared: now it goes on to its end."))
        words = clean(reason, "reason", most=REASON_LENGTH, multiline=True)
        end(locked, State.WITHDRAWN, actor=actor, kind="election_withdrawn", reason=words)
    return locked


def end_of_term(term_ends: dt.date, organization: Organization) -> dt.datetime:
    """Return the instant a term is over: its last day ends at midnight where the organization is."""
    return dt.datetime.combine(term_ends + dt.timedelta(days=1), dt.time(0), tzinfo=organization.tz)


def today_in(organization: Organization) -> dt.date:
    """Return the day it is where an organization is."""
    return timezone.now().astimezone(organization.tz).date()


def _require_seat(structure: Structure, circle: Role, seat: str) -> None:
    if structure.get(RoleRow, circle.pk) is None or circle.is_constitutional:
        raise Refused(_("Choose the circle that elects."), field="circle")
    if seat not in Election.Seat.values:
        raise RuleBroken(
            "5.3.5", _("Circle rep, facilitator and secretary are elected, nobody else."), field="seat"
        )


def _require_room(structure: Structure, election: Election) -> None:
    """Where a circle may have several reps: say whose term it is, or let there be room for one more (§5.1.1)."""
    most = seats_at_most(structure, election.circle_id, election.seat)
    holders = {a.person for a in structure.fillers(derived_id(election.circle_id, election.seat))}
    if most == 1:
        election.replaces = None
    elif election.replaces_id is None and len(holders) >= most:
        raise RuleBroken(
            "5.1.1",
            _("This circle has as many circle reps as it may have. Say whose term the election is about."),
            field="replaces",
        )
    elif election.replaces_id is not None and election.replaces_id not in holders:
        election.replaces = None
