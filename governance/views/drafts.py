"""The desk on which a proposal is drafted: where it belongs, why, what should change, and what would come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from circles.access import get_role
from circles.constitution import CONSTITUTIONAL_ROLES, ORDINARY, POLICY_KINDS
from circles.effect_form import role_as_written, roles_to_write, shown_effects
from circles.models import Policy, Role
from circles.queries import Member, circle_members, prefetch_seats
from circles.structure import DomainRow, PolicyRow, RoleRow, Structure
from governance.access import get_proposal
from governance.actions import proposals as actions
from governance.changes import CATALOGUE, parse_changes
from governance.drafting import Obstacle, look_ahead, places, spoken_for
from governance.forms.draft import TEXTS, Block, DraftForm
from governance.grants import grant_choices, moved_choices
from governance.models import Objection, Proposal
from governance.names import NameBook
from governance.rules.places import move_targets
from people.access import OrganizationRequest, in_organization
from people.ids import is_id
from people.models import Person
from people.refusals import Conflict, Malformed, Refused
from tensions.access import get_tension
from tensions.models import Tension

State = Proposal.State
SAVABLE = (State.DRAFT, State.ESCALATED, State.WITHDRAWN, State.CONFLICT)
AMENDABLE = (State.PROPOSED, State.OBJECTED)


# -- where it belongs ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def new_proposal(request: OrganizationRequest) -> HttpResponseBase:
    """Choose the circle whose governance should change, and begin a draft there.

    ``circle`` may be named, a ``tension`` of one's own to begin from, and in ``amends`` a role or policy to begin
    with; ``role`` is the one it is for.
    """
    person, asked = request.person, request.POST if request.method == "POST" else request.GET
    tension = get_tension(person, asked["tension"]) if asked.get("tension") else None
    circle = get_role(person, asked["circle"]) if asked.get("circle") else None
    refused: Refused | None = None
    if request.method == "POST":
        try:
            if circle is None:
                raise Refused(_("Choose the circle whose governance should change."), field="circle")
            draft = _begin(circle, person, tension, asked.get("amends", ""), asked.get("role", ""))
            return redirect("governance:draft", request.organization.slug, draft.pk)
        except Refused as error:
            refused = error
    structure = Structure.of(request.organization.id)
    found = places(structure, person.pk, role_id=tension.role_id if tension else None)
    named = next((p for p in found if circle is not None and p.circle.id == circle.pk), None)
    roles: tuple[RoleRow, ...] = ()
    members: list[Member] = []
    if circle is not None and named is None and circle.present:
        prefetch_seats(structure, [circle.pk])
        roles = spoken_for(structure, circle.pk, person.pk)
        members = circle_members(structure, request.organization, circle.pk)
    context = {
        "places": found,
        "named": named,
        "circle": circle,
        "roles": roles,
        "members": members,
        "tension": tension,
        "amends": _subject(request, asked.get("amends", "")),
        "role": asked.get("role", ""),
        "refused": refused,
    }
    return render(request, "governance/proposal_new.html", context, status=422 if refused else 200)


def _subject(request: OrganizationRequest, ref: str) -> Role | Policy | None:
    """The role or policy to begin with, if there is one of this identifier."""
    ref = ref.rpartition("-")[2]
    found: Role | Policy | None = (
        Role.objects.present().filter(organization=request.organization, pk=ref).first()
    )
    return found or Policy.objects.present().filter(organization=request.organization, pk=ref).first()


def _begin(circle: Role, person: Person, tension: Tension | None, amends: str, role: str) -> Proposal:
    """Begin a draft, or take up one that was begun the same way and not touched since."""
    amends = amends.rpartition("-")[2]
    changes: list[dict[str, Any]] = []
    if Role.objects.present().filter(organization=person.organization_id, pk=amends).exists():
        changes = [{"kind": "amend_role", "role": amends}]
    elif Policy.objects.present().filter(organization=person.organization_id, pk=amends).exists():
        changes = [{"kind": "amend_policy", "policy": amends}]
    changes = [c.to_json() for c in parse_changes(changes)]
    untouched = Proposal.objects.filter(
        proposer=person, circle=circle, from_tension=tension, state=State.DRAFT, text_version=1, title=""
    )
    for draft in untouched:
        if draft.changes == changes:
            return draft
    return actions.start_draft(
        circle, actor=person, from_tension=tension, changes=changes, role=role if is_id(role) else None
    )


# -- the desk -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def draft(request: OrganizationRequest, proposal: str) -> HttpResponseBase:
    """The editor of a draft, or of a proposal one amends. Every button sends the whole form, with what it does in
    ``do``; ``keep`` saves as one types and answers with the preview alone."""
    found = get_proposal(request.person, proposal)
    if found.proposer_id != request.person.pk or found.state not in (*SAVABLE, *AMENDABLE):
        if request.method == "POST" and found.proposer_id == request.person.pk:
            words = {"state": found.get_state_display()}
            messages.warning(request, _("It is “%(state)s” meanwhile: what you typed was not saved.") % words)
        address = reverse("governance:proposal", args=[request.organization.slug, found.pk])
        return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
    desk = Desk(request, found)
    return desk.post() if request.method == "POST" else desk.page()


class Desk:
    """One request at the desk."""

    def __init__(self, request: OrganizationRequest, proposal: Proposal) -> None:
        self.request, self.proposal = request, proposal
        self.refused: Refused | None = None
        self.stale: Proposal | None = None
        # Another tab has proposed what this one still takes for a draft: nothing of it is sent unasked
        self.proposed_meanwhile = request.POST.get("stood") == "draft" and proposal.state in AMENDABLE
        self.tried = request.POST.get("tried") == "1"
        self.saved = self.saved_in_part = False
        self.fresh: Block | None = None
        self.form: DraftForm

    @property
    def amending(self) -> bool:
        return self.proposal.state in AMENDABLE

    # -- doing ----------------------------------------------------------------------------------------------------

    def post(self) -> HttpResponseBase:
        sent = self.request.POST
        do, _colon, key = sent.get("do", "save").partition(":")
        if do == "discard":
            return self.discard()
        try:
            self.form = DraftForm.read(sent, self.proposal)
        except Refused as refused:
            self.refused = refused
            return self.page()
        if do == "mine" and (sent.get("seen_version") or "").isdecimal():
            self.form.text_version = int(sent["seen_version"][:9])
        if do in ("add", "remove", "up", "down"):
            self.arrange(do, key)
        self.tried = self.tried or do in ("propose", "amend", "offer")
        try:
            if do == "amend" and self.amending:
                return self.amend()
            if do != "preview" and not self.amending:
                self.save()
            if do == "propose" and not self.amending:
                return self.propose()
            if do == "offer" and self.proposal.beside is not None:
                return self.offer()
        except Conflict as conflict:
            self.refused = conflict
            again = get_proposal(self.request.person, self.proposal.pk)
            # What conflicts with today's structure is told beside the change; only another save makes two texts
            self.stale = again if again.text_version != self.form.text_version else None
        except Refused as refused:
            self.refused = refused
        if do in ("keep", "preview") and self.request.htmx:
            return self.answer("governance/proposal_edit.html#kept")
        if do == "save" and self.refused is None and not self.request.htmx:
            messages.success(self.request, _("Saved."))
            return redirect("governance:draft", self.request.organization.slug, self.proposal.pk)
        return self.page()

    def arrange(self, do: str, key: str) -> None:
        if do == "add":
            try:
                self.fresh = self.form.add(
                    self.request.POST.get("add", ""),
                    Structure.of(self.request.organization.id),
                    self.proposal,
                )
            except Refused as refused:
                self.refused = refused
        elif do == "remove":
            self.form.remove(key)
        else:
            self.form.move(key, 1 if do == "down" else -1)

    def save(self) -> None:
        unread: Refused | None = None
        try:
            data = self.form.data()
        except Refused as error:
            unread, data = error, self.form.readable(self.proposal.changes)
        self.proposal = self._again(
            actions.save_draft(
                self.proposal, data, actor=self.request.person, text_version=self.form.text_version
            )
        )
        self.form.text_version = self.proposal.text_version
        if unread is not None:
            self.saved_in_part = True
            raise unread
        self.saved = True

    def propose(self) -> HttpResponse:
        actions.propose(self.proposal, actor=self.request.person)
        messages.success(self.request, _("Proposed. Everybody who is asked gets an e-mail."))
        return self.leave(
            reverse("governance:proposal", args=[self.request.organization.slug, self.proposal.pk])
        )

    def amend(self) -> HttpResponse:
        data = self.form.data()
        actions.amend(self.proposal, data, actor=self.request.person, text_version=self.form.text_version)
        messages.success(self.request, _("Amended. Everybody is asked again."))
        return self.leave(
            reverse("governance:proposal", args=[self.request.organization.slug, self.proposal.pk])
        )

    def offer(self) -> HttpResponse:
        objection = actions.offer_amendment(self.proposal, actor=self.request.person).objection
        messages.success(
            self.request, _("It stands beside the proposal. The proposer takes it over or argues.")
        )
        address = reverse("governance:proposal", args=[self.request.organization.slug, objection.proposal_id])
        return self.leave(f"{address}#objection-{objection.pk}")

    def discard(self) -> HttpResponse:
        try:
            actions.discard_draft(self.proposal, actor=self.request.person)
        except Refused as refused:
            messages.error(self.request, str(refused))
            return self.leave(self.request.path)
        messages.success(self.request, _("The draft is gone."))
        return self.leave(reverse("governance:awaiting", args=[self.request.organization.slug]))

    def leave(self, address: str) -> HttpResponse:
        return HttpResponseClientRedirect(address) if self.request.htmx else redirect(address)

    def _again(self, proposal: Proposal) -> Proposal:
        """The proposal as it was written, with what was read with it before."""
        for name in ("circle", "proposer", "from_tension", "decision", "organization"):
            setattr(proposal, name, getattr(self.proposal, name))
        return proposal

    # -- showing --------------------------------------------------------------------------------------------------

    def page(self) -> HttpResponse:
        return self.answer("governance/proposal_edit.html")

    def answer(self, template: str) -> HttpResponse:
        # A refusal is an answer like any other to htmx, which shows nothing else
        failed = self.refused is not None and not self.request.htmx
        return render(self.request, template, self.context(), status=422 if failed else 200)

    def context(self) -> dict[str, Any]:
        proposal = self.proposal
        structure = Structure.of(proposal.organization_id)
        if not hasattr(self, "form"):
            self.form = DraftForm.of(proposal, structure)
        ahead = look_ahead(proposal, self.form)
        circle_id = proposal.circle_id
        prefetch_seats(structure, [circle_id])
        roles = structure.inside(circle_id)
        policies = structure.lines(PolicyRow, circle_id)
        self.domains = _domains(structure, circle_id, roles)
        self.grants = grant_choices(structure, circle_id)
        fields = {name: ahead.at(name) if self.tried else [] for name in (*TEXTS, "role")}
        if proposal.beside is not None and proposal.beside.is_standing:
            # The proposer's own words stand there to be read
            fields = {"how_helped": fields["how_helped"]}
        if self.refused is not None and self.refused.field in fields and self.stale is None:
            fields[self.refused.field] = [Obstacle(self.refused)]
        return {
            "proposal": proposal,
            "circle": proposal.circle,
            "form": self.form,
            "blocks": [self.shown(b, structure, ahead) for b in self.form.blocks],
            "ahead": ahead,
            "at": fields,
            "spoken_for": spoken_for(structure, circle_id, self.request.person.pk),
            "amending": self.amending,
            "tried": self.tried,
            "saved": self.saved,
            "saved_in_part": self.saved_in_part,
            "refused": self.refused,
            # What is not filled in yet is listed; it is refused once somebody tries to propose
            "said": self.tried or not isinstance(self.refused, Malformed),
            "stale": self.stale,
            "proposed_meanwhile": self.proposed_meanwhile,
            "stood": "amend" if self.amending else "draft",
            "conflicts": any(isinstance(o.refused, Conflict) for o in ahead.obstacles),
            "both": self.both(self.stale) if self.stale is not None else [],
            "choices": _choices(roles, policies, structure.linked_into(circle_id)),
            "domains": self.domains,
            "role_names": roles_to_write(proposal.organization_id)
            if any(b.is_policy and b.has_fields for b in self.form.blocks)
            else [],
            "kinds": [(key, words, clause) for key, (words, clause) in POLICY_KINDS.items()],
            "is_draft": proposal.state == State.DRAFT,
            "beside": proposal.beside if proposal.beside and proposal.beside.is_standing else None,
            "to_resolve": self.to_resolve(),
        }

    def to_resolve(self) -> list[Objection]:
        """The objections that the text is being amended for: all that stand, or the one this draft is to resolve."""
        proposal = self.proposal
        if proposal.beside_id is not None:
            found = Objection.objects.filter(pk=proposal.beside_id)
        else:
            found = proposal.objections.filter(state__in=Objection.STANDING)
        shown = list(found.select_related("objector", "role", "proposal__proposer").order_by("raised_at"))
        for one in shown:
            one.proposal.organization = self.request.organization
        return shown

    def shown(self, block: Block, structure: Structure, ahead: Any) -> dict[str, Any]:
        """A block with what its part of the page shows beside the fields."""
        subject: RoleRow | PolicyRow | None = None
        name = block.values.get("name") or block.values.get("title") or ""
        if block.is_role and block.kind != "add_role":
            subject = structure.get(RoleRow, block.target)
            name = subject.shown_name if subject else ""
        elif block.is_policy and block.kind != "add_policy":
            subject = structure.get(PolicyRow, block.target)
            name = subject.title if subject else ""
        elif block.is_move:
            target = block.target or None
            subject = structure.get(RoleRow, target) if block.moves_role else structure.get(PolicyRow, target)
        fixed = None
        if isinstance(subject, RoleRow) and subject.kind != ORDINARY:
            fixed = CONSTITUTIONAL_ROLES[subject.kind]
        sentence = ""
        if not block.is_known and block.change is not None:
            sentence = parse_changes([block.change])[0].sentence(NameBook(self.proposal.organization))
        home = self.proposal.circle
        # A draft outlives its circle, and its words are read still
        gone = RoleRow(home.pk, home.circle_id, home.kind, home.name, home.purpose)
        circle = structure.get(RoleRow, home.pk) or gone
        effects = []
        if block.is_policy and block.has_fields:
            inside = structure.ordinary_inside(circle.id)
            effects = shown_effects(
                block.values["effect"], inside, prefix=f"{block.key}-", anchor=circle.circle is None
            )
        return {
            "block": block,
            "subject": subject,
            "name": name,
            "fixed": fixed,
            "linked": subject if isinstance(subject, RoleRow) and block.base.get("by") else None,
            "sentence": sentence,
            "effects": effects,
            "move": Move.of(block, subject, structure, circle) if block.is_move else None,
            "obstacles": [
                o for o in ahead.at(block.key) if self.tried or not _is_unfinished(block, o.refused)
            ],
            "fresh": block is self.fresh,
            "lines": [
                {
                    "name": f"{block.key}-{field}",
                    "items": block.lines.get(field, []),
                    "legend": legend,
                    "singular": singular,
                    "hint": hint,
                    "grants": self.grants if field == "domains" else [],
                }
                for field, legend, singular, hint in (
                    ("domains", _("Domains"), _("Domain"), ""),
                    (
                        "accountabilities",
                        _("Accountabilities"),
                        _("Accountability"),
                        _("Begin with a verb in -ing: an ongoing activity."),
                    ),
                )
            ],
        }

    def both(self, stale: Proposal) -> list[dict[str, Any]]:
        """Where the words typed here and those saved elsewhere differ: field, ours, theirs."""
        labels = {
            "title": _("Title"),
            "tension": _("The tension"),
            "example": _("An example"),
            "how_helped": _("How this would have helped"),
        }
        differing = [
            {"label": labels[name], "ours": self.form.texts[name], "theirs": getattr(stale, name)}
            for name in TEXTS
            if " ".join(self.form.texts[name].split()) != " ".join(getattr(stale, name).split())
        ]
        if self.form.changes != stale.changes:
            differing.append(
                {
                    "label": _("What should change"),
                    "ours_changes": look_ahead(self.proposal, self.form).subjects,
                    "theirs_changes": look_ahead(
                        stale, DraftForm.of(stale, Structure.of(stale.organization_id))
                    ).subjects,
                }
            )
        return differing


def _is_unfinished(block: Block, refused: Refused) -> bool:
    """Whether what refuses a change is that something of it has not been filled in yet."""
    return isinstance(refused, Malformed) or (
        block.is_policy and refused.field == "kinds" and not block.values.get("kinds")
    )


# More circles than these are not listed to choose from: one writes which it is
MANY_TARGETS = 200


@dataclass(frozen=True)
class Move:
    """What a move's block shows: where the subject lies, where it may go, and how its domains are granted there.

    ``targets`` are listed circle by circle, each with what indents it by its depth; there are none where there are
    too many to list, or nothing is chosen to be moved yet. ``down`` is None until it is clear whether the move goes
    into a sub-circle or out of one.
    """

    lies: RoleRow | None
    targets: list[tuple[RoleRow, str]]
    written: str
    down: bool | None
    domains: list[dict[str, Any]]

    @classmethod
    def of(cls, block: Block, subject: Any, structure: Structure, circle: RoleRow) -> Move:
        lies = structure.get(RoleRow, block.base.get("from")) if subject is not None else None
        found = move_targets(structure, circle.id, subject) if subject is not None else []
        target = structure.get(RoleRow, block.change["circle"]) if block.change is not None else None
        if target is not None and found and target not in found:
            found = [*found, target]  # not allowed, and said so below: what was chosen stays to be seen
        grants = moved_choices(structure, target.id if target is not None else None)
        rows = structure.lines(DomainRow, subject.id) if isinstance(subject, RoleRow) else []
        chosen = block.values.get("domains") or {}
        return cls(
            lies,
            _by_circle(found) if len(found) <= MANY_TARGETS else [],
            role_as_written(target) if target is not None else str(block.values.get("circle", "")),
            lies.id == circle.id if lies is not None else None,
            [{"id": d.id, "text": d.text, "grant": chosen.get(d.id, ""), "grants": grants} for d in rows],
        )


def _by_circle(found: list[RoleRow]) -> list[tuple[RoleRow, str]]:
    """Roles by name, each followed by those inside it, with what indents it."""
    listed = {role.id for role in found}
    inside: dict[str | None, list[RoleRow]] = {}
    for role in sorted(found, key=lambda r: (r.shown_name.casefold(), r.id), reverse=True):
        inside.setdefault(role.circle if role.circle in listed else None, []).append(role)
    result = []
    waiting = [(role, 0) for role in inside.get(None, ())]
    while waiting:
        role, depth = waiting.pop()
        result.append((role, "\u2003" * depth))
        waiting += [(inner, depth + 1) for inner in inside.get(role.id, ())]
    return result


def _choices(
    roles: list[RoleRow], policies: list[PolicyRow], linked: list[RoleRow]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be added to the list of changes: (group, [(value, words)]). Only what a proposal may carry (§5.2)."""

    def label(kind: str) -> str:
        return str(CATALOGUE[kind].label)

    ordinary = [r for r in roles if r.kind == ORDINARY]
    core = [r for r in roles if r.kind != ORDINARY]
    return [
        (_("New"), [("add_role", label("add_role")), ("add_policy", label("add_policy"))]),
        (label("amend_role"), [(f"amend_role:{r.id}", r.shown_name) for r in (*ordinary, *core)]),
        (_("Add to a role that links into this circle"), [(f"amend_role:{r.id}", r.name) for r in linked]),
        (label("remove_role"), [(f"remove_role:{r.id}", r.shown_name) for r in ordinary]),
        (label("amend_policy"), [(f"amend_policy:{p.id}", p.title) for p in policies]),
        (label("remove_policy"), [(f"remove_policy:{p.id}", p.title) for p in policies]),
        (
            _("Move into a circle inside"),
            [(f"move_role:{r.id}", r.name) for r in ordinary]
            + [(f"move_policy:{p.id}", p.title) for p in policies],
        ),
        (
            _("Move out of a circle inside, into this one"),
            [("move_role", _("A role …")), ("move_policy", _("A policy …"))] if ordinary else [],
        ),
    ]


def _domains(structure: Structure, circle_id: str, roles: list[RoleRow]) -> list[tuple[str, str]]:
    """The domains a policy of this circle may be about (§1.3.2): the circle's own, and those of its roles."""
    names = {circle_id: "", **{r.id: r.shown_name for r in roles}}
    rows = structure.find(DomainRow, "role", list(names))
    shown = [(d.id, f"{d.text} ({names[d.role]})" if names[d.role] else d.text) for d in rows]
    return sorted(shown, key=lambda d: d[1].casefold())
