"""What the people of the sample did besides proposing: led, linked, elected, asked, gave leave, kept a calendar."""

from __future__ import annotations

import datetime as dt
from functools import singledispatchmethod
from typing import TYPE_CHECKING

from circles import constitution
from circles.models import Role
from circles.structure import AccountabilityRow, Structure
from governance.actions import absences, calendars, elections, leading, linking, representation, rulings
from governance.models import Election
from pages import sample
from people.models import Person

if TYPE_CHECKING:
    from pages.sample.load import Builder

SATURDAY = 5


class Doing:
    """Lets the people of a sample do what its data says they did, on the day they did it."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder

    def person(self, key: str) -> Person:
        return self.builder.people[key]

    def role(self, key: str) -> Role:
        return self.builder.role(key)

    def in_days(self, days: int) -> dt.date:
        """Return the date so many days from the loading on, where the organization is."""
        return (self.builder.today + dt.timedelta(days=days)).astimezone(self.builder.zone).date()

    @singledispatchmethod
    def do(self, one: sample.Done) -> None:
        """Do one of these things, the way the one who did it would have."""
        raise TypeError(f"Nobody does {type(one).__name__}.")

    @do.register
    def lead(self, one: sample.Led) -> None:
        self.builder.go_to(one.days_ago, hour=10)
        circle = self.role(one.circle)
        leads = Structure.of(circle.organization_id).circle_leads(circle.pk)
        actor = next(person for person in self.builder.people.values() if person.pk in leads)
        if one.strategies:
            leading.set_strategies(circle, one.strategies, actor=actor)
        self.builder.clock.tick(15)
        if one.priorities:
            leading.set_priorities(circle, [self.builder.roles[key] for key in one.priorities], actor=actor)

    @do.register
    def link(self, one: sample.Linked) -> None:
        self.builder.go_to(one.days_ago, hour=8)
        linking.link_role(self.role(one.role), self.role(one.circle), actor=self.person(one.person))

    @do.register
    def elect(self, one: sample.Election) -> None:
        builder = self.builder
        builder.go_to(one.days_ago, hour=9)
        circle = self.role(one.circle)
        facilitator = builder.seat(one.circle, constitution.FACILITATOR)
        election = elections.call_election(circle, one.seat, actor=self.person(one.called_by))
        builder.clock.tick(40)
        elections.begin_nominations(
            election, actor=facilitator, term_ends=self.in_days(one.term), note=one.note
        )
        for ballot in one.nominations:
            builder.clock.tick(15)
            elections.nominate(
                election,
                actor=self.person(ballot.person),
                candidate=self.person(ballot.candidate).pk,
                reason=ballot.reason,
            )
        builder.let_worker_work()
        if one.elected:
            self.settle(one, election)

    def settle(self, one: sample.Election, election: Election) -> None:
        """Go through the change round of an election in which everybody has nominated, and let it be decided."""
        builder = self.builder
        began = builder.clock.now
        builder.go_to(one.days_ago - 1, hour=9)
        builder.clock.now = max(builder.clock.now, began + dt.timedelta(minutes=30))
        changing = {ballot.person: ballot for ballot in one.changed}
        for ballot in one.nominations:
            builder.clock.tick(15)
            actor = self.person(ballot.person)
            change = changing.get(ballot.person)
            if change is None:
                elections.keep_nomination(election, actor=actor)
            else:
                candidate = self.person(change.candidate).pk
                elections.change_nomination(election, actor=actor, candidate=candidate, reason=change.reason)
        builder.let_worker_work()
        proposal = election.proposals.get()
        builder.everybody_answers(proposal)
        election.refresh_from_db()
        if election.state != Election.State.ELECTED or election.candidate_id != self.person(one.elected).pk:
            raise RuntimeError(f"{one.elected} was not elected: {election.get_state_display()}")

    @do.register
    def ask(self, one: sample.Question) -> None:
        builder = self.builder
        builder.go_to(one.days_ago, hour=11)
        about, about_id = "policy", builder.policies.get(one.policy, "")
        if not about_id:
            structure = Structure.of(builder.organization.pk)
            about, about_id = (
                "accountability",
                builder.line(structure, AccountabilityRow, *one.accountability),
            )
        asked = rulings.ask(
            self.role(one.circle),
            actor=self.person(one.person),
            question=one.question,
            about=about,
            about_id=about_id,
            reading=one.reading,
            other=self.person(one.other) if one.other else None,
            other_reading=one.other_reading,
        )
        if one.ruling:
            builder.go_to(one.days_ago - 1, hour=15)
            secretary = builder.seat(one.circle, constitution.SECRETARY)
            rulings.rule(asked, actor=secretary, text=one.ruling, logic=one.logic, publish=True)

    @do.register
    def give_leave(self, one: sample.Leave) -> None:
        self.builder.go_to(one.days_ago, hour=12)
        actor, until = self.person(one.person), self.in_days(one.days)
        representation.let_represent(self.role(one.role), self.person(one.to), actor=actor, until=until)
        absences.be_away(actor=actor, first_day=self.in_days(1), last_day=until)

    @do.register
    def keep_calendar(self, one: sample.Calendar) -> None:
        self.builder.go_to(one.days_ago, hour=13)
        circle = self.role(one.circle)
        calendars.keep_calendar(
            circle,
            actor=self.builder.seat(one.circle, constitution.SECRETARY),
            zone=circle.organization.zone,
            weekdays=one.weekdays,
            opens=one.opens,
            closes=one.closes,
            days_off=[(self.working_day(days), name) for days, name in one.days_off],
        )

    def working_day(self, days: int) -> dt.date:
        day = self.in_days(days)
        while day.weekday() >= SATURDAY:
            day += dt.timedelta(days=1)
        return day
