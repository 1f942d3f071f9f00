"""The pages of roles, circles and policies. Every role has one page; it is a circle's once a role lies inside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from announcements import queries as announcements
from circles import queries, relations
from circles.access import get_assignment, get_policy, get_role
from circles.constitution import CIRCLE_LEAD, CIRCLE_REP, FACILITATOR, POLICY_KINDS, SECRETARY
from circles.effects import ASSIGNMENTS, PRIORITIES, STRATEGIES, describe_effect, named_roles
from circles.forms import AssignForm, add_refusal
from circles.models import Assignment, Policy, Role
from circles.structure import TABLES, AssignmentRow, MemorySource, PolicyRow, RoleRow, RowChange, Structure
from governance import queries as governance
from governance.actions.assignments import assign_role, unassign_role
from governance.actions.assignments import resign as resign_from
from governance.calendar import calendar_of, calendar_words
from governance.facilitation import acting
from governance.names import NameBook
from governance.rules.places import leads_of_function
from meetings.queries import of_circle as meetings_of_circle
from people.access import OrganizationRequest, in_organization
from people.ids import derived_id
from people.models import Organization
from people.refusals import Refused

HISTORY_SHOWN = 5
ROLES_SHOWN = 15
PER_PAGE = 20


def at_its_address(request: OrganizationRequest, ref: str) -> HttpResponse | None:
    """Return a redirect where the readable part of an address is not (or no longer) ``ref``, else None.

    Browsers are told to ask again: a name may come back.
    """
    match = request.resolver_match
    if match is None or match.kwargs["ref"] == ref:
        return None
    address = reverse(match.view_name, args=[request.organization.slug, ref])
    query = request.GET.urlencode()
    response = redirect(f"{address}?{query}" if query else address, permanent=True)
    response["Cache-Control"] = "no-cache"
    return response


# -- roles and circles -------------------------------------------------------------------------------------------


class Page:
    """What the pages of one role or circle share: the role, where it lies, and what the reader is to it."""

    def __init__(self, request: OrganizationRequest, role: Role) -> None:
        self.request, self.role = request, role
        self.structure = Structure.of(request.organization.id)
        queries.prefetch_page(self.structure, request.organization, role.pk)
        self.path = self.structure.path(role.pk)
        self.row = self.path[0]
        self.holder = self.path[1] if len(self.path) > 1 else None
        self.is_circle = self.structure.is_circle(self.row.id)
        reader = request.person.id
        self.leads = self.structure.role_leads(self.row.id)
        self.reader_leads = reader in self.leads
        assigning, self.assigning_policy = leads_of_function(
            self.structure, self.holder.id if self.holder else self.row.id, ASSIGNMENTS
        )
        self.reader_assigns = reader in assigning

    def context(self, tab: str = "overview") -> dict[str, Any]:
        organization = self.request.organization
        own, inherited = queries.policies_in_force(self.structure, self.row, within=self.is_circle)
        names = names_in(organization, [*own, *(f.row for f in inherited)])
        beside = relations.on_the_same_domain(self.structure, own)
        self.policies = [shown_policy(p, self.row, names) | {"beside": beside.get(p.id)} for p in own]
        context: dict[str, Any] = {
            "role": self.row,
            "holder": self.holder,
            "crumbs": list(reversed(self.path[1:])),
            "is_circle": self.is_circle,
            "definition": queries.definition(self.structure, self.row),
            "policies": self.policies,
            "inherited_policies": [shown_policy(f.row, f.holder, names) for f in inherited],
            "reader_leads": self.reader_leads,
            "can_assign": self.reader_assigns and not self.row.is_constitutional,
            "tab": tab,
        }
        if self.is_circle:
            self.lines = queries.roles_inside(self.structure, organization, self.row.id)
            self.members = queries.circle_members(self.structure, organization, self.row.id)
            context |= {
                "lines": self.lines,
                "members": self.members,
                "reader_is_member": any(m.person.pk == self.request.person.pk for m in self.members),
                "tabs": self.tabs(tab),
            }
        elif self.holder is not None:
            context["reader_is_member"] = self.request.person.id in self.structure.members(self.holder.id)
        return context

    def tabs(self, tab: str) -> list[dict[str, Any]]:
        """The pages of a circle, for its tabs."""
        ways = (
            ("overview", "circles:role", _("Overview"), None),
            ("roles", "circles:roles", _("Roles"), len(self.lines)),
            ("policies", "circles:policies", _("Policies"), len(self.policies)),
            ("members", "circles:members", _("Members"), len(self.members)),
            ("meetings", "circles:meetings", _("Meetings"), None),
            ("history", "circles:history", _("History"), None),
        )
        slug = self.request.organization.slug
        return [
            {
                "label": words,
                "url": reverse(view, args=[slug, self.row.ref]),
                "count": count,
                "current": key == tab,
            }
            for key, view, words, count in ways
        ]


def names_in(organization: Organization, policies: Sequence[PolicyRow | Policy]) -> NameBook:
    """The names of the roles that the effects of these policies speak of."""
    names = NameBook(organization)
    names.learn(roles=named_roles(p.effect for p in policies))
    return names


def shown_policy(policy: PolicyRow, holder: RoleRow, names: NameBook) -> dict[str, Any]:
    """A policy as lists show it: title, text, kinds and effect in words, reach, and the role that holds it."""
    return {
        "policy": policy,
        "holder": holder,
        "kinds": kinds_in_words(policy.kinds),
        "effect": describe_effect(policy.effect, names.role) if policy.effect else "",
    }


def kinds_in_words(kinds: Iterable[str]) -> list[dict[str, str]]:
    """The kinds of a policy as people read them, each with its clause (§5.2.1)."""
    return [
        {"words": str(POLICY_KINDS[k][0]), "clause": POLICY_KINDS[k][1]} for k in kinds if k in POLICY_KINDS
    ]


@require_safe
@in_organization
def role(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """The page of a role, present or removed; of a circle, its overview."""
    found = get_role(request.person, ref)
    elsewhere = at_its_address(request, found.ref)
    if elsewhere is not None:
        return elsewhere
    if not found.present:
        return _removed_role(request, found)
    page = Page(request, found)
    return _circle(request, page) if page.is_circle else _role(request, page)


def _role(request: OrganizationRequest, page: Page) -> HttpResponse:
    organization = request.organization
    filled = queries.fillings(page.structure, organization, [page.row.id])[page.row.id]
    if page.row.kind == CIRCLE_LEAD and page.holder is not None:
        filled = queries.core_roles(page.structure, organization, page.holder.id)[0].fillings
    leads = queries.people_named(organization, page.leads - {f.person.pk for f in filled})
    began = governance.began(organization, "assignment", [f.id for f in filled])
    open_here = list(governance.open_proposals([page.holder.id if page.holder else page.row.id]))
    found = list(
        governance.decisions(organization).filter(governance.touching_role(page.role))[: HISTORY_SHOWN + 1]
    )
    context = page.context() | {
        "filled": [{"filling": f, "began": began.get(f.id)} for f in filled],
        "further_leads": sorted(leads.values(), key=lambda p: p.name.casefold()),
        "surrogates": _surrogates(request, page, page.holder, page.row.kind) if not filled else None,
        "proposals": [p for p in open_here if governance.touches(p, page.row.id)],
        "entries": governance.entries_of_role(page.role, found[:HISTORY_SHOWN]),
        "more_history": len(found) > HISTORY_SHOWN,
        "announced": announcements.rows(announcements.of_role(page.row.id)[:HISTORY_SHOWN]),
    }
    return render(request, "circles/role.html", context | _relations(page))


def _relations(page: Page) -> dict[str, Any]:
    """Where a role links, and where references from outside go (§1.3.4, §1.4.4)."""
    away, here = relations.routes_of(page.structure, page.row.id)
    return {
        "links": relations.links_of(page.structure, page.row.id),
        "leads_links": page.reader_leads and not page.row.is_constitutional and page.holder is not None,
        "routed_away": away,
        "routed_here": here,
    }


def _first(request: OrganizationRequest, page: Page) -> dict[str, Any]:
    """What comes first in a circle, and whether the reader sets it (§1.4.3)."""
    reader, circle = request.person.id, page.row.id
    first = relations.priorities(page.structure, circle)
    circles = page.structure.circles_among([r.id for r in first])
    return {
        "strategies": relations.strategies(page.structure, circle),
        "priorities": [(r, r.id in circles) for r in first],
        "sets_strategies": reader in leads_of_function(page.structure, circle, STRATEGIES)[0],
        "sets_priorities": reader in leads_of_function(page.structure, circle, PRIORITIES)[0],
        "linked_roles": relations.linked_into(page.structure, circle),
        "leads_circle": reader in page.leads,
        "routes": relations.routes_in(page.structure, circle),
    }


def _circle(request: OrganizationRequest, page: Page) -> HttpResponse:
    organization = request.organization
    core = queries.core_roles(page.structure, organization, page.row.id)
    above = [page.holder.id] if page.holder else []
    proposals = list(governance.open_proposals([page.row.id, *above]))
    found = governance.decisions(organization).filter(governance.touching_circle(page.role))[:HISTORY_SHOWN]
    context = page.context() | {
        "core": _with_surrogates(request, page, core),
        "open_proposals": [p for p in proposals if p.circle_id == page.row.id],
        "proposals": [p for p in proposals if p.circle_id in above and governance.touches(p, page.row.id)],
        "touched": {
            line.role.id for line in page.lines for p in proposals if governance.touches(p, line.role.id)
        },
        "entries": governance.entries(organization, found),
        "shown_lines": page.lines[:ROLES_SHOWN],
        "more_lines": len(page.lines) > ROLES_SHOWN,
        "announced": announcements.rows(announcements.of_role(page.row.id)[:HISTORY_SHOWN]),
    }
    return render(request, "circles/circle.html", context | _first(request, page) | _relations(page))


def _surrogates(
    request: OrganizationRequest, page: Page, circle: RoleRow | None, kind: str
) -> dict[str, Any] | None:
    """Who acts while a circle's facilitator or secretary role is empty (§5.3.6), and by which line of the clause."""
    if circle is None or kind not in (FACILITATOR, SECRETARY):
        return None
    found = acting(page.structure, circle.id, kind)
    people = queries.people_named(request.organization, found.people)
    return {"people": sorted(people.values(), key=lambda p: p.name.casefold()), "why": found.why}


