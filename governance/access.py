"""Who may fetch which proposal and decision."""

from __future__ import annotations

from django.http import Http404

from governance.models import Amendment, Breakdown, Decision, Election, Objection, Permission, Proposal
from people.models import Person


def get_proposal(viewer: Person, proposal_id: str) -> Proposal:
    """Return a proposal of the viewer's organization; a draft only to its proposer. Http404 otherwise."""
    proposal = (
        Proposal.objects.select_related(
            "organization",
            "circle",
            "proposer",
            "role",
            "from_tension",
            "decision",
            "meeting_asked_by",
            "beside",
        )
        .filter(organization=viewer.organization, pk=proposal_id)
        .first()
    )
    if proposal is None or (proposal.state == Proposal.State.DRAFT and proposal.proposer_id != viewer.pk):
        raise Http404
    return proposal


def get_permission(viewer: Person, permission_id: str) -> Permission:
    """Return leave to represent a role of the viewer's organization; Http404 otherwise."""
    permission = (
        Permission.objects.select_related("role", "person")
        .filter(organization=viewer.organization, pk=permission_id)
        .first()
    )
    if permission is None:
        raise Http404
    permission.organization = permission.role.organization = viewer.organization
    return permission


def get_breakdown(viewer: Person, breakdown_id: str) -> Breakdown:
    """Return a process breakdown of the viewer's organization, over or not; Http404 otherwise."""
    breakdown = (
        Breakdown.objects.select_related(
            "circle__circle",
            "declared_by",
            "declared_in",
            "ended_by",
            "lead",
            "proposal",
            "raised_from__circle",
        )
        .filter(organization=viewer.organization, pk=breakdown_id)
        .first()
    )
    if breakdown is None:
        raise Http404
    breakdown.organization = breakdown.circle.organization = viewer.organization
    return breakdown


def get_objection(viewer: Person, objection_id: str) -> Objection:
    """Return an objection to a proposal the viewer may see; Http404 otherwise."""
    objection = (
        Objection.objects.select_related("proposal", "objector", "role")
        .filter(organization=viewer.organization, pk=objection_id)
        .first()
    )
    if objection is None:
        raise Http404
    objection.proposal = get_proposal(viewer, objection.proposal_id)
    return objection


def get_election(viewer: Person, election_id: str) -> Election:
    """Return an election of the viewer's organization; Http404 otherwise. What is secret in it stays so."""
    election = (
        Election.objects.select_related(
            "organization", "circle", "called_by", "facilitator", "candidate", "replaces", "decision"
        )
        .defer("decision__changes", "decision__rows")
        .filter(organization=viewer.organization, pk=election_id)
        .first()
    )
    if election is None:
        raise Http404
    election.circle.organization = election.organization
    return election


def get_amendment(viewer: Person, amendment_id: str) -> Amendment:
    """Return an amended proposal that stands beside one the viewer may see; Http404 otherwise."""
    amendment = Amendment.objects.filter(organization=viewer.organization, pk=amendment_id).first()
    if amendment is None:
        raise Http404
    amendment.objection = get_objection(viewer, amendment.objection_id)
    return amendment


def get_decision(viewer: Person, number: int) -> Decision:
    """Return a decision of the viewer's organization by its number; Http404 where there is none.

    Its changes and rows are read when they are first asked for: they may be many.
    """
    decision = (
        Decision.objects.select_related("actor", "circle")
        .defer("changes", "rows")
        .filter(organization=viewer.organization, number=number)
        .first()
    )
    if decision is None:
        raise Http404
    return decision


def can_follow_proposal(viewer: Person, proposal_id: str) -> bool:
    """Tell whether somebody may follow a proposal live: whoever may see it."""
    try:
        get_proposal(viewer, proposal_id)
    except Http404:
        return False
    return True


def can_follow_election(viewer: Person, election_id: str) -> bool:
    """Tell whether somebody may follow an election live: whoever may see its page."""
    try:
        get_election(viewer, election_id)
    except Http404:
        return False
    return True
