"""The proposal's editor inside the room: the desk of a draft, saved into the meeting as one writes."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django_htmx.http import trigger_client_event

from circles.structure import Structure
from governance.access import get_proposal
from governance.drafting import spoken_for
from governance.forms.draft import DraftForm
from governance.models import Proposal
from governance.views.drafts import Desk
from meetings.actions import texts
from meetings.models import Meeting
from people.access import OrganizationRequest
from people.refusals import Conflict, Refused


class RoomDesk(Desk):
    """One request at the desk in a meeting's room, by the proposer, the secretary or an objector (§5.4.5)."""

    def __init__(self, request: OrganizationRequest, proposal: Proposal, meeting: Meeting) -> None:
        super().__init__(request, proposal)
        self.meeting = meeting
        proposal.organization = meeting.organization
        proposal.circle = meeting.circle

    def save(self) -> None:
        saved = texts.write(
            self.meeting,
            self.form.data(),
            actor=self.request.person,
            text_version=self.form.text_version,
        )
        self.proposal = self._again(saved)
        self.form.text_version = saved.text_version
        self.saved = True

    def write(self) -> HttpResponse | None:
        """Do what the form asks for and save it. With htmx, return the desk, or while typing (``keep``) what is
        said about it alone; without, None: the page is the room, with this desk in it."""
        sent = self.request.POST
        do, _colon, key = sent.get("do", "save").partition(":")
        try:
            self.form = DraftForm.read(sent, self.proposal)
            if do == "mine" and (sent.get("seen_version") or "").isdecimal():
                self.form.text_version = int(sent["seen_version"][:9])
            if do in ("add", "remove", "up", "down"):
                self.arrange(do, key)
            if self.refused is None:
                self.save()
        except Conflict as conflict:
            self.refused = conflict
            self.stale = get_proposal(self.request.person, self.proposal.pk)
        except Refused as refused:
            self.refused = refused
        if not self.request.htmx:
            return None
        template = "meetings/_desk.html#kept" if do == "keep" else "meetings/_desk.html"
        response = render(self.request, template, {"meeting": self.meeting, "desk": self.context()})
        return trigger_client_event(response, "room:done") if self.refused is None else response

    def context(self) -> dict[str, Any]:
        context = super().context()
        structure = Structure.of(self.proposal.organization_id)
        # Whoever captures it, it is the proposer who proposes (§5.3)
        context["spoken_for"] = spoken_for(
            structure, self.proposal.circle_id, self.proposal.proposer_id, meeting=self.meeting.pk
        )
        return context
