"""Northwind with one of everything in it, so that every address of the site leads somewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern
from django.utils import timezone

from announcements import actions as announcements
from circles.models import Assignment, Domain, Link, Policy, Role
from governance.actions import breakdowns, elections, proposals, rulings, set_up
from governance.actions.linking import link_role
from governance.actions.people import issue_token
from governance.authority import PROPOSAL, Authority
from governance.changes import AddPolicy, AddRole, Assign, NewLine
from governance.enactment import enact
from journal.topics import topic_name
from meetings.actions import agenda, sessions, special
from people.ids import new_id
from people.models import Person
from tensions import actions as tensions
from tests import world as worlds
from tests.meetings.room import TEXT, Held
from tests.staging import staged


def patterns() -> dict[str, set[str]]:
    """Every named address of the site, those of libraries too, with the names of its parts."""

    def walk(
        found: list[URLPattern | URLResolver], spaces: str, parts: set[str]
    ) -> Iterator[tuple[str, set[str]]]:
        for one in found:
            here = one.pattern
            own = set(here.converters if isinstance(here, RoutePattern) else here.regex.groupindex)
            if isinstance(one, URLResolver):
                inner = f"{spaces}{one.namespace}:" if one.namespace else spaces
                yield from walk(one.url_patterns, inner, parts | own)
            else:
                assert one.name, f"the address {here} has no name"
                yield f"{spaces}{one.name}", parts | own

    return dict(walk(get_resolver().url_patterns, "", set()))


class Everything:
    """The world, and what the parts of its addresses are.

    Maya holds a tension, a draft, a key and a role; she brings a proposal to the meeting under way. Samira's
    proposal waits for answers. One meeting is over. Nils has been invited.
    """

    def __init__(self) -> None:
        self.world = world = worlds.build()
        self.patterns = patterns()
        storefront = world.role("storefront")
        self.tension = tensions.capture(actor=world.maya, text="Briefs reach me too late", role_id=None)
        self.draft = proposals.start_draft(
            storefront, actor=world.maya, changes=[self.amends("copywriter")], **TEXT
        )
        self.proposal = proposals.start_draft(
            storefront, actor=world.samira, role=world.role_ids["photo"], changes=[self.amends("merchandiser")],
            **TEXT,
        )  # fmt: skip
        proposals.propose(self.proposal, actor=world.samira)
        self.guide = Domain.objects.get(role=world.role_ids["copywriter"])
        self.intent = announcements.announce_intent(
            world.role("merchandiser"),
            actor=world.priya,
            what="Add a chapter on sizes",
            domains=[self.guide.pk],
        )
        self.spending = announcements.announce_spending(
            world.role("photo"), actor=world.samira, asked_of=storefront, what="A second lamp",
            why="Winter light", amount="89.90", currency="EUR",
        )  # fmt: skip
        self.token, _secret = issue_token(actor=world.maya, label="Reports")
        self.nils = set_up.admit_person(actor=world.ines, name="Nils Aas", email="nils@northwind.example")
        _invitation, self.secret = set_up.invite(self.nils, actor=world.ines)
        over = Held(world, "tobias", "maya").begin()
        over.next()
        over.go_round()
        sessions.close(over.meeting, actor=world.noor)
        self.over = over.meeting
        self.held = Held(world, "tobias", "samira", "maya", "ines").begin()
        item = agenda.add(self.held.meeting, "Copy briefs", actor=world.maya)
        agenda.choose(self.held.meeting, item.pk, actor=world.noor)
        self.assignment = Assignment.objects.get(role=world.role_ids["copywriter"])
        self.policy = Policy.objects.filter(organization=world.organization).earliest("pk")
        assert world.outsider is not None
        self.theirs = self._theirs(world.outsider)
        self.breakdown = breakdowns.declare(
            world.role("love"), actor=world.hana, reasons="Nobody asks anybody"
        )
        self.wanted = special.ask_for(storefront, actor=world.maya, intent="The voice guide")
        self.ruling = rulings.ask(storefront, actor=world.maya, question="Do parcels count as campaigns?")
        sales = AddPolicy(new_id(), storefront.pk, "No sales", "None in spring.", ("constraint",))
        by_proposal = Authority(PROPOSAL, actor=world.maya.pk, circle=storefront.pk)
        self.decided = enact(world.organization, [sales], authority=by_proposal).decision
        self.election = elections.call_election(storefront, "secretary", actor=world.maya)
        elections.begin_nominations(
            self.election, actor=world.noor, term_ends=timezone.localdate() + dt.timedelta(days=365)
        )
        self.link = self._linked()
        self.brought = agenda.present(self.held.meeting, actor=world.maya)

    def _linked(self) -> Link:
        """Size & Fit Guide, which nobody fills, so that Ines leads it, linked into Customer Love."""
        world = self.world
        effect = {"kind": "invite_link", "role": None}
        welcome = AddPolicy(
            new_id(), world.role_ids["anchor"], "Open circles", "", ("grant",), effect, inside=True
        )
        set_up.edit_structure([welcome], actor=world.ines, reason="Help from elsewhere")
        link_role(world.role("sizes"), world.role("love"), actor=world.ines)
        return Link.objects.get()

    @staticmethod
    def _theirs(greta: Person) -> dict[str, str]:
        """Things of Meltwater, by their kind."""
        anchor = Role.objects.get(organization=greta.organization, circle=None)
        role, line = new_id(), new_id()
        keeper = AddRole(
            role, anchor.pk, "Gauge Keeper", "Rivers are measured", (), (NewLine(line, "Gauges"),)
        )
        set_up.edit_structure([keeper, Assign(new_id(), role, greta.pk)], actor=greta, reason="")
        proposal = proposals.start_draft(anchor, actor=greta, **TEXT)
        return {
            "role": anchor.pk,
            "person": greta.pk,
            "domain": line,
            "tension": tensions.capture(actor=greta, text="The river is brown").pk,
            "proposal": proposal.pk,
        }

    def amends(self, role: str) -> dict[str, Any]:
        """A change that gives a role one accountability more."""
        line = {"op": "add", "text": "Sending Photo Desk a brief"}
        return {"kind": "amend_role", "role": self.world.role_ids[role], "accountabilities": [line]}

    def address(self, name: str, slug: str = "northwind") -> str:
        """The address of a page by its name; ``@`` and a word after it say which thing it shows.

        With the ``slug`` of another organization, it names the same things below that one.
        """
        name, _at, which = name.partition("@")
        parts = {
            part: getattr(self, f"_{part}")(name, which) for part in self.patterns[name] - {"organization"}
        }
        if "organization" in self.patterns[name]:
            parts["organization"] = slug
        return reverse(name, kwargs=parts)

    def _ref(self, name: str, which: str) -> str:
        world = self.world
        if name in ("circles:policy", "api:policy"):
            return self.policy.ref
        if name in ("pages:person", "api:person"):
            return world.hana.ref
        if name in ("governance:represent", "api:representatives"):
            return world.role("copywriter").ref
        if name == "governance:calendar":
            return world.role("anchor").ref
        if name == "governance:stand_in":
            return world.role("storefront.facilitator").ref
        if name.startswith("people:structure_"):
            return world.role(which or "sizes").ref
        if name.startswith("people:"):
            return (self.nils if name == "people:invite" else world.callum).ref
        return world.role(which or "storefront").ref

    def _policy(self, name: str, which: str) -> str:
        return self.policy.pk

    def _assignment(self, name: str, which: str) -> str:
        return self.assignment.pk

    def _tension(self, name: str, which: str) -> str:
        return self.tension.pk

    def _token(self, name: str, which: str) -> str:
        return self.token.pk

    def _proposal(self, name: str, which: str) -> str:
        mine = which == "draft" or (name in ("governance:draft", "governance:merge") and not which)
        return self.draft.pk if mine else self.proposal.pk

    def _election(self, name: str, which: str) -> str:
        return self.election.pk

    def _meeting(self, name: str, which: str) -> str:
        return self.over.pk if which == "over" else self.held.meeting.pk

    def _breakdown(self, name: str, which: str) -> str:
        return self.breakdown.pk

    def _wanted(self, name: str, which: str) -> str:
        return self.wanted.pk

    def _topic(self, name: str, which: str) -> str:
        topics = {
            "draft": self.draft,
            "proposal": self.proposal,
            "meeting": self.held.meeting,
            "announcement": self.intent,
            "election": self.election,
        }
        return topic_name("proposal" if which == "draft" else which, topics[which].pk)

    def _announcement(self, name: str, which: str) -> str:
        return (self.spending if name == "api:announcement_escalations" else self.intent).pk

    def _secret(self, name: str, which: str) -> str:
        return self.secret

    def _ruling(self, name: str, which: str) -> str:
        return self.ruling.pk

    def _link(self, name: str, which: str) -> str:
        return self.link.pk

    def _about(self, name: str, which: str) -> str:
        return f"policy:{self.policy.pk}"

    def _number(self, name: str, which: str) -> int | str:
        if name in ("governance:undo", "api:undo") and self.decided is not None:
            return self.decided.number
        return "5.3.2" if name == "pages:clause" else 1

    def _name(self, name: str, which: str) -> str:
        return which or "ask_time_out"

    def _key(self, name: str, which: str) -> str:
        return "no-such-key"

    def _uidb36(self, name: str, which: str) -> str:
        return "1"


@staged
def everything() -> Everything:
    """Northwind with one of everything in it."""
    return Everything()
