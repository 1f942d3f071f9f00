"""The rules of interpreting and striking governance (§4.2), one small function each."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.utils.translation import gettext as _

from circles.constitution import SECRETARY
from circles.structure import PersonRow, Structure
from governance.facilitation import acting
from governance.models import Ruling
from governance.strikes import Thing, circles_above
from people.refusals import Refused, RuleBroken


def partner_asks_4_2(structure: Structure, person_id: str, clause: str) -> Iterator[RuleBroken]:
    """§4.2.1, §4.2.2: it is partners who ask a secretary to rule."""
    person = structure.get(PersonRow, person_id)
    if person is None or not person.partner:
        yield RuleBroken(clause, _("Only partners ask a secretary to rule. Ask a partner to do it for you."))


def asked_of_its_circle_4_2_2(
    structure: Structure, circle_id: str, governance: str | None
) -> Iterator[Refused]:
    """§4.2.2: a secretary judges the governance of the circle and of the circles inside it."""
    if governance is None:
        yield Refused(
            _("Say which decision, role, policy or line you doubt: begin on its page."), field="about"
        )
    elif circle_id not in circles_above(structure, governance):
        yield RuleBroken(
            "4.2.2",
            _(
                "This lies outside %(circle)s. Ask the secretary of the circle it is in, or of one around that."
            )
            % {"circle": structure.role(circle_id).shown_name},
            field="circle",
        )


def secretary_rules_4_2_1(structure: Structure, circle_id: str, person_id: str) -> Iterator[RuleBroken]:
    """§4.2.1: the acting secretary of the circle that was asked rules, and nobody else."""
    if person_id not in acting(structure, circle_id, SECRETARY).people:
        yield RuleBroken(
            "4.2.1",
            _("Only the acting secretary of %(circle)s rules on this.")
            % {"circle": structure.role(circle_id).shown_name},
        )


def appeal_goes_up_4_2_1(structure: Structure, circle_id: str, above: str) -> Iterator[RuleBroken]:
    """§4.2.1: an appeal goes to the secretary of a super-circle."""
    if above not in circles_above(structure, circle_id)[1:]:
        yield RuleBroken(
            "4.2.1",
            _("An appeal goes to the secretary of a circle around this one. Choose one of those."),
            field="circle",
        )


def secretary_strikes_4_2_2(
    structure: Structure, circle_ids: Collection[str], person_id: str
) -> Iterator[RuleBroken]:
    """§4.2.2: the acting secretary of a circle strikes governance of that circle and of those inside it, nobody
    else, and none of it elsewhere."""
    for circle_id in sorted(circle_ids):
        if not secretaries_circles(structure, circle_id, person_id):
            yield RuleBroken(
                "4.2.2",
                _(
                    "Only the acting secretary of %(circle)s, or of a circle around it, strikes its governance. "
                    "You can ask them to rule on it."
                )
                % {"circle": structure.role(circle_id).shown_name},
            )
            return


def strikes_what_was_asked_4_2_2(ruling: Ruling, struck: Thing) -> Iterator[RuleBroken]:
    """§4.2.2: a strike answers the question whether that very governance is valid, and no other question."""
    same = (ruling.about, ruling.about_id) == (struck.about, struck.id)
    # Of a role one may strike a single line; what a decision has become is struck where it is now
    part = struck.role is not None and struck.policy is None and struck.role.id == ruling.role_id
    if ruling.kind != Ruling.Kind.VALIDITY or not (same or part or ruling.about == Ruling.About.DECISION):
        yield RuleBroken(
            "4.2.2",
            _("The question is about something else. Strike this by itself, and rule on the question."),
        )


def secretaries_circles(structure: Structure, circle_id: str, person_id: str) -> list[str]:
    """Return the circles, from ``circle_id`` up, whose acting secretary somebody is."""
    return [
        i for i in circles_above(structure, circle_id) if person_id in acting(structure, i, SECRETARY).people
    ]
