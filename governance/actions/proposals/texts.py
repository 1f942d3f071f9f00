"""A proposal’s text: how it is read, saved, and examined before it is shared (§5.3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from circles.models import Role
from circles.structure import RoleRow, Structure
from governance.actions.proposals.common import TEXTS, authority_of, tell
from governance.changes import parse_changes
from governance.changes.base import clean
from governance.enactment import Preview, try_changes
from governance.models import TEXT_LENGTH, Proposal
from governance.rules import structure as rules
from governance.rules.consent import amended_proposal_5_3_4
from people.models import Person
from people.refusals import Conflict, Refused


def read_text(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a proposal's text in their canonical form: title, tension, example, how_helped,
    role (identifier or None) and changes (JSON). Only fields that are in ``data`` are returned.

    Raises Malformed, and RuleBroken for an effect no policy may have.
    """
    fields: dict[str, Any] = {}
    if "title" in data:
        fields["title"] = clean(data["title"], "title", most=120)
    for name in TEXTS:
        if name in data:
            fields[name] = clean(data[name], name, most=TEXT_LENGTH, multiline=True)
    if "role" in data:
        fields["role_id"] = data["role"] or None
    if "changes" in data:
        fields["changes"] = [c.to_json() for c in parse_changes(data["changes"])]
    return fields


def write_text(
    proposal: Proposal, data: Mapping[str, Any], *, text_version: int | None, actor: Person
) -> None:
    """Write a proposal's text, in a transaction with the proposal locked. Who may is the caller's to decide.

    ``text_version`` is the version that was edited; Conflict is raised where another has been saved since, so
    that nobody's words are lost. None writes regardless.
    """
    fields = read_text(data)
    if text_version is not None and text_version != proposal.text_version:
        differing = [n for n in ("title", *TEXTS) if n in fields and fields[n] != getattr(proposal, n)]
        name = differing[0] if differing else "changes"
        if differing or fields.get("changes", proposal.changes) != proposal.changes:
            raise Conflict(
                _(
                    "Somebody saved this meanwhile. Both texts are here: take what you need from the other one."
                ),
                field=name,
                drafted=str(fields.get(name, "")),
                now=str(getattr(proposal, name)),
            )
    if (
        fields.get("role_id")
        and not Role.objects.filter(organization=proposal.organization_id, pk=fields["role_id"]).exists()
    ):
        fields["role_id"] = None
    changed = {n: v for n, v in fields.items() if getattr(proposal, n) != v}
    if changed:
        for name, value in changed.items():
            setattr(proposal, name, value)
        proposal.text_version += 1
        proposal.changed_at = timezone.now()
        proposal.save(update_fields=[*changed, "text_version", "changed_at"])
        tell(proposal, "text")


def examine(proposal: Proposal) -> tuple[Preview, list[Refused]]:
    """Return what a proposal would do as things stand, and what stands in the way of proposing it: its
    requirements (§5.3.1), its proposer (§5.3) and its changes. Reads only."""
    structure = Structure.of(proposal.organization_id)
    refusals: list[Refused] = []
    if structure.get(RoleRow, proposal.circle_id) is None:
        refusals.append(Refused(_("The circle has been removed.")))
    elif proposal.election_id is None:
        # A candidate comes of everybody's nominations: no tension is asked for, and no role (§5.3.5e)
        refusals += rules.proposer_5_3(
            structure, proposal.circle_id, proposal.proposer_id, proposal.role_id, meeting=proposal.meeting
        )
        if proposal.beside_id is not None:
            refusals += amended_proposal_5_3_4(proposal.how_helped)
        else:
            refusals += rules.proposal_requirements_5_3_1(
                proposal.tension, proposal.example, proposal.how_helped
            )
    if not proposal.changes:
        refusals.append(Refused(_("Add at least one change: what should be different?"), field="changes"))
    shown = try_changes(structure, parse_changes(proposal.changes), authority_of(proposal))
    refusals += [refusal for _number, refusal in shown.refusals]
    if proposal.changes and shown.ok and not shown.row_changes:
        refusals.append(Refused(_("This changes nothing: what it asks for stands already."), field="changes"))
    return shown, refusals
