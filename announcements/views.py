"""The pages of announcements: the list, the three forms, and one of them with what everybody may do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from announcements import actions, queries, reach
from announcements.access import get_announcement, get_reply
from announcements.forms import AnnouncementForm, InitiativeForm, IntentForm, SpendingForm
from announcements.models import Announcement, Recipient
from announcements.reading import Reading
from circles.access import get_role
from circles.structure import RoleRow, Structure
from people.access import OrganizationRequest, in_organization
from people.ids import is_id, new_id
from people.refusals import Malformed, Refused

PER_PAGE = 25
WHOSE = ("all", "waiting", "mine")


# -- the list -----------------------------------------------------------------------------------------------------


@require_safe
@in_organization
def announcements(request: OrganizationRequest) -> HttpResponseBase:
    """What is announced in the organization: all of it, what waits for the reader, or the reader's own."""
    person, asked = request.person, request.GET
    whose = asked["whose"] if asked.get("whose") in WHOSE else "all"
    kind = asked["kind"] if asked.get("kind") in Announcement.Kind.values else ""
    waiting = queries.awaiting(person)
    sent = Recipient.objects.filter(announcement=OuterRef("pk"), person=person)
    found = {
        "all": queries.announcements(person),
        "waiting": waiting,
        "mine": queries.announcements(person).filter(author=person),
    }[whose]
    if kind:
        found = found.filter(kind=kind)
    role = get_role(person, asked["role"]) if asked.get("role") else None
    if role is not None:
        found = found.filter(queries.concerning(role.pk))
    page = Paginator(found.annotate(to_me=Exists(sent)), PER_PAGE).get_page(asked.get("page"))
    context = {
        "page": page,
        "rows": queries.rows(page),
        "whose": whose,
        "kind": kind,
        "role": role,
        "kinds": Announcement.Kind.choices,
        "waiting": page.paginator.count if whose == "waiting" and not kind else waiting.count(),
    }
    return render(request, "announcements/list.html", context)


# -- announcing ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def intent(request: OrganizationRequest) -> HttpResponseBase:
    """Announce an intent to impact domains of others (§4.1.2). ``domain`` and ``role`` choose one beforehand."""

    def announce(form: AnnouncementForm) -> Announcement:
        given = form.cleaned_data
        return actions.announce_intent(
            get_role(request.person, given["role"]),
            actor=request.person,
            what=given["what"],
            why=given["why"],
            domains=given["domains"],
            form_key=given["form_key"],
        )

    return _announce(request, "intent", IntentForm, announce)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def spending(request: OrganizationRequest) -> HttpResponseBase:
    """Announce spending (§4.1.3). ``of`` names the role that is asked, ``role`` the one that asks."""

    def announce(form: AnnouncementForm) -> Announcement:
        given = form.cleaned_data
        return actions.announce_spending(
            get_role(request.person, given["role"]),
            actor=request.person,
            asked_of=get_role(request.person, given["asked_of"]),
            what=given["what"],
            why=given["why"],
            amount=given["amount"],
            currency=given["currency"],
            form_key=given["form_key"],
        )

    return _announce(request, "spending", SpendingForm, announce)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def initiative(request: OrganizationRequest) -> HttpResponseBase:
    """Record an individual initiative (§4.3). ``affected`` chooses a role beforehand."""

    def announce(form: AnnouncementForm) -> Announcement:
        given = form.cleaned_data
        return actions.record_initiative(
            actor=request.person,
            what=given["what"],
            why=given["why"],
            crossed=given["crossed"],
            roles=[get_role(request.person, one) for one in given["roles"]],
            role=get_role(request.person, given["role"]) if given["role"] else None,
            form_key=given["form_key"],
        )

    return _announce(request, "initiative", InitiativeForm, announce)


def _announce(
    request: OrganizationRequest,
    kind: str,
    form_type: type[AnnouncementForm],
    announce: Callable[[AnnouncementForm], Announcement],
) -> HttpResponse:
    """Show a form and announce what is sent with it. Looking for something to choose keeps everything typed."""
    structure = Structure.of(request.organization.id)
    options: dict[str, Any] = {
        "person": request.person,
        "led": reach.spoken_for(structure, request.person.pk),
    }
    sent = request.POST
    if kind == "spending":
        asked = sent.get("asked_of") or request.GET.get("of", "")
        options["also"] = structure.get(RoleRow, asked) if is_id(asked) else None
    finding = sent.get("do") == "find"
    if request.method == "POST" and not finding:
        form = form_type(sent, **options)
        if form.is_valid():
            try:
                made = announce(form)
            except Refused as refused:
                form.add_refusal(refused)
            else:
                messages.success(request, SAID[kind])
                return redirect("announcements:announcement", request.organization.slug, made.pk)
    else:
        form = form_type(initial=_initial(request, finding), **options)
    chosen = form["role"].value() or ""
    context = {
        "form": form,
        "kind": kind,
        "leads_any": bool(options["led"]),
        "role": structure.get(RoleRow, chosen) if is_id(chosen) else None,
    }
    return render(request, f"announcements/{kind}.html", context, status=422 if form.errors else 200)


