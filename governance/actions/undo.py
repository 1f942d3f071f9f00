"""Undo as a proposal: a decision is taken back the way it was made, by proposing it (design, §3)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from circles.models import NAME_LENGTH, Role
from circles.structure import Structure
from governance import queries
from governance.actions.proposals import start_draft
from governance.models import Decision, Proposal
from governance.rules.structure import proposer_5_3
from governance.undo import undoing
from people.models import Person
from people.refusals import Refused


def start_undo(decision: Decision, *, actor: Person, circle: str | None = None) -> Proposal:
    """Begin a draft that takes a decision back, and return it; the same one where it was begun and not touched.

    ``circle`` chooses one of the circles whose governance the decision changed (``undo.undoing``); without it, the
    first that stands. The draft holds only what a proposal of that circle may carry (§5.2), against today's
    structure. Raises RuleBroken §5.3 where ``actor`` is no circle member there, Refused where nothing of it can be
    undone by a proposal.
    """
    plan = undoing(decision)
    part = plan.part(circle)
    if part is None:
        raise Refused(_("No proposal can take this back. Its page says who can."))
    structure = Structure.of(decision.organization_id)
    for refusal in proposer_5_3(structure, part.circle.id, actor.pk, None):
        if refusal.field is None:
            raise refusal
    entry = queries.entries(actor.organization, [decision])[0]
    title = _("Undo decision %(number)d: %(what)s") % {"number": decision.number, "what": entry.headline}
    changes = [change.to_json() for change in part.changes]
    with transaction.atomic():
        begun = Proposal.objects.filter(
            organization=actor.organization,
            proposer=actor,
            circle=part.circle.id,
            state=Proposal.State.DRAFT,
            text_version=1,
            title=title[:NAME_LENGTH],
        )
        for draft in begun:
            if draft.changes == changes:
                return draft
        home = Role.objects.select_related("organization").get(
            organization=actor.organization, pk=part.circle.id
        )
        return start_draft(home, actor=actor, title=title[:NAME_LENGTH], changes=changes)
