"""Asking for a special meeting, with an intent and limits (§5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.constitution import SECRETARY
from circles.models import Role
from circles.structure import Structure
from governance.changes.base import clean
from governance.facilitation import acting
from journal.actions import queue_job, record
from meetings.limits import clean_limits
from meetings.models import MeetingRequest
from people.models import Person
from people.refusals import NotAllowed, Refused, RuleBroken

INTENT_LENGTH = 400


def ask_for(
    circle: Role, *, actor: Person, intent: str, limits: Mapping[str, Any] | None = None
) -> MeetingRequest:
    """Ask the secretary for a special meeting of a circle, for an intent and within limits (``clean_limits``).

    Any circle member may; the secretary is told and schedules it promptly (``sessions.schedule``).
    Raises RuleBroken §5.4, Malformed, Refused where it is no circle.
    """
    structure = Structure.of(circle.organization_id)
    if not circle.present or circle.is_constitutional or not structure.is_circle(circle.pk):
        raise Refused(_("Choose a circle: a role with roles inside it."), field="circle")
    if actor.pk not in structure.members(circle.pk):
        raise RuleBroken(
            "5.4",
            _("Only circle members of %(circle)s ask for a special meeting. Ask one of them.")
            % {"circle": circle.shown_name},
        )
    words = clean(intent, "intent", most=INTENT_LENGTH, required=True)
    within = clean_limits(structure, circle.pk, limits or {})
    with transaction.atomic():
        request = MeetingRequest.objects.create(
            organization=circle.organization, circle=circle, asked_by=actor, intent=words, limits=within
        )
        record(
            organization=circle.organization,
            kind="meeting.requested",
            actor=actor,
            circle_id=circle.pk,
            request=request.pk,
            intent=words,
        )
        for person in sorted(acting(structure, circle.pk, SECRETARY).people - {actor.pk}):
            queue_job("meetings.mail_request", request.pk, person, organization=circle.organization)
    return request


def take_back(request: MeetingRequest, *, actor: Person) -> None:
    """Take a request for a special meeting back while it is not scheduled: who asked does. Raises NotAllowed,
    Refused."""
    with transaction.atomic():
        locked = MeetingRequest.objects.select_for_update(no_key=True, of=("self",)).get(pk=request.pk)
        if locked.asked_by_id != actor.pk:
            raise NotAllowed(_("Only who asked takes this back."))
        if locked.meeting_id is not None:
            raise Refused(_("The meeting is scheduled. Ask the secretary to cancel it."))
        if locked.taken_back_at is None:
            locked.taken_back_at = timezone.now()
            locked.save(update_fields=["taken_back_at"])
            record(
                organization=actor.organization,
                kind="meeting.request_taken_back",
                actor=actor,
                circle_id=locked.circle_id,
                request=locked.pk,
            )
