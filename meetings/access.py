"""Who may know of a meeting, and who may take part in it (§5.4.1)."""

from __future__ import annotations

from django.http import Http404
from django.utils.translation import gettext as _

from circles.structure import Structure
from governance.facilitation import SEATS, acting
from governance.representation import guests
from meetings.models import Meeting, MeetingRequest
from people.models import Person
from people.refusals import RuleBroken


def get_meeting(viewer: Person, meeting_id: str) -> Meeting:
    """Return a meeting of the viewer's organization, with its circle, facilitator and secretary; else Http404."""
    meeting = (
        Meeting.objects.select_related(
            "circle", "facilitator", "secretary", "time_out_asked_by", "scheduled_by"
        )
        .filter(organization=viewer.organization, pk=meeting_id)
        .first()
    )
    if meeting is None:
        raise Http404
    meeting.organization = meeting.circle.organization = viewer.organization
    return meeting


def get_request(viewer: Person, request_id: str) -> MeetingRequest:
    """Return a request for a special meeting in the viewer's organization that waits to be scheduled; else Http404."""
    found = (
        MeetingRequest.objects.select_related("circle", "asked_by")
        .filter(organization=viewer.organization, pk=request_id, meeting=None, taken_back_at=None)
        .first()
    )
    if found is None:
        raise Http404
    found.organization = found.circle.organization = viewer.organization
    return found


def may_take_part(meeting: Meeting, person: Person, structure: Structure | None = None) -> bool:
    """Tell whether somebody takes part in a meeting: a circle member; its acting facilitator or secretary, who are
    members while it lasts; a guest of a circle rep (§5.4.1)."""
    if person.organization_id != meeting.organization_id or not person.present:
        return False
    if person.pk in (meeting.facilitator_id, meeting.secretary_id):
        return True
    structure = structure or Structure.of(meeting.organization_id)
    if person.pk in structure.members(meeting.circle_id):
        return True
    if any(g.person_id == person.pk for g in guests(structure, meeting.pk, meeting.circle_id)):
        return True
    return any(
        person.pk in found.people
        for kind in SEATS
        if (found := acting(structure, meeting.circle_id, kind)).at_once
    )


def require_part(meeting: Meeting, person: Person, structure: Structure | None = None) -> None:
    """Raise RuleBroken §5.4.1 unless ``person`` takes part in the meeting."""
    if not may_take_part(meeting, person, structure):
        raise RuleBroken(
            "5.4.1",
            _(
                "Only circle members of %(circle)s, its acting facilitator and secretary, and guests of circle reps "
                "take part in this meeting."
            )
            % {"circle": meeting.circle.shown_name},
        )


def can_follow_meeting(viewer: Person, meeting_id: str) -> bool:
    """Tell whether somebody may follow a meeting live: whoever takes part in it."""
    try:
        meeting = get_meeting(viewer, meeting_id)
    except Http404:
        return False
    return may_take_part(meeting, viewer)
