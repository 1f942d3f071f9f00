"""Editing the structure directly: what admins do to set up and to repair, on the record as what it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from circles.constitution import CONSTITUTIONAL_ROLES, ELECTED_KINDS
from circles.effect_form import (
    ShownEffect,
    effect_data,
    role_as_written,
    role_written,
    shown_effects,
    typed_of,
)
from circles.models import LINE_LENGTH, Assignment, Policy, Role
from circles.structure import AccountabilityRow, DomainRow, RoleRow, Structure
from governance.changes import (
    AddPolicy,
    AddRole,
    AmendPolicy,
    AmendRole,
    Assign,
    Change,
    Edit,
    LineEdit,
    MoveRole,
    NewLine,
    RemovePolicy,
    RemoveRole,
    Unassign,
)
from governance.changes.base import clean, identifier
from governance.changes.policies import FIELDS, plain
from governance.grants import chosen, grant_choices, granted, moved_choices, restated
from people.access import OrganizationRequest, in_organization_as_admin, ref_id
from people.forms import AssignForm, MoveForm, PolicyForm, ReasonForm, RoleForm, put_into
from people.ids import is_id, new_id
from people.models import Organization, Person
from people.refusals import Malformed
from people.views.acts import carry_out
from people.views.tree import places_for, read_tree

PEOPLE_SHOWN = 60
LINE_FIELDS = ("accountabilities", "domains")


# -- finding ------------------------------------------------------------------------------------------------------


def _role(request: OrganizationRequest, ref: str) -> Role:
    role = (
        Role.objects.present()
        .select_related("circle")
        .filter(organization=request.organization, pk=ref_id(ref))
        .first()
    )
    if role is None:
        raise Http404
    return role


def _policy(request: OrganizationRequest, policy_id: str) -> Policy:
    policy = (
        Policy.objects.present()
        .select_related("role__circle")
        .filter(organization=request.organization, pk=policy_id)
        .first()
    )
    if policy is None:
        raise Http404
    return policy


def _address(request: OrganizationRequest, view: str, *args: str) -> str:
    return reverse(f"people:{view}", args=[request.organization.slug, *args])


def _tree_at(request: OrganizationRequest, circle: str | None) -> str:
    """The structure page, at the circle that was worked on."""
    return f"{_address(request, 'structure_edit')}{f'#role-{circle}' if circle else ''}"


# -- the tree -----------------------------------------------------------------------------------------------------


@in_organization_as_admin
@require_GET
def structure_edit(request: OrganizationRequest) -> HttpResponse:
    """The role tree, with people beside it who can be dragged into roles; every act has a form as well."""
    tree = read_tree(request.organization, request.GET.get("circle") or None)
    if tree is None:
        raise Http404
    wanted = request.GET.get("q", "").strip()[:100]
    people = Person.objects.present().filter(organization=request.organization)
    if wanted:
        people = people.filter(Q(name__icontains=wanted) | Q(email__icontains=wanted))
    found = list(people.order_by("name", "pk")[: PEOPLE_SHOWN + 1])
    return render(
        request,
        "people/structure.html",
        {
            "tree": tree,
            "people": found[:PEOPLE_SHOWN],
            "more_people": len(found) > PEOPLE_SHOWN,
            "wanted": wanted,
            "adopted": request.organization.is_set_up,
            "tab": "structure",
        },
    )


# -- roles --------------------------------------------------------------------------------------------------------


def _drafted(text: str) -> dict[str, Any]:
    """What stood there when a form was opened, as the form carried it along."""
    try:
        data = json.loads(text or "{}")
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise Malformed(_("This form is damaged. Open the page anew."))
    return data


def _sent_lines(data: QueryDict, name: str, drafted: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The lines of a list as they were sent: identifier (empty: new), text, and how a domain is granted."""
    ids, texts = data.getlist(f"{name}-id"), data.getlist(f"{name}-text")
    # Where the circle has nothing to choose from, nothing was asked and nothing changes
    grants = data.getlist(f"{name}-within") or [_strings(drafted, "within").get(i, "") for i in ids]
    if not len(ids) == len(texts) == len(grants):
        raise Malformed(_("This form is damaged. Open the page anew."))
    return list(zip(ids, texts, grants, strict=True))


