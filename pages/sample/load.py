"""Building the sample organization: everything it is, and was, through the actions of its own people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from announcements import actions as announcing
from circles import constitution
from circles.models import Role as RoleModel
from circles.structure import AccountabilityRow, DomainRow, PolicyRow, Structure
from governance import changes
from governance.actions import assignments, people, proposals, set_up
from governance.models import Proposal as ProposalModel
from journal.models import Job
from journal.tasks import claim, run_claimed
from meetings.actions import agenda, rounds, sessions
from meetings.models import Meeting, Turn
from pages import sample
from pages.sample.clock import Clock, living_at
from pages.sample.doing import Doing
from people.ids import derived_id, new_id
from people.models import Account, Organization
from people.models import Person as PersonModel
from tensions.actions import capture
from tensions.models import Tension

FOUNDED = 190
ADOPTED = 180
SATURDAY = 5
IN_THE_ROOM = 2

L = TypeVar("L", AccountabilityRow, DomainRow)


def load(data: sample.Organization, *, password: str | None = None) -> Organization | None:
    """Build a sample organization as if its people had done it all, and return it; None if it is there already.

    It is one transaction: whatever interrupts it leaves nothing. People get accounts without a password, which
    demo mode lets one step into; the founder gets ``password`` if there is one.
    """
    with transaction.atomic():
        if Organization.objects.filter(slug=data.slug).exists():
            return None
        clock = Clock(timezone.now())
        with living_at(clock), without_mail():
            Builder(data, clock, password).build()
    return Organization.objects.get(slug=data.slug)


@contextmanager
def without_mail() -> Iterator[None]:
    """Let nobody be written to: the people of the sample have no mailbox."""
    was = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    try:
        yield
    finally:
        settings.EMAIL_BACKEND = was


class Builder:
    """Builds one organization, in the order of time. Knows everybody and everything by the keys of the data."""

    def __init__(self, data: sample.Organization, clock: Clock, password: str | None) -> None:
        self.data = data
        self.clock = clock
        self.password = password
        self.today = clock.now
        self.zone = ZoneInfo(data.zone)
        self.people: dict[str, PersonModel] = {}
        self.roles: dict[str, str] = {}
        self.policies: dict[str, str] = {}
        self.doing = Doing(self)

    def build(self) -> None:
        self.found()
        # What decides goes on the record: in the order of time
        past = [*self.data.decided, *self.data.done]
        for one in sorted(past, key=lambda one: -one.days_ago):
            if isinstance(one, sample.Proposal):
                self.decide(one)
            else:
                self.doing.do(one)
        for tension in sorted(self.data.tensions, key=lambda t: -t.days_ago):
            self.go_to(tension.days_ago, hour=8)
            self.capture(
                tension.person, tension.role, "\n\n".join(filter(None, (tension.title, tension.text)))
            )
        for proposal in sorted(self.data.open, key=lambda p: -p.days_ago):
            self.clock.now = self.today - dt.timedelta(days=proposal.days_ago, hours=5)
            self.propose(self.draft(proposal), answered=proposal.answered)
        for proposal in self.data.drafts:
            self.clock.now = self.today - dt.timedelta(hours=2)
            self.draft(proposal)
        self.clock.now = self.today
        for meeting in self.data.meetings:
            self.schedule(meeting)
        for announced in sorted(self.data.announced, key=lambda a: -a.days_ago):
            self.announce(announced)
        self.clock.now = self.today
        self.let_worker_work()

    # -- time ---------------------------------------------------------------------------------------------------

    def go_to(self, days_ago: int, *, hour: int) -> None:
        """Go to that hour so many days ago in the organization's zone, or on the Friday before a weekend; never
        beyond now."""
        day = (self.today - dt.timedelta(days=days_ago)).astimezone(self.zone)
        day -= dt.timedelta(days=max(0, day.weekday() - SATURDAY + 1))
        self.clock.now = min(day.replace(hour=hour, minute=0, second=0, microsecond=0), self.today)

    def let_worker_work(self) -> None:
        """Do what the worker would have done by now."""
        while True:
            due = Job.objects.filter(organization=self.organization, done_at=None, due__lte=timezone.now())
            waiting = due.order_by("due", "pk").first()
            if waiting is None:
                return
            job = claim(waiting.pk)
            if job is not None:
                run_claimed(job)
                job.refresh_from_db()
            if job is None or job.failed:
                raise RuntimeError(f"{waiting} could not be run: {job.failed if job else ''}")

    # -- announcing ---------------------------------------------------------------------------------------------

    def announce(self, one: sample.Announced) -> None:
        """Announce something, and do what came of it on the days after."""
        self.go_to(one.days_ago, hour=9)
        if not one.days_ago:
            self.clock.now = self.today - dt.timedelta(hours=1)
        person = self.people[one.person]
        given: dict[str, Any] = {"actor": person, "what": one.what, "why": one.why}
        role = self.role(one.role) if one.role else None
        if one.kind == "initiative" or role is None:
            affected = [self.role(key) for key in one.affected]
            made = announcing.record_initiative(roles=affected, role=role, crossed=one.crossed, **given)
        elif one.kind == "intent":
            structure = Structure.of(self.organization.pk)
            domains = [self.line(structure, DomainRow, key, text) for key, text in one.domains]
            made = announcing.announce_intent(role, domains=domains, **given)
        else:
            asked = self.role(one.asked_of)
            made = announcing.announce_spending(
                role, asked_of=asked, amount=one.amount, currency="EUR", **given
            )
        asker, words = one.said
        if asker:
            self.clock.tick(100)
            reply = announcing.ask(made, actor=self.people[asker], kind="restore", words=words)
            self.clock.tick(200)
            announcing.answer(reply, actor=person, words=one.answer)
        if one.done and made.due_at is not None:
            self.clock.now = made.due_at + dt.timedelta(days=1)
            self.let_worker_work()
            announcing.report_done(made, actor=person, note=one.done)

    # -- founding -----------------------------------------------------------------------------------------------

    def found(self) -> None:
        names = {person.key: person for person in self.data.people}
        founder = next(person for person in self.data.people if person.admin)
        self.go_to(FOUNDED, hour=9)
        first = set_up.found_organization(
            name=self.data.name,
            slug=self.data.slug,
            zone=self.data.zone,
            ratifiers=[names[key].name for key in self.data.ratifiers],
            purpose=self.data.anchor.purpose,
            founder_name=founder.name,
            account=Account.objects.create_user(founder.email, self.password),
            anchor_lead=False,
            time_limit=None,
        )
        self.organization = first.organization
        self.founder = people.describe_person(first, actor=first, name=founder.name, zone=founder.zone)
        self.people[founder.key] = self.founder
        for person in self.data.people:
            if person.key not in self.people:
                self.admit(person)
        anchor = Structure.of(self.organization.pk).anchor()
        if anchor is None:
            raise RuntimeError("found_organization leaves an anchor circle behind.")
        self.roles[self.data.anchor.key] = anchor.id
        set_up.edit_structure(list(self.first_structure()), actor=self.founder, reason=_("First structure"))
        self.go_to(ADOPTED, hour=10)
        set_up.declare_adoption(actor=self.founder)
        self.organization.refresh_from_db()
        self.let_worker_work()

    def admit(self, person: sample.Person) -> None:
        self.clock.tick(7)
        admitted = set_up.admit_person(
            actor=self.founder,
            name=person.name,
            email=person.email,
            zone=person.zone,
            partner=person.partner,
            admin=person.admin,
        )
        invitation, _secret = set_up.invite(admitted, actor=self.founder)
        account = Account.objects.create_user(person.email)
        self.people[person.key] = set_up.accept_invitation(invitation, account=account)

    def first_structure(self) -> Iterator[changes.Change]:
        domains: dict[tuple[str, str], str] = {}
        for role, circle in self.data.roles():
            lines = []
            for domain in role.domains:
                within = domains.get((circle.key, domain.within)) if circle else None
                lines.append(changes.NewLine(new_id(), domain.name, None, within, domain.internal))
                domains[role.key, domain.name] = lines[-1].id
            if circle is not None:
                self.roles[role.key] = new_id()
                accountabilities = tuple(changes.NewLine(new_id(), text) for text in role.accountabilities)
                yield changes.AddRole(
                    self.roles[role.key],
                    self.roles[circle.key],
                    role.name,
                    role.purpose,
                    accountabilities,
                    tuple(lines),
                )
            for policy in role.policies:
                yield self.add_policy(role.key, policy, domains.get((role.key, policy.domain)))
        for role, _circle in self.data.roles():
            if role.strategy:
                yield changes.AmendStrategies(self.roles[role.key], (), ((new_id(), role.strategy),))
            for filling in role.filled_by:
                yield self.assign(self.roles[role.key], filling.person, filling.focus)
        # A rep must be a circle member already, by another seat
        for kind in (constitution.FACILITATOR, constitution.SECRETARY, constitution.CIRCLE_REP):
            for role, _circle in self.data.roles():
                seat = {
                    constitution.FACILITATOR: role.facilitator,
                    constitution.SECRETARY: role.secretary,
                    constitution.CIRCLE_REP: role.rep,
                }[kind]
                if seat is not None:
                    ends = (self.today + dt.timedelta(days=seat.days)).date().isoformat()
                    yield self.assign(derived_id(self.roles[role.key], kind), seat.person, "", ends)

    def assign(self, role: str, person: str, focus: str = "", ends: str | None = None) -> changes.Assign:
        return changes.Assign(new_id(), role, self.people[person].pk, focus, ends)

    def add_policy(self, holder: str, policy: sample.Policy, domain: str | None) -> changes.AddPolicy:
        self.policies[policy.key] = new_id()
        effect = dict(policy.effect) if policy.effect is not None else None
        if effect is not None and effect.get("role"):
            effect["role"] = self.roles[effect["role"]]
        return changes.AddPolicy(
            self.policies[policy.key],
            self.roles[holder],
            policy.title,
            policy.body,
            tuple(sorted(policy.kinds)),
            effect,
            domain,
            inside=policy.in_sub_circles,
        )

    # -- tensions and proposals ---------------------------------------------------------------------------------

    def role(self, key: str) -> RoleModel:
        return RoleModel.objects.select_related("organization").get(pk=self.roles[key])

    def capture(self, person: str, role: str, text: str) -> Tension:
        return capture(actor=self.people[person], text=text, role_id=self.roles.get(role))

    def speaks_for(self, proposal: sample.Proposal) -> str:
        """Return the role a proposer represents: one they fill, the circle lead's, or the circle they are rep of."""
        if proposal.role == proposal.circle:
            return derived_id(self.roles[proposal.circle], constitution.CIRCLE_LEAD)
        return self.roles[proposal.role.removesuffix(".rep")]

    def draft(self, proposal: sample.Proposal, tension: Tension | None = None) -> ProposalModel:
        structure = Structure.of(self.organization.pk)
        return proposals.start_draft(
            self.role(proposal.circle),
            actor=self.people[proposal.proposer],
            from_tension=tension,
            title=proposal.title,
            tension=proposal.tension,
            example=proposal.example,
            how_helped=proposal.helped,
            role=self.speaks_for(proposal),
            changes=[
                self.change(structure, proposal.circle, change).to_json() for change in proposal.changes
            ],
        )

    def decide(self, proposal: sample.Proposal) -> None:
        """Let a past proposal be sensed, proposed and adopted on its day, the way it was, and its roles filled."""
        self.go_to(proposal.days_ago + 2, hour=14)
        tension = self.capture(proposal.proposer, proposal.role, proposal.tension)
        self.go_to(proposal.days_ago + 1, hour=9)
        draft = self.draft(proposal, tension)
        if proposal.way == "asynchronous":
            self.propose(draft)
        else:
            self.go_to(proposal.days_ago, hour=14)
            self.meet(draft)
        draft.refresh_from_db()
        if draft.state != ProposalModel.State.ADOPTED:
            raise RuntimeError(
                f"“{draft}” was not adopted: {draft.get_state_display()} {draft.settled_reason}"
            )
        self.clock.tick(30)
        for change in proposal.changes:
            if isinstance(change, sample.AddRole):
                self.fill(proposal.circle, change.role)
        self.let_worker_work()

    def fill(self, circle: str, role: sample.Role) -> None:
        leads = sorted(Structure.of(self.organization.pk).circle_leads(self.roles[circle]))
        lead = next(person for person in self.people.values() if person.pk in leads)
        for filling in role.filled_by:
            assignments.assign_role(
                self.role(role.key), self.people[filling.person], actor=lead, focus=filling.focus
            )

    def propose(self, draft: ProposalModel, answered: tuple[str, ...] | None = None) -> None:
        """Propose to all circle members, and let those who are named answer, one after the other; or everybody."""
        proposals.propose(draft, actor=draft.proposer)
        self.let_worker_work()
        self.everybody_answers(draft, answered)

    def everybody_answers(self, proposal: ProposalModel, answered: tuple[str, ...] | None = None) -> None:
        """Let those who are named say that they have no objection, one after the other; or everybody."""
        asked = proposal.responses.filter(answer="").select_related("person").order_by("person__name", "pk")
        named = None if answered is None else {self.people[key].pk for key in answered}
        for response in asked:
            if named is None or response.person_id in named:
                self.clock.tick(25)
                person = PersonModel.objects.select_related("organization").get(pk=response.person_id)
                proposal.refresh_from_db()
                proposals.answer(proposal, actor=person, text_version=proposal.text_version)
        self.let_worker_work()

    # -- meetings -----------------------------------------------------------------------------------------------

    def seat(self, circle: str, kind: str) -> PersonModel:
        seat = RoleModel.objects.get(pk=derived_id(self.roles[circle], kind)).assignments.get()
        return PersonModel.objects.select_related("organization").get(pk=seat.person_id)

    def key_of_circle(self, role_id: str) -> str:
        return next(key for key, value in self.roles.items() if value == role_id)

    def meet(self, draft: ProposalModel) -> None:
        """Hold a governance meeting in which one proposal goes through all steps and is adopted (§5.4)."""
        circle = self.key_of_circle(draft.circle_id)
        facilitator = self.seat(circle, constitution.FACILITATOR)
        secretary = self.seat(circle, constitution.SECRETARY)
        meeting = sessions.open_now(self.role(circle), minutes=60, actor=facilitator)
        members = Structure.of(self.organization.pk).members(self.roles[circle])
        others = sorted((p for p in self.people.values() if p.pk in members), key=lambda p: p.name)
        # Enough for a meeting; who is not there does not hold it up (§5.4.2)
        for person in (secretary, draft.proposer, *others[:IN_THE_ROOM]):
            sessions.enter(meeting, actor=person)
        self.clock.tick(2)
        rounds.begin(meeting, actor=facilitator)
        self.go_round(meeting)
        rounds.advance(meeting, actor=facilitator)
        item = agenda.add(meeting, draft.title, actor=draft.proposer, proposal=draft)
        self.clock.tick(3)
        agenda.choose(meeting, item.pk, actor=facilitator)
        while True:
            self.go_round(meeting)
            self.let_worker_work()
            draft.refresh_from_db()
            if draft.state != ProposalModel.State.IN_MEETING:
                break
            self.clock.tick(3)
            rounds.advance(meeting, actor=facilitator)
        rounds.advance(meeting, actor=facilitator)
        self.go_round(meeting)
        sessions.close(meeting, actor=facilitator)
        self.let_worker_work()

    def go_round(self, meeting: Meeting) -> None:
        """Let everybody who has a turn in the round that is held speak, one at a time."""
        while True:
            turn = (
                meeting.turns.filter(state=Turn.State.SPEAKING).select_related("person__organization").first()
            )
            if turn is None:
                return
            self.clock.tick(0.5)
            if turn.step == "objections":
                rounds.no_objection(meeting, turn.pk, actor=turn.person)
            else:
                rounds.take_turn(meeting, turn.pk, actor=turn.person)

    def schedule(self, meeting: sample.Meeting) -> None:
        now = self.today.astimezone(self.zone)
        starts = now.replace(hour=meeting.starts.hour, minute=meeting.starts.minute, second=0, microsecond=0)
        starts += dt.timedelta(days=(meeting.weekday - now.weekday()) % 7)
        if starts <= now:
            starts += dt.timedelta(days=7)
        sessions.schedule(
            self.role(meeting.circle),
            at=starts,
            minutes=meeting.minutes,
            actor=self.seat(meeting.circle, constitution.SECRETARY),
        )

    # -- changes ------------------------------------------------------------------------------------------------

    def change(self, structure: Structure, circle: str, change: sample.Change) -> changes.Change:
        """Return a change of the data as one of the catalogue, seen from the structure as it is."""
        match change:
            case sample.AddRole(role):
                self.roles[role.key] = new_id()
                return changes.AddRole(
                    self.roles[role.key],
                    self.roles[circle],
                    role.name,
                    role.purpose,
                    tuple(changes.NewLine(new_id(), text) for text in role.accountabilities),
                    tuple(self.new_domain(structure, circle, domain) for domain in role.domains),
                )
            case sample.AmendRole():
                return self.amend_role(structure, circle, change)
            case sample.RemoveRole(key):
                return changes.RemoveRole(self.roles[key])
            case sample.AddPolicy(holder, policy):
                domain = self.line(structure, DomainRow, holder, policy.domain) if policy.domain else None
                return self.add_policy(holder, policy, domain)
            case sample.AmendPolicy(key, title, body):
                stands = structure.get(PolicyRow, self.policies[key])
                if stands is None:
                    raise RuntimeError(f"There is no policy {key}.")
                edits = {"title": (stands.title, title), "body": (stands.body, body)}
                return changes.AmendPolicy(
                    stands.id, {f: changes.Edit(was, to) for f, (was, to) in edits.items() if to is not None}
                )
            case sample.RemovePolicy(key):
                return changes.RemovePolicy(self.policies[key])

    def amend_role(self, structure: Structure, circle: str, change: sample.AmendRole) -> changes.AmendRole:
        role = structure.role(self.roles[change.role])
        by = None if role.circle == self.roles[circle] else self.roles[circle]
        accountabilities = [
            *(
                self.remove(structure, AccountabilityRow, change.role, t)
                for t in change.remove_accountabilities
            ),
            *(
                changes.LineEdit("amend", self.line(structure, AccountabilityRow, change.role, was), was, to)
                for was, to in change.amend_accountabilities
            ),
            *(self.add(changes.NewLine(new_id(), text, by=by)) for text in change.add_accountabilities),
        ]
        domains = [
            *(self.remove(structure, DomainRow, change.role, text) for text in change.remove_domains),
            *(self.add(self.new_domain(structure, circle, domain)) for domain in change.add_domains),
        ]
        return changes.AmendRole(
            role.id,
            changes.Edit(role.name, change.name) if change.name is not None else None,
            changes.Edit(role.purpose, change.purpose) if change.purpose is not None else None,
            tuple(accountabilities),
            tuple(domains),
        )

    def new_domain(self, structure: Structure, circle: str, domain: sample.Domain) -> changes.NewLine:
        within = self.line(structure, DomainRow, circle, domain.within) if domain.within else None
        return changes.NewLine(new_id(), domain.name, None, within, domain.internal)

    def add(self, line: changes.NewLine) -> changes.LineEdit:
        return changes.LineEdit("add", line.id, new=line)

    def remove(self, structure: Structure, kind: type[L], role: str, text: str) -> changes.LineEdit:
        return changes.LineEdit("remove", self.line(structure, kind, role, text), text)

    def line(self, structure: Structure, kind: type[L], role: str, text: str) -> str:
        """Return the identifier of the accountability or domain of a role that has these words."""
        return next(line.id for line in structure.lines(kind, self.roles[role]) if line.text == text)
