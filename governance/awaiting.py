"""What a proposal under way asks of somebody besides their answer: a test, a ruling, a word to an amended one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from circles.constitution import FACILITATOR, SECRETARY
from circles.structure import Structure
from governance.facilitation import acting
from governance.models import Amendment, Objection, Proposal
from people.models import Person

MOST = 50


@dataclass(frozen=True)
class Ask:
    """One thing somebody is asked to do, where to do it, and the clause that asks it of them."""

    proposal: Proposal
    words: str
    clause: str
    anchor: str


# A test that was asked for and has not been made; a ruling likewise
TESTED = Q(test_asked_by__isnull=False, state=Objection.State.RAISED)
RULED = Q(ruling_asked_by__isnull=False, ruling="", state__in=Objection.STANDING)
OPEN = (Proposal.State.PROPOSED, Proposal.State.OBJECTED)


def may_ask(person: Person) -> QuerySet[Objection]:
    """Return the objections that may ask something of somebody besides an answer: ``asked_of`` looks closely."""
    beside = Q(amendments__state=Amendment.State.OFFERED, proposal__proposer=person)
    return Objection.objects.filter(
        TESTED | RULED | beside, organization=person.organization_id, proposal__state__in=OPEN
    )


def asked_of(person: Person) -> list[Ask]:
    """Return what objections ask of somebody: of the facilitator the tests that were asked for (§5.3.4a), of the
    secretary rulings (§5.3.3b), of the proposer a word to an amended proposal (§5.3.4d)."""
    asks = [
        Ask(
            one.objection.proposal,
            _("%(name)s put an amended proposal beside yours. Take it over, or argue.")
            % {"name": one.objection.objector.name},
            "5.3.4d",
            f"amendment-{one.pk}",
        )
        for one in Amendment.objects.filter(
            state=Amendment.State.OFFERED,
            objection__proposal__proposer=person,
            objection__proposal__state__in=OPEN,
        )
        .select_related("objection__objector", "objection__proposal__circle")
        .order_by("offered_at", "pk")[:MOST]
    ]
    waiting = list(
        Objection.objects.filter(
            TESTED | RULED,
            organization=person.organization_id,
            proposal__state__in=OPEN,
        )
        .select_related("objector", "proposal__circle")
        .order_by("raised_at", "pk")[:MOST]
    )
    structure = Structure.of(person.organization_id)
    seats: dict[tuple[str, str], bool] = {}

    def acts(circle: str, kind: str) -> bool:
        if (circle, kind) not in seats:
            seats[circle, kind] = person.pk in acting(structure, circle, kind).people
        return seats[circle, kind]

    for objection in waiting:
        proposal, name = objection.proposal, objection.objector.name
        to_be_ruled = objection.ruling_asked_by_id is not None and not objection.ruling
        if to_be_ruled and acts(proposal.circle_id, SECRETARY):
            words = _("Rule, as secretary, on the objection of %(name)s.") % {"name": name}
            asks.append(Ask(proposal, words, "5.3.3b", f"objection-{objection.pk}"))
        elif objection.awaits_test and not to_be_ruled and acts(proposal.circle_id, FACILITATOR):
            words = _("Test, as facilitator, the objection of %(name)s.") % {"name": name}
            asks.append(Ask(proposal, words, "5.3.4a", f"objection-{objection.pk}"))
    return asks