def _strings(drafted: dict[str, Any], name: str) -> dict[str, str]:
    found = drafted.get(name)
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _line_edits(data: QueryDict, name: str, drafted: dict[str, Any]) -> tuple[LineEdit, ...]:
    base, lay = _strings(drafted, name), _strings(drafted, "within")
    edits = []
    for line_id, sent, grant in _sent_lines(data, name, drafted):
        text = clean(sent, name, most=LINE_LENGTH)
        was = lay.get(line_id, "")
        if not line_id:
            if text:
                line = NewLine(new_id(), text, **(granted(grant) if name == "domains" else {}))
                edits.append(LineEdit("add", line.id, new=line))
        elif not is_id(line_id) or line_id not in base:
            raise Malformed(_("This form is damaged. Open the page anew."), field=name)
        elif not text:
            edits.append(LineEdit("remove", line_id, base[line_id]))
        elif text != base[line_id] or grant != was:
            edit = {"op": "amend", "id": line_id, "from": base[line_id], "to": text}
            edits.append(LineEdit.parse({**edit, **restated(was, grant)}, name))
    return tuple(edits)


def _shown_lines(request: OrganizationRequest, name: str, drafted: dict[str, Any]) -> list[dict[str, str]]:
    """The lines to show in the editor: as they were typed, else as they stand."""
    base, lay = _strings(drafted, name), _strings(drafted, "within")
    stands = [(i, text, lay.get(i, "")) for i, text in base.items()]
    sent = stands
    if request.method == "POST":
        with suppress(Malformed):
            sent = _sent_lines(request.POST, name, drafted)
    listed = {i for i, _text, _grant in sent}
    return [
        {"id": i, "text": text, "before": base.get(i, ""), "within": grant}
        for i, text, grant in (*sent, *(line for line in stands if line[0] not in listed))
        if i or text.strip()
    ]


def _stands(request: OrganizationRequest, role: Role) -> dict[str, Any]:
    """A role as it stands: what a form remembers it was drafted against."""
    structure = Structure.of(request.organization.id)
    # What a circle it links into has added is that circle's (§1.3.4)
    domains = [row for row in structure.lines(DomainRow, role.id) if row.by is None]
    lines = [row for row in structure.lines(AccountabilityRow, role.id) if row.by is None]
    return {
        "name": role.name,
        "purpose": role.purpose,
        "accountabilities": {row.id: row.text for row in lines},
        "domains": {row.id: row.text for row in domains},
        "within": {row.id: chosen({"within": row.within, "internal": row.internal}) for row in domains},
    }


@in_organization_as_admin
@require_http_methods(["GET", "POST"])
def structure_role(request: OrganizationRequest, ref: str) -> HttpResponse:
    """One role: its words and lines to amend, and the ways to everything else that can be done to it."""
    role = _role(request, ref)
    stands = _stands(request, role)
    form = RoleForm(
        request.POST if request.method == "POST" else None,
        adopted=request.organization.is_set_up,
        constitutional=role.is_constitutional,
        initial={"name": role.name, "purpose": role.purpose, "drafted": json.dumps(stands)},
    )

    def changes(data: dict[str, Any]) -> Sequence[Change]:
        drafted = _drafted(data["drafted"])
        edits: dict[str, Edit | None] = {"name": None, "purpose": None}
        for field, most in (("name", 120), ("purpose", 1000)):
            if field in data:
                was, to = (
                    clean(x, field, most=most, multiline=field == "purpose")
                    for x in (drafted.get(field), data[field])
                )
                edits[field] = Edit(was, to) if was != to else None
        lines = {name: _line_edits(request.POST, name, drafted) for name in LINE_FIELDS}
        change = AmendRole(
            role.id, edits["name"], edits["purpose"], lines["accountabilities"], lines["domains"]
        )
        nothing = not (change.name or change.purpose or change.accountabilities or change.domains)
        if nothing and "preview" in request.POST:
            return []
        return [change]

    def context() -> dict[str, Any]:
        drafted = stands
        if request.method == "POST":
            try:
                drafted = _drafted(form.data.get("drafted", ""))
            except Malformed:
                drafted = stands
            if form.errors:
                # Whoever saves again has been shown what stands there now, and means it
                put_into(form, "drafted", json.dumps(stands))
                drafted = stands
        fillers = (
            Assignment.objects.filter(role=role).select_related("person").order_by("person__name", "focus")
        )
        inside = Role.objects.present().filter(circle=role).order_by("kind", "name")
        return {
            "role": role,
            "title": role.shown_name,
            "lists": _lists(request, form, role.circle_id, drafted),
            "fixed": CONSTITUTIONAL_ROLES[role.kind] if role.is_constitutional else None,
            "fillers": fillers,
            "policies": Policy.objects.present().filter(role=role),
            "inside": inside,
            "leads_are_fillers": role.kind == Role.Kind.CIRCLE_LEAD,
        }

    return carry_out(
        request,
        form,
        changes,
        template="people/structure_role.html",
        done=_address(request, "structure_role", role.ref),
        said=_("“%(role)s” has been changed.") % {"role": role.shown_name},
        context=context,
    )


