"""Founding an organization, setting up its first structure, adopting the Constitution, and admins' edits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.effects import ANCHOR_CIRCLE_LEAD, TIME_LIMIT
from governance import authority as by
from governance.authority import Authority
from governance.changes import AddPolicy, AddRole, Admit, Assign, Change, Depart
from governance.enactment import Enacted, enact, seal
from governance.models import Decision
from journal.actions import record
from people.access import require_admin
from people.ids import new_id
from people.models import Account, Invitation, Organization, Person
from people.refusals import Malformed, NotAllowed, Refused


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
    organization = Organization(name=name, slug=slug, zone=zone, ratifiers=[r for r in ratifiers if r.strip()])
    try:
        organization.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Malformed(messages[0], field=field) from error
    if not organization.ratifiers:
        raise Malformed(_("Name at least one ratifier: who adopts the Constitution?"), field="ratifiers")
    with transaction.atomic():
        organization.save()
        founder = Person.objects.create(
            organization=organization,
            account=account,
            name=founder_name,
            email=(founder_email or (account.email if account else "")).lower(),
            zone="",
            admin=True,
            agreed_at=timezone.now(),
        )
        anchor = AddRole(new_id(), None, name, purpose)
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
        if time_limit is not None:
            changes.append(
                AddPolicy(
                    new_id(), anchor.id, _("Time limit for answers"),
                    _("Whoever has not answered a proposal by then is taken to have no objection."),
                    ("default",), {"kind": TIME_LIMIT, "working_days": time_limit}, inside=True,
                )
            )  # fmt: skip
        enact(organization, changes, authority=Authority(by.RATIFIERS, actor=founder.id))
        record(organization=organization, kind="people.agreed", actor=founder, person=founder.id)
    founder.refresh_from_db()
    return founder


def admins_authority(actor: Person, *, reason: str, circle: str | None = None) -> Authority:
    """Return by whose authority an admin edits: the ratifiers' until adoption, the admin's own afterwards.

    Raises NotAllowed for others, and Malformed where an edit after adoption gives no reason.
    """
    require_admin(actor)
    kind = by.ADMIN if Organization.objects.filter(pk=actor.organization_id, adopted_at__isnull=False).exists() else by.RATIFIERS
    if kind == by.ADMIN and not reason.strip():
        raise Malformed(_("Say why: everyone sees an admin’s edit with its reason on the record."), field="reason")
    return Authority(kind, actor=actor.id, circle=circle, texts={"reason": reason.strip()} if reason.strip() else {})


def edit_structure(changes: Sequence[Change], *, actor: Person, reason: str, circle: str | None = None) -> Enacted:
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
    return seal(actor.organization, authority=Authority(by.RATIFIERS, actor=actor.id, texts={"ratifiers": ratifiers}), at=at)


def admit_person(
    *, actor: Person, name: str, email: str = "", zone: str = "", partner: bool = True, admin: bool = False, reason: str = ""
) -> Person:
    """Take somebody into the organization and return them; they cannot sign in until they accept an invitation.

    Raises NotAllowed, Malformed (a name or address that will not do, or is taken).
    """
    authority = admins_authority(actor, reason=reason or _("New in the organization"))
    person = Person(
        organization=actor.organization, name=" ".join(name.split()), email=email.strip().lower(), zone=zone, admin=admin
    )
    try:
        person.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Malformed(messages[0], field=field) from error
    if person.email and Person.objects.filter(organization=actor.organization, email__iexact=person.email).exists():
        raise Malformed(_("Somebody with this address is here already."), field="email")
    with transaction.atomic():
        person.save()
        enact(actor.organization, [Admit(person.id, partner)], authority=authority)
    person.refresh_from_db()
    return person


def invite(person: Person, *, actor: Person) -> tuple[Invitation, str]:
    """Issue an invitation link for somebody who cannot sign in yet; returns it with its secret, shown once.

    Earlier links of the same person stop working. Raises NotAllowed, and Refused where they can sign in already.
    """
    require_admin(actor)
    if person.account_id is not None:
        raise Refused(_("%(name)s can sign in already.") % {"name": person.name})
    with transaction.atomic():
        Invitation.objects.filter(person=person, accepted_at=None).update(revoked_at=timezone.now())
        invitation, secret = Invitation.issue(person, invited_by=actor)
        record(organization=person.organization, kind="people.invited", actor=actor, person=person.id, name=person.name)
    return invitation, secret


def accept_invitation(invitation: Invitation, *, account: Account) -> Person:
    """Bind an account to the invited person, who agrees to the Constitution by this, on record (preamble).

    Raises Refused where the link was used meanwhile or the account is somebody else here already.
    """
    with transaction.atomic():
        locked = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
        person = Person.objects.select_for_update(no_key=True).select_related("organization").get(pk=locked.person_id)
        if locked.accepted_at or locked.revoked_at or person.account_id is not None or not person.present:
            raise Refused(_("This invitation has been used or withdrawn. Ask for a new one."))
        if Person.objects.filter(organization=person.organization, account=account).exists():
            raise NotAllowed(_("You belong to this organization already, with the address %(email)s.") % {"email": account.email})
        person.account = account
        person.agreed_at = timezone.now()
        person.save(update_fields=["account", "agreed_at"])
        locked.accepted_at = timezone.now()
        locked.save(update_fields=["accepted_at"])
        record(organization=person.organization, kind="people.agreed", actor=person, person=person.id)
    return person


def let_leave(person: Person, *, actor: Person, reason: str) -> Enacted:
    """Let somebody leave: their assignments and seats end with one decision, and they can no longer come in.

    An admin does this for others, everybody for themselves. Raises NotAllowed, Malformed (no reason), and
    Refused for the last admin, who must name another first.
    """
    others = Person.objects.present().filter(organization=person.organization, admin=True, account__isnull=False)
    if person.admin and not others.exclude(pk=person.pk).exists():
        raise Refused(_("%(name)s is the only admin. Make somebody else an admin first.") % {"name": person.name})
    if actor.pk == person.pk and not actor.admin:
        authority = Authority(by.PERSON, actor=actor.id, texts={"reason": reason})
    else:
        authority = admins_authority(actor, reason=reason)
    with transaction.atomic():
        enacted = enact(actor.organization, [Depart(person.id)], authority=authority)
        Invitation.objects.filter(person=person, accepted_at=None).update(revoked_at=timezone.now())
        Person.objects.filter(pk=person.pk).update(admin=False)
    return enacted