def _with_surrogates(
    request: OrganizationRequest, page: Page, core: list[queries.CoreRole]
) -> list[dict[str, Any]]:
    """A circle's core roles, the empty ones with who acts meanwhile."""
    return [
        {"core": c, "surrogates": None if c.fillings else _surrogates(request, page, page.row, c.role.kind)}
        for c in core
    ]


def _removed_role(request: OrganizationRequest, found: Role) -> HttpResponse:
    """A role that has gone, as it last stood, with the decision that removed it."""
    organization = request.organization
    until = found.until or 0
    rows = governance.rows_until(organization, found.pk, until)
    structure = Structure(MemorySource(TABLES[table].load(data) for table, data in rows))
    row = structure.get(RoleRow, found.pk) or RoleRow(
        found.pk, found.circle_id, found.kind, found.name, found.purpose
    )
    own, _inherited = queries.policies_in_force(structure, row, within=False)
    decision = governance.decisions(organization).filter(number=until).first()
    history = list(
        governance.decisions(organization).filter(governance.touching_role(found))[: HISTORY_SHOWN + 1]
    )
    context = {
        "role": row,
        "holder": found.circle,
        "crumbs": [found.circle] if found.circle else [],
        "removed": True,
        "decision": decision,
        "definition": queries.definition(structure, row),
        "policies": [shown_policy(p, row, names_in(organization, own)) for p in own],
        "filled": [
            {"filling": f, "began": None} for f in queries.fillings(structure, organization, [row.id])[row.id]
        ],
        "gone_with_it": list(
            Role.objects.filter(circle=found, until=until, kind=Role.Kind.ORDINARY).order_by("name", "pk")
        ),
        "entries": governance.entries_of_role(found, history[:HISTORY_SHOWN]),
        "more_history": len(history) > HISTORY_SHOWN,
    }
    return render(request, "circles/role.html", context)