def _lists(
    request: OrganizationRequest, form: RoleForm, circle_id: str | None, drafted: dict[str, Any]
) -> list[dict[str, Any]]:
    """The two lists of a role in a circle, as the editor of lines takes them."""
    grants = grant_choices(Structure.of(request.organization.id), circle_id)
    words = {
        "accountabilities": (
            _("Accountabilities"),
            _("Accountability"),
            _("Ongoing activities, each beginning with a verb."),
        ),
        "domains": (_("Domains"), _("Domain"), _("What the role alone controls.")),
    }
    return [
        {
            "name": name,
            "items": _shown_lines(request, name, drafted),
            "grants": grants if name == "domains" else [],
            "legend": words[name][0],
            "singular": words[name][1],
            "hint": words[name][2],
            "errors": form.line_errors[name],
            "max_length": LINE_LENGTH,
        }
        for name in LINE_FIELDS
    ]


@in_organization_as_admin
@require_http_methods(["GET", "POST"])
def structure_add(request: OrganizationRequest, ref: str) -> HttpResponse:
    """Add a role to a circle; the first one inside a role makes that role a circle (§1.3.1)."""
    circle = _role(request, ref)
    form = RoleForm(
        request.POST if request.method == "POST" else None,
        adopted=request.organization.is_set_up,
        initial={"drafted": json.dumps({"id": new_id()})},
    )

    def changes(data: dict[str, Any]) -> Sequence[Change]:
        # The identifier comes with the form, so that sending it twice does not add two roles
        role_id = identifier(_drafted(data["drafted"]), "id")
        lines = {
            name: tuple(e.new for e in _line_edits(request.POST, name, {}) if e.new is not None)
            for name in LINE_FIELDS
        }
        name = clean(data["name"], "name", most=120)
        if not name and not data["purpose"] and not any(lines.values()) and "preview" in request.POST:
            return []
        purpose = clean(data["purpose"], "purpose", most=1000, multiline=True)
        return [AddRole(role_id, circle.id, name, purpose, lines["accountabilities"], lines["domains"])]

    def context() -> dict[str, Any]:
        return {
            "circle": circle,
            "title": _("Add a role to %(circle)s") % {"circle": circle.shown_name},
            "lists": _lists(request, form, circle.id, {}),
        }

    return carry_out(
        request,
        form,
        changes,
        template="people/structure_add.html",
        done=_tree_at(request, circle.id),
        said=_("The role has been added to %(circle)s.") % {"circle": circle.shown_name},
        context=context,
    )


@in_organization_as_admin
@require_http_methods(["GET", "POST"])
def structure_move(request: OrganizationRequest, ref: str) -> HttpResponse:
    """Move a role into another circle; ``?to=`` says which, as dragging does."""
    role = _role(request, ref)
    if role.circle is None or role.is_constitutional:
        raise Http404
    circles = places_for(request.organization, role.id)
    data: QueryDict | None = request.POST if request.method == "POST" else None
    initial = {"was": role.circle_id, "to": role.circle_id}
    if data is None and request.GET.get("to"):
        data = _sent({"to": request.GET["to"], "was": role.circle_id or ""})
    structure = Structure.of(request.organization.id)
    target = data.get("to") if data is not None else None
    form = MoveForm(
        data,
        adopted=request.organization.is_set_up,
        circles=circles,
        domains=[(row.id, row.text) for row in structure.lines(DomainRow, role.id) if row.by is None],
        grants=moved_choices(structure, target if is_id(target) else None),
        initial=initial,
    )

    def changes(cleaned: dict[str, Any]) -> Sequence[Change]:
        stated = {domain: granted(grant) for domain, grant in form.granted().items()}
        change = MoveRole(role.id, cleaned["to"], identifier(cleaned, "was"), domains=stated)
        return [] if cleaned["to"] == role.circle_id and "preview" in request.POST else [change]

    return carry_out(
        request,
        form,
        changes,
        template="people/structure_act.html",
        done=_tree_at(request, role.id),
        said=_("“%(role)s” has been moved.") % {"role": role.shown_name},
        context=lambda: {
            "role": role,
            "title": _("Move %(role)s") % {"role": role.shown_name},
            "intro": _(
                "It moves with everything inside it, and stays the same role: its page, its history, who fills it."
            ),
            "send": _("Move it"),
        },
    )


