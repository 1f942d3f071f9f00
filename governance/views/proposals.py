"""The page of a proposal: what it would change, who has answered, one's own answer, objections; and the lists."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from circles.access import get_role
from circles.effects import ASYNC_GOES_ON
from circles.models import Role
from circles.queries import circles_of, prefetch_seats
from circles.structure import Structure
from governance import queries
from governance.access import get_proposal
from governance.actions import proposals as actions
from governance.awaiting import asked_of
from governance.changes import parse_changes
from governance.diffs import describe
from governance.drafting import differences, follows, refused_changes, spoken_for
from governance.enactment import Preview, try_changes
from governance.integration import CRITERION, Integration, steps_of_integration
from governance.integration_acts import ACTS as INTEGRATION_ACTS
from governance.integration_acts import Act
from governance.models import Objection, Proposal, Response
from governance.names import NameBook
from governance.rules.structure import CRITERIA
from governance.time_limit import TimeLimit
from journal.queries import latest_number
from journal.topics import topic_name
from people.access import OrganizationRequest, in_organization
from people.refusals import Malformed, Refused, RuleBroken

State = Proposal.State
PARTS = frozenset({"head", "changes", "answer", "said", "rail"})
PER_PAGE = 25

# The state of a proposal as its pill shows it: see PILLS
PILLS = {
    State.DRAFT: "draft",
    State.PROPOSED: "proposed",
    State.OBJECTED: "integration",
    State.IN_MEETING: "live",
    State.ADOPTING: "proposed",
    State.CONFLICT: "conflict",
    State.ADOPTED: "adopted",
    State.ESCALATED: "withdrawn",
    State.WITHDRAWN: "withdrawn",
    State.DISCARDED: "discarded",
    State.DROPPED: "dropped",
}


# -- one proposal -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def proposal(request: OrganizationRequest, proposal: str) -> HttpResponseBase:
    """The page of one proposal. ``part`` asks for one fragment of it; a POST names in ``do`` what its sender does."""
    found = get_proposal(request.person, proposal)
    if found.state == State.DRAFT:
        return redirect("governance:draft", request.organization.slug, found.pk)
    if found.election_id is not None and request.method != "POST":
        return redirect("governance:election", request.organization.slug, found.election_id)
    refused: Refused | None = None
    if request.method == "POST":
        act = ACTS.get(request.POST.get("do", ""))
        try:
            if act is None:
                raise Refused(_("Choose what to do."))
            said = act(request, found)
            if isinstance(said, HttpResponseBase):
                return said
            if said:
                messages.success(request, said)
            address = resolve_url("governance:proposal", request.organization.slug, found.pk)
            return redirect(address + _place_of(request, found))
        except Refused as error:
            refused = error
            found = get_proposal(request.person, proposal)
    return Reading(request, found, refused).show()


def _place_of(request: OrganizationRequest, proposal: Proposal) -> str:
    """Where on the page somebody goes on after what they did: at the objection in hand, or at their answer.

    A proposal that is settled, amended, or to be adopted with this last answer is read from its beginning.
    """
    do, objection = request.POST.get("do"), request.POST.get("objection")
    same = Proposal.objects.filter(pk=proposal.pk, state__in=queries.ANSWERED)
    if not same.filter(text_version=proposal.text_version).exists():
        return ""
    if do in ANSWERS:
        return "#answer" if proposal.responses.filter(round=proposal.round, answer="").exists() else ""
    return f"#objection-{objection}" if do in INTEGRATION_ACTS and objection else ""


def _version(request: OrganizationRequest) -> int:
    version = request.POST.get("text_version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else 0


def _no_objection(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.answer(proposal, actor=request.person, text_version=_version(request))
    if queries.is_free(proposal):
        return _("No objection. Yours was the last answer: it is being adopted now.")
    return _("Your answer is noted: no objection.")


def _object(request: OrganizationRequest, proposal: Proposal) -> str:
    sent = request.POST
    words = " ".join(sent.get("concern", "").split())
    for standing in proposal.objections.filter(objector=request.person, state__in=Objection.STANDING):
        if " ".join(standing.concern.split()) == words:
            return ""  # the same sent twice
    actions.object_to(
        proposal,
        actor=request.person,
        text_version=_version(request),
        role=sent.get("role") or None,
        concern=sent.get("concern", ""),
        criteria={c: sent.get(f"criterion_{c}", "") for c in CRITERIA},
        rule=sent.get("rule", ""),
    )
    return _("Your objection stands until it is resolved.")


def _meeting(request: OrganizationRequest, proposal: Proposal) -> str:
    asked = actions.ask_for_meeting(proposal, actor=request.person)
    if asked.state != State.ESCALATED:
        return _("The proposer is told. By policy the answers go on meanwhile.")
    return _("It goes to a meeting. Until it is proposed there it counts as withdrawn.")


def _withdraw(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.withdraw(proposal, actor=request.person)
    return _("Withdrawn. You can take it up again.")


def _discard(request: OrganizationRequest, proposal: Proposal) -> str:
    ground = request.POST.get("ground", "")
    if not ground:
        raise Malformed(_("Choose what the proposal lacks."), field="ground")
    actions.discard(proposal, actor=request.person, reason=request.POST.get("reason", ""), ground=ground)
    return _("The proposal is discarded.")


def _drop(request: OrganizationRequest, proposal: Proposal) -> str:
    sent = request.POST
    actions.drop(proposal, actor=request.person, reason=sent.get("reason", ""), ground=sent.get("ground", ""))
    return _("The proposal is dropped.")


ACTS: dict[str, Act] = {
    "no_objection": _no_objection,
    "object": _object,
    "meeting": _meeting,
    "withdraw": _withdraw,
    "discard": _discard,
    "drop": _drop,
    **INTEGRATION_ACTS,
}
ANSWERS = frozenset({"no_objection", "object", "meeting"})


class Reading:
    """The page of a proposal as one person sees it."""

    def __init__(self, request: OrganizationRequest, proposal: Proposal, refused: Refused | None) -> None:
        self.request, self.proposal, self.refused = request, proposal, refused
        self.structure = Structure.of(proposal.organization_id)

    def show(self) -> HttpResponse:
        part = self.request.GET.get("part", "")
        name = f"#{part}" if part in PARTS and self.request.method != "POST" else ""
        context = self.context()
        return render(
            self.request, f"governance/proposal.html{name}", context, status=422 if self.refused else 200
        )

    def context(self) -> dict[str, Any]:
        proposal, person = self.proposal, self.request.person
        # Read before all else: what changes while the page is being read is then sent to it
        number = latest_number(proposal.organization_id, topic_name("proposal", proposal.pk))
        roll = self.roll()
        mine = next((r for r in roll if r.person_id == person.pk), None)
        if mine is not None and mine.seen_at is None and proposal.state in queries.ANSWERED:
            actions.mark_seen(proposal, actor=person)
            mine.seen_at = timezone.now()
        prefetch_seats(self.structure, [proposal.circle_id])
        integration = Integration(proposal, self.structure, person)
        is_member = person.pk in self.structure.members(proposal.circle_id)
        is_open = proposal.state in queries.ANSWERED
        time = TimeLimit(proposal, self.structure, roll)
        may_answer = is_open and mine is not None and is_member and not time.late
        sent = self.request.POST
        do = sent.get("do", "")
        return {
            "proposal": proposal,
            "circle": proposal.circle,
            "pill": PILLS[State(proposal.state)],
            "live_after": number,
            "live_topic": topic_name("proposal", proposal.pk),
            **self.changes(),
            "roll": roll,
            "answered": sum(1 for r in roll if r.answer),
            "mine": mine,
            "is_proposer": proposal.proposer_id == person.pk,
            "is_member": is_member,
            "may_answer": may_answer,
            "is_open": is_open,
            "late": time.late,
            "time": time,
            "goes_on": self.structure.effect(proposal.circle_id, ASYNC_GOES_ON) if is_open else None,
            "spoken_for": spoken_for(self.structure, proposal.circle_id, person.pk)
            if is_open and mine
            else (),
            "my_objection": next((o for o in integration.standing if o.mine), None),
            "my_concern_ended": integration.mine_ended,
            **integration.context(),
            "steps": steps_of_integration(),
            "questions": [(c, CRITERION[c][0], sent.get(f"criterion_{c}", "")) for c in CRITERIA],
            "course": self.course(),
            "refused": self.refused,
            "refused_clause": self.refused.clause if isinstance(self.refused, RuleBroken) else "",
            "refused_field": self.refused.field if self.refused else "",
            "do": do,
            "answering": do in ANSWERS,
            "typed": sent,
            "unsent": self.unsent(),
        }

    def roll(self) -> list[Response]:
        """Who is asked in the present round, by name; those who answered as they did."""
        rows = self.proposal.responses.filter(round=self.proposal.round).select_related("person")
        return sorted(rows, key=lambda r: (r.person.name.casefold(), r.person_id))

    def changes(self) -> dict[str, Any]:
        """What it changed, if it was adopted; else what it would change in the structure as it is now."""
        proposal = self.proposal
        if proposal.decision is not None:
            names = NameBook(proposal.organization)
            subjects = queries.with_refs(describe(proposal.decision.rows, names))
            return {"subjects": subjects, "hindered": [], "follows": []}
        preview: Preview = try_changes(
            Structure.of(proposal.organization_id),
            parse_changes(proposal.changes),
            actions.authority_of(proposal),
        )
        return {
            "subjects": differences(proposal, preview),
            "hindered": refused_changes(proposal, preview) if preview.refusals else [],
            "follows": follows(proposal, preview) if proposal.is_open else [],
        }

    def unsent(self) -> list[tuple[str, str]]:
        """The words of a refused objection that no form takes any more, so that they are not lost."""
        sent = self.request.POST
        if self.refused is None or sent.get("do") != "object":
            return []
        words = [(_("Your concern"), sent.get("concern", ""))]
        words += [(str(CRITERION[c][1]), sent.get(f"criterion_{c}", "")) for c in CRITERIA]
        words.append((_("The rule it would break"), sent.get("rule", "")))
        return [(label, text) for label, text in words if text.strip()]

    def course(self) -> dict[str, Any]:
        """The steps of this proposal, and the one it is at."""
        proposal = self.proposal
        steps = [(f"step{n}", words) for n, words in enumerate(queries.course_of(proposal))]
        at = steps[-1][0]
        if proposal.state in queries.ANSWERED:
            steps.append(("end", _("Adopted, by itself")))
        elif proposal.state not in (State.IN_MEETING, State.ESCALATED):
            steps.append(("end", str(proposal.get_state_display())))
            at = "end"
        return {"steps": steps, "at": at}


# -- lists --------------------------------------------------------------------------------------------------------


@require_safe
@in_organization
def awaiting(request: OrganizationRequest) -> HttpResponseBase:
    """What awaits the reader's answer, and how their own proposals and drafts stand."""
    person = request.person
    own = (
        Proposal.objects.filter(proposer=person, state__in=(*Proposal.OPEN, State.ESCALATED), election=None)
        .select_related("circle", "role__circle")
        .order_by(F("due_at").asc(nulls_last=True), "pk")
    )
    context = {
        "awaiting": queries.awaiting(person),
        "asked": asked_of(person),
        "own": _with_answers(list(own)),
        "drafts": queries.drafts(person),
    }
    return render(request, "governance/proposals_awaiting.html", context)


