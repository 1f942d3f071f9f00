"""The page of one announcement as one person sees it: how it stands, who was reached, and what they may do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from announcements import actions, queries, reach
from announcements.models import Announcement, Recipient, Reply
from circles.models import Role
from circles.structure import DomainRow, Structure
from journal.queries import latest_number
from journal.topics import topic_name
from people.access import OrganizationRequest
from people.refusals import Refused, RuleBroken

PARTS = frozenset({"head", "facts", "say", "rail"})
State = Announcement.State


class Reading:
    """The page of an announcement as one person sees it."""

    def __init__(
        self, request: OrganizationRequest, announcement: Announcement, refused: Refused | None
    ) -> None:
        self.request, self.announcement, self.refused = request, announcement, refused
        self.person = request.person
        self.structure = Structure.of(announcement.organization_id)
        self.state = announcement.stands
        self.is_author = announcement.author_id == self.person.pk
        asked = announcement.asked_of_id
        self.leads_asked = asked is not None and self.person.pk in self.structure.role_leads(asked)

    def show(self) -> HttpResponse:
        """Answer with the page, or with the part of it that is asked for."""
        part = self.request.GET.get("part", "")
        name = f"#{part}" if part in PARTS and self.request.method != "POST" else ""
        return render(
            self.request,
            f"announcements/announcement.html{name}",
            self.context(),
            status=422 if self.refused else 200,
        )

    def context(self) -> dict[str, Any]:
        """Everything the page shows."""
        announcement = self.announcement
        if not self.is_author and self.request.method != "POST":
            actions.mark_seen(announcement, actor=self.person)
        # Read before all else: what changes while the page is being read is then sent to it
        topic = topic_name("announcement", announcement.pk)
        number = latest_number(announcement.organization_id, topic)
        recipients = list(announcement.recipients.select_related("person").order_by("person__name", "pk"))
        mine = next((r for r in recipients if r.person_id == self.person.pk), None)
        touched = list(
            announcement.touched.select_related("role__circle", "permitted_by").order_by("text", "role__name")
        )
        replies = list(
            announcement.replies.select_related("person", "role", "ended_by").order_by("said_at", "pk")
        )
        self.mark_circles([announcement.role, announcement.asked_of, *(t.role for t in touched)])
        pill, words = queries.state_words(announcement)
        sent = self.request.POST
        return {
            "announcement": announcement,
            "state": self.state,
            "pill": pill,
            "state_words": words,
            "live_topic": topic,
            "live_after": number,
            "is_author": self.is_author,
            "touched": touched,
            "recipients": self.reached(recipients),
            "mine": mine,
            "replies": [self.shown(r) for r in replies],
            "standing": [r for r in replies if r.state == Reply.State.STANDING],
            "over": self.state in (State.WITHDRAWN, State.REVOKED, State.DONE),
            "course": self.course(),
            **self.may([t.domain for t in touched], [t.role_id for t in touched], mine, replies),
            "refused": self.refused,
            "refused_clause": self.refused.clause if isinstance(self.refused, RuleBroken) else "",
            "do": sent.get("do", ""),
            "typed": sent,
        }

    def mark_circles(self, roles: Iterable[Role | None]) -> None:
        """Note which of these roles are shown as circles."""
        shown = [role for role in roles if role is not None]
        circles = self.structure.circles_among([role.pk for role in shown])
        for role in shown:
            role.is_circle = role.pk in circles  # type: ignore[attr-defined]

    def may(
        self, domains: list[str], roles: list[str], mine: Recipient | None, replies: list[Reply]
    ) -> dict[str, Any]:
        """What the reader may do about it as it stands."""
        announcement, me = self.announcement, self.person.pk
        kind = announcement.kind
        stands = any(r.person_id == me and r.state == Reply.State.STANDING for r in replies)
        may: dict[str, Any] = {}
        if kind != "initiative" and reach.acts_on(self.structure, announcement, me):
            may["may_do"] = self.state == State.GRANTED
            may["may_withdraw"] = announcement.is_open or may["may_do"]
        elif kind == "intent" and self.state in (State.WAITING, State.OBJECTED) and not stands:
            rows = self.structure.get_many(DomainRow, [d for d in domains if d])
            reach.read_ahead(self.structure, rows.values())
            says = [(row, reach.say_in(self.structure, row)) for row in rows.values()]
            named = [row for row, say in says if me in say.reached]
            in_time = announcement.due_at is not None and timezone.now() < announcement.due_at
            own = [d for d in reach.own_domains(self.structure, me) if d.id not in {n.id for n in named}]
            may["may_permit"] = any(me in say.permit for _row, say in says)
            may["may_object"] = in_time and bool(named or own)
            may["named_domains"], may["own_domains"] = named, own
        elif kind == "spending":
            leads = self.leads_asked
            may["may_revoke"] = leads and (announcement.is_open or self.state == State.GRANTED)
            may["may_escalate"] = (
                announcement.is_open
                and self.state != State.GRANTED
                and not stands
                and (mine is not None or leads)
            )
        elif kind == "initiative":
            may["may_ask"] = me in reach.leads_of(self.structure, roles)
        may["may_note"] = (
            mine is not None
            and mine.noted_at is None
            and self.state in (State.WAITING, State.ESCALATED, State.RECORDED)
        )
        return may

    def reached(self, recipients: list[Recipient]) -> list[dict[str, Any]]:
        """Who was reached, with the roles they were reached through."""
        names = Role.objects.in_bulk({r for one in recipients for r in one.roles})
        return [
            {"one": one, "roles": [names[r].shown_name for r in one.roles if r in names][:3]}
            for one in recipients
        ]

    def shown(self, reply: Reply) -> dict[str, Any]:
        """What was said, and what the reader may do with it."""
        stands, mine = reply.state == Reply.State.STANDING, reply.person_id == self.person.pk
        return {
            "reply": reply,
            "stands": stands,
            "mine": mine,
            "may_end": stands and (mine or (reply.kind == Reply.Kind.ESCALATION and self.leads_asked)),
            "may_answer": stands and self.announcement.is_initiative and self.is_author,
            "typed": self.request.POST.get("answer", "")
            if self.request.POST.get("reply") == reply.pk
            else "",
        }

    def course(self) -> dict[str, Any]:
        """Where it is on its way."""
        announcement = self.announcement
        if announcement.kind == "initiative":
            return {}
        done = _("Taken") if announcement.kind == "intent" else _("Spent")
        granted = _("Permitted") if announcement.kind == "intent" else _("Authorized")
        steps = [("announced", _("Announced")), ("waiting", _("Others may stand against it"))]
        if self.state in (State.WITHDRAWN, State.REVOKED):
            words = _("Withdrawn") if self.state == State.WITHDRAWN else _("Revoked")
            return {"steps": [*steps, ("end", words)], "at": "end"}
        at = {State.GRANTED: "granted", State.DONE: "done"}.get(State(self.state), "waiting")
        return {"steps": [*steps, ("granted", granted), ("done", done)], "at": at}