@in_organization_as_admin
@require_http_methods(["GET", "POST"])
def structure_remove(request: OrganizationRequest, ref: str) -> HttpResponse:
    """Remove a role with everything inside it."""
    role = _role(request, ref)
    if role.circle is None or role.is_constitutional:
        raise Http404
    form = _reason_form(request)
    return carry_out(
        request,
        form,
        lambda _data: [RemoveRole(role.id)],
        template="people/structure_act.html",
        done=_tree_at(request, role.circle_id),
        said=_("“%(role)s” has been removed.") % {"role": role.shown_name},
        context=lambda: {
            "role": role,
            "title": _("Remove %(role)s") % {"role": role.shown_name},
            "intro": _("Everything inside it goes with it. Its page and its history stay."),
            "send": _("Remove it"),
            "danger": True,
        },
    )


def _sent(values: dict[str, str]) -> QueryDict:
    """A form as if it had been sent with these values: what dragging has chosen."""
    data = QueryDict(mutable=True)
    data.update(values)
    return data


def _reason_form(request: OrganizationRequest) -> ReasonForm:
    """A form that is complete but for its reason: what it would do is shown from the beginning."""
    return ReasonForm(
        request.POST if request.method == "POST" else {}, adopted=request.organization.is_set_up
    )


# -- who fills roles ----------------------------------------------------------------------------------------------


@in_organization_as_admin
@require_http_methods(["GET", "POST"])
def structure_assign(request: OrganizationRequest, ref: str) -> HttpResponse:
    """Put somebody into a role, elected seats included; ``?person=`` says whom, as dragging does."""
    role = _role(request, ref)
    if role.kind == Role.Kind.CIRCLE_LEAD:
        raise Http404
    elected = role.kind in ELECTED_KINDS
    people = list(Person.objects.present().filter(organization=request.organization).order_by("name", "pk"))
    data: QueryDict | None = request.POST if request.method == "POST" else None
    if data is None and request.GET.get("person"):
        data = _sent({"person": request.GET["person"]})
    form = AssignForm(data, adopted=request.organization.is_set_up, people=people, elected=elected)

    def changes(cleaned: dict[str, Any]) -> Sequence[Change]:
        term = cleaned.get("term_ends")
        focus = clean(cleaned.get("focus"), "focus", most=200)
        return [Assign(new_id(), role.id, cleaned["person"], focus, term.isoformat() if term else None)]

    name = role.shown_name
    if role.is_constitutional and role.circle is not None:
        name = _("%(role)s of %(circle)s") % {"role": name, "circle": role.circle.shown_name}
    return carry_out(
        request,
        form,
        changes,
        template="people/structure_act.html",
        done=_tree_at(request, role.circle_id if elected else role.id),
        said=_("“%(role)s” has been assigned.") % {"role": name},
        context=lambda: {
            "role": role,
            "title": _("Assign %(role)s") % {"role": name},
            "intro": _("An election fills this seat. Set it here only to set up or to repair.")
            if elected
            else "",
            "clause": ("5.1.1" if role.kind == Role.Kind.CIRCLE_REP else "5.1.2") if elected else "",
            "send": _("Assign"),
        },
    )


@in_organization_as_admin
@require_http_methods(["GET", "POST"])
def structure_unassign(request: OrganizationRequest, assignment: str) -> HttpResponse:
    """End somebody's assignment, elected seats included."""
    found = (
        Assignment.objects.filter(organization=request.organization, pk=assignment)
        .select_related("role__circle", "person")
        .first()
    )
    if found is None:
        raise Http404
    words = {"person": found.person.name, "role": found.role.shown_name}
    change = Unassign(found.id, found.role_id, found.person_id)
    return carry_out(
        request,
        _reason_form(request),
        lambda _data: [change],
        template="people/structure_act.html",
        done=_address(request, "structure_role", found.role.ref),
        said=_("%(person)s no longer fills “%(role)s”.") % words,
        context=lambda: {
            "role": found.role,
            "title": _("End %(person)s’s assignment to %(role)s") % words,
            "send": _("End it"),
            "danger": True,
        },
    )


# -- policies -----------------------------------------------------------------------------------------------------


def _domains(request: OrganizationRequest, circle: Role) -> list[tuple[str, str]]:
    """The domains a policy of a circle can be about: its own, and those it granted to its roles (§1.3.2)."""
    structure = Structure.of(request.organization.id)
    roles = {r.id: r for r in (structure.role(circle.id), *structure.inside(circle.id))}
    rows = sorted(structure.find(DomainRow, "role", roles), key=lambda d: (d.text.casefold(), d.id))
    return [(d.id, f"{d.text} ({roles[d.role].shown_name})") for d in rows]


