"""What is kept about people beside the record: names, zones, admins, keys, and what an organization is called."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.actions.set_up import checked, clean_ratifiers, keep_an_admin, known_by
from governance.changes.base import clean
from governance.enactment import lock_record
from journal.actions import record
from people.access import require_admin
from people.models import ApiToken, Organization, Person
from people.refusals import Malformed, NotAllowed, Refused

TOKENS = 20


def name_admin(person: Person, *, actor: Person) -> None:
    """Make somebody an admin. Raises NotAllowed, and Refused where they have left or are one."""
    require_admin(actor)
    with transaction.atomic():
        lock_record(person.organization)
        if not Person.objects.present().filter(pk=person.pk, admin=False).update(admin=True):
            raise Refused(_("%(name)s is an admin already, or has left.") % {"name": person.name})
        record(
            organization=person.organization,
            kind="people.admin_named",
            actor=actor,
            person=person.id,
            name=person.name,
        )


def release_admin(person: Person, *, actor: Person) -> None:
    """Let somebody no longer be an admin. Raises NotAllowed, and Refused for the last one (or no admin at all)."""
    require_admin(actor)
    with transaction.atomic():
        lock_record(person.organization)
        keep_an_admin(person)
        if not Person.objects.filter(pk=person.pk, admin=True).update(admin=False):
            raise Refused(_("%(name)s is no admin.") % {"name": person.name})
        record(
            organization=person.organization,
            kind="people.admin_released",
            actor=actor,
            person=person.id,
            name=person.name,
        )


def describe_person(
    person: Person, *, actor: Person, name: str, zone: str, email: str | None = None
) -> Person:
    """Set somebody's name and zone (an IANA name, or empty for the organization's), and their address if given.

    Everybody does this for themselves, but only an admin sets an address, and only of somebody who cannot sign in
    yet: it is where the invitation goes. Raises NotAllowed, and Malformed at the field.
    """
    if actor.pk != person.pk or email is not None:
        require_admin(actor)
    name = clean(name, "name", most=120, required=True)
    with transaction.atomic():
        lock_record(person.organization)
        person = Person.objects.select_related("organization", "account").get(pk=person.pk)
        if not person.present:
            raise NotAllowed(_("%(name)s has left.") % {"name": person.name})
        was = (person.name, person.zone, person.email)
        person.name, person.zone = name, zone
        if email is not None and email.strip().lower() != person.email:
            if person.account_id is not None:
                message = _("%(name)s signs in with an address of their own, and changes it themselves.")
                raise Malformed(message % {"name": person.name}, field="email")
            person.email = clean(email, "email", most=254).lower()
            other = known_by(person.organization, person.email) if person.email else None
            if other is not None and other.pk != person.pk:
                raise Malformed(_("Somebody here has this address already."), field="email")
        checked(person)
        if was != (person.name, person.zone, person.email):
            person.save(update_fields=["name", "zone", "email"])
            record(
                organization=person.organization,
                kind="people.described",
                actor=actor,
                person=person.id,
                name=person.name,
            )
    return person


def describe_organization(
    organization: Organization, *, actor: Person, name: str, zone: str, ratifiers: Sequence[str] | None = None
) -> Organization:
    """Set an organization's name and zone and, until adoption, who ratifies (§1.3.3).

    Raises NotAllowed, Malformed at the field, and Refused for ratifiers of an adopted Constitution.
    """
    require_admin(actor)
    with transaction.atomic():
        lock_record(organization)
        organization = Organization.objects.get(pk=organization.pk)
        was = (organization.name, organization.zone, organization.ratifiers)
        organization.name, organization.zone = clean(name, "name", most=120, required=True), zone
        if ratifiers is not None:
            tidy = clean_ratifiers(ratifiers)
            if organization.is_set_up and tidy != organization.ratifiers:
                message = _("The Constitution has been adopted: its ratifiers stand on the record.")
                raise Refused(message, field="ratifiers")
            organization.ratifiers = tidy
        checked(organization)
        if was != (organization.name, organization.zone, organization.ratifiers):
            organization.save(update_fields=["name", "zone", "ratifiers"])
            record(organization=organization, kind="people.organization_described", actor=actor)
    return organization


def issue_token(*, actor: Person, label: str) -> tuple[ApiToken, str]:
    """Create a key for the API with the rights of its owner; returns it with its secret, which is shown once.

    Raises Malformed where the label is missing or too long, Refused where somebody has too many.
    """
    label = clean(label, "label", most=80, required=True)
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=actor.pk)
        if ApiToken.objects.filter(person=actor, revoked_at=None).count() >= TOKENS:
            message = _("You have %(most)d keys. Revoke one that is no longer used.")
            raise Refused(message % {"most": TOKENS}, field="label")
        token, secret = ApiToken.issue(actor, label=label)
        record(
            organization=actor.organization,
            kind="people.token_issued",
            actor=actor,
            token=token.id,
            label=token.label,
        )
    return token, secret


def revoke_token(token: ApiToken, *, actor: Person) -> None:
    """Make a key worthless from now on. Raises NotAllowed for somebody else's; revoking twice is no harm."""
    if token.person_id != actor.pk:
        raise NotAllowed(_("Only its owner revokes a key."))
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            record(
                organization=actor.organization,
                kind="people.token_revoked",
                actor=actor,
                token=token.id,
                label=token.label,
            )
