"""Undoing a decision: what would be taken back, by whom, and what was built on it since."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from circles.queries import circle_members, people_named
from circles.structure import Structure
from governance import authority as by
from governance import queries
from governance.access import get_decision
from governance.actions.undo import start_undo
from governance.authority import Authority
from governance.diffs import describe
from governance.drafting import Obstacle
from governance.enactment import preview
from governance.names import NameBook
from governance.record import dump_rows
from governance.undo import Part, Undoing, built_on, undoing
from people.access import OrganizationRequest, in_organization
from people.refusals import Refused, RuleBroken


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def undo(request: OrganizationRequest, number: int) -> HttpResponseBase:
    """What undoing a decision would take back today; a POST begins the draft of it in one ``circle``."""
    organization, person = request.organization, request.person
    decision = get_decision(person, number)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            draft = start_undo(decision, actor=person, circle=request.POST.get("circle") or None)
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("This is the draft that undoes it. Say why, then propose it."))
            return redirect("governance:draft", organization.slug, draft.pk)
    structure = Structure.of(organization.pk)
    names = NameBook(organization)
    plan = Undoing(decision)
    impossible: Refused | None = None
    try:
        plan = undoing(decision)
    except Refused as error:
        impossible = error
    later = [] if impossible else built_on(decision)
    context = {
        "decision": decision,
        "entry": queries.entries(organization, [decision])[0],
        "parts": [_shown(part, structure, names, request) for part in plan.parts],
        "left": _left(plan, names, request),
        "later": queries.entries(organization, later),
        "impossible": impossible,
        "refused": refused,
        "refused_clause": refused.clause if isinstance(refused, RuleBroken) else "",
    }
    return render(request, "governance/record_undo.html", context, status=422 if refused else 200)


def _shown(part: Part, structure: Structure, names: NameBook, request: OrganizationRequest) -> dict[str, Any]:
    """What one circle's draft would hold: its differences, what stands in its way, and who can propose it."""
    shown: dict[str, Any] = {"circle": part.circle, "stands": part.stands, "member": False, "members": []}
    sentences = [change.sentence(names) for change in part.changes]
    if not part.stands:
        return shown | {"sentences": sentences}
    organization = request.organization
    done = preview(
        organization, part.changes, authority=Authority(by.PROPOSAL, request.person.pk, part.circle.id)
    )
    members = circle_members(structure, organization, part.circle.id)
    return shown | {
        "subjects": queries.with_refs(describe(dump_rows(done.row_changes), names.branch())),
        "hindered": [(sentences[n], Obstacle(refusal, number=n + 1)) for n, refusal in done.refusals],
        "member": any(m.person.pk == request.person.pk for m in members),
        "members": members,
    }


def _left(plan: Undoing, names: NameBook, request: OrganizationRequest) -> list[dict[str, Any]]:
    """What no proposal takes back, in sentences, with who can."""
    people = people_named(request.organization, {p for one in plan.left for p in one.people})
    return [
        {
            "sentence": one.change.sentence(names),
            "why": one.why,
            "clause": one.clause,
            "people": sorted((people[p] for p in one.people if p in people), key=lambda p: p.name.casefold()),
        }
        for one in plan.left
    ]
