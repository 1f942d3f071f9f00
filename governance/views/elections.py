"""The pages of elections: calling one, the page on which it is held asynchronously, and the list (§5.3.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from circles.access import get_role
from circles.constitution import CIRCLE_REP, ELECTED_KINDS, FACILITATOR
from circles.models import Role
from circles.queries import circles_of, core_roles, memberships, people_named, prefetch_seats
from circles.structure import Structure
from governance import elections as reads
from governance.access import get_election
from governance.actions import elections as actions
from governance.election_view import PILLS, ElectionView
from governance.facilitation import acting
from governance.models import Election
from governance.views.proposals import ACTS as PROPOSAL_ACTS
from governance.views.proposals import ANSWERS
from governance.views.proposals import Reading as ProposalReading
from journal.queries import latest_number
from journal.topics import topic_name
from people.access import OrganizationRequest, get_person, in_organization
from people.refusals import Malformed, Refused, RuleBroken

State = Election.State
PARTS = frozenset({"head", "stage", "so-far", "rail"})
# Parts of the objection round, which are those of any proposal's page
PROPOSAL_PARTS = frozenset({"answer", "said"})
PER_PAGE = 25


# -- one election -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def election(request: OrganizationRequest, election: str) -> HttpResponseBase:
    """The page of one election. ``part`` asks for one fragment of it; a POST names in ``do`` what its sender does:
    a step of the election, or an answer to the proposal to elect its candidate."""
    found = get_election(request.person, election)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            with actions.outside_meetings(found):
                said = _act(request, found)
            if said:
                messages.success(request, said)
            return redirect("governance:election", request.organization.slug, found.pk)
        except Refused as error:
            refused = error
            found = get_election(request.person, election)
    return Reading(request, found, refused).show()


def _act(request: OrganizationRequest, election: Election) -> str:
    do = request.POST.get("do", "")
    if do in ACTS:
        return ACTS[do](request, election)
    proposal = reads.proposal_of(election)
    if do in PROPOSAL_ACTS and proposal is not None:
        said = PROPOSAL_ACTS[do](request, proposal)
        return said if isinstance(said, str) else ""
    raise Refused(_("Choose what to do."))


def _seen(request: OrganizationRequest) -> int | None:
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else None


def read_term(sent: str) -> dt.date:
    """Read the last day of a term as a form sends it. Raises RuleBroken §5.3.5 where none is chosen."""
    try:
        return dt.date.fromisoformat(sent)
    except ValueError:
        raise RuleBroken("5.3.5", _("Choose a term: its last day."), field="term_ends") from None


def read_choice(sent: str) -> str:
    """Read whom a nomination is changed to. Raises RuleBroken §5.3.5 where nobody is chosen."""
    if not sent:
        raise RuleBroken(
            "5.3.5", _("Choose whom you nominate now, or keep your nomination."), field="candidate"
        )
    return sent


def _begin(request: OrganizationRequest, election: Election) -> str:
    sent = request.POST
    ends = read_term(sent.get("term_ends", ""))
    actions.begin_nominations(
        election, actor=request.person, term_ends=ends, note=sent.get("note", ""), seen=_seen(request)
    )
    return _("Nominations are open. Every circle member is asked.")


def _nominate(request: OrganizationRequest, election: Election) -> str:
    actions.nominate(
        election,
        actor=request.person,
        candidate=[c for c in request.POST.getlist("candidate") if c],
        reason=request.POST.get("reason", ""),
    )
    return _("Your ballot is in. Nobody sees it before all are shown at once.")


def _keep(request: OrganizationRequest, election: Election) -> str:
    actions.keep_nomination(election, actor=request.person)
    return _("You keep your nomination.")


def _change(request: OrganizationRequest, election: Election) -> str:
    actions.change_nomination(
        election,
        actor=request.person,
        candidate=read_choice(request.POST.get("candidate", "")),
        reason=request.POST.get("reason", ""),
    )
    return _("Your nomination is changed.")


def _break_tie(request: OrganizationRequest, election: Election) -> str:
    actions.break_tie(election, actor=request.person, way=request.POST.get("way", ""), seen=_seen(request))
    return ""


def _discard_candidate(request: OrganizationRequest, election: Election) -> str:
    actions.discard_candidate(
        election, actor=request.person, reason=request.POST.get("reason", ""), seen=_seen(request)
    )
    return _("The proposal is discarded; these nominations are ignored from now on.")


def _decline(request: OrganizationRequest, election: Election) -> str:
    actions.decline(election, actor=request.person, reason=request.POST.get("reason", ""))
    return _("You have declined.")


def _withdraw(request: OrganizationRequest, election: Election) -> str:
    actions.withdraw_election(election, actor=request.person)
    return _("The call is taken back.")


ACTS: dict[str, Callable[[OrganizationRequest, Election], str]] = {
    "begin": _begin,
    "nominate": _nominate,
    "keep": _keep,
    "change": _change,
    "break_tie": _break_tie,
    "discard_candidate": _discard_candidate,
    "decline": _decline,
    "withdraw": _withdraw,
}
# What each act's form is shown in: once the election has moved on there is no such form, and the words are shown
WRITTEN_IN = {
    "begin": State.CALLED,
    "nominate": State.NOMINATING,
    "change": State.CHANGING,
    "discard_candidate": State.PROPOSED,
    "decline": State.PROPOSED,
}


# What happens while an objection to a candidate stands: the clause, and what people do
WHILE_IT_STANDS = (
    ("5.3.5f", gettext_lazy("The facilitator may let people talk: what would take the objection away?")),
    ("5.3.4", gettext_lazy("Its objector withdraws it once it stands no more; anybody can have it tested.")),
    (
        "5.3.5f",
        gettext_lazy(
            "Or the facilitator discards the proposal: nominations for this candidate are ignored, "
            "and the next one is proposed."
        ),
    ),
)


class Reading:
    """The page of an election as one person sees it."""

    def __init__(self, request: OrganizationRequest, election: Election, refused: Refused | None) -> None:
        self.request, self.election, self.refused = request, election, refused
        self.structure = Structure.of(election.organization_id)

    def show(self) -> HttpResponse:
        part = self.request.GET.get("part", "") if self.request.method != "POST" else ""
        if part in PROPOSAL_PARTS:
            context = self.context()
            if not context["answerable"]:
                return HttpResponse()
            return render(self.request, f"governance/proposal.html#{part}", context)
        name = f"#{part}" if part in PARTS else ""
        status = 422 if self.refused else 200
        return render(self.request, f"governance/election.html{name}", self.context(), status=status)

    def context(self) -> dict[str, Any]:
        election, person = self.election, self.request.person
        topics = self.topics()
        prefetch_seats(self.structure, [election.circle_id])
        shown = ElectionView(election, person, self.structure)
        sent = self.request.POST
        do = sent.get("do", "")
        context: dict[str, Any] = {}
        proposal = shown.proposal
        answerable = proposal is not None and proposal.is_open and not election.meeting
        if proposal is not None and answerable:
            refused = self.refused if do in PROPOSAL_ACTS else None
            context |= ProposalReading(self.request, proposal, refused).context()
            context |= {
                "answered_count": context["answered"],
                "is_proposer": False,
                "may_amend": False,
                "steps": WHILE_IT_STANDS,
            }
        acts = acting(self.structure, election.circle_id, FACILITATOR)
        names = [election.facilitator] if election.meeting and election.facilitator else None
        facilitators = names or list(people_named(election.organization, acts.people).values())
        return context | {
            "election": election,
            "circle": election.circle,
            "shown": shown,
            "answerable": answerable,
            "proposal": proposal,
            "live_topics": topics if election.is_open else [],
            "facilitators": ", ".join(sorted(p.name for p in facilitators)),
            "surrogate": acts.surrogate and not election.meeting,
            "suggested_term": shown.suggested_term.isoformat(),
            "may_call": reads.can_call(self.structure, election.circle_id, election.seat, person.pk),
            "refused": self.refused,
            "refused_clause": self.refused.clause if isinstance(self.refused, RuleBroken) else "",
            "refused_field": self.refused.field if self.refused else "",
            "answering": do in ANSWERS,
            "do": do,
            "typed": sent,
            "unsent": self.unsent(do),
        }

    def topics(self) -> list[tuple[str, int]]:
        """What the page follows live, each with the last change it shows: read before all else."""
        name = topic_name("election", self.election.pk)
        return [(name, latest_number(self.election.organization_id, name))]

    def unsent(self, do: str) -> str:
        """The words of a refused act whose form has gone, because the election has moved on."""
        if self.refused is None or do not in WRITTEN_IN or WRITTEN_IN[do] == self.election.state:
            return ""
        return self.request.POST.get("reason") or self.request.POST.get("note") or ""


# -- calling one --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def call_election(request: OrganizationRequest) -> HttpResponseBase:
    """Call for an election of one of a circle's elected roles (§5.3.5). ``circle`` and ``seat`` may be named."""
    person, asked = request.person, request.POST if request.method == "POST" else request.GET
    circle = get_role(person, asked["circle"]) if asked.get("circle") else None
    seat = asked.get("seat", "")
    refused: Refused | None = None
    if request.method == "POST":
        try:
            if circle is None:
                raise Malformed(_("Choose the circle that elects."), field="circle")
            if seat not in ELECTED_KINDS:
                raise Malformed(_("Choose the role to elect for."), field="seat")
            replaces = get_person(person, asked["replaces"]) if asked.get("replaces") else None
            called = actions.call_election(circle, seat, actor=person, replaces=replaces)
            messages.success(request, _("The election is called. The facilitator is told."))
            return redirect("governance:election", request.organization.slug, called.pk)
        except Refused as error:
            refused = error
    structure = Structure.of(request.organization.id)
    seats = seats_of(structure, request, circle) if circle is not None else []
    context = {
        "circle": circle,
        "circles": memberships(structure, person.pk),
        "seats": seats,
        # What a refusal may point to
        "under_way": next((s["running"] for s in seats if refused and s["kind"] == seat), None),
        "seat": seat,
        "typed": asked,
        "refused": refused,
        "refused_field": refused.field if refused else "",
    }
    return render(request, "governance/election_call.html", context, status=422 if refused else 200)


