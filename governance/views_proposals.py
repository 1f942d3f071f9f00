"""The page of a proposal: what it would change, who has answered, one's own answer, objections; and the lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from circles.access import get_role
from circles.constitution import FACILITATOR
from circles.effects import TIME_LIMIT
from circles.models import Role
from circles.queries import circles_of, prefetch_leads
from circles.structure import RoleRow, Structure
from governance import queries
from governance.access import get_objection, get_proposal
from governance.actions import proposals as actions
from governance.changes import parse_changes
from governance.diffs import describe
from governance.drafting import differences, refused_changes, spoken_for
from governance.enactment import Preview, try_changes
from governance.facilitation import acting
from governance.models import Objection, Proposal, Response
from governance.names import NameBook
from governance.rules import CRITERIA
from journal.queries import latest_number
from journal.topics import topic_name
from people.access import OrganizationRequest, in_organization
from people.models import Person
from people.refusals import Refused, RuleBroken

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
QUESTIONS = {
    "a": (
        gettext_lazy("Why would it make the circle less able to enact its purpose or accountabilities?"),
        gettext_lazy("Makes the circle less able"),
    ),
    "b": (
        gettext_lazy("How does it limit this role of yours, even if you filled no other?"),
        gettext_lazy("Limits this role"),
    ),
    "c": (
        gettext_lazy("Why does it come from the proposal, and is not there already?"),
        gettext_lazy("Comes from the proposal"),
    ),
    "d": (
        gettext_lazy("Why would it surely happen, or why could you not adapt in time?"),
        gettext_lazy("Surely, or too late to adapt"),
    ),
}


# -- one proposal -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def proposal(request: OrganizationRequest, proposal: str) -> HttpResponseBase:
    """The page of one proposal. ``part`` asks for one fragment of it; a POST names in ``do`` what its sender does."""
    found = get_proposal(request.person, proposal)
    if found.state == State.DRAFT:
        return redirect("governance:draft", request.organization.slug, found.pk)
    refused: Refused | None = None
    if request.method == "POST":
        act = ACTS.get(request.POST.get("do", ""))
        try:
            if act is None:
                raise Refused(_("Choose what to do."))
            said = act(request, found)
            if said:
                messages.success(request, said)
            return redirect("governance:proposal", request.organization.slug, found.pk)
        except Refused as error:
            refused = error
            found = get_proposal(request.person, proposal)
    return Reading(request, found, refused).show()


def _version(request: OrganizationRequest) -> int:
    version = request.POST.get("text_version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else 0


def _no_objection(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.answer(proposal, actor=request.person, text_version=_version(request))
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
    actions.ask_for_meeting(proposal, actor=request.person)
    return _("It goes to a meeting. Until it is proposed there it counts as withdrawn.")


def _withdraw(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.withdraw(proposal, actor=request.person)
    return _("Withdrawn. You can take it up again.")


def _discard(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.discard(proposal, actor=request.person, reason=request.POST.get("reason", ""))
    return _("The proposal is discarded.")


def _drop(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.drop(proposal, actor=request.person, reason=request.POST.get("reason", ""))
    return _("The proposal is dropped.")


def _objection(request: OrganizationRequest, proposal: Proposal) -> Objection:
    objection = get_objection(request.person, request.POST.get("objection", ""))
    if objection.proposal_id != proposal.pk:
        raise Refused(_("This objection is to another proposal."))
    return objection


def _withdraw_objection(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.withdraw_objection(_objection(request, proposal), actor=request.person)
    return _("Your objection is withdrawn.")


def _ask_for_test(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.ask_for_test(_objection(request, proposal), actor=request.person)
    return _("It is tested before the proposal goes on.")


def _test(request: OrganizationRequest, proposal: Proposal) -> str:
    criterion, _dash, verdict = request.POST.get("verdict", "").partition("-")
    if verdict not in ("yes", "no"):
        raise Refused(_("Say whether an argument was given."))
    actions.test_criterion(
        _objection(request, proposal), criterion, actor=request.person, given=verdict == "yes"
    )
    return ""


def _drop_objection(request: OrganizationRequest, proposal: Proposal) -> str:
    actions.drop_objection(
        _objection(request, proposal), actor=request.person, reason=request.POST.get("reason", "")
    )
    return _("The objection is dropped.")


ACTS: dict[str, Callable[[OrganizationRequest, Proposal], str]] = {
    "no_objection": _no_objection,
    "object": _object,
    "meeting": _meeting,
    "withdraw": _withdraw,
    "discard": _discard,
    "drop": _drop,
    "withdraw_objection": _withdraw_objection,
    "ask_for_test": _ask_for_test,
    "test": _test,
    "drop_objection": _drop_objection,
}
ANSWERS = frozenset({"no_objection", "object", "meeting"})


@dataclass
class Tested:
    """An objection with its criteria as the page shows them, and what the reader may do with it."""

    objection: Objection
    criteria: list[dict[str, Any]]
    mine: bool
    standing: bool


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
        prefetch_leads(self.structure, proposal.circle_id)
        objections = [self.tested(o) for o in self.objections()]
        standing = [o for o in objections if o.standing]
        is_member = person.pk in self.structure.members(proposal.circle_id)
        is_open = proposal.state in queries.ANSWERED
        late = proposal.due_at is not None and proposal.due_at <= timezone.now()
        limit = self.structure.effect(proposal.circle_id, TIME_LIMIT) if proposal.due_at else None
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
            "is_facilitator": proposal.is_open and self.facilitates(person),
            "may_answer": is_open and mine is not None and is_member and not late,
            "is_open": is_open,
            "late": late,
            "spoken_for": spoken_for(self.structure, proposal.circle_id, person.pk)
            if is_open and mine
            else (),
            "my_objection": next((o for o in standing if o.mine), None),
            "standing": standing,
            "rounds": self.rounds(objections),
            "questions": [(c, QUESTIONS[c][0], sent.get(f"criterion_{c}", "")) for c in CRITERIA],
            "limit": limit[0] if limit else None,
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

    def objections(self) -> list[Objection]:
        rows = self.proposal.objections.select_related("objector", "role__circle", "test_asked_by")
        return list(rows.order_by("-round", "raised_at", "pk"))

    def tested(self, objection: Objection) -> Tested:
        criteria = []
        for c in CRITERIA:
            entry = objection.criteria.get(c) or {}
            criteria.append(
                {
                    "letter": c,
                    "clause": f"5.3.2{c}",
                    "words": QUESTIONS[c][1],
                    "argument": entry.get("argument", ""),
                    "given": entry.get("given"),
                }
            )
        mine = objection.objector_id == self.request.person.pk
        return Tested(objection, criteria, mine, objection.state in Objection.STANDING)

    def rounds(self, objections: list[Tested]) -> list[dict[str, Any]]:
        """Objections by the round they were raised in, latest first."""
        numbers = sorted({o.objection.round for o in objections}, reverse=True)
        return [
            {
                "number": n,
                "current": n == self.proposal.round,
                "objections": [o for o in objections if o.objection.round == n],
            }
            for n in numbers
        ]

    def changes(self) -> dict[str, Any]:
        """What it changed, if it was adopted; else what it would change in the structure as it is now."""
        proposal = self.proposal
        if proposal.decision is not None:
            names = NameBook(proposal.organization)
            return {"subjects": queries.with_refs(describe(proposal.decision.rows, names)), "hindered": []}
        preview: Preview = try_changes(
            Structure.of(proposal.organization_id),
            parse_changes(proposal.changes),
            actions.authority_of(proposal),
        )
        return {
            "subjects": differences(proposal, preview),
            "hindered": refused_changes(proposal, preview) if preview.refusals else [],
        }

    def facilitates(self, person: Person) -> bool:
        if self.structure.get(RoleRow, self.proposal.circle_id) is None:
            return False
        return person.pk in acting(self.structure, self.proposal.circle_id, FACILITATOR).people

    def unsent(self) -> list[tuple[str, str]]:
        """The words of a refused objection that no form takes any more, so that they are not lost."""
        sent = self.request.POST
        if self.refused is None or sent.get("do") != "object":
            return []
        words = [(_("Your concern"), sent.get("concern", ""))]
        words += [(str(QUESTIONS[c][1]), sent.get(f"criterion_{c}", "")) for c in CRITERIA]
        words.append((_("The rule it would break"), sent.get("rule", "")))
        return [(label, text) for label, text in words if text.strip()]

    def course(self) -> dict[str, Any]:
        """The steps of this proposal, and the one it is at."""
        proposal = self.proposal
        steps = [("proposed", _("Proposed"))]
        steps += [(f"round{n}", _("Round %(number)d") % {"number": n}) for n in range(1, proposal.round + 1)]
        at = f"round{proposal.round}"
        if proposal.state in queries.ANSWERED:
            steps.append(("end", _("Adopted, by itself")))
        else:
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
        Proposal.objects.filter(proposer=person, state__in=(*Proposal.OPEN, State.ESCALATED))
        .select_related("circle", "role__circle")
        .order_by(F("due_at").asc(nulls_last=True), "pk")
    )
    context = {
        "awaiting": queries.awaiting(person),
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