SAID = {
    "intent": gettext_lazy("Announced."),
    "spending": gettext_lazy("Announced."),
    "initiative": gettext_lazy("Recorded."),
}


def _initial(request: OrganizationRequest, finding: bool) -> dict[str, Any]:
    if finding:
        several = {name: request.POST.getlist(name) for name in ("domains", "roles")}
        return {**request.POST.dict(), **several}
    asked = request.GET
    return {
        "role": asked.get("role", ""),
        "asked_of": asked.get("of", ""),
        "domains": asked.getlist("domain"),
        "roles": asked.getlist("affected"),
        "currency": "EUR",
        "form_key": new_id(),
    }


# -- one of them --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def announcement(request: OrganizationRequest, announcement: str) -> HttpResponseBase:
    """The page of one announcement. ``part`` asks for a fragment of it; a POST names in ``do`` what is done."""
    found = get_announcement(request.person, announcement)
    refused: Refused | None = None
    if request.method == "POST":
        act = ACTS.get(request.POST.get("do", ""))
        try:
            if act is None:
                raise Malformed(_("Choose what to do."))
            said = act(request, found)
            if said:
                messages.success(request, said)
            return redirect("announcements:announcement", request.organization.slug, found.pk)
        except Refused as error:
            refused = error
            found = get_announcement(request.person, announcement)
    return Reading(request, found, refused).show()


def _object(request: OrganizationRequest, found: Announcement) -> str:
    sent = request.POST
    actions.object_to(found, actor=request.person, words=sent.get("words", ""), domain=sent.get("domain", ""))
    return _("Your objection stands: this is not permitted.")


def _escalate(request: OrganizationRequest, found: Announcement) -> str:
    actions.escalate(found, actor=request.person, words=request.POST.get("words", ""))
    return _("It is escalated: nothing may be spent while this stands.")


def _permit(request: OrganizationRequest, found: Announcement) -> str:
    granted = actions.permit(found, actor=request.person).state == Announcement.State.GRANTED
    return _("Permitted.") if granted else _("Permitted for the domains you control.")


def _note(request: OrganizationRequest, found: Announcement) -> str:
    actions.take_note(found, actor=request.person)
    return _("You let it pass.")


def _take_back(request: OrganizationRequest, found: Announcement) -> str:
    actions.end_reply(get_reply(found, request.POST.get("reply", "")), actor=request.person)
    return _("Taken back.")


def _revoke(request: OrganizationRequest, found: Announcement) -> str:
    actions.revoke(found, actor=request.person, words=request.POST.get("words", ""))
    return _("The authorization is revoked.")


def _withdraw(request: OrganizationRequest, found: Announcement) -> str:
    actions.withdraw(found, actor=request.person)
    return _("Withdrawn.")


def _done(request: OrganizationRequest, found: Announcement) -> str:
    actions.report_done(found, actor=request.person, note=request.POST.get("note", ""))
    return _("Noted. What was granted is used up with it.")


def _ask(request: OrganizationRequest, found: Announcement) -> str:
    sent = request.POST
    actions.ask(found, actor=request.person, kind=sent.get("kind", ""), words=sent.get("words", ""))
    return _("Asked.")


def _answer(request: OrganizationRequest, found: Announcement) -> str:
    reply = get_reply(found, request.POST.get("reply", ""))
    actions.answer(reply, actor=request.person, words=request.POST.get("answer", ""))
    return _("Answered.")


ACTS: dict[str, Callable[[OrganizationRequest, Announcement], str]] = {
    "object": _object,
    "escalate": _escalate,
    "permit": _permit,
    "note": _note,
    "take_back": _take_back,
    "revoke": _revoke,
    "withdraw": _withdraw,
    "done": _done,
    "ask": _ask,
    "answer": _answer,
}
