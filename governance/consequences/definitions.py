"""What follows for domains, policies, links and the circle lead role."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from circles.constitution import CIRCLE_LEAD
from circles.effects import EFFECTS, describe_effect, effect_roles
from circles.structure import (
    DomainRow,
    LinkRow,
    PolicyRow,
    RoleRow,
)
from governance.consequences.outcome import MOST_NAMES, Consequence, Outcome
from governance.names import NameBook


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
