"""Letting somebody represent a role of one's own in governance, and taking the leave back (§5.3)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.models import Role
from circles.structure import RoleRow, Structure
from governance.models import Permission
from governance.representation import circles_around, permissions_for, today_in
from journal.actions import record
from people.models import Person
from people.refusals import Malformed, NotAllowed, Refused, RuleBroken


def let_represent(role: Role, person: Person, *, actor: Person, until: dt.date | None = None) -> Permission:
    """Let a circle member represent a role in governance, until the end of the day ``until`` or until withdrawn.

    One of the role's leads does; it makes nobody a circle member. Returns the permission.
    Raises RuleBroken §5.3 (no lead of it; nobody who could use it), Malformed, Refused where it stands already.
    """
    with transaction.atomic():
        Role.objects.select_for_update(no_key=True, of=("self",)).get(pk=role.pk)
        structure = Structure.of(role.organization_id)
        row = structure.get(RoleRow, role.pk)
        if row is None:
            raise Refused(_("This role has been removed."))
        leads = structure.role_leads(row.id)
        if actor.pk not in leads:
            raise RuleBroken(
                "5.3",
                _("Only a lead of %(role)s lets somebody represent it. Ask one of them.")
                % {"role": row.shown_name},
            )
        if person.pk in leads:
            raise RuleBroken(
                "5.3",
                _("%(name)s leads %(role)s and represents it already.")
                % {"name": person.name, "role": row.shown_name},
                field="person",
            )
        around = circles_around(structure, row)
        if not any(person.pk in structure.members(circle) for circle in around):
            circle = structure.get(RoleRow, row.circle)
            raise RuleBroken(
                "5.3",
                _("%(name)s is no circle member of %(circle)s, and this makes nobody one. Choose a member.")
                % {"name": person.name, "circle": circle.shown_name if circle else ""},
                field="person",
            )
        if until is not None and until < today_in(actor.organization):
            raise Malformed(
                _("This day has passed. Choose a later one, or leave it open until you withdraw it."),
                field="until",
            )
        if any(p.person_id == person.pk for p in permissions_for(structure, row.id)):
            raise Refused(
                _("%(name)s may represent this role already. Withdraw that first to change its end.")
                % {"name": person.name},
                field="person",
            )
        permission = Permission.objects.create(
            organization=role.organization, role=role, person=person, granted_by=actor, until=until
        )
        _record("governance.let_represent", permission, actor)
    return permission


def withdraw_permission(permission: Permission, *, actor: Person) -> None:
    """Withdraw the leave to represent a role: whoever gave it, any lead of the role, or its holder, at any time.

    What its holder has proposed or objected for the role stays; from now on they may not (§5.3). Raises
    NotAllowed.
    """
    with transaction.atomic():
        locked = (
            Permission.objects.select_for_update(no_key=True, of=("self",))
            .select_related("role", "person")
            .get(pk=permission.pk)
        )
        locked.organization = locked.role.organization = actor.organization
        leads = Structure.of(actor.organization_id).role_leads(locked.role_id)
        if actor.pk not in leads | {locked.granted_by_id, locked.person_id}:
            raise NotAllowed(_("Only a lead of the role withdraws this, or whoever holds it."))
        if locked.withdrawn_at is None:
            locked.withdrawn_at, locked.withdrawn_by = timezone.now(), actor
            locked.save(update_fields=["withdrawn_at", "withdrawn_by"])
            _record("governance.represent_withdrawn", locked, actor)


def _record(kind: str, permission: Permission, actor: Person) -> None:
    role = permission.role
    record(
        organization=actor.organization,
        kind=kind,
        actor=actor,
        circle_id=role.circle_id,
        role=role.pk,
        role_name=role.shown_name,
        person=permission.person_id,
        name=permission.person.name,
        until=permission.until.isoformat() if permission.until else "",
    )