def _tab(request: OrganizationRequest, ref: str, tab: str) -> HttpResponseBase | tuple[Page, dict[str, Any]]:
    """What a tab of a circle needs; a redirect where the role is no circle (any more) or the address is old."""
    found = get_role(request.person, ref)
    elsewhere = at_its_address(request, found.ref)
    if elsewhere is not None:
        return elsewhere
    page = Page(request, found) if found.present else None
    if page is None or not page.is_circle:
        return redirect("circles:role", request.organization.slug, found.ref)
    return page, page.context(tab)


@require_safe
@in_organization
def roles(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """Every role of a circle, with its accountabilities and who fills it."""
    tab = _tab(request, ref, "roles")
    if not isinstance(tab, tuple):
        return tab
    page, context = tab
    ids = [line.role.id for line in page.lines]
    definitions = queries.definitions(page.structure, ids)
    core = queries.core_roles(page.structure, request.organization, page.row.id)
    proposals = list(governance.open_proposals([page.row.id]))
    context |= {
        "detailed": [{"line": line, "definition": definitions[line.role.id]} for line in page.lines],
        "core": _with_surrogates(request, page, core),
        "touched": {i for i in ids for p in proposals if governance.touches(p, i)},
    }
    return render(request, "circles/roles.html", context)


@require_safe
@in_organization
def policies(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """The policies of a circle, and those of circles above that apply in it."""
    tab = _tab(request, ref, "policies")
    if not isinstance(tab, tuple):
        return tab
    words = calendar_words(calendar_of(tab[0].structure, tab[0].row.id))
    return render(request, "circles/policies.html", tab[1] | {"calendar_words": words})


@require_safe
@in_organization
def members(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """The circle members, and why each is one (§5.1)."""
    tab = _tab(request, ref, "members")
    if not isinstance(tab, tuple):
        return tab
    page, context = tab
    left_out = queries.left_out(page.structure, request.organization, page.row.id)
    return render(request, "circles/members.html", context | {"left_out": left_out})


@require_safe
@in_organization
def meetings(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """The meetings of a circle: those to come, and the minutes of those that were."""
    tab = _tab(request, ref, "meetings")
    if not isinstance(tab, tuple):
        return tab
    shown = Paginator(meetings_of_circle(tab[0].role), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "circles/meetings.html", tab[1] | {"page": shown, "meetings": shown})


@require_safe
@in_organization
def history(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """Every decision about a role or circle, newest first, page by page."""
    found = get_role(request.person, ref)
    elsewhere = at_its_address(request, found.ref)
    if elsewhere is not None:
        return elsewhere
    page = Page(request, found) if found.present else None
    is_circle = page is not None and page.is_circle
    chosen = governance.touching_circle(found) if is_circle else governance.touching_role(found)
    decisions = governance.decisions(request.organization).filter(chosen)
    shown = Paginator(decisions, PER_PAGE).get_page(request.GET.get("page"))
    read = (
        governance.entries(request.organization, shown)
        if is_circle
        else governance.entries_of_role(found, shown)
    )
    gone = {
        "role": found,
        "holder": found.circle,
        "crumbs": [found.circle] if found.circle else [],
        "removed": True,
    }
    context = page.context("history") if page else gone
    return render(
        request, "circles/history.html", context | {"page": shown, "entries": read, "is_circle": is_circle}
    )


# -- who fills a role --------------------------------------------------------------------------------------------


def ends_rep(circle_id: str, changes: Iterable[RowChange]) -> bool:
    """Tell whether a seat as circle rep of a circle ended by what was changed (§5.1.1)."""
    rep = derived_id(circle_id, CIRCLE_REP)
    return any(
        isinstance(change.before, AssignmentRow) and change.after is None and change.before.role == rep
        for change in changes
    )


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def assign(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """Assign somebody to a role, with a focus (§1.4.1): for circle leads."""
    found = get_role(request.person, ref)
    if not found.present:
        raise Http404
    form = AssignForm(request.POST or None, organization=request.organization)
    if request.method == "POST" and form.is_valid():
        person = form.cleaned_data["person"]
        person.organization = request.organization
        try:
            done = assign_role(found, person, actor=request.person, focus=form.cleaned_data["focus"])
        except Refused as refused:
            add_refusal(form, refused)
        else:
            words = {"person": person.name, "role": found.shown_name}
            if ends_rep(found.pk, done.row_changes):
                said = _(
                    "%(person)s fills %(role)s now, and is its circle rep no longer: nobody is both (§5.1.1)."
                )
            else:
                said = _("%(person)s fills %(role)s now.")
            messages.success(request, said % words)
            return redirect("circles:role", request.organization.slug, found.ref)
    elif request.method != "POST":
        elsewhere = at_its_address(request, found.ref)
        if elsewhere is not None:
            return elsewhere
    page = Page(request, found)
    filled = queries.fillings(page.structure, request.organization, [found.pk])[found.pk]
    context = {
        "role": page.row,
        "holder": page.holder,
        "crumbs": list(reversed(page.path)),
        "form": form,
        "filled": filled,
        "can_assign": page.reader_assigns,
        "assigning_policy": page.assigning_policy,
    }
    return render(request, "circles/assign.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def unassign(request: OrganizationRequest, assignment: str) -> HttpResponseBase:
    """End somebody's assignment (§1.4.1): for circle leads, after asking once."""
    return _end(request, get_assignment(request.person, assignment), resigning=False)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def resign(request: OrganizationRequest, assignment: str) -> HttpResponseBase:
    """Resign from a role of one's own (§1.4.1), after asking once."""
    return _end(request, get_assignment(request.person, assignment), resigning=True)


def _end(request: OrganizationRequest, assignment: Assignment, *, resigning: bool) -> HttpResponse:
    refused: Refused | None = None
    if request.method == "POST":
        try:
            if resigning:
                resign_from(assignment, actor=request.person)
            else:
                unassign_role(assignment, actor=request.person)
        except Refused as reason:
            refused = reason
        else:
            words = {"person": assignment.person.name, "role": assignment.role.shown_name}
            messages.success(
                request,
                (
                    _("You no longer fill %(role)s.")
                    if resigning
                    else _("%(person)s no longer fills %(role)s.")
                )
                % words,
            )
            return redirect("circles:role", request.organization.slug, assignment.role.ref)
    context = {
        "assignment": assignment,
        "role": assignment.role,
        "crumbs": [r for r in (assignment.role.circle, assignment.role) if r],
        "resigning": resigning,
        "refused": refused,
        "clause": getattr(refused, "clause", ""),
        "is_rep": assignment.role.kind == CIRCLE_REP,
    }
    return render(request, "circles/end.html", context, status=422 if refused else 200)


# -- policies ----------------------------------------------------------------------------------------------------


@require_safe
@in_organization
def policy(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """The page of a policy: its text, its kinds, what it does by itself, how far it reaches, and its history."""
    found = get_policy(request.person, ref)
    elsewhere = at_its_address(request, found.ref)
    if elsewhere is not None:
        return elsewhere
    organization = request.organization
    decisions = list(governance.decisions(organization).filter(governance.touching_policy(found))[:PER_PAGE])
    proposals = governance.open_proposals([found.role_id]) if found.present else []
    context = {
        "policy": found,
        "holder": found.role,
        "crumbs": [r for r in (found.role.circle, found.role) if r],
        "kinds": kinds_in_words(found.kinds),
        "effect": describe_effect(found.effect, names_in(organization, [found]).role) if found.effect else "",
        "beside": _beside(found) if found.present else None,
        "circles_inside": _circles_inside(found) if found.present and found.inside else [],
        "removed_by": next((d for d in decisions if d.number == found.until), None),
        "proposals": [p for p in proposals if governance.touches(p, found.pk)],
        "entries": _about_policy(governance.entries(organization, decisions), found),
    }
    return render(request, "circles/policy.html", context)


def _about_policy(entries: list[governance.Entry], policy: Policy) -> list[governance.Entry]:
    """Leave out of each entry what it did to anything else."""
    for entry in entries:
        entry.subjects = [subject for subject in entry.subjects if subject.id == policy.pk]
    return entries


def _beside(policy: Policy) -> relations.OnDomain | None:
    """The other policies on the domain that a policy is about, as far as one goes before the other (§1.3.2)."""
    structure = Structure.of(policy.organization_id)
    row = structure.get(PolicyRow, policy.pk)
    return relations.on_the_same_domain(structure, [row]).get(policy.pk) if row is not None else None


def _circles_inside(policy: Policy) -> list[RoleRow]:
    """The circles directly inside the one that holds a policy; it applies in those further down as well."""
    structure = Structure.of(policy.organization_id)
    roles = structure.ordinary_inside(policy.role_id)
    circles = structure.circles_among([r.id for r in roles])
    return [r for r in roles if r.id in circles]
