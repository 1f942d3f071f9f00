"""What follows from a list of changes besides what it says, computed from its preview alone (design, §3).

One small function for each kind, with its clause; ``consequences`` asks them all. Nothing is written, and the number
of queries does not grow with the number of changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from circles.constitution import CIRCLE_LEAD, CONSTITUTIONAL_ROLES, ORDINARY
from circles.effects import EFFECTS, describe_effect, effect_roles
from circles.queries import people_named, prefetch_seats
from circles.structure import (
    AccountabilityRow,
    AssignmentRow,
    DomainRow,
    LinkRow,
    PolicyRow,
    RoleRow,
    RowChange,
    Structure,
)
from governance import authority as by
from governance.authority import Authority
from governance.changes import parse_change
from governance.enactment import Preview
from governance.models import Election, Proposal
from governance.names import NameBook
from people.ids import is_id
from people.models import Organization, Person
from people.refusals import Conflict, Refused

# Beyond so many circles, proposals and names a consequence is told as a number
MOST_CIRCLES = 40
MOST_PROPOSALS = 30
MOST_NAMES = 8


@dataclass(frozen=True)
class Consequence:
    """What follows from adopting, in a sentence with its clause; ``icon`` as in the sprite. ``proposal`` is the
    address of a proposal that it is about."""

    icon: str
    text: str
    clause: str = ""
    warn: bool = False
    proposal: str = ""


@dataclass
class Outcome:
    """A preview with what the questions below ask of it, read once for all of them."""

    organization: Organization
    preview: Preview
    circle: str
    proposal: str = ""
    circles: list[str] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def before(self) -> Structure:
        return self.preview.before

    @property
    def after(self) -> Structure:
        return self.preview.after

    def rows(self, *tables: str) -> Iterator[RowChange]:
        return (c for c in self.preview.row_changes if c.table in tables)

    def gone(self, table: str) -> Iterator[RowChange]:
        return (c for c in self.rows(table) if c.after is None)

    def added(self, table: str) -> Iterator[RowChange]:
        return (c for c in self.rows(table) if c.before is None and c.after is not None)

    def role(self, role_id: str) -> RoleRow | None:
        """A role as it becomes, or as it was where it goes."""
        return self.after.get(RoleRow, role_id) or self.before.get(RoleRow, role_id)

    def name(self, role_id: str | None) -> str:
        role = self.role(role_id) if role_id else None
        if role is None:
            return _("a role that is not there")
        circle = self.role(role.circle) if role.is_constitutional and role.circle else None
        if circle is not None:
            return _("%(role)s of %(circle)s") % {"role": role.shown_name, "circle": circle.name}
        return role.shown_name

    def names(self, person_ids: Iterable[str]) -> str:
        """Names of people in order; beyond a few, how many more there are."""
        found = sorted(self.people[i].name for i in set(person_ids) if i in self.people)
        more = len(found) - MOST_NAMES
        if more > 1:
            rest = ngettext("%(count)d more", "%(count)d more", more) % {"count": more}
            return ", ".join([*found[:MOST_NAMES], rest])
        return ", ".join(found)


def consequences(
    organization: Organization, preview: Preview, *, circle_id: str, proposal_id: str = ""
) -> list[Consequence]:
    """Return what follows from a preview of a circle's governance. ``proposal_id`` is the proposal it is of, if it
    is one of many that are open."""
    if not preview.row_changes or preview.before.get(RoleRow, circle_id) is None:
        return []
    outcome = Outcome(organization, preview, circle_id, proposal_id)
    outcome.circles = _circles_touched(outcome)
    _prefetch(outcome)
    return [one for ask in KINDS for one in ask(outcome)]


# -- reading at once ----------------------------------------------------------------------------------------------


def _circles_touched(outcome: Outcome) -> list[str]:
    """The circles whose members may change: the circle itself, those around what changes, those inside it."""
    found: dict[str, None] = {outcome.circle: None}
    roles: dict[str, None] = {}
    for change in outcome.preview.row_changes:
        for row in (change.before, change.after):
            if row is None:
                continue
            if change.table == "role":
                roles[row.id] = None
            elif change.table in ("assignment", "link"):
                roles[row.role] = None
            if change.table in ("role", "link") and row.circle is not None:
                found[row.circle] = None
            if change.table == "policy" and row.effect is not None:
                found[row.role] = None
    outcome.before.get_many(RoleRow, roles)
    outcome.after.get_many(RoleRow, roles)
    for role_id in roles:
        role = outcome.role(role_id)
        if role is None:
            continue
        if role.circle is not None:
            found[role.circle] = None
        if role.is_constitutional and role.circle is not None:
            circle = outcome.role(role.circle)
            if circle is not None and circle.circle is not None:
                found[circle.circle] = None
        elif role.kind == ORDINARY:
            found[role.id] = None
    candidates = list(found)
    stand = outcome.before.circles_among(candidates) | outcome.after.circles_among(candidates)
    return [c for c in candidates if c in stand or c == outcome.circle][:MOST_CIRCLES]


def _prefetch(outcome: Outcome) -> None:
    rows = [row for c in outcome.preview.row_changes for row in (c.before, c.after) if row is not None]
    columns = [getattr(row, column, None) for row in rows for column in ("role", "circle")]
    named = {i for i in columns if i is not None}
    for structure in (outcome.before, outcome.after):
        roles = structure.get_many(RoleRow, named)
        structure.get_many(RoleRow, {r.circle for r in roles.values() if r.circle is not None})
        prefetch_seats(structure, [c for c in outcome.circles if structure.get(RoleRow, c) is not None])
    outcome.after.find(AssignmentRow, "role", [c.id for c in outcome.added("role")])
    domains = {c.before.domain for c in outcome.rows("policy") if c.before is not None} - {None}
    for structure in (outcome.before, outcome.after):
        structure.get_many(DomainRow, domains)
    people = {
        row.person for c in outcome.rows("assignment") for row in (c.before, c.after) if row is not None
    }
    for circle_id in outcome.circles:
        people |= _members(outcome.before, circle_id) | _members(outcome.after, circle_id)
        people |= outcome.after.circle_leads(circle_id)
    outcome.people = people_named(outcome.organization, people)


def _members(structure: Structure, circle_id: str) -> set[str]:
    return structure.members(circle_id) if structure.get(RoleRow, circle_id) is not None else set()


# -- roles and circles --------------------------------------------------------------------------------------------


def circles_come_and_go_1_3_1(outcome: Outcome) -> Iterator[Consequence]:
    """§1.3.1: roles that are shown as circles from then on, or no longer."""
    gone = {c.id for c in outcome.gone("role")}
    for change in outcome.rows("role"):
        row = change.after or change.before
        if row.kind != CIRCLE_LEAD:
            continue
        name = outcome.name(row.circle)
        if change.before is None:
            text = _("%(role)s is shown as a circle from then on.") % {"role": name}
            yield Consequence("ring", text, "1.3.1")
        elif change.after is None and row.circle not in gone:
            text = _("%(role)s is a plain role from then on: the last role inside it goes.") % {"role": name}
            yield Consequence("ring", text, "1.3.1", warn=True)


def unfilled_roles_1_4_2(outcome: Outcome) -> Iterator[Consequence]:
    """§1.4.2: who leads a new role until somebody fills it."""
    for change in outcome.added("role"):
        role = change.after
        if role.kind != ORDINARY or role.circle is None or outcome.after.fillers(role.id):
            continue
        leads = outcome.names(outcome.after.circle_leads(role.circle))
        text = (
            _("%(role)s starts unfilled. %(leads)s leads it until somebody is assigned.")
            if leads
            else _("%(role)s starts unfilled, and nobody leads it: the circle has no circle lead.")
        )
        yield Consequence("user", text % {"role": role.name, "leads": leads}, "1.4.2", warn=not leads)


def assignments_end_1_4_1(outcome: Outcome) -> Iterator[Consequence]:
    """§1.4.1: assignments that go with a role."""
    gone = {c.id: c.before for c in outcome.gone("role") if c.before.kind == ORDINARY}
    for role_id, role in gone.items():
        people = {c.before.person for c in outcome.gone("assignment") if c.before.role == role_id}
        if people:
            text = _("%(role)s goes, and with it the assignments of %(people)s.") % {
                "people": outcome.names(people),
                "role": role.name,
            }
            yield Consequence("user", text, "1.4.1", warn=True)
    inside = [r for r in gone.values() if r.circle in gone]
    if inside:
        text = _("With it go the roles inside: %(roles)s.") % {
            "roles": ", ".join(sorted(r.name for r in inside)[:MOST_NAMES])
            + (" …" if len(inside) > MOST_NAMES else "")
        }
        yield Consequence("ring", text, "1.3", warn=True)


# -- seats and members --------------------------------------------------------------------------------------------


def seats_vacated_5_1(outcome: Outcome) -> Iterator[Consequence]:
    """§5.1.1, §5.1.2: elected seats that end, here and in circles inside."""
    kept = {(c.after.role, c.after.person) for c in outcome.rows("assignment") if c.after is not None}
    for change in outcome.gone("assignment"):
        row: AssignmentRow = change.before
        role = outcome.role(row.role)
        if role is None or not role.is_constitutional or (row.role, row.person) in kept:
            continue
        text = _("%(person)s is no longer %(seat)s.") % {
            "person": outcome.names([row.person]) or _("Somebody who has left"),
            "seat": outcome.name(role.id),
        }
        yield Consequence("user", text, CONSTITUTIONAL_ROLES[role.kind].clause, warn=True)


def members_gained_and_lost_5_1(outcome: Outcome) -> Iterator[Consequence]:
    """§5.1: who gains or loses a seat, in every circle touched."""
    changed = False
    for circle_id in outcome.circles:
        before, after = _members(outcome.before, circle_id), _members(outcome.after, circle_id)
        here = circle_id == outcome.circle
        name = outcome.name(circle_id)
        stays = outcome.after.get(RoleRow, circle_id) is not None
        if gained := after - before:
            changed = True
            words = {"people": outcome.names(gained), "circle": name}
            text = (
                _("Gaining a seat in this circle: %(people)s.")
                if here
                else _("Gaining a seat in %(circle)s: %(people)s.")
            )
            yield Consequence("user", text % words, "5.1")
        if (lost := before - after) and (stays or here):
            changed = True
            words = {"people": outcome.names(lost), "circle": name}
            text = (
                _("Losing their seat in this circle: %(people)s.")
                if here
                else _("Losing their seat in %(circle)s: %(people)s.")
            )
            yield Consequence("user", text % words, "5.1", warn=True)
    if not changed:
        yield Consequence("check", _("Nobody gains or loses a seat in a circle."), "5.1")


def elections_end_5_3_5(outcome: Outcome) -> Iterator[Consequence]:
    """§5.3.5: elections that are being held for a seat that goes."""
    circles = {c.before.circle for c in outcome.gone("role") if c.before.kind == CIRCLE_LEAD}
    if not circles:
        return
    for election in Election.objects.filter(
        organization=outcome.organization, circle__in=circles, state__in=Election.OPEN
    ).select_related("circle"):
        yield Consequence(
            "vote", _("%(election)s ends: the seat goes.") % {"election": election}, "5.3.5", warn=True
        )


# -- domains, policies, links -------------------------------------------------------------------------------------


def domains_fall_back_1_3_2(outcome: Outcome) -> Iterator[Consequence]:
    """§1.3.2: domains that a role gives up fall back to the circle."""
    for change in outcome.gone("domain"):
        row: DomainRow = change.before
        role = outcome.before.get(RoleRow, row.role)
        if role is None or role.circle is None or outcome.after.get(RoleRow, role.circle) is None:
            continue
        text = _("The domain “%(domain)s” falls back to %(circle)s.") % {
            "domain": row.text,
            "circle": outcome.name(role.circle),
        }
        yield Consequence("key", text, "1.3.2")


def domains_overlap_1_3_2(outcome: Outcome) -> Iterator[Consequence]:
    """§1.3.2: domains of two roles in one circle that say the same, or one of which holds the other."""
    new = [c.after for c in outcome.rows("domain") if c.after is not None]
    if not new:
        return
    roles = outcome.after.get_many(RoleRow, [d.role for d in new])
    circles = {r.circle for r in roles.values() if r.circle is not None}
    inside = {r.id: r for r in outcome.after.find(RoleRow, "circle", circles)}
    others = outcome.after.find(DomainRow, "role", list(inside))
    told: set[frozenset[str]] = set()
    for domain in new:
        role = roles.get(domain.role)
        for other in sorted(others, key=lambda d: d.id):
            theirs = inside[other.role]
            pair = frozenset({domain.id, other.id})
            if role is None or other.role == domain.role or theirs.circle != role.circle or pair in told:
                continue
            if other.id == domain.within or domain.id == other.within:
                continue
            if _overlap(domain.text, other.text):
                told.add(pair)
                text = _("The domain “%(domain)s” may overlap with “%(other)s” of %(role)s.") % {
                    "domain": domain.text,
                    "other": other.text,
                    "role": theirs.shown_name,
                }
                yield Consequence("key", text, "1.3.2", warn=True)


def _overlap(one: str, other: str) -> bool:
    """Whether all words of one text are in the other."""
    a, b = set(one.casefold().split()), set(other.casefold().split())
    return bool(a and b) and (a <= b or b <= a)


def policies_without_subject_1_3_2(outcome: Outcome) -> Iterator[Consequence]:
    """§1.3.2, §5.2.1: policies about a domain that goes, and those whose effect names a role that goes."""
    for change in outcome.rows("policy"):
        if change.before is None or change.after is None:
            continue
        if change.before.domain is not None and change.after.domain is None:
            domain = outcome.before.get(DomainRow, change.before.domain)
            if domain is not None and outcome.after.get(DomainRow, domain.id) is None:
                text = _("The policy “%(policy)s” loses its domain “%(domain)s”.") % {
                    "policy": change.after.title,
                    "domain": domain.text,
                }
                yield Consequence("objection", text, "1.3.2", warn=True)
    roles = {c.id: c.before for c in outcome.gone("role")}
    if not roles:
        return
    # Whoever may name a role that goes: the circles around it, and those it linked into
    around = {r.id for circle in outcome.circles for r in outcome.before.path(circle)}
    for policy in outcome.after.find(PolicyRow, "role", sorted(around)):
        named = [i for i in effect_roles(policy.effect) if i in roles]
        if named and outcome.after.get(RoleRow, policy.role) is not None:
            text = _("The policy “%(policy)s” names %(role)s, which goes: it has nobody to act on.") % {
                "policy": policy.title,
                "role": outcome.name(named[0]),
            }
            yield Consequence("objection", text, "5.2.1", warn=True)


def links_fall_1_3_4(outcome: Outcome) -> Iterator[Consequence]:
    """§1.3.4: links that go with a role or circle, and those made."""
    gone = {c.id for c in outcome.gone("role")}
    for change in outcome.gone("link"):
        row: LinkRow = change.before
        if row.role in gone or row.circle in gone:
            text = _("The link of %(role)s into %(circle)s falls.") % {
                "role": outcome.name(row.role),
                "circle": outcome.name(row.circle),
            }
            yield Consequence("objection", text, "1.3.4", warn=True)


def effects_hold_5_2_1(outcome: Outcome) -> Iterator[Consequence]:
    """§5.2.1: what a policy changes by itself from then on, or no longer."""
    book = NameBook(outcome.organization)
    for change in outcome.rows("policy"):
        was = change.before.effect if change.before is not None else None
        to = change.after.effect if change.after is not None else None
        if was == to:
            continue
        for effect, words in (
            (was, _("No longer holds by itself:")),
            (to, _("Holds by itself from then on:")),
        ):
            if effect and effect["kind"] in EFFECTS:
                said = describe_effect(effect, lambda i: outcome.name(i) if outcome.role(i) else book.role(i))
                yield Consequence("key", f"{words} {said}", EFFECTS[effect["kind"]].clause)


def lead_lines_flow_down_1_4_5(outcome: Outcome) -> Iterator[Consequence]:
    """§1.4.5: what is added to a circle lead role holds for the circle lead roles inside as well."""
    leads: dict[str, None] = {}
    for change in outcome.rows("accountability", "domain"):
        if change.after is not None and (change.before is None or change.before.text != change.after.text):
            leads[change.after.role] = None
    rows = outcome.after.get_many(RoleRow, leads)
    for role in rows.values():
        if role.kind != CIRCLE_LEAD or role.circle is None:
            continue
        inside = [r.id for r in outcome.after.ordinary_inside(role.circle)]
        circles = outcome.after.circles_among(inside)
        if circles:
            names = ", ".join(sorted(outcome.name(c) for c in circles)[:MOST_NAMES])
            text = _("It holds for the circle lead roles inside as well: %(circles)s.") % {"circles": names}
            yield Consequence("down", text, "1.4.5")


# -- other proposals ----------------------------------------------------------------------------------------------


def proposals_conflict_5_3(outcome: Outcome) -> Iterator[Consequence]:
    """§5.3: open proposals elsewhere that would conflict once this is adopted."""
    touched = {c.id for c in outcome.preview.row_changes}
    touched |= {
        row.role for c in outcome.rows("accountability", "domain") for row in (c.before, c.after) if row
    }
    open_ones = Proposal.objects.filter(organization=outcome.organization, state__in=Proposal.OPEN)
    others = open_ones.exclude(pk=outcome.proposal or "-").filter(circle__in=_around(outcome))
    found = [
        other
        for other in others.select_related("circle").order_by("pk")[:MOST_PROPOSALS]
        if _names_any(other.changes, touched)
    ]
    _read_what_they_name(outcome, found)
    for other in found:
        if _conflicts(other, outcome.after) and not _conflicts(other, outcome.before):
            text = _("“%(title)s” in %(circle)s would conflict and go back to its proposer.") % {
                "title": other,
                "circle": other.circle.shown_name,
            }
            yield Consequence("conflict", text, "5.3", warn=True, proposal=other.pk)


def _read_what_they_name(outcome: Outcome, proposals: Iterable[Proposal]) -> None:
    """Read at once what checking these proposals asks for one by one."""
    ids = {i for proposal in proposals for i in _ids(proposal.changes)}
    if not ids:
        return
    for structure in (outcome.before, outcome.after):
        structure.load_paths(structure.get_many(RoleRow, ids))
        structure.get_many(PolicyRow, ids)
        structure.get_many(AccountabilityRow, ids)
        structure.get_many(DomainRow, ids)
        structure.find(AccountabilityRow, "role", ids)
        structure.find(DomainRow, "role", ids)
        structure.find(LinkRow, "role", ids)


def _ids(changes: object) -> Iterator[str]:
    """Every identifier in the plain data of changes."""
    if is_id(changes):
        yield str(changes)
    for value in (
        changes.values() if isinstance(changes, dict) else changes if isinstance(changes, list) else ()
    ):
        yield from _ids(value)


def _around(outcome: Outcome) -> set[str]:
    """The circles whose proposals may speak of what changes: those touched, and the roles that go or move."""
    ids = set(outcome.circles)
    for change in outcome.rows("role"):
        row = change.before or change.after
        ids |= {row.id, row.circle} - {None}
    return ids


def _names_any(changes: object, ids: Collection[str]) -> bool:
    """Whether the plain data of changes names any of these rows."""
    if isinstance(changes, str):
        return changes in ids
    if isinstance(changes, dict):
        return any(_names_any(value, ids) for value in changes.values())
    if isinstance(changes, list):
        return any(_names_any(value, ids) for value in changes)
    return False


def _conflicts(proposal: Proposal, structure: Structure) -> bool:
    authority = Authority(by.PROPOSAL, actor=proposal.proposer_id, circle=proposal.circle_id)
    after = structure.branch()
    for data in proposal.changes:
        try:
            change = parse_change(data)
            refusals = list(change.check(after, authority))
            if any(isinstance(r, Conflict) for r in refusals):
                return True
            if not refusals:
                change.apply(after)
        except (Refused, KeyError):
            return False
    return False


KINDS: tuple[Callable[[Outcome], Iterator[Consequence]], ...] = (
    circles_come_and_go_1_3_1,
    unfilled_roles_1_4_2,
    assignments_end_1_4_1,
    seats_vacated_5_1,
    elections_end_5_3_5,
    members_gained_and_lost_5_1,
    domains_fall_back_1_3_2,
    domains_overlap_1_3_2,
    policies_without_subject_1_3_2,
    links_fall_1_3_4,
    effects_hold_5_2_1,
    lead_lines_flow_down_1_4_5,
    proposals_conflict_5_3,
)
