"""Pages of meetings: the list, the room and its live parts, every act in it, and the minutes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from circles.access import get_role
from circles.constitution import SECRETARY
from circles.forms import add_refusal
from circles.structure import PolicyRow, Structure
from governance import queries as governance
from governance.access import get_proposal
from governance.facilitation import acting
from governance.models import Proposal
from governance.views.elections import read_choice, read_term
from journal.queries import latest_number
from journal.topics import topic_name
from meetings import queries
from meetings.access import get_meeting, get_request, may_take_part, require_part
from meetings.actions import agenda, elections, guests, rounds, sessions, special, texts
from meetings.desk import RoomDesk
from meetings.forms import MeetingForm
from meetings.forms_special import SpecialForm
from meetings.models import Meeting, MeetingRequest
from meetings.room import Moved, Room
from people.access import OrganizationRequest, get_person, in_organization
from people.models import Person
from people.refusals import Refused
from tensions.models import Tension

PER_PAGE = 25


# -- the list ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def meetings(request: OrganizationRequest) -> HttpResponseBase:
    """Meetings being held, to come and held; and the form that opens or schedules one."""
    organization, person = request.organization, request.person
    circles = [m.circle.id for m in queries.circles_met_in(person)]
    wanted = request.POST.get("request") or request.GET.get("request", "")
    asked = get_request(person, wanted) if wanted else None
    if asked is not None:
        circles = [asked.circle_id]
    initial = {"circle": asked.circle_id if asked else request.GET.get("circle", "")}
    form = MeetingForm(
        request.POST or None,
        organization=organization,
        circles=circles,
        initial=initial,
        auto_id="meeting_%s",
    )
    if request.method == "POST" and form.is_valid():
        meeting = _set_up(form, request, asked)
        if meeting is not None:
            return redirect("meetings:room", organization.slug, meeting.pk)
    page = Paginator(queries.past(organization), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "running": list(queries.running(organization)),
        "coming": list(queries.coming(organization)),
        "page": page,
        "mine": {m.circle.id for m in queries.circles_met_in(person)} if asked else set(circles),
        "invited": set(queries.invited_to(person)),
        "requests": queries.requests_of(person),
        "asked": asked,
    }
    status = 422 if form.is_bound else 200
    return render(request, "meetings/list.html", context, status=status)


def _set_up(
    form: MeetingForm, request: OrganizationRequest, asked: MeetingRequest | None = None
) -> Meeting | None:
    """Open or schedule the meeting that was asked for; None where it was refused, and the form says why."""
    circle, minutes, at = (form.cleaned_data[n] for n in ("circle", "minutes", "at"))
    circle.organization = request.organization
    try:
        if request.POST.get("when") == "now" and asked is None:
            return sessions.open_now(circle, minutes=minutes, actor=request.person)
        if at is None:
            form.add_error("at", _("Say when the meeting is to begin."))
            return None
        meeting = sessions.schedule(circle, at=at, minutes=minutes, actor=request.person, request=asked)
    except Refused as refused:
        add_refusal(form, refused)
        return None
    messages.success(request, _("The meeting is scheduled."))
    return meeting


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def ask(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """Ask for a special meeting of a circle, with an intent and limits (§5.4); its secretary may schedule at once."""
    circle, person = get_role(request.person, ref), request.person
    structure = Structure.of(request.organization.id)
    if not circle.present or circle.is_constitutional or not structure.is_circle(circle.pk):
        raise Http404
    schedules = person.pk in acting(structure, circle.pk, SECRETARY).people
    form = SpecialForm(
        request.POST or None,
        roles=structure.ordinary_inside(circle.pk),
        policies=structure.lines(PolicyRow, circle.pk),
        schedules=schedules,
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        limits = {name: data.get(name) for name in ("roles", "policies", "tension")}
        try:
            with transaction.atomic():
                asked = special.ask_for(circle, actor=person, intent=data["intent"], limits=limits)
                if data.get("at") is not None:
                    meeting = sessions.schedule(
                        circle, at=data["at"], minutes=data.get("minutes") or 60, actor=person, request=asked
                    )
                    messages.success(request, _("The special meeting is scheduled."))
                    return redirect("meetings:room", request.organization.slug, meeting.pk)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("The secretary is told, and schedules it."))
            return redirect("meetings:list", request.organization.slug)
    context = {
        "role": structure.role(circle.pk),
        "crumbs": list(reversed(structure.path(circle.pk))),
        "form": form,
        "schedules": schedules,
        "is_member": person.pk in structure.members(circle.pk),
    }
    return render(request, "meetings/ask.html", context, status=422 if form.errors else 200)


@require_POST
@in_organization
def take_back(request: OrganizationRequest, wanted: str) -> HttpResponseBase:
    """Take back one's request for a special meeting."""
    try:
        special.take_back(get_request(request.person, wanted), actor=request.person)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Your request is taken back."))
    return redirect("meetings:list", request.organization.slug)