def _effects(request: OrganizationRequest, circle: Role, form: PolicyForm) -> list[ShownEffect]:
    """What a policy of a circle can do by itself, with what was typed or stands."""
    inside = Structure.of(request.organization.id).ordinary_inside(circle.id)
    return shown_effects(form.typed_effect, inside, anchor=circle.is_anchor)


def _as_written(request: OrganizationRequest, role_id: str) -> str:
    row = Structure.of(request.organization.id).get(RoleRow, role_id)
    return role_as_written(row) if row is not None else role_id


def _policy_fields(organization: Organization, form: PolicyForm) -> dict[str, Any]:
    data = form.cleaned_data
    return {
        "title": data["title"],
        "body": data["body"],
        "kinds": sorted(data["kinds"]),
        "effect": effect_data(form.typed_effect, partial(role_written, organization)),
        "domain": data.get("domain") or None,
        "inside": data["inside"],
        "overridable": data["overridable"],
    }


@in_organization_as_admin
@require_http_methods(["GET", "POST"])
def structure_add_policy(request: OrganizationRequest, ref: str) -> HttpResponse:
    """Add a policy to a role's inside."""
    role = _role(request, ref)
    if role.is_constitutional:
        raise Http404
    form = PolicyForm(
        request.POST if request.method == "POST" else None,
        adopted=request.organization.is_set_up,
        domains=_domains(request, role),
        initial={
            "inside": True,
            "overridable": True,
            "drafted": json.dumps({"id": new_id()}),
        },
    )

    def changes(data: dict[str, Any]) -> Sequence[Change]:
        policy = {
            "id": identifier(_drafted(data["drafted"]), "id"),
            "circle": role.id,
            **_policy_fields(request.organization, form),
        }
        return [AddPolicy.parse(policy)]

    return carry_out(
        request,
        form,
        changes,
        template="people/structure_policy.html",
        done=_address(request, "structure_role", role.ref),
        said=_("The policy has been added."),
        context=lambda: {
            "role": role,
            "effects": _effects(request, role, form),
            "title": _("Add a policy to %(circle)s") % {"circle": role.shown_name},
        },
    )


@in_organization_as_admin
@require_http_methods(["GET", "POST"])
def structure_policy(request: OrganizationRequest, policy: str) -> HttpResponse:
    """Amend a policy."""
    found = _policy(request, policy)
    stands = {field: plain(getattr(found, f"{field}_id" if field == "domain" else field)) for field in FIELDS}
    form = PolicyForm(
        request.POST if request.method == "POST" else None,
        adopted=request.organization.is_set_up,
        domains=_domains(request, found.role),
        initial={
            **stands,
            "effect": typed_of(found.effect, partial(_as_written, request)),
            "drafted": json.dumps(stands),
        },
    )

    def changes(data: dict[str, Any]) -> Sequence[Change]:
        drafted = _drafted(data["drafted"])
        if set(drafted) != set(FIELDS):
            raise Malformed(_("This form is damaged. Open the page anew."))
        sent = _policy_fields(request.organization, form)
        edits = {f: {"from": drafted[f], "to": sent[f]} for f in FIELDS}
        change = AmendPolicy.parse({"policy": found.id, **edits})
        change = AmendPolicy(change.policy, {f: e for f, e in change.fields.items() if e.was != e.to})
        return [] if not change.fields and "preview" in request.POST else [change]

    def context() -> dict[str, Any]:
        if request.method == "POST" and form.errors:
            put_into(form, "drafted", json.dumps(stands))
        title = _("Amend “%(policy)s”") % {"policy": found.title}
        effects = _effects(request, found.role, form)
        return {"role": found.role, "policy": found, "effects": effects, "title": title}

    return carry_out(
        request,
        form,
        changes,
        template="people/structure_policy.html",
        done=_address(request, "structure_role", found.role.ref),
        said=_("The policy has been changed."),
        context=context,
    )


@in_organization_as_admin
@require_http_methods(["GET", "POST"])
def structure_remove_policy(request: OrganizationRequest, policy: str) -> HttpResponse:
    """Remove a policy."""
    found = _policy(request, policy)
    return carry_out(
        request,
        _reason_form(request),
        lambda _data: [RemovePolicy(found.id)],
        template="people/structure_act.html",
        done=_address(request, "structure_role", found.role.ref),
        said=_("The policy has been removed."),
        context=lambda: {
            "role": found.role,
            "title": _("Remove “%(policy)s”") % {"policy": found.title},
            "send": _("Remove it"),
            "danger": True,
        },
    )
