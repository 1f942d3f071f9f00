"""Where a draft and what was decided meanwhile are laid together, text by text (design, §3)."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from circles.constitution import POLICY_KINDS
from circles.effects import describe_effect
from circles.structure import DomainRow, PolicyRow, RoleRow, Structure
from governance.access import get_proposal
from governance.actions import proposals as actions
from governance.changes import Change, parse_changes
from governance.models import Proposal
from governance.names import NameBook
from governance.rebase import LONG, MINE, TEXT, TODAY, Choice, Clash, clashes, rebase
from governance.views.drafts import AMENDABLE, SAVABLE
from people.access import OrganizationRequest, in_organization
from people.refusals import Conflict, Refused, RuleBroken


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def merge(request: OrganizationRequest, proposal: str) -> HttpResponseBase:
    """Every field in which a draft clashes with today's structure: what it was drafted from, what it says now, what
    the draft says, and which is to count. A POST saves it as a new version of the text."""
    found = get_proposal(request.person, proposal)
    if found.proposer_id != request.person.pk or found.state not in (*SAVABLE, *AMENDABLE):
        return redirect("governance:proposal", request.organization.slug, found.pk)
    structure = Structure.of(request.organization.id)
    changes = parse_changes(found.changes)
    stand = clashes(changes, structure)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            return _save(request, found, changes, structure, stand)
        except Refused as error:
            refused = error
            found = get_proposal(request.person, proposal)
    names = NameBook(request.organization)
    context = {
        "proposal": found,
        "circle": found.circle,
        "clashes": [_shown(clash, changes[clash.number], structure, names, request) for clash in stand],
        "merges": len(changes) - len({clash.number for clash in stand}),
        "stands": digest(stand),
        "amending": found.state in AMENDABLE,
        "refused": refused,
        "refused_clause": refused.clause if isinstance(refused, RuleBroken) else "",
    }
    return render(request, "governance/proposal_merge.html", context, status=422 if refused else 200)


def digest(stand: list[Clash]) -> str:
    """Return what tells these clashes from others: which choices somebody was shown."""
    return hashlib.sha256(repr([(c.key, c.was, c.mine, c.now) for c in stand]).encode()).hexdigest()[:16]


def _save(
    request: OrganizationRequest,
    found: Proposal,
    changes: list[Change],
    structure: Structure,
    stand: list[Clash],
) -> HttpResponseBase:
    sent = request.POST
    if sent.get("stands") != digest(stand):
        raise Conflict(_("It has changed again since you opened this page. Look once more, then save."))
    version = sent.get("text_version", "")
    seen = int(version) if version.isdecimal() and len(version) < 10 else 0
    merged = rebase(changes, structure, {clash.key: _choice(request, clash) for clash in stand})
    data = {"changes": [change.to_json() for change in merged]}
    slug = request.organization.slug
    if found.state in AMENDABLE:
        actions.amend(found, data, actor=request.person, text_version=seen)
        messages.success(request, _("Amended. Everybody is asked again."))
        return redirect("governance:proposal", slug, found.pk)
    actions.save_draft(found, data, actor=request.person, text_version=seen)
    if sent.get("do") == "propose":
        actions.propose(get_proposal(request.person, found.pk), actor=request.person)
        messages.success(request, _("Proposed again. Everybody who is asked gets an e-mail."))
        return redirect("governance:proposal", slug, found.pk)
    messages.success(request, _("It rests on today’s structure now. Look it through, then propose it again."))
    return redirect("governance:draft", slug, found.pk)


def _choice(request: OrganizationRequest, clash: Clash) -> Choice:
    chosen = request.POST.get(f"choice-{clash.key}", MINE)
    if chosen not in (MINE, TODAY, TEXT):
        chosen = MINE
    return chosen, request.POST.get(f"text-{clash.key}", "")


def _shown(
    clash: Clash, change: Change, structure: Structure, names: NameBook, request: OrganizationRequest
) -> dict[str, Any]:
    """A clash as the page shows it: where it is, three texts in words, and what can be chosen."""
    of_policy = change.kind.endswith("policy")
    subject = names.policy(clash.subject) if of_policy else names.role(clash.subject)
    mine = _words(clash.field, clash.mine, structure, names)
    return {
        "clash": clash,
        "label": LABELS[clash.field]() if clash.field in LABELS else clash.field,
        "subject": subject,
        "sentence": change.sentence(names),
        "was": _words(clash.field, clash.was, structure, names),
        "mine": mine,
        "now": _words(clash.field, clash.now, structure, names),
        "gone": clash.now is None,
        "is_text": clash.is_text,
        "rows": 6 if clash.field in LONG else 2,
        "chosen": request.POST.get(f"choice-{clash.key}", MINE),
        "typed": request.POST.get(f"text-{clash.key}", mine),
    }


LABELS = {
    "name": lambda: _("Name"),
    "purpose": lambda: _("Purpose"),
    "accountabilities": lambda: _("Accountability"),
    "domains": lambda: _("Domain"),
    "title": lambda: _("Title"),
    "body": lambda: _("Text"),
    "kinds": lambda: _("Kind"),
    "effect": lambda: _("Effect"),
    "domain": lambda: _("About the domain"),
    "within": lambda: _("Within the domain"),
    "internal": lambda: _("Inside the circle only"),
    "inside": lambda: _("Applies in sub-circles"),
    "overridable": lambda: _("May be overridden there"),
    "circle": lambda: _("Circle"),
    "role": lambda: _("Role"),
    "policy": lambda: _("Policy"),
}


def _words(name: str, value: Any, structure: Structure, names: NameBook) -> str:
    """A field's value as people read it."""
    if isinstance(value, Change):
        return value.sentence(names)
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "kinds":
        return ", ".join(str(POLICY_KINDS[k][0]) for k in value if k in POLICY_KINDS)
    if name == "effect":
        return describe_effect(value, names.role)
    if name in ("domain", "within"):
        domain = structure.get(DomainRow, value)
        return domain.text if domain is not None else _("a domain that is not there")
    if name == "circle" and isinstance(value, str):
        return names.role(value)
    if isinstance(value, RoleRow):
        return value.shown_name
    return value.title if isinstance(value, PolicyRow) else str(value)
