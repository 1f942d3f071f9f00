"""Pages of process breakdowns: a circle's, where one is declared and reviews are asked for, and one breakdown's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from circles.access import get_role
from circles.constitution import CONSTITUTIONAL_ROLES, FACILITATOR
from circles.forms import add_refusal
from circles.queries import people_named
from circles.structure import RoleRow, Structure
from governance import breakdown as breakdowns_
from governance.access import get_breakdown
from governance.actions import breakdowns as actions
from governance.facilitation import SEATS, acting, stand_ins
from governance.forms.powers import AnswerForm, DeclareForm, EndForm, LeadForm, ReviewForm
from governance.models import Breakdown, Review, StandIn
from governance.queries import open_proposals
from people.access import OrganizationRequest, in_organization
from people.refusals import Refused

T = TypeVar("T")


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def breakdowns(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """The process of a circle: the breakdown that stands, those that were, and the reviews partners asked for.

    Who may declare one does so here; any partner asks for a review (§5.5).
    """
    circle = get_role(request.person, ref)
    structure = Structure.of(request.organization.id)
    if not circle.present or circle.is_constitutional or not structure.is_circle(circle.pk):
        raise Http404
    person = request.person
    restores = person.pk in breakdowns_.restorer(structure, circle.pk).people
    waiting = list(
        Review.objects.filter(circle=circle, answered_at=None).select_related("asked_by").order_by("asked_at")
    )
    facilitates = person.pk in acting(structure, circle.pk, FACILITATOR).people
    sent, do = request.POST, request.POST.get("do", "")
    declare = DeclareForm(
        sent if do == "declare" else None,
        proposals=[p.pk for p in open_proposals([circle.pk])] if facilitates else [],
        reviews=[r.pk for r in waiting] if restores else [],
        initial={"review": waiting[0].pk} if restores and len(waiting) == 1 else {},
        auto_id="declare_%s",
    )
    review = ReviewForm(sent if do == "review" else None, auto_id="review_%s")
    answer = AnswerForm(sent if do == "answer" else None, auto_id="answer_%s")
    answered = next((r for r in waiting if r.pk == sent.get("review", "")), None)
    if request.method == "POST":
        if do == "declare" and declare.is_valid():
            data = declare.cleaned_data

            def declared() -> Breakdown:
                return actions.declare(
                    circle,
                    actor=person,
                    reasons=data["reasons"],
                    proposal=data.get("proposal"),
                    review=data.get("review"),
                )

            found = _done(declare, declared)
            if found is not None:
                messages.success(request, _("The process breakdown is declared. Everybody here is told."))
                return redirect("governance:breakdown", request.organization.slug, found.pk)
        elif do == "review" and review.is_valid():
            words = review.cleaned_data["words"]
            if _done(review, lambda: actions.ask_review(circle, actor=person, words=words)) is not None:
                messages.success(request, _("Your request is on its way to who reviews this circle."))
                return redirect("governance:breakdowns", request.organization.slug, circle.ref)
        elif do == "answer" and answer.is_valid():
            if answered is None:
                raise Http404
            words = answer.cleaned_data["answer"]
            if _done(answer, lambda: actions.answer_review(answered, actor=person, answer=words)) is not None:
                messages.success(request, _("Your answer is there for everybody."))
                return redirect("governance:breakdowns", request.organization.slug, circle.ref)
    restorers = people_named(request.organization, breakdowns_.restorer(structure, circle.pk).people)
    context = {
        "role": structure.role(circle.pk),
        "crumbs": list(reversed(structure.path(circle.pk))),
        "standing": breakdowns_.in_breakdown(circle.pk),
        "past": list(breakdowns_.of_circle(circle.pk).filter(ended_at__isnull=False)[:20]),
        "declare": declare,
        "may_declare": breakdowns_.declares_from(structure, circle.pk, person.pk) is not None,
        "review": review,
        "answer": answer,
        "answering": answered,
        "waiting": waiting,
        "answered": list(
            Review.objects.filter(circle=circle, answered_at__isnull=False)
            .select_related("asked_by", "answered_by", "breakdown")
            .order_by("-answered_at")[:20]
        ),
        "restores": restores,
        "restorers": sorted(restorers.values(), key=lambda p: p.name.casefold()),
    }
    bound = any(f.is_bound for f in (declare, review, answer))
    return render(request, "governance/breakdowns.html", context, status=422 if bound else 200)


def _done(form: forms.Form, act: Callable[[], T]) -> T | None:
    try:
        return act()
    except Refused as refused:
        add_refusal(form, refused)
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def breakdown(request: OrganizationRequest, breakdown: str) -> HttpResponseBase:
    """One process breakdown: why, what is different while it stands, and the powers of who restores the process."""
    found = get_breakdown(request.person, breakdown)
    person, sent = request.person, request.POST
    do, _colon, kind = sent.get("do", "").partition(":")
    structure = Structure.of(request.organization.id)
    lead = LeadForm(
        sent if do == "lead" else None,
        organization=request.organization,
        without=structure.circle_leads(found.circle_id),
        auto_id="lead_%s",
    )
    end = EndForm(sent if do == "end" else None, auto_id="end_%s")
    refused: Refused | None = None
    if request.method == "POST":
        try:
            if do == "take":
                actions.take_over(found, kind, actor=person)
            elif do == "back":
                actions.hand_back(found, kind, actor=person)
            elif do == "lead" and lead.is_valid():
                actions.add_lead(found, lead.cleaned_data["person"], actor=person)
            elif do == "end" and end.is_valid():
                actions.end(found, actor=person, words=end.cleaned_data["words"])
                messages.success(
                    request, _("The process breakdown is over. Everybody in the circle is told.")
                )
            if not lead.errors and not end.errors:
                return redirect("governance:breakdown", request.organization.slug, found.pk)
        except Refused as reason:
            refused = reason
            for form in (lead, end):
                if form.is_bound:
                    add_refusal(form, reason)
    row = structure.get(RoleRow, found.circle_id)
    restorers = breakdowns_.restorer(structure, found.circle_id).people if row is not None else frozenset()
    standing_in = {
        s.kind: s.person
        for s in (stand_ins(structure, found.circle_id) if row is not None and found.stands else ())
        if s.why == StandIn.Why.BREAKDOWN
    }
    context = {
        "breakdown": found,
        "role": row or found.circle,
        "crumbs": list(reversed(structure.path(found.circle_id))) if row is not None else [found.circle],
        "restores": person.pk in restorers and found.stands,
        "restorers": sorted(
            people_named(request.organization, restorers).values(), key=lambda p: p.name.casefold()
        ),
        "around": structure.get(RoleRow, row.circle) if row is not None else None,
        "seats": [
            {
                "kind": k,
                "name": CONSTITUTIONAL_ROLES[k].name,
                "taken_by": standing_in.get(k),
                "mine": k in standing_in and standing_in[k].pk == person.pk,
            }
            for k in SEATS
        ],
        "lead_stands": bool(found.lead_assignment)
        and any(a.id == found.lead_assignment for a in structure.fillers(found.circle_id)),
        "lead": lead,
        "end": end,
        "refused": None if lead.is_bound or end.is_bound else refused,
        "clause": getattr(refused, "clause", ""),
        "raised_to": Breakdown.objects.filter(raised_from=found).select_related("circle").first(),
    }
    status = 422 if refused or lead.errors or end.errors else 200
    return render(request, "governance/breakdown.html", context, status=status)
