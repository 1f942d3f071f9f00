"""Announcing an intent or spending, and recording an initiative (§4.1.2, §4.1.3, §4.3)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from announcements import reach, rules
from announcements.actions.common import State, note_down
from announcements.actions.granting import grant
from announcements.models import WHAT_LENGTH, WORDS_LENGTH, Announcement, Recipient, Touched
from circles.models import Role
from circles.structure import DomainRow, PersonRow, PolicyRow, RoleRow, Structure
from governance.calendar import due_after
from governance.changes.base import clean
from journal.actions import queue_job
from people.models import Person
from people.refusals import Malformed, Refused

Kind = Announcement.Kind
CURRENCY = re.compile(r"[A-Z]{3}")
MOST_TOUCHED = 50


def announce_intent(
    role: Role,
    *,
    actor: Person,
    what: str,
    domains: Collection[str],
    why: str = "",
    form_key: str = "",
) -> Announcement:
    """Announce that one is going to do something that touches ``domains`` (identifiers), for a role one leads.

    Whoever controls them is written to and has a set time to object; silence permits this one action (§4.1.2).
    The same form sent twice announces once. Raises Malformed, and RuleBroken §4.1.2 (a role of somebody else's,
    no domain, a domain of the role itself).
    """
    fields = _words(what, why)
    names = sorted(set(domains))
    if len(names) > MOST_TOUCHED:
        raise Malformed(_("Choose at most %(most)d domains.") % {"most": MOST_TOUCHED}, field="domains")
    with transaction.atomic():
        structure = Structure.of(actor.organization_id)
        row = _announces_for(structure, role, actor, "4.1.2")
        found = structure.get_many(DomainRow, names)
        if len(found) < len(names):
            raise Malformed(
                _("One of these domains is there no longer. Choose again what it touches."), field="domains"
            )
        for refusal in rules.domains_named_4_1_2(row, found.values()):
            raise refusal
        days, policy = reach.intent_wait(structure, role)
        announcement = Announcement(kind=Kind.INTENT, role=role, **fields)
        _wait(announcement, structure, days, policy)
        if (sent := _save(announcement, actor, form_key, names)) is not None:
            return sent
        Touched.objects.bulk_create(
            Touched(
                organization=actor.organization,
                announcement=announcement,
                role_id=d.role,
                domain=d.id,
                text=d.text,
            )
            for d in found.values()
        )
        reach.read_ahead(structure, found.values())
        why_reached: dict[str, list[str]] = {}
        for domain in found.values():
            for person in reach.say_in(structure, domain).reached:
                why_reached.setdefault(person, []).append(domain.role)
        _send(announcement, actor, why_reached)
        note_down(announcement, "intended", actor=actor)
    return announcement


def announce_spending(
    role: Role,
    *,
    actor: Person,
    asked_of: Role,
    what: str,
    why: str,
    amount: object,
    currency: str,
    form_key: str = "",
) -> Announcement:
    """Announce that one is going to spend, for a role one leads, money that ``asked_of`` controls (§4.1.3).

    The partners who lead that role or a role within it are written to; it is authorized by itself once the time
    has passed with no escalation standing. Where a policy lets the role control spending, at once.
    Raises Malformed (amount, currency), RuleBroken §4.1.3 (a role of somebody else's, no reason, asking itself).
    """
    fields = _words(what, why)
    money, code = _amount(amount), _currency(currency)
    with transaction.atomic():
        structure = Structure.of(actor.organization_id)
        _announces_for(structure, role, actor, "4.1.3")
        if structure.get(RoleRow, asked_of.pk) is None:
            raise Malformed(_("Choose a role that is there: this one has been removed."), field="asked_of")
        for refusal in rules.spending_announced_4_1_3(role.pk, asked_of.pk, fields["why"]):
            raise refusal
        announcement = Announcement(kind=Kind.SPENDING, role=role, asked_of=asked_of, **fields)
        announcement.amount, announcement.currency = money, code
        control = reach.spending_control(structure, role, asked_of)
        if control is None:
            _wait(announcement, structure, *reach.spending_wait(structure, role, asked_of))
        else:
            announcement.policy_id, announcement.state = control.id, State.WAITING
        key = [asked_of.pk, str(money), code]
        if (sent := _save(announcement, actor, form_key, key)) is not None:
            return sent
        _send(announcement, actor, reach.asked_about_spending(structure, asked_of.pk))
        note_down(announcement, "spending", actor=actor, amount=f"{money} {code}")
        if control is not None:
            grant(announcement, Announcement.Granted.POLICY, at=announcement.announced_at)
    return announcement


def record_initiative(
    *,
    actor: Person,
    what: str,
    why: str,
    roles: Sequence[Role],
    crossed: str = "",
    role: Role | None = None,
    form_key: str = "",
) -> Announcement:
    """Record what one did beyond the authority of one's roles (§4.3), and tell the leads of ``roles`` it affected.

    ``role`` is the one it served, if one can be named; ``crossed`` the rules or domains it went past.
    Raises Malformed, RuleBroken §4.3 (no partner) and §4.3 (no role it affected).
    """
    fields = _words(what, why)
    fields["crossed"] = clean(crossed, "crossed", most=WORDS_LENGTH, multiline=True)
    if not fields["why"]:
        raise Malformed(_("Explain what you did and why: their leads read it."), field="why")
    if len(roles) > MOST_TOUCHED:
        raise Malformed(_("Choose at most %(most)d roles.") % {"most": MOST_TOUCHED}, field="roles")
    with transaction.atomic():
        structure = Structure.of(actor.organization_id)
        person = structure.get(PersonRow, actor.pk)
        for refusal in (
            *rules.takes_initiative_4_3(person is not None and person.partner),
            *rules.explained_4_3(roles),
        ):
            raise refusal
        affected = [r for r in roles if structure.get(RoleRow, r.pk) is not None]
        if len(affected) < len(roles):
            raise Malformed(_("One of these roles has been removed. Choose again."), field="roles")
        announcement = Announcement(kind=Kind.INITIATIVE, role=role, state=State.RECORDED, **fields)
        if (sent := _save(announcement, actor, form_key, [r.pk for r in affected])) is not None:
            return sent
        Touched.objects.bulk_create(
            Touched(organization=actor.organization, announcement=announcement, role=r) for r in affected
        )
        _send(announcement, actor, reach.leads_of(structure, [r.pk for r in affected]))
        note_down(announcement, "initiative", actor=actor)
    return announcement


def _words(what: str, why: str) -> dict[str, str]:
    line = clean(what, "what", most=WHAT_LENGTH)
    if not line:
        raise Malformed(_("Name the one action it is about."), field="what")
    return {"what": line, "why": clean(why, "why", most=WORDS_LENGTH, multiline=True)}


def _announces_for(structure: Structure, role: Role, actor: Person, clause: str) -> RoleRow:
    row = structure.get(RoleRow, role.pk)
    if row is None:
        raise Refused(_("This role has been removed. Choose one of yours."), field="role")
    for refusal in rules.speaks_for_4_1(structure, row, actor.pk, clause):
        raise refusal
    return row


def _amount(value: object) -> Decimal:
    """Return a sum of money above nothing, with at most two decimals. Raises Malformed for anything else."""
    text = str(value).strip().replace(" ", "").replace("\N{NARROW NO-BREAK SPACE}", "")
    # “1.234,50” and “1,234.50” can be read in one way each; “1.234” and “1,234” cannot, and are asked for again
    if re.fullmatch(r"\d+,\d{1,2}|[1-9]\d{0,2}(\.\d{3})+,\d{1,2}", text):
        text = text.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+\.\d{1,2}", text):
        text = text.replace(",", "")
    try:
        amount = Decimal(text) if re.fullmatch(r"\d{1,12}(\.\d{1,2})?", text) else None
    except InvalidOperation:
        amount = None
    if amount is None or amount <= 0:
        raise Malformed(_("Give the amount as a number, such as 1250 or 89.90."), field="amount")
    return amount.quantize(Decimal("0.01"))


def _currency(value: str) -> str:
    code = value.strip().upper() if isinstance(value, str) else ""
    if not CURRENCY.fullmatch(code):
        raise Malformed(_("Give the currency in its three letters, such as EUR."), field="currency")
    return code


def _wait(announcement: Announcement, structure: Structure, days: int, policy: PolicyRow | None) -> None:
    """Begin the time in which others may stand against it, counted in the circle's calendar."""
    assert announcement.role is not None  # noqa: S101 - only initiatives are for no role
    announcement.state, announcement.working_days = State.WAITING, days
    announcement.policy_id = policy.id if policy else None
    circle = reach.circle_of(announcement.role)
    announcement.due_at = due_after(structure, circle, announcement.announced_at, days)


def _save(
    announcement: Announcement, actor: Person, form_key: str, further: Iterable[str]
) -> Announcement | None:
    """Write an announcement; return the one that this very form has made already, if it has."""
    announcement.organization, announcement.author = actor.organization, actor
    if not form_key:
        announcement.save()
    else:
        said = [
            form_key,
            announcement.kind,
            announcement.role_id or "",
            announcement.what,
            announcement.why,
            announcement.crossed,
            *further,
        ]
        announcement.form_key = hashlib.sha256("\n".join(said).encode()).hexdigest()[:40]
        Announcement.objects.bulk_create([announcement], ignore_conflicts=True)
        stored = Announcement.objects.get(author=actor, form_key=announcement.form_key)
        if stored.pk != announcement.pk:
            stored.organization = actor.organization
            return stored
    if announcement.due_at is not None:
        queue_job(
            "announcements.settle",
            announcement.pk,
            organization=actor.organization,
            due=announcement.due_at,
            key=f"announcement:{announcement.pk}",
        )
    return None


def _send(announcement: Announcement, actor: Person, why: Mapping[str, Collection[str]]) -> None:
    """Write down whom it reaches, and have each of them written to once; its author knows."""
    now = timezone.now()
    here = Person.objects.present().filter(pk__in=[p for p in why if p != actor.pk])
    reached = [
        Recipient(
            organization=actor.organization,
            announcement=announcement,
            person=person,
            roles=list(dict.fromkeys(why[person.pk])),
            # What a policy grants is there to be read; nobody has to let it pass
            noted_at=now if announcement.kind == Kind.SPENDING and announcement.due_at is None else None,
        )
        for person in here.order_by("name", "pk")
    ]
    Recipient.objects.bulk_create(reached)
    for one in reached:
        queue_job("announcements.mail_reached", one.pk, organization=actor.organization)