def seats_of(structure: Structure, request: OrganizationRequest, circle: Role) -> list[dict[str, Any]]:
    """The elected roles of a circle: who fills each, until when, the election under way, and why there can be none."""
    core = {c.role.kind: c for c in core_roles(structure, request.organization, circle.pk)}
    running = {e.seat: e for e in reads.running([circle.pk])}
    result = []
    for kind in ELECTED_KINDS:
        if kind not in core:
            continue
        result.append(
            {
                "kind": kind,
                "core": core[kind],
                "several": reads.reps_at_most(structure, circle.pk) > 1 if kind == CIRCLE_REP else False,
                "running": running.get(kind),
                "hindered": None if kind in running else reads.why_no_election(structure, circle.pk, kind),
            }
        )
    return result


# -- the list -----------------------------------------------------------------------------------------------------


@require_safe
@in_organization
def elections(request: OrganizationRequest) -> HttpResponseBase:
    """The elections of the organization, those under way first; of one circle where asked for."""
    circle = get_role(request.person, request.GET["circle"]) if request.GET.get("circle") else None
    found = reads.visible_elections(request.person)
    if circle is not None:
        found = found.filter(circle=circle)
    open_now = found.filter(state__in=Election.OPEN)
    over = found.exclude(state__in=Election.OPEN)
    page = Paginator(over, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "circle": circle,
        "circles": circles_of(request.organization),
        "running": rows(open_now),
        "page": page,
        "over": rows(page),
    }
    return render(request, "governance/elections.html", context)


def rows(found: Any) -> list[dict[str, Any]]:
    """Elections with the pill of their state."""
    return [{"election": e, "pill": PILLS[State(e.state)]} for e in found]