@require_safe
@in_organization
def proposals(request: OrganizationRequest) -> HttpResponseBase:
    """The proposals of the organization: those open, or those settled; of one circle where asked for."""
    circle: Role | None = None
    if request.GET.get("circle"):
        circle = get_role(request.person, request.GET["circle"])
    settled = request.GET.get("state") == "settled"
    chosen = Q(organization=request.organization) & ~Q(state=State.DRAFT)
    if circle is not None:
        chosen &= Q(circle=circle)
    is_open = Q(state__in=(*Proposal.OPEN, State.ESCALATED))
    found = Proposal.objects.filter(chosen, ~is_open if settled else is_open)
    found = found.select_related("circle", "proposer", "role__circle", "decision")
    order = F("settled_at").desc(nulls_last=True) if settled else F("due_at").asc(nulls_last=True)
    page = Paginator(found.order_by(order, "pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _with_answers(list(page)),
        "settled": settled,
        "circle": circle,
        "circles": circles_of(request.organization),
    }
    return render(request, "governance/proposals.html", context)


def _with_answers(found: list[Proposal]) -> list[dict[str, Any]]:
    """Proposals with their pill and how many of their present round have answered. One query."""
    counts: dict[str, list[int]] = {}
    rounds = {p.pk: p.round for p in found}
    for proposal_id, round_, answer in Response.objects.filter(proposal__in=list(rounds)).values_list(
        "proposal", "round", "answer"
    ):
        if rounds[proposal_id] == round_:
            count = counts.setdefault(proposal_id, [0, 0])
            count[0] += bool(answer)
            count[1] += 1
    return [
        {
            "proposal": p,
            "pill": PILLS[State(p.state)],
            "answered": counts.get(p.pk, [0, 0])[0],
            "asked": counts.get(p.pk, [0, 0])[1],
            "waits": p.state in queries.ANSWERED,
        }
        for p in found
    ]
