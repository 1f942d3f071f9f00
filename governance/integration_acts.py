"""What people do about objections on a proposal's page: each act of its forms, by name."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from governance.access import get_amendment, get_objection
from governance.actions import proposals as actions
from governance.models import Amendment, Objection, Proposal
from people.access import OrganizationRequest
from people.refusals import Refused

Act = Callable[[OrganizationRequest, Proposal], str | HttpResponseBase]


def _objection(request: OrganizationRequest, proposal: Proposal) -> Objection:
    objection = get_objection(request.person, request.POST.get("objection", ""))
    if objection.proposal_id != proposal.pk:
        raise Refused(_("This objection is to another proposal."))
    return objection


def _amendment(request: OrganizationRequest, proposal: Proposal) -> Amendment:
    amendment = get_amendment(request.person, request.POST.get("amendment", ""))
    if amendment.objection.proposal_id != proposal.pk:
        raise Refused(_("This amended proposal stands beside another one."))
    return amendment


def _withdraw(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.withdraw_objection(_objection(request, proposal), actor=request.person)
    return _("Your objection is withdrawn.")


def _ask_for_test(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.ask_for_test(_objection(request, proposal), actor=request.person)
    return _("It is tested before the proposal goes on.")


def _test(request: OrganizationRequest, proposal: Proposal) -> str:
    criterion, _dash, verdict = request.POST.get("verdict", "").partition("-")
    if verdict not in ("yes", "no", "weak"):
        raise Refused(_("Say whether an argument was given."))
    tested = actions.test_criterion(
        _objection(request, proposal),
        criterion,
        actor=request.person,
        given=verdict != "no",
        holds=False if verdict == "weak" else None,
    )
    if tested.state == Objection.State.VALID:
        return _("It is an objection. It stands until it is resolved.")
    if tested.state == Objection.State.NOT_VALID:
        return _("It is no objection: discarded. It counts as “no objection” of its objector.")
    return ""


def _ask_for_ruling(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.ask_for_ruling(_objection(request, proposal), actor=request.person)
    return _("The secretary is asked. Their ruling settles whether it counts.")


def _rule(request: OrganizationRequest, proposal: Proposal) -> str:
    ruling = request.POST.get("ruling", "")
    if ruling not in (Objection.Ruling.VIOLATES, Objection.Ruling.NO_VIOLATION):
        raise Refused(_("Choose your ruling."), field="ruling")
    violates = ruling == Objection.Ruling.VIOLATES
    actions.rule_on(
        _objection(request, proposal),
        actor=request.person,
        violates=violates,
        reason=request.POST.get("reason", ""),
    )
    if violates:
        return _("Your ruling is noted: the objection stands.")
    return _("Your ruling is noted: the objection is dismissed.")


def _drop(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.drop_objection(
        _objection(request, proposal), actor=request.person, reason=request.POST.get("reason", "")
    )
    return _("The objection is dropped.")


def _suggest(request: OrganizationRequest, proposal: Proposal) -> HttpResponseBase:
    draft = actions.draft_amendment(_objection(request, proposal), actor=request.person)
    return redirect("governance:draft", request.organization.slug, draft.pk)


def _take_back(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.take_back_amendment(_amendment(request, proposal), actor=request.person)
    return _("Taken back. Your objection stands.")


def _accept(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.accept_amendment(_amendment(request, proposal), actor=request.person)
    return _("Taken over. Everybody is asked again.")


def _argue(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.argue_against(
        _amendment(request, proposal),
        actor=request.person,
        argument=request.POST.get("argument", ""),
        example=request.POST.get("example", ""),
    )
    return _("Your argument stands beside it. The objection is still to be resolved.")


ACTS: dict[str, Act] = {
    "withdraw_objection": _withdraw,
    "ask_for_test": _ask_for_test,
    "test": _test,
    "ask_for_ruling": _ask_for_ruling,
    "rule_on": _rule,
    "drop_objection": _drop,
    "suggest": _suggest,
    "take_back_amendment": _take_back,
    "accept_amendment": _accept,
    "argue": _argue,
}
