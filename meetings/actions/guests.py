"""Guests of a circle rep, for one tension in one meeting (§5.4.1)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.structure import RoleRow
from governance.actions import in_meeting, proposals
from governance.changes.base import clean
from governance.models import Guest
from governance.models.representation import WORDS_LENGTH
from governance.representation import rep_of
from journal.actions import queue_job
from meetings.actions.common import end_item, lock, tell, write_down
from meetings.models import AgendaItem, Meeting
from meetings.room import Room
from people.models import Person
from people.refusals import NotAllowed, Refused, RuleBroken


def invite(meeting: Meeting, person: Person, *, actor: Person, tension: str, circle: str = "") -> Guest:
    """Invite a partner to a meeting, to aid in processing one tension of the circle that one is rep of (§5.4.1b).

    ``circle`` names that circle where one represents several in the meeting's. The guest takes part until the
    invitation is withdrawn or the meeting ends, and represents the circle while the tension is processed.
    Raises RuleBroken §5.4.1 (no rep of a circle immediately inside; a second guest; no partner), Malformed.
    """
    with transaction.atomic():
        room = Room(lock(meeting))
        if room.meeting.is_closed:
            raise Refused(_("This meeting is over."))
        represented = rep_of(room.structure, room.meeting.circle_id, actor.pk)
        if not represented or (circle and circle not in represented):
            raise RuleBroken(
                "5.4.1",
                _("Only a circle rep invites a guest, to the meeting of the circle right around theirs."),
            )
        if not circle and len(represented) > 1:
            raise Refused(_("Say for which of your circles."), field="circle")
        chosen = circle or next(iter(represented))
        words = clean(tension, "tension", most=WORDS_LENGTH, required=True)
        if not person.partner or not person.present or person.organization_id != actor.organization_id:
            raise RuleBroken("5.4.1", _("Invite a partner of the organization."), field="person")
        if room.takes_part(person):
            raise Refused(
                _("%(name)s takes part in this meeting already.") % {"name": person.name}, field="person"
            )
        _end_of_closed_meetings(actor, chosen)
        standing = Guest.objects.filter(invited_by=actor, circle=chosen, ended_at=None).select_related(
            "person"
        )
        for guest in standing:
            raise RuleBroken(
                "5.4.1",
                _("You invite one guest at a time. Withdraw the invitation of %(name)s first.")
                % {"name": guest.person.name},
                field="person",
            )
        guest = Guest.objects.create(
            organization=room.meeting.organization,
            meeting=room.meeting.pk,
            circle_id=chosen,
            person=person,
            invited_by=actor,
            tension=words,
        )
        write_down(
            room.meeting,
            "meeting.guest_invited",
            actor,
            name=person.name,
            circle_name=room.structure.role(chosen).shown_name,
            guest=guest.pk,
        )
        queue_job("meetings.mail_guest", guest.pk, organization=room.meeting.organization)
        tell(room.meeting)
    return guest


def _end_of_closed_meetings(rep: Person, circle: str) -> None:
    """A meeting that has gone ends what was an invitation to it, should it have been left standing."""
    standing = Guest.objects.filter(invited_by=rep, circle=circle, ended_at=None)
    open_ = Meeting.objects.exclude(state=Meeting.State.CLOSED).filter(
        pk__in=standing.values_list("meeting", flat=True)
    )
    standing.exclude(meeting__in=list(open_.values_list("pk", flat=True))).update(ended_at=timezone.now())


def withdraw(meeting: Meeting, guest_id: str, *, actor: Person) -> None:
    """Withdraw the invitation of a guest: who invited them; the guest may go by themself. They leave the room.

    An item that is theirs is put aside. Raises NotAllowed.
    """
    from meetings.actions.sessions import let_go

    with transaction.atomic():
        room = Room(lock(meeting))
        guest = Guest.objects.filter(pk=guest_id, meeting=room.meeting.pk, ended_at=None).first()
        if guest is None:
            return
        if actor.pk not in (guest.invited_by_id, guest.person_id):
            raise NotAllowed(_("Only who invited this guest withdraws the invitation."))
        guest.ended_at = timezone.now()
        guest.save(update_fields=["ended_at"])
        room.__dict__.pop("guests", None)
        item = room.item
        if item is not None and item.owner_id == guest.person_id and not room.takes_part(guest.person):
            if room.proposal is not None:
                in_meeting.hand_back(proposals.lock(room.proposal))
            end_item(room, item, AgendaItem.State.PARKED, AgendaItem.Outcome.UNFINISHED, actor=actor)
            room.__dict__.pop("item", None)
            room.__dict__.pop("items", None)
            room.__dict__.pop("proposal", None)
        if room.is_here(guest.person) and not room.takes_part(guest.person):
            let_go(room, guest.person)
        write_down(room.meeting, "meeting.guest_withdrawn", actor, name=guest.person.name, guest=guest.pk)
        tell(room.meeting)


def end_all(meeting: Meeting) -> None:
    """Let the invitations to a meeting end with it."""
    Guest.objects.filter(meeting=meeting.pk, ended_at=None).update(ended_at=timezone.now())


def speaks_for_5_4_1(room: Room, person: Person, role: str | None) -> None:
    """§5.4.1: a guest represents their host's circle while the tension they were invited for is processed, and at no
    other time. Raises RuleBroken."""
    guest = room.guest(person)
    if guest is None or person.pk in room.member_ids or not role:
        return
    if room.item is None or room.item.guest_id != guest.pk:
        circle = room.structure.get(RoleRow, guest.circle_id)
        raise RuleBroken(
            "5.4.1",
            _("You are here for “%(tension)s” and represent %(circle)s while it is processed, not now.")
            % {"tension": guest.tension, "circle": circle.shown_name if circle else ""},
            field="role",
        )
