"""The rules of elections (§5.1.1, §5.1.2, §5.3.5): small, pure, each with its clause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from django.utils.translation import gettext as _

from circles.constitution import CIRCLE_REP, ELECTED_KINDS
from circles.structure import PersonRow, RoleRow, Structure
from governance import authority as authorities
from governance.authority import Authority
from governance.candidacy import candidates, rep_by_lead
from governance.rules.structure import rep_eligible_5_1_1
from people.ids import derived_id
from people.refusals import RuleBroken

# -- what may be decided -----------------------------------------------------------------------------------------


def is_elected_5_3_5(role: RoleRow) -> Iterator[RuleBroken]:
    """§5.3.5: elections are for circle rep, facilitator and secretary."""
    if role.kind not in ELECTED_KINDS:
        yield RuleBroken(
            "5.3.5",
            _("“%(role)s” is not elected: circle rep, facilitator and secretary are.")
            % {"role": role.shown_name},
            field="role",
        )


def own_election_5_2(structure: Structure, role: RoleRow, authority: Authority) -> Iterator[RuleBroken]:
    """§5.2: a circle elects for its own roles."""
    if authority.kind == authorities.ELECTION and role.circle != authority.circle:
        yield RuleBroken("5.2", _("A circle elects for its own elected roles only."), field="role")


def rep_is_elected_5_1_1(structure: Structure, role: RoleRow) -> Iterator[RuleBroken]:
    """§5.1.1: where a policy lets the circle lead appoint the rep, nobody is elected."""
    policy = rep_by_lead(structure, role.circle or role.id) if role.kind == CIRCLE_REP else None
    if policy is not None:
        yield RuleBroken(
            "5.1.1",
            _("By the policy “%(policy)s” the circle lead appoints the circle rep.")
            % {"policy": policy.title},
            field="role",
        )


def candidate_5_1(structure: Structure, role: RoleRow, person: PersonRow) -> Iterator[RuleBroken]:
    """§5.1.1, §5.1.2: who is elected is a circle member, or who else a policy lets stand; no lead becomes rep."""
    if person.id in candidates(structure, role.circle or role.id, role.kind):
        return
    if role.kind == CIRCLE_REP:
        yield from rep_eligible_5_1_1(structure, role, person, one=False)
    else:
        yield RuleBroken(
            "5.1.2",
            _("This person is not eligible: candidates are circle members, unless a policy says otherwise."),
            field="person",
        )


# -- the process -------------------------------------------------------------------------------------------------


def clause_of(seat: str) -> str:
    """Return the clause that an elected seat stands in."""
    return "5.1.1" if seat == CIRCLE_REP else "5.1.2"


def may_call_5_1(structure: Structure, circle_id: str, seat: str, person: str) -> Iterator[RuleBroken]:
    """§5.1.1, §5.1.2: any circle member may call an election, at any time."""
    if person not in structure.members(circle_id):
        yield RuleBroken(
            clause_of(seat),
            _("Only circle members of %(circle)s call its elections. Ask one of them.")
            % {"circle": structure.role(circle_id).name},
        )


def can_be_held_5_3_5(structure: Structure, circle_id: str, seat: str) -> Iterator[RuleBroken]:
    """§5.3.5: there is such a role, it is filled by election, and somebody is eligible."""
    role = structure.get(RoleRow, derived_id(circle_id, seat))
    if role is None:
        yield RuleBroken(
            "5.3.5", _("This role is not broken down: it has nobody to elect. Add a role inside it first.")
        )
        return
    if seat == CIRCLE_REP and (policy := rep_by_lead(structure, circle_id)):
        yield RuleBroken(
            "5.1.1",
            _("By the policy “%(policy)s” the circle lead appoints the circle rep. Ask them.")
            % {"policy": policy.title},
        )
    elif not candidates(structure, circle_id, seat):
        yield RuleBroken(
            clause_of(seat),
            _(
                "Nobody is eligible as %(role)s: candidates are circle members who may hold the role. "
                "Call the election once there are some."
            )
            % {"role": role.shown_name},
        )


def term_5_3_5a(term_ends: dt.date | None, today: dt.date) -> Iterator[RuleBroken]:
    """§5.3.5a: the facilitator chooses a term; it ends some time from now."""
    if term_ends is None:
        yield RuleBroken("5.3.5", _("Choose a term: its last day."), field="term_ends")
    elif term_ends <= today:
        yield RuleBroken("5.3.5", _("Choose a last day of the term after today."), field="term_ends")


def asked_5_3_5b(asked: Collection[str], excluded: Collection[str], person: str) -> Iterator[RuleBroken]:
    """§5.3.5b: circle members nominate, and those alone; who let the time limit pass is left out."""
    if person in excluded:
        yield from left_out_5_3_5(excluded, person)
    elif person not in asked:
        yield RuleBroken("5.3.5", _("Only circle members are asked in this election."))


def eligible_5_3_5b(structure: Structure, circle_id: str, seat: str, person: str) -> Iterator[RuleBroken]:
    """§5.3.5b: one nominates an eligible candidate."""
    if person not in candidates(structure, circle_id, seat):
        yield RuleBroken(
            "5.3.5", _("This person is not eligible. Choose one of the candidates."), field="candidate"
        )


def one_nominee_5_3_5b(nominees: Collection[str]) -> Iterator[RuleBroken]:
    """§5.3.5b: everybody nominates exactly one person; nobody abstains, and nobody names two."""
    if not nominees:
        yield RuleBroken(
            "5.3.5",
            _("Choose whom you nominate: nobody abstains. You may nominate yourself."),
            field="candidate",
        )
    elif len(nominees) > 1:
        yield RuleBroken("5.3.5", _("Nominate one person, not several."), field="candidate")


def in_time_5_3_5(due: dt.datetime | None, now: dt.datetime) -> Iterator[RuleBroken]:
    """§5.3.5: once the time limit of a step has passed, it is closed."""
    if due is not None and now >= due:
        yield RuleBroken("5.3.5", _("The time limit of this step has passed; it is closed."))


def everybody_nominated_5_3_5b(waiting: Collection[str]) -> Iterator[RuleBroken]:
    """§5.3.5b: nominations are complete once everybody has nominated. ``waiting`` are the names of the others."""
    if waiting:
        yield RuleBroken(
            "5.3.5",
            _("Still to nominate: %(names)s. Nobody abstains.") % {"names": ", ".join(sorted(waiting))},
        )


def shared_at_once_5_3_5c(is_secret: bool) -> Iterator[RuleBroken]:
    """§5.3.5b, c: until the sharing round nobody sees another's nomination."""
    if is_secret:
        yield RuleBroken("5.3.5", _("Nominations are seen once they are shared, all at the same time."))


