"""What follows for roles and circles, and for who sits in them."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from circles.constitution import CIRCLE_LEAD, CONSTITUTIONAL_ROLES, ORDINARY
from circles.structure import (
    AssignmentRow,
    RoleRow,
)
from governance.consequences.outcome import MOST_NAMES, Consequence, Outcome, members_of
from governance.models import Election


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
            _("%(role)s starts unfilled. Until somebody is assigned, it is led by %(leads)s.")
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
        before, after = members_of(outcome.before, circle_id), members_of(outcome.after, circle_id)
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
