"""Stepping into somebody's place in the sample organization. Only in demo mode, which production refuses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from circles.constitution import CIRCLE_REP, FACILITATOR, ORDINARY, SECRETARY
from circles.models import Assignment
from people.models import Account, Person

# The slug under which the sample organization is loaded
SAMPLE = "northwind"


@dataclass(frozen=True)
class Entry:
    """Somebody to sign in as: what they are in a few words, and what they can try."""

    person: Person
    headline: str
    words: str


def demo_people() -> tuple[list[Entry], list[Entry]]:
    """Return who can be tried in the sample organization: the instructive ones, and everybody else by name.

    Facilitator, secretary, rep and lead come from the circle with the most roles filled, so that a meeting
    finds its people. Both are empty where the sample is not loaded. Two queries.
    """
    people = {
        p.id: p
        for p in Person.objects.present()
        .filter(organization__slug=SAMPLE, account__is_active=True)
        .select_related("organization")
        .order_by("name", "pk")
    }
    fills = list(
        Assignment.objects.filter(person__in=people, role__until=None).select_related("role__circle")
    )
    size = Counter(a.role.circle_id for a in fills if a.role.circle_id is not None)
    steady = [
        a
        for a in fills
        if a.role.kind == FACILITATOR and a.role.circle is not None and a.role.circle.circle_id
    ]
    best = max(steady, key=lambda a: (size[str(a.role.circle_id)], str(a.role.circle_id)), default=None)
    picked: dict[str, Entry] = {}

    def pick(person_id: str, headline: str, words: str) -> None:
        if person_id not in picked:
            picked[person_id] = Entry(people[person_id], headline, words)

    own = Counter(a.person_id for a in fills if a.role.kind == ORDINARY and not size[a.role_id])
    if best is not None and best.role.circle is not None:
        circle = best.role.circle
        seats = {a.role.kind: a.person_id for a in fills if a.role.circle_id == circle.id}
        words = {"circle": circle.name}
        if CIRCLE_REP in seats:
            person = seats[CIRCLE_REP]
            count = own[person]
            roles = ngettext("with %(count)d role", "with %(count)d roles", count) % {"count": count}
            pick(
                person,
                roles if count else _("circle rep"),
                _("Senses tensions, proposes; represents %(circle)s") % words,
            )
        pick(best.person_id, _("facilitator"), _("Runs the governance meetings of %(circle)s") % words)
        if SECRETARY in seats:
            pick(
                seats[SECRETARY],
                _("secretary"),
                _("Schedules and captures the meetings of %(circle)s") % words,
            )
        for a in fills:
            if a.role_id == circle.id:
                pick(a.person_id, _("circle lead"), _("Assigns the roles of %(circle)s") % words)
    for person_id, entry in people.items():
        if entry.admin:
            pick(person_id, _("admin"), _("Sets up the structure, invites people, keeps the lights on"))
    others = []
    for person_id, entry in people.items():
        if person_id not in picked:
            count = own[person_id]
            if not entry.partner:
                words_for = _("Fills roles without being a partner")
            elif count:
                words_for = ngettext(
                    "A partner with %(count)d role", "A partner with %(count)d roles", count
                ) % {"count": count}
            else:
                words_for = _("A partner without a role of their own")
            others.append(Entry(entry, "", words_for))
    return list(picked.values()), others


def demo_account(person_id: str) -> Account | None:
    """Return the account of somebody in the sample organization, or None."""
    person = (
        Person.objects.present()
        .filter(organization__slug=SAMPLE, account__is_active=True, pk=person_id)
        .select_related("account")
        .first()
    )
    return person.account if person is not None else None