def changes_once_5_3_5d(has_answered: bool) -> Iterator[RuleBroken]:
    """§5.3.5d: there is one change round; in it everybody changes or keeps their nomination once."""
    if has_answered:
        yield RuleBroken("5.3.5", _("You have answered already: a nomination is changed once."))


def changes_to_other_5_3_5d(standing: str, candidate: str) -> Iterator[RuleBroken]:
    """§5.3.5d: a change names somebody else than before."""
    if standing == candidate:
        yield RuleBroken(
            "5.3.5",
            _("That is whom you nominated. Keep your nomination, or choose another."),
            field="candidate",
        )


def changes_to_tied_5_3_5e(tied: Collection[str], candidate: str) -> Iterator[RuleBroken]:
    """§5.3.5e (iv): who is asked because of a tie chooses among the tied."""
    if tied and candidate not in tied:
        yield RuleBroken("5.3.5", _("Choose one of those who are tied."), field="candidate")


def tie_way_5_3_5e(way: str, open_ways: Collection[str]) -> Iterator[RuleBroken]:
    """§5.3.5e: a tie is resolved by one of four ways, each only where it applies."""
    if not way:
        yield RuleBroken("5.3.5", _("Choose one of the ways."), field="way")
    elif way not in open_ways:
        yield RuleBroken("5.3.5", _("This tie cannot be resolved that way. Choose another."), field="way")


def discards_after_objection_5_3_5f(has_objections: bool) -> Iterator[RuleBroken]:
    """§5.3.5f: a candidate is discarded after an objection to them, not otherwise."""
    if not has_objections:
        yield RuleBroken(
            "5.3.5", _("No objection stands against this candidate, so they cannot be discarded.")
        )


def not_discarded_5_3_5f(discarded: Collection[str], candidate: str) -> Iterator[RuleBroken]:
    """§5.3.5f: nominations for a discarded candidate are ignored, so nobody is asked to give one."""
    if candidate in discarded:
        yield RuleBroken(
            "5.3.5",
            _("This candidate was discarded: a nomination for them would be ignored. Choose another."),
            field="candidate",
        )


def left_out_5_3_5(excluded: Collection[str], person: str) -> Iterator[RuleBroken]:
    """§5.3.5: who did not answer within the time limit is left out of the rest of the process."""
    if person in excluded:
        yield RuleBroken(
            "5.3.5",
            _("You did not answer within the time limit, and are left out of the rest of this election."),
        )
