"""People, as admins look after them: taking in, inviting, admins, partner status, leaving."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.core.validators import validate_email
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from circles.constitution import ORDINARY
from circles.models import Assignment
from governance.actions.people import describe_person, name_admin, release_admin
from governance.actions.set_up import admit_person, invite, let_leave
from governance.changes import ChangePartnerStatus
from governance.departure import what_ends
from people.access import OrganizationRequest, get_person, in_organization_as_admin, ref_id
from people.forms import REASON_LENGTH, LeaveForm, PersonForm, ReasonForm, put_into, refuse
from people.mail import Issued, send_invitations
from people.models import Person
from people.queries import SHOWN, everybody, people_counts
from people.refusals import Refused
from people.views.acts import carry_out

PER_PAGE = 100
AT_ONCE = 100
LINKS = "invitation_links"


@dataclass(frozen=True)
class Newcomer:
    """A line of what was pasted: who is to come, and the line itself."""

    name: str
    email: str
    line: str


def read_people(text: str) -> list[Newcomer]:
    """Read people from pasted text, one a line: ``Ada Lovelace <ada@example.org>``, ``ada@example.org``, or columns
    (name and address in any order, separated by comma, semicolon or tab; a line of headings is left out).

    Raises ValidationError naming the first line that cannot be read, or where there are too many.
    """
    found: list[Newcomer] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        newcomer = _read_line(line.strip())
        if newcomer is None:
            if not found and _is_heading(line):
                continue
            raise ValidationError(
                _("“%(line)s” is neither a name nor an address.") % {"line": line.strip()[:100]}
            )
        found.append(newcomer)
    if len(found) > AT_ONCE:
        raise ValidationError(
            _("At most %(most)d people at once. Paste the rest afterwards.") % {"most": AT_ONCE}
        )
    return found


def _is_heading(line: str) -> bool:
    return any(word in line.casefold() for word in ("mail", "name"))


def _read_line(line: str) -> Newcomer | None:
    separator = next((s for s in "\t;," if s in line and "<" not in line), "")
    cells = next(csv.reader(io.StringIO(line), delimiter=separator)) if separator else [line]
    cells = [cell.strip() for cell in cells if cell.strip()]
    email = next((cell for cell in cells if "@" in cell and "<" not in cell), "")
    name = " ".join(cell for cell in cells if "@" not in cell)
    if not email and "<" in line:
        name, email = parseaddr(line)
    if separator and not email:
        return None
    if email:
        try:
            validate_email(email)
        except ValidationError:
            return None
    name = " ".join((name or _name_of(email)).split())
    return Newcomer(name, email.lower(), line) if name and len(name) <= 120 and "@" not in name else None


def _name_of(email: str) -> str:
    """A name to begin with, from an address alone: ada.lovelace@example.org is Ada Lovelace until corrected."""
    words = email.partition("@")[0].replace(".", " ").replace("_", " ").replace("-", " ").split()
    return " ".join(word.capitalize() for word in words)


class AdmitForm(forms.Form):
    """People to take in, as they are pasted."""

    people = forms.CharField(
        label=gettext_lazy("Take people in"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line: Ada Lovelace <ada@example.org>, or columns pasted from a table."),
    )
    partner = forms.BooleanField(
        label=gettext_lazy("As partners"),
        required=False,
        help_text=gettext_lazy("Partners take part in governance; others only fill roles."),
    )
    send = forms.BooleanField(label=gettext_lazy("Invite them at once"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why, for the record (may stay empty)"), max_length=REASON_LENGTH, required=False
    )

    def clean_people(self) -> list[Newcomer]:
        found = read_people(self.cleaned_data["people"])
        if not found:
            raise ValidationError(_("Write at least one name."))
        return found


def _address(request: OrganizationRequest, view: str, *args: str) -> str:
    return reverse(f"people:{view}", args=[request.organization.slug, *args])


def _send(request: OrganizationRequest, people: Sequence[Person]) -> None:
    """Invite people, by e-mail where they have an address; the links are shown once, on the next page."""
    issued = [Issued(*invite(person, actor=request.person)) for person in people]
    sent = send_invitations(issued, inviter=request.person)
    request.session[LINKS] = [
        {
            "organization": request.organization.id,
            "name": one.invitation.person.name,
            "email": one.invitation.person.email if one.invitation.id in sent else "",
            "failed": bool(one.invitation.person.email) and one.invitation.id not in sent,
            "link": one.link,
        }
        for one in issued
    ]


@in_organization_as_admin
@require_http_methods(["GET", "POST"])
def people(request: OrganizationRequest) -> HttpResponse:
    """Everybody, with what they fill and whether they are here; and taking people in."""
    adopted = request.organization.is_set_up
    form = AdmitForm(
        request.POST if request.method == "POST" else None, initial={"partner": True, "send": True}
    )
    if request.method == "POST" and form.is_valid():
        taken: list[Person] = []
        left: list[str] = []
        data = form.cleaned_data
        for newcomer in data["people"]:
            try:
                taken.append(
                    admit_person(
                        actor=request.person,
                        name=newcomer.name,
                        email=newcomer.email,
                        partner=data["partner"],
                        reason=data["reason"],
                    )
                )
            except Refused as refused:
                left.append(newcomer.line)
                form.add_error("people", f"{newcomer.line}: {refused.message}")
        if taken:
            if data["send"]:
                _send(request, taken)
            count = len(taken)
            said = ngettext(
                "%(count)d person has been taken in.", "%(count)d people have been taken in.", count
            )
            messages.success(request, said % {"count": count})
        if not left:
            return redirect("people:people", request.organization.slug)
        # Those who are in are in: only what could not be done is left to be corrected
        put_into(form, "people", "\n".join(left))
    which = request.GET.get("show", "all")
    which = which if which in SHOWN else "all"
    wanted = request.GET.get("q", "").strip()[:100]
    page = Paginator(everybody(request.organization, which, wanted), PER_PAGE).get_page(
        request.GET.get("page")
    )
    shown = list(page.object_list)
    counts = people_counts(request.organization)
    links = [x for x in request.session.pop(LINKS, []) if x["organization"] == request.organization.id]
    choices = {"all": _("All"), "invited": _("Not here yet"), "admins": _("Admins"), "left": _("Left")}
    context = {
        "form": form,
        "rows": [(person, fills) for person, fills in zip(shown, _fills(shown), strict=True)],
        "page": page,
        "counts": counts,
        "which": which,
        "wanted": wanted,
        "choices": [(key, words, counts[key]) for key, words in choices.items()],
        "links": links,
        "adopted": adopted,
        "tab": "people",
    }
    return render(request, "people/people.html", context, status=422 if form.errors else 200)


def _fills(people: Sequence[Person]) -> list[str]:
    """What each of these people fills, in a few words. One query."""
    roles: Counter[str] = Counter()
    seats: dict[str, list[str]] = {}
    found = (
        Assignment.objects.filter(person__in=people)
        .select_related("role__circle")
        .order_by("role__name", "pk")
    )
    for a in found:
        if a.role.kind == ORDINARY:
            roles[a.person_id] += 1
        elif a.role.circle is not None:
            seat = {"role": a.role.shown_name, "circle": a.role.circle.shown_name}
            seats.setdefault(a.person_id, []).append(_("%(role)s of %(circle)s") % seat)
    result = []
    for person in people:
        count = roles[person.id]
        words = [ngettext("%(count)d role", "%(count)d roles", count) % {"count": count}] if count else []
        result.append(", ".join([*words, *seats.get(person.id, [])]))
    return result


def _present(request: OrganizationRequest, ref: str) -> Person:
    person = get_person(request.person, ref_id(ref))
    if not person.present:
        raise Http404
    return person


@in_organization_as_admin
@require_POST
def invite_person(request: OrganizationRequest, ref: str) -> HttpResponse:
    """Invite somebody who is not here yet, or again; earlier links stop working."""
    person = _present(request, ref)
    try:
        _send(request, [person])
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("people:people", request.organization.slug)


@in_organization_as_admin
@require_http_methods(["GET", "POST"])
def member(request: OrganizationRequest, ref: str) -> HttpResponse:
    """One person: name, address and zone, partner and admin, and leaving."""
    person = _present(request, ref)
    with_email = person.account_id is None
    form = PersonForm(
        request.POST if request.method == "POST" else None,
        with_email=with_email,
        initial={"name": person.name, "email": person.email, "zone": person.zone},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            describe_person(
                person, actor=request.person, name=data["name"], zone=data["zone"], email=data.get("email")
            )
            messages.success(request, _("Saved."))
            return redirect("people:member", request.organization.slug, person.ref)
        except Refused as refused:
            refuse(form, refused)
    invitation = person.invitations.filter(accepted_at=None, revoked_at=None).order_by("-created_at").first()
    fills = (
        Assignment.objects.filter(person=person)
        .select_related("role__circle")
        .order_by("role__name", "focus")
    )
    context = {"member": person, "form": form, "fills": fills, "invitation": invitation, "tab": "people"}
    return render(request, "people/member.html", context, status=422 if form.errors else 200)


@in_organization_as_admin
@require_POST
def admin_flag(request: OrganizationRequest, ref: str) -> HttpResponse:
    """Make somebody an admin, or no longer one; never is there none."""
    person = _present(request, ref)
    try:
        if request.POST.get("admin") == "yes":
            name_admin(person, actor=request.person)
            messages.success(request, _("%(name)s is an admin now.") % {"name": person.name})
        else:
            release_admin(person, actor=request.person)
            messages.success(request, _("%(name)s is no admin any more.") % {"name": person.name})
    except Refused as refused:
        messages.error(request, refused.message)
    if person.pk == request.person.pk and not Person.objects.filter(pk=person.pk, admin=True).exists():
        return redirect("people:profile", request.organization.slug)
    return redirect("people:member", request.organization.slug, person.ref)


@in_organization_as_admin
@require_http_methods(["GET", "POST"])
def partner_status(request: OrganizationRequest, ref: str) -> HttpResponse:
    """Make somebody a partner, or no longer one (§5.1)."""
    person = _present(request, ref)
    partner = not person.partner
    form = ReasonForm(
        request.POST if request.method == "POST" else {}, adopted=request.organization.is_set_up
    )
    words = {"name": person.name}
    return carry_out(
        request,
        form,
        lambda _data: [ChangePartnerStatus(person.id, partner)],
        template="people/person_act.html",
        done=_address(request, "member", person.ref),
        said=(_("%(name)s is a partner now.") if partner else _("%(name)s is no longer a partner.")) % words,
        context=lambda: {
            "member": person,
            "title": (_("Make %(name)s a partner") if partner else _("%(name)s is no longer a partner"))
            % words,
            "intro": (
                _(
                    "Partners sense and process tensions, and are members of the circles whose roles they lead."
                )
                if partner
                else _(
                    "Who is no partner goes on filling roles, but is no circle member and holds no elected seat."
                )
            ),
            "clause": "5.1",
            "send": _("Make them a partner") if partner else _("End it"),
            "tab": "people",
        },
    )


@in_organization_as_admin
@require_http_methods(["GET", "POST"])
def leave_member(request: OrganizationRequest, ref: str) -> HttpResponse:
    """Let somebody leave, after reading what ends with them."""
    person = _present(request, ref)
    return leaving(
        request, person, done=_address(request, "people"), back=_address(request, "member", person.ref)
    )


def leaving(request: OrganizationRequest, person: Person, *, done: str, back: str) -> HttpResponse:
    """The page on which somebody leaves: what ends, what stays behind, and why; by an admin or by themselves."""
    form = LeaveForm(request.POST if request.method == "POST" else None)
    own = person.pk == request.person.pk
    if request.method == "POST" and form.is_valid():
        try:
            let_leave(person, actor=request.person, reason=form.cleaned_data["reason"])
            said = (
                _("You have left %(organization)s.") % {"organization": request.organization.name}
                if own
                else _("%(name)s has left.") % {"name": person.name}
            )
            messages.success(request, said)
            return redirect(done)
        except Refused as refused:
            refuse(form, refused)
    context: dict[str, Any] = {
        "member": person,
        "form": form,
        "ends": what_ends(person),
        "own": own,
        "back": back,
    }
    return render(request, "people/leave.html", context, status=422 if form.errors else 200)
