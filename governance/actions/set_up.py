"""Founding an organization, setting up its first structure, adopting the Constitution, and admins' edits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.effects import ANCHOR_CIRCLE_LEAD, TIME_LIMIT, parse_effect
from circles.models import PURPOSE_LENGTH
from governance import authority as by
from governance.authority import Authority
from governance.changes import AddPolicy, AddRole, Admit, Assign, Change, Depart
from governance.changes.base import clean
from governance.enactment import Enacted, enact, lock_record, seal
from governance.models import Decision
from journal.actions import record
from people.access import require_admin
from people.actions import create_account
from people.ids import new_id
from people.models import Account, ApiToken, Invitation, Organization, Person
from people.refusals import Malformed, NotAllowed, Refused

RATIFIERS = 50


def found_with_new_account(*, email: str, password: str, **organization: Any) -> Person:
    """Create the first account of an empty installation and its organization; both or neither.

    ``organization`` is what ``found_organization`` takes. Raises Malformed, and NotAllowed where there are accounts.
    """
    with transaction.atomic():
        if Account.objects.exists():
            raise NotAllowed(_("There are accounts already: sign in first."))
        account = create_account(email=email, password=password)
        return found_organization(account=account, **organization)


def clean_ratifiers(names: Sequence[str]) -> list[str]:
    """Return the names of those who adopt the Constitution, tidy and each once (preamble, §1.3.3).

    Raises Malformed where there is none, or too many, or one is too long.
    """
    tidy = list(dict.fromkeys(name for n in names if (name := clean(n, "ratifiers", most=120))))
    if not tidy:
        raise Malformed(_("Name at least one ratifier: who adopts the Constitution?"), field="ratifiers")
    if len(tidy) > RATIFIERS:
        raise Malformed(_("At most %(most)d ratifiers fit here.") % {"most": RATIFIERS}, field="ratifiers")
    return tidy


def checked(row: Organization | Person) -> None:
    """Raise Malformed, at the field, where a row of an organization or a person has not its form."""
    try:
        row.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Malformed(messages[0], field=field if field != "__all__" else None) from error


def found_organization(
    *,
    name: str,
    slug: str,
    zone: str,
    ratifiers: Sequence[str],
    purpose: str,
    founder_name: str,
    account: Account | None,
    founder_email: str = "",
    anchor_lead: bool = True,
    time_limit: int | None = 3,
) -> Person:
    """Create an organization in its set-up phase and return its founder, who is its first admin and partner.

    ``zone`` is an IANA name. ``anchor_lead`` and ``time_limit`` (working days) are the two policies that keep
    a new organization from getting stuck: who may assign in the anchor circle, and when silence ends; with the
    former the founder becomes circle lead of the anchor circle.

    Raises Malformed where a value is missing or the address is taken. Rests on the preamble and §1.3.3.
    """
    organization = Organization(
        name=clean(name, "name", most=120, required=True),
        slug=slug.strip(),
        zone=zone,
        ratifiers=clean_ratifiers(ratifiers),
    )
    checked(organization)
    purpose = clean(purpose, "purpose", most=PURPOSE_LENGTH, multiline=True)
    founder = Person(
        organization=organization,
        account=account,
        name=clean(founder_name, "founder_name", most=120, required=True),
        email=(founder_email or (account.email if account else "")).lower(),
        admin=True,
        agreed_at=timezone.now(),
    )
    try:
        limit = None if time_limit is None else parse_effect({"kind": TIME_LIMIT, "working_days": time_limit})
    except Malformed as malformed:
        raise Malformed(malformed.message, field="working_days") from None
    anchor = AddRole(new_id(), None, organization.name, purpose)
    changes: list[Change] = [Admit(founder.id), anchor]
    if anchor_lead:
        changes.append(
            AddPolicy(
                new_id(), anchor.id, _("The anchor circle has a circle lead"),
                _("Whoever is assigned to the anchor circle is its circle lead and assigns its roles."),
                ("default",), {"kind": ANCHOR_CIRCLE_LEAD}, inside=False,
            )
        )  # fmt: skip
        changes.append(Assign(new_id(), anchor.id, founder.id))
    if limit is not None:
        changes.append(
            AddPolicy(
                new_id(), anchor.id, _("Time limit for answers"),
                _("Whoever has not answered a proposal by then is taken to have no objection."),
                ("default",), limit, inside=True,
            )
        )  # fmt: skip
    with transaction.atomic():
        try:
            with transaction.atomic():
                organization.save()
        except IntegrityError as error:
            message = _("There is an organization with this address already. Choose another.")
            raise Malformed(message, field="slug") from error
        founder.save()
        enact(organization, changes, authority=Authority(by.RATIFIERS, actor=founder.id))
        record(organization=organization, kind="people.agreed", actor=founder, person=founder.id)
    founder.refresh_from_db()
    return founder


def admins_authority(actor: Person, *, reason: str, circle: str | None = None) -> Authority:
    """Return by whose authority an admin edits: the ratifiers' until adoption, the admin's own afterwards.

    Raises NotAllowed for others, and Malformed where an edit after adoption gives no reason.
    """
    require_admin(actor)
    kind = (
        by.ADMIN
        if Organization.objects.filter(pk=actor.organization_id, adopted_at__isnull=False).exists()
        else by.RATIFIERS
    )
    if kind == by.ADMIN and not reason.strip():
        raise Malformed(
            _("Say why: everyone sees an admin’s edit with its reason on the record."), field="reason"
        )
    return Authority(
        kind, actor=actor.id, circle=circle, texts={"reason": reason.strip()} if reason.strip() else {}
    )


def edit_structure(
    changes: Sequence[Change], *, actor: Person, reason: str, circle: str | None = None
) -> Enacted:
    """Let an admin set up or repair structure, on the record as what it is (design, "The record").

    Raises NotAllowed, Malformed (no reason), and whatever refuses the changes.
    """
    return enact(actor.organization, changes, authority=admins_authority(actor, reason=reason, circle=circle))


def declare_adoption(*, actor: Person, at: dt.datetime | None = None) -> Decision:
    """Declare that the ratifiers adopt the Constitution: seals the set-up as one decision (§1.3.3, preamble).

    Raises NotAllowed for others than admins, Refused where it was declared before.
    """
    require_admin(actor)
    ratifiers = "\n".join(actor.organization.ratifiers)
    return seal(
        actor.organization,
        authority=Authority(by.RATIFIERS, actor=actor.id, texts={"ratifiers": ratifiers}),
        at=at,
    )


def admit_person(
    *,
    actor: Person,
    name: str,
    email: str = "",
    zone: str = "",
    partner: bool = True,
    admin: bool = False,
    reason: str = "",
) -> Person:
    """Take somebody into the organization and return them; they cannot sign in until they accept an invitation.

    Whoever left and comes back, known by the address, is the same person again. Raises NotAllowed, Malformed (a
    name or address that will not do, or is taken).
    """
    authority = admins_authority(actor, reason=reason or _("New in the organization"))
    name, email = clean(name, "name", most=120, required=True), clean(email, "email", most=254).lower()
    with transaction.atomic():
        lock_record(actor.organization)
        person = known_by(actor.organization, email) if email else None
        if person is not None and person.since is not None and person.until is None:
            message = _("%(name)s is here already with the address %(email)s.")
            raise Malformed(message % {"name": person.name, "email": email}, field="email")
        namesakes = Person.objects.present().filter(
            organization=actor.organization, name__iexact=name, email=""
        )
        if not email and namesakes.exists():
            message = _(
                "%(name)s is here already. If this is somebody else, give an address to tell them apart."
            )
            raise Malformed(message % {"name": name}, field="email")
        back = person is not None
        person = person or Person(organization=actor.organization, email=email)
        person.name, person.zone, person.admin = name, zone, admin
        # Whoever comes back accepts an invitation and agrees to the Constitution anew
        person.account, person.agreed_at = None, None
        checked(person)
        person.save(update_fields=["name", "zone", "admin", "account", "agreed_at"] if back else None)
        enact(actor.organization, [Admit(person.id, partner)], authority=authority)
    person.refresh_from_db()
    return person


def known_by(organization: Organization, email: str) -> Person | None:
    """Return whoever has this address in the organization, departed or not."""
    return Person.objects.filter(organization=organization, email__iexact=email).first()


def invite(person: Person, *, actor: Person) -> tuple[Invitation, str]:
    """Issue an invitation link for somebody who cannot sign in yet; returns it with its secret, shown once.

    Earlier links of the same person stop working. Raises NotAllowed, and Refused where they can sign in already.
    """
    require_admin(actor)
    with transaction.atomic():
        person = (
            Person.objects.select_for_update(no_key=True).select_related("organization").get(pk=person.pk)
        )
        if not person.present:
            raise Refused(_("%(name)s has left. Admit them anew first.") % {"name": person.name})
        if person.account_id is not None:
            raise Refused(_("%(name)s can sign in already.") % {"name": person.name})
        Invitation.objects.filter(person=person, accepted_at=None).update(revoked_at=timezone.now())
        invitation, secret = Invitation.issue(person, invited_by=actor)
        record(
            organization=person.organization,
            kind="people.invited",
            actor=actor,
            person=person.id,
            name=person.name,
        )
    return invitation, secret


def accept_invitation(invitation: Invitation, *, account: Account) -> Person:
    """Bind an account to the invited person, who agrees to the Constitution by this, on record (preamble).

    Raises Refused where the link was used meanwhile or the account is somebody else here already.
    """
    with transaction.atomic():
        locked = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
        person = (
            Person.objects.select_for_update(no_key=True)
            .select_related("organization")
            .get(pk=locked.person_id)
        )
        if locked.accepted_at or locked.revoked_at or person.account_id is not None or not person.present:
            raise Refused(_("This invitation has been used or withdrawn. Ask for a new one."))
        if Person.objects.filter(organization=person.organization, account=account).exists():
            raise NotAllowed(
                _("You belong to this organization already, with the address %(email)s.")
                % {"email": account.email}
            )
        person.account = account
        person.agreed_at = timezone.now()
        person.save(update_fields=["account", "agreed_at"])
        locked.accepted_at = timezone.now()
        locked.save(update_fields=["accepted_at"])
        record(organization=person.organization, kind="people.agreed", actor=person, person=person.id)
    return person


def accept_with_new_account(invitation: Invitation, *, email: str, password: str) -> Person:
    """Create an account and accept an invitation with it; both or neither. Raises Malformed and Refused."""
    with transaction.atomic():
        return accept_invitation(invitation, account=create_account(email=email, password=password))


def let_leave(person: Person, *, actor: Person, reason: str) -> Enacted:
    """Let somebody leave: their assignments and seats end with one decision, and they can no longer come in.

    An admin does this for others, everybody for themselves. Raises NotAllowed, Malformed (no reason), and
    Refused for the last admin, who must name another first.
    """
    if not reason.strip():
        raise Malformed(_("Say why: the reason stands on the record."), field="reason")
    if actor.pk == person.pk and not actor.admin:
        authority = Authority(by.PERSON, actor=actor.id, texts={"reason": reason.strip()})
    else:
        authority = admins_authority(actor, reason=reason)
    with transaction.atomic():
        lock_record(person.organization)
        keep_an_admin(person)
        enacted = enact(actor.organization, [Depart(person.id)], authority=authority)
        Invitation.objects.filter(person=person, accepted_at=None).update(revoked_at=timezone.now())
        ApiToken.objects.filter(person=person, revoked_at=None).update(revoked_at=timezone.now())
        Person.objects.filter(pk=person.pk).update(admin=False)
    return enacted


def keep_an_admin(person: Person) -> None:
    """Raise Refused where ``person`` is the last admin who can sign in. The record must be locked."""
    admins = Person.objects.present().filter(
        organization=person.organization, admin=True, account__is_active=True
    )
    if admins.filter(pk=person.pk).exists() and not admins.exclude(pk=person.pk).exists():
        raise Refused(
            _("%(name)s is the only admin. Make somebody else an admin first.") % {"name": person.name}
        )