# -- the room ---------------------------------------------------------------------------------------------------


def _context(request: OrganizationRequest, meeting: Meeting, desk: RoomDesk | None = None) -> dict[str, Any]:
    # The number is read first: what changes after it is sent to the page, and nothing is missed
    after = latest_number(meeting.organization_id, topic_name("meeting", meeting.pk))
    view = queries.View(Room(meeting), request.person)

    def at_desk() -> dict[str, Any] | None:
        if view.room.proposal is None or not view.writes:
            return None
        return (desk or RoomDesk(request, view.room.proposal, meeting)).context()

    return {
        "meeting": meeting,
        "room": view.room,
        "view": view,
        "after": after,
        "desk": SimpleLazyObject(at_desk),
    }


@require_safe
@in_organization
def room(request: OrganizationRequest, meeting: str) -> HttpResponseBase:
    """The room of a meeting for those who take part; others are told why not (§5.4.1)."""
    found = get_meeting(request.person, meeting)
    return _room(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def text(request: OrganizationRequest, meeting: str) -> HttpResponseBase:
    """Save the proposal's text as it stands in the room's editor, which is a part of the room."""
    found = get_meeting(request.person, meeting)
    if request.method != "POST":
        return redirect("meetings:room", request.organization.slug, found.pk)
    at_hand = Room(found).proposal
    if at_hand is None or not may_take_part(found, request.person):
        return _room(request, found, Moved())
    desk = RoomDesk(request, get_proposal(request.person, at_hand.pk), found)
    answer = desk.write()
    if answer is not None:
        return answer
    if desk.refused is None:
        return redirect("meetings:room", request.organization.slug, found.pk)
    return _room(request, get_meeting(request.person, meeting), desk.refused, desk=desk)


def _room(
    request: OrganizationRequest,
    meeting: Meeting,
    refused: Refused | None = None,
    typed: Mapping[str, str] | None = None,
    desk: RoomDesk | None = None,
) -> HttpResponse:
    context = _context(request, meeting, desk) | {
        "refused": refused,
        "moved": isinstance(refused, Moved),
        "typed": typed or {},
    }
    try:
        require_part(meeting, request.person, context["room"].structure)
    except Refused as refusal:
        return render(request, "meetings/refused.html", {"meeting": meeting, "refused": refusal}, status=403)
    return render(request, "meetings/room.html", context, status=422 if refused else 200)


@require_safe
@in_organization
def parts(request: OrganizationRequest, meeting: str) -> HttpResponseBase:
    """Every part of the room as it is now, for a page that has heard of a change."""
    context = _context(request, get_meeting(request.person, meeting))
    if not context["room"].takes_part(request.person):
        raise Http404
    return render(request, "meetings/parts.html", context)


@require_safe
@in_organization
def minutes(request: OrganizationRequest, meeting: str) -> HttpResponseBase:
    """The minutes of a meeting that is over, for everybody in the organization."""
    found = get_meeting(request.person, meeting)
    if not found.is_closed:
        return redirect("meetings:room", request.organization.slug, found.pk)
    context = {
        "meeting": found,
        "minutes": queries.Minutes(found),
        "head": governance.head(request.organization),
    }
    return render(request, "meetings/minutes.html", context)


# -- acts -------------------------------------------------------------------------------------------------------

Data = Mapping[str, str]
Act = Callable[[Meeting, Person, Data], object]


def _seen(data: Data) -> str | None:
    return data.get("seen") or None


def _number(data: Data, name: str) -> int:
    value = data.get(name, "")
    if not value.isdecimal():
        raise Moved
    return int(value[:9])


def _somebody(actor: Person, data: Data) -> Person:
    return get_person(actor, data.get("person", ""))


def _add(meeting: Meeting, actor: Person, data: Data) -> object:
    tension = Tension.objects.filter(pk=data.get("tension", ""), person=actor).first()
    owner = _somebody(actor, data) if data.get("person") else None
    return agenda.add(
        meeting,
        data.get("label", ""),
        actor=actor,
        owner=owner,
        tension=tension,
        proposal=_own(actor, data),
        guest=data.get("guest", ""),
        form_key=data.get("form_key", ""),
    )


def _own(actor: Person, data: Data) -> Proposal | None:
    return get_proposal(actor, data["proposal"]) if data.get("proposal") else None


ACTS: dict[str, Act] = {
    "enter": lambda m, a, d: sessions.enter(m, actor=a),
    "leave": lambda m, a, d: sessions.leave(m, actor=a),
    "gone": lambda m, a, d: sessions.mark_gone(m, _somebody(a, d), actor=a),
    "declare": lambda m, a, d: sessions.declare(m, d.get("kind", ""), actor=a),
    "appoint": lambda m, a, d: sessions.appoint(m, d.get("kind", ""), _somebody(a, d), actor=a),
    "invite": lambda m, a, d: guests.invite(
        m, _somebody(a, d), actor=a, tension=d.get("tension", ""), circle=d.get("circle", "")
    ),
    "uninvite": lambda m, a, d: guests.withdraw(m, d.get("guest", ""), actor=a),
    "cancel": lambda m, a, d: sessions.cancel(m, actor=a),
    "begin": lambda m, a, d: rounds.begin(m, actor=a, seen=_seen(d)),
    "next": lambda m, a, d: rounds.advance(m, actor=a, seen=_seen(d)),
    "back": lambda m, a, d: rounds.go_back(m, actor=a, seen=_seen(d)),
    "close": lambda m, a, d: sessions.close(m, actor=a, seen=_seen(d)),
    "ask_time_out": lambda m, a, d: sessions.ask_time_out(m, actor=a),
    "grant_time_out": lambda m, a, d: sessions.answer_time_out(m, actor=a, granted=True),
    "refuse_time_out": lambda m, a, d: sessions.answer_time_out(m, actor=a, granted=False),
    "end_time_out": lambda m, a, d: sessions.end_time_out(m, actor=a),
    "add": _add,
    "remove": lambda m, a, d: agenda.remove(m, d.get("item", ""), actor=a),
    "up": lambda m, a, d: agenda.move(m, d.get("item", ""), actor=a, up=True),
    "down": lambda m, a, d: agenda.move(m, d.get("item", ""), actor=a, up=False),
    "choose": lambda m, a, d: agenda.choose(m, d.get("item", ""), actor=a, seen=_seen(d)),
    "present": lambda m, a, d: agenda.present(m, actor=a, proposal=_own(a, d), seen=_seen(d)),
    "park": lambda m, a, d: agenda.park(m, actor=a, reason=d.get("reason", ""), seen=_seen(d)),
    "settle": lambda m, a, d: agenda.settle_without(m, actor=a, seen=_seen(d)),
    "withdraw": lambda m, a, d: agenda.withdraw(m, actor=a, seen=_seen(d)),
    "discard": lambda m, a, d: agenda.discard(m, actor=a, reason=d.get("reason", ""), seen=_seen(d)),
    "drop": lambda m, a, d: agenda.drop(
        m, actor=a, reason=d.get("reason", ""), ground=d.get("ground", ""), seen=_seen(d)
    ),
    "call_election": lambda m, a, d: elections.call_for(
        m,
        d.get("seat", ""),
        actor=a,
        goes_first=d.get("first") == "yes",
        form_key=d.get("form_key", ""),
    ),
    "ask_first": lambda m, a, d: elections.ask_first(m, d.get("item", ""), actor=a),
    "describe": lambda m, a, d: elections.describe(
        m, actor=a, term_ends=read_term(d.get("term_ends", "")), note=d.get("note", ""), seen=_seen(d)
    ),
    "nominate": lambda m, a, d: elections.nominate(
        m, actor=a, candidate=d.get("candidate", ""), reason=d.get("reason", "")
    ),
    "say_why": lambda m, a, d: elections.say_why(m, d.get("turn", ""), actor=a, reason=d.get("reason", "")),
    "keep": lambda m, a, d: elections.keep(m, d.get("turn", ""), actor=a),
    "change": lambda m, a, d: elections.change(
        m,
        d.get("turn", ""),
        actor=a,
        candidate=read_choice(d.get("candidate", "")),
        reason=d.get("reason", ""),
    ),
    "break_tie": lambda m, a, d: elections.break_tie(m, actor=a, way=d.get("way", ""), seen=_seen(d)),
    "discard_candidate": lambda m, a, d: elections.discard_candidate(
        m, actor=a, reason=d.get("reason", ""), seen=_seen(d)
    ),
    "decline": lambda m, a, d: elections.decline(m, actor=a, reason=d.get("reason", "")),
    "speak": lambda m, a, d: rounds.take_turn(m, d.get("turn", ""), actor=a, note=d.get("note", "")),
    "pass": lambda m, a, d: rounds.take_turn(m, d.get("turn", ""), actor=a, passed=True),
    "floor": lambda m, a, d: rounds.give_floor(m, d.get("turn", ""), actor=a),
    "no_objection": lambda m, a, d: rounds.no_objection(m, d.get("turn", ""), actor=a),
    "concern": lambda m, a, d: texts.raise_concern(
        m,
        d.get("turn", ""),
        actor=a,
        role=d.get("role") or None,
        concern=d.get("concern", ""),
        rule=d.get("rule", ""),
    ),
    "reword": lambda m, a, d: texts.reword(m, d.get("objection", ""), actor=a, concern=d.get("concern", "")),
    "test": lambda m, a, d: texts.test_criterion(
        m,
        d.get("objection", ""),
        d.get("criterion", ""),
        actor=a,
        given=d.get("given") in ("yes", "weak"),
        holds=False if d.get("given") == "weak" else None,
        argument=d.get("argument", ""),
    ),
    "untested": lambda m, a, d: texts.capture_untested(m, d.get("objection", ""), actor=a),
    "violation": lambda m, a, d: texts.claim_violation(
        m, d.get("objection", ""), actor=a, rule=d.get("rule", "")
    ),
    "rule": lambda m, a, d: texts.rule_on(
        m, d.get("objection", ""), actor=a, violates=d.get("violates") == "yes", reason=d.get("reason", "")
    ),
    "withdraw_concern": lambda m, a, d: texts.withdraw_concern(m, d.get("objection", ""), actor=a),
    "ask_test": lambda m, a, d: texts.ask_for_test(m, d.get("objection", ""), actor=a),
    "take": lambda m, a, d: texts.take_in_hand(m, d.get("objection", ""), actor=a),
    "confirm": lambda m, a, d: texts.confirm(
        m,
        d.get("objection", ""),
        actor=a,
        side=d.get("side", ""),
        holds=d.get("holds") == "yes",
        text_version=_number(d, "text_version"),
    ),
    "drop_objection": lambda m, a, d: texts.drop_objection(
        m, d.get("objection", ""), actor=a, reason=d.get("reason", "")
    ),
}


@require_POST
@in_organization
def act(request: OrganizationRequest, meeting: str, name: str) -> HttpResponseBase:
    """Do something in a meeting. With htmx the answer is why it was refused, or nothing: the page then changes by
    what it hears, as everybody's does. Without, it is the room."""
    found = get_meeting(request.person, meeting)
    if name not in ACTS:
        raise Http404
    data = request.POST.dict()
    try:
        ACTS[name](found, request.person, data)
    except Refused as refused:
        moved = isinstance(refused, Moved)
        if request.htmx:
            response = render(request, "meetings/_said.html", {"refused": refused, "moved": moved})
            return trigger_client_event(response, "room:moved") if moved else response
        return _room(request, get_meeting(request.person, meeting), refused, {**data, "act": name})
    if request.htmx:
        return trigger_client_event(HttpResponse(), "room:done")
    if name == "cancel":
        messages.success(request, _("The meeting was cancelled."))
        return redirect("meetings:list", request.organization.slug)
    if name == "leave":
        return redirect("circles:role", request.organization.slug, found.circle.ref)
    return redirect("meetings:room", request.organization.slug, found.pk)
