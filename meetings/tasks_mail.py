"""E-mails about meetings: run by the worker, safe to run late; run twice they say the same again."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from circles.structure import Structure
from governance.models import Guest
from journal.jobs import job
from meetings.limits import names_of
from meetings.models import Meeting, MeetingRequest
from people.letters import write_to
from people.models import Person


@job("meetings.mail_request")
def mail_request(request_id: str, person_id: str) -> None:
    """Tell a secretary that a special meeting was asked for, while it is not scheduled (§5.4)."""
    request = (
        MeetingRequest.objects.select_related("circle", "asked_by", "organization")
        .filter(pk=request_id, meeting=None, taken_back_at=None)
        .first()
    )
    person = Person.objects.present().select_related("organization").filter(pk=person_id).first()
    if request is None or person is None or not person.email:
        return
    within = names_of(Structure.of(request.organization_id), request.limits)
    path = reverse("meetings:list", args=[person.organization.slug])
    write_to(
        person,
        _("Schedule a special meeting of %(circle)s") % {"circle": request.circle.shown_name},
        "emails/special_meeting.txt",
        f"{path}?request={request.pk}",
        request=request,
        within=within,
    )


@job("meetings.mail_guest")
def mail_guest(guest_id: str) -> None:
    """Tell a partner that a circle rep invites them to a meeting, while the invitation holds (§5.4.1)."""
    guest = (
        Guest.objects.select_related("circle", "person__organization", "invited_by")
        .filter(pk=guest_id, ended_at=None)
        .first()
    )
    meeting = Meeting.objects.select_related("circle").filter(pk=guest.meeting).first() if guest else None
    if guest is None or meeting is None or not guest.person.present or not guest.person.email:
        return
    path = reverse("meetings:room", args=[guest.person.organization.slug, meeting.pk])
    write_to(
        guest.person,
        _("%(name)s invites you to a meeting of %(circle)s")
        % {"name": guest.invited_by.name, "circle": meeting.circle.shown_name},
        "emails/guest.txt",
        path,
        guest=guest,
        meeting=meeting,
    )
