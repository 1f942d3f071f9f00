"""Ballots: given in secret, shared all at once, changed once (§5.3.5b–d).

What a ballot names is written into its row and nowhere else: no journal, job, e-mail or message carries it.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.structure import Structure
from governance.actions.elections.common import (
    State,
    go_to,
    let_step,
    limit_from_now,
    lock,
    mail,
    require_facilitator,
    require_state,
    tell,
    without_result,
    write_down,
)
from governance.changes.base import clean
from governance.elections import asked, asked_to_change, excluded, have_answered, tied_before
from governance.models import REASON_LENGTH, Ballot, Election, Excluded, NominationChange
from governance.rules import elections as rules
from people.models import Person
from people.refusals import NotAllowed, Refused


def nominate(
    election: Election, *, actor: Person, candidate: str | Collection[str], reason: str = ""
) -> None:
    """Nominate exactly one eligible person, oneself included, in secret (§5.3.5b). Again: change one's ballot.

    ``candidate`` is their identifier; a form that lets several through hands them all in and is refused. ``reason``
    is shared with the nomination; in a meeting it may be given in the sharing round instead.

    Raises RuleBroken §5.3.5 (nobody or several named; not eligible; not asked; too late), Refused (nominations are
    not open), Malformed.
    """
    nominees = {candidate} if isinstance(candidate, str) and candidate else set(candidate)
    with transaction.atomic():
        locked = lock(election)
        if locked.state == State.CALLED:
            raise Refused(_("The facilitator opens the ballots first, with the term."))
        require_state(locked, State.NOMINATING)
        structure = Structure.of(locked.organization_id)
        for refusal in (
            *rules.in_time_5_3_5(locked.due_at, timezone.now()),
            *rules.asked_5_3_5b(asked(locked, structure), excluded(locked), actor.pk),
            *rules.one_nominee_5_3_5b(nominees),
        ):
            raise refusal
        (nominee,) = nominees
        for refusal in rules.eligible_5_3_5b(structure, locked.circle_id, locked.seat, nominee):
            raise refusal
        words = clean(reason, "reason", most=REASON_LENGTH, multiline=True, required=not locked.meeting)
        _ballot, new = Ballot.objects.update_or_create(
            election=locked,
            person=actor,
            defaults={
                "organization": locked.organization,
                "candidate_id": nominee,
                "stands_for_id": nominee,
                "reason": words,
            },
        )
        if new:
            write_down(locked, "ballot_given", actor=actor)
            tell(locked, "roll")
            if not locked.meeting:
                let_step(locked)


def close_nominations(election: Election, *, actor: Person, seen: int | None = None) -> Election:
    """Go on to the sharing round once everybody has nominated (§5.3.5b, c). The acting facilitator does.

    Nobody need: held asynchronously, the worker does it by itself. Raises NotAllowed, RuleBroken §5.3.5 while
    somebody has not nominated, Refused, Conflict (``seen``).
    """
    with transaction.atomic():
        locked = lock(election, seen=seen)
        structure = Structure.of(locked.organization_id)
        require_facilitator(locked, actor, structure)
        require_state(locked, State.NOMINATING)
        if not is_over(locked):
            waiting = asked(locked, structure) - have_answered(locked)
            names = Person.objects.filter(pk__in=waiting).values_list("name", flat=True)
            for refusal in rules.everybody_nominated_5_3_5b(list(names)):
                raise refusal
        share(locked, structure, actor=actor)
    return locked


def is_over(election: Election) -> bool:
    """Tell whether the time limit of the present step has passed."""
    return election.due_at is not None and timezone.now() >= election.due_at


def share(election: Election, structure: Structure, *, actor: Person | None) -> None:
    """Close the ballots of a locked election and reveal them, all at the same moment (§5.3.5c).

    Who was asked and gave none is left out of the rest (§5.3.5). Ballots of people who have left the circle since
    are destroyed unseen. Asynchronously the change round begins at once: everything has been said in writing.
    """
    people = asked(election, structure)
    if not election.meeting:
        Ballot.objects.filter(election=election).exclude(person__in=people).delete()
    silent = people - have_answered(election)
    exclude(election, silent)
    if not Ballot.objects.filter(election=election).exists():
        without_result(election, actor=actor, reason=_("Nobody nominated anybody within the time limit."))
        return
    go_to(election, State.SHARING)
    write_down(election, "nominations_shared", actor=actor, left_out=len(silent))
    if not election.meeting:
        ask_for_changes(election, structure)


def exclude(election: Election, people: Collection[str]) -> None:
    """Leave these people out of the rest of an election: they did not answer in time (§5.3.5)."""
    Excluded.objects.bulk_create(
        (
            Excluded(
                organization=election.organization, election=election, person_id=person, step=election.state
            )
            for person in sorted(people)
        ),
        ignore_conflicts=True,
    )


def give_reason(election: Election, *, actor: Person, reason: str, voter: Person | None = None) -> None:
    """Say in the sharing round of a meeting why one's nominee would be a good fit (§5.3.5c).

    ``voter``: for somebody who speaks it, captured by the acting facilitator. Raises NotAllowed, Refused, Malformed.
    """
    with transaction.atomic():
        locked = lock(election)
        require_state(locked, State.SHARING)
        if voter is not None and voter.pk != actor.pk:
            require_facilitator(locked, actor, Structure.of(locked.organization_id))
        words = clean(reason, "reason", most=REASON_LENGTH, multiline=True, required=True)
        if not Ballot.objects.filter(election=locked, person=voter or actor).update(reason=words):
            raise Refused(_("There is no nomination to give a reason for."))
        tell(locked, "roll")


def open_changes(election: Election, *, actor: Person, seen: int | None = None) -> Election:
    """Open the change round once every nomination has been shared (§5.3.5d). The acting facilitator does.

    Raises NotAllowed, Refused, Conflict (``seen``).
    """
    with transaction.atomic():
        locked = lock(election, seen=seen)
        structure = Structure.of(locked.organization_id)
        require_facilitator(locked, actor, structure)
        require_state(locked, State.SHARING)
        ask_for_changes(locked, structure)
    return locked


def ask_for_changes(election: Election, structure: Structure) -> None:
    """Ask everybody who nominated, or after a tie those it names, whether they change their nomination."""
    go_to(election, State.CHANGING, due=limit_from_now(election, structure), round=election.round + 1)
    if not election.meeting:
        mail(election, asked_to_change(election, structure), f"change-{election.round}")
        let_step(election)


def change_nomination(
    election: Election, *, actor: Person, candidate: str, reason: str, voter: Person | None = None
) -> None:
    """Change one's nomination to another eligible person, with the reason (§5.3.5d); once in a change round.

    After a tie, to one of the tied (§5.3.5e). ``voter`` as in ``give_reason``, in a meeting alone.
    Raises RuleBroken §5.3.5, Refused, Malformed.
    """
    with transaction.atomic():
        locked, structure, ballot = _ballot_to_change(election, actor, voter)
        discarded = set(locked.discarded.values_list("person_id", flat=True))
        for refusal in (
            *rules.changes_to_other_5_3_5d(ballot.stands_for_id, candidate),
            *rules.changes_to_tied_5_3_5e(tied_before(locked), candidate),
            *rules.eligible_5_3_5b(structure, locked.circle_id, locked.seat, candidate),
            *rules.not_discarded_5_3_5f(discarded, candidate),
        ):
            raise refusal
        words = clean(reason, "reason", most=REASON_LENGTH, multiline=True, required=True)
        _answer(locked, ballot, candidate, words)
        ballot.stands_for_id = candidate
        ballot.save(update_fields=["stands_for"])


def keep_nomination(election: Election, *, actor: Person, voter: Person | None = None) -> None:
    """Keep one's nomination as it is (§5.3.5d); once in a change round.

    ``voter`` as in ``give_reason``, in a meeting alone. Raises RuleBroken §5.3.5, Refused.
    """
    with transaction.atomic():
        locked, _structure, ballot = _ballot_to_change(election, actor, voter)
        _answer(locked, ballot, None, "")


def _ballot_to_change(
    election: Election, actor: Person, voter: Person | None
) -> tuple[Election, Structure, Ballot]:
    locked = lock(election)
    require_state(locked, State.CHANGING)
    structure = Structure.of(locked.organization_id)
    person = voter or actor
    if person.pk != actor.pk:
        if not locked.meeting:
            raise NotAllowed(_("Everybody answers for themself."))
        require_facilitator(locked, actor, structure)
    ballot = Ballot.objects.filter(election=locked, person=person).first()
    for refusal in (
        *rules.in_time_5_3_5(locked.due_at, timezone.now()),
        *rules.asked_5_3_5b(asked_to_change(locked, structure), excluded(locked), person.pk),
        *rules.changes_once_5_3_5d(person.pk in have_answered(locked)),
    ):
        raise refusal
    if ballot is None:
        raise Refused(_("There is no nomination to change."))
    return locked, structure, ballot


def _answer(election: Election, ballot: Ballot, candidate: str | None, reason: str) -> None:
    NominationChange.objects.create(
        organization=election.organization,
        ballot=ballot,
        round=election.round,
        candidate_id=candidate,
        reason=reason,
    )
    kind = "nomination_changed" if candidate else "nomination_kept"
    write_down(election, kind, actor=ballot.person)
    tell(election, "roll")
    if not election.meeting:
        let_step(election)
