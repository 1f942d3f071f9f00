"""The rules of announcements, one small function each. Each yields the refusals it finds, with the clause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from django.utils.translation import gettext as _

from announcements.models import Announcement
from circles.structure import DomainRow, RoleRow, Structure
from people.refusals import RuleBroken

State = Announcement.State


def clause_of(announcement: Announcement) -> str:
    """Return the clause an announcement is made under: 4.1.2, 4.1.3 or 4.3."""
    return {"intent": "4.1.2", "spending": "4.1.3"}.get(announcement.kind, "4.3")


def speaks_for_4_1(structure: Structure, role: RoleRow, person: str, clause: str) -> Iterator[RuleBroken]:
    """§4.1.2, §4.1.3: whoever leads a role announces for it, and the rep of a circle for the circle. Leave to
    represent a role (§5.3) is for proposals and objections alone."""
    if person in structure.role_leads(role.id):
        return
    if role.circle is None or role.id not in structure.represented_by(role.circle, person):
        yield RuleBroken(
            clause,
            _("You announce for roles you lead. Choose one of yours, or ask who leads %(role)s.")
            % {"role": role.shown_name},
            field="role",
        )


def domains_named_4_1_2(role: RoleRow, domains: Collection[DomainRow]) -> Iterator[RuleBroken]:
    """§4.1.2: an intent says whose domains it touches; over its own a role decides without asking."""
    if not domains:
        yield RuleBroken(
            "4.1.2",
            _("Choose the domains it touches: those who control them are the ones who may object."),
            field="domains",
        )
    for domain in domains:
        if domain.role == role.id:
            yield RuleBroken(
                "4.1.2",
                _("“%(domain)s” is this role’s own domain. You need no permission for it: leave it out.")
                % {"domain": domain.text},
                field="domains",
            )


def spending_announced_4_1_3(role_id: str, asked_of: str, why: str) -> Iterator[RuleBroken]:
    """§4.1.3: spending is announced with its reason, to another role that controls the money."""
    if not why:
        yield RuleBroken(
            "4.1.3", _("Say what the money is for: the announcement gives its reason."), field="why"
        )
    if asked_of == role_id:
        yield RuleBroken(
            "4.1.3",
            _(
                "A role does not ask itself: what it controls already it may spend. Choose who controls this money."
            ),
            field="asked_of",
        )


def in_time_4_1(announcement: Announcement, now: dt.datetime, standing: bool) -> Iterator[RuleBroken]:
    """§4.1.2, §4.1.3: from the instant the time is over, silence has given what was asked for.

    Spending that stands escalated is still being considered, so that others may join in.
    """
    if announcement.due_at is None or now < announcement.due_at:
        return
    if announcement.kind == announcement.Kind.INTENT:
        words = (
            _("The time to object is over. Another objection stands, so there is no permission anyway.")
            if standing
            else _(
                "The time to object is over, and the permission holds for this one action. Talk to "
                "%(author)s, or propose a rule for the next time."
            )
        )
        yield RuleBroken("4.1.2", words % {"author": announcement.author.name})
    elif not standing:
        yield RuleBroken(
            "4.1.3",
            _("The time to escalate is over: it is authorized. A lead of %(role)s can still revoke it.")
            % {"role": announcement.asked_of.shown_name if announcement.asked_of else ""},
        )


def relevant_domain_4_1_2(concerned: bool) -> Iterator[RuleBroken]:
    """§4.1.2: whoever has a relevant domain may object."""
    if not concerned:
        yield RuleBroken(
            "4.1.2",
            _(
                "Only who controls a domain that this concerns can object. Tell one of those who were reached "
                "what you see."
            ),
            field="domain",
        )


def controls_4_1_2(controls: bool) -> Iterator[RuleBroken]:
    """§4.1.2: permission comes from whoever controls the domain."""
    if not controls:
        yield RuleBroken("4.1.2", _("Only who controls one of these domains can permit it at once."))


def recipient_4_1_3(recipient: bool) -> Iterator[RuleBroken]:
    """§4.1.3: any recipient of the announcement may escalate."""
    if not recipient:
        yield RuleBroken(
            "4.1.3",
            _(
                "Only partners who lead the role that is asked, or a role within it, can escalate. Tell one of "
                "them what you see."
            ),
        )


def reverses_4_1_3(own: bool, leads: bool) -> Iterator[RuleBroken]:
    """§4.1.3: an escalation is reversed by who escalated, or by a lead of the role that is asked."""
    if not (own or leads):
        yield RuleBroken(
            "4.1.3", _("Only who escalated, or a lead of the role that is asked, can take this back.")
        )


def revokes_4_1_3(leads: bool) -> Iterator[RuleBroken]:
    """§4.1.3: a lead of the role that gave an authorization may revoke it at any time."""
    if not leads:
        yield RuleBroken(
            "4.1.3", _("Only a lead of the role that is asked can revoke this. Ask one of them.")
        )


def granted_first_4_1(announcement: Announcement) -> Iterator[RuleBroken]:
    """§4.1.2, §4.1.3: nothing is done on an announcement before it is granted, while somebody stands against it, or
    once it is revoked."""
    clause = clause_of(announcement)
    if announcement.state == State.WAITING:
        yield RuleBroken(
            clause,
            _("Wait until the time is over, or until whoever controls it says yes: it is not granted yet."),
        )
    elif announcement.state == State.OBJECTED:
        yield RuleBroken(
            clause,
            _(
                "An objection stands, so there is no permission. Talk to whoever objects: they can withdraw it, or "
                "announce something else."
            ),
        )
    elif announcement.state == State.ESCALATED:
        yield RuleBroken(
            clause,
            _(
                "It is escalated, so nothing may be spent. Talk to whoever escalated: they, or a lead of the role "
                "that is asked, can take that back."
            ),
        )
    elif announcement.state == State.REVOKED:
        yield RuleBroken(
            clause,
            _("The authorization was revoked: nothing more may be spent. Announce it anew if it is needed."),
        )


def takes_initiative_4_3(partner: bool) -> Iterator[RuleBroken]:
    """§4.3: individual initiative is a partner's."""
    if not partner:
        yield RuleBroken(
            "4.3", _("Only partners take individual initiative. Tell a circle lead what happened.")
        )


def explained_4_3(affected: Collection[object]) -> Iterator[RuleBroken]:
    """§4.3: what was done is explained to the leads of the roles it affects."""
    if not affected:
        yield RuleBroken(
            "4.3",
            _("Choose the roles it affected: their leads are told, and may ask for more."),
            field="roles",
        )


def asks_4_3(leads: bool) -> Iterator[RuleBroken]:
    """§4.3: a lead of a role that was affected may ask to put things right, and to refrain from the like."""
    if not leads:
        yield RuleBroken(
            "4.3",
            _("Only a lead of a role that was affected can ask for this. Tell one of them what you see."),
        )
