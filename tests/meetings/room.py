"""What tests of meetings share: a room with people in it, brought to where a test begins."""

from __future__ import annotations

from typing import Any

from governance.models import Proposal
from meetings.actions import agenda, rounds, sessions, texts
from meetings.models import AgendaItem, Meeting, Turn
from meetings.room import Room
from people.models import Person
from tests.world import World

TEXT: dict[str, Any] = {
    "title": "Photo briefs",
    "tension": "I get briefs too late",
    "example": "On Monday the tent arrived unannounced",
    "how_helped": "I would have known ten days before",
}


class Held:
    """A meeting of Storefront being held, with short words for what tests do over and over."""

    def __init__(self, world: World, *names: str) -> None:
        self.world = world
        self.meeting = sessions.open_now(world.role("storefront"), minutes=60, actor=world.noor)
        for name in names or ("tobias", "samira", "priya", "maya"):
            sessions.enter(self.meeting, actor=world.people[name])

    @property
    def room(self) -> Room:
        """The room as it is now."""
        meeting = Meeting.objects.select_related("circle", "organization", "facilitator", "secretary").get(
            pk=self.meeting.pk
        )
        return Room(meeting)

    @property
    def step(self) -> str:
        return self.room.step.key

    @property
    def speaking(self) -> Turn:
        turn = self.room.speaking
        assert turn is not None
        return turn

    @property
    def item(self) -> AgendaItem:
        item = self.room.item
        assert item is not None
        return item

    @property
    def proposal(self) -> Proposal:
        proposal = self.room.proposal
        assert proposal is not None
        return proposal

    def next(self, times: int = 1) -> None:
        for _time in range(times):
            rounds.advance(self.meeting, actor=self.world.noor, seen=self.room.seen)

    def go_round(self) -> None:
        """Let everybody whose turn it is speak, until the round is over."""
        while (turn := self.room.speaking) is not None:
            rounds.take_turn(self.meeting, turn.pk, actor=turn.person)

    def nobody_objects(self) -> None:
        while (turn := self.room.speaking) is not None:
            rounds.no_objection(self.meeting, turn.pk, actor=turn.person)

    def begin(self) -> Held:
        """Begin, and hold the check-in round."""
        rounds.begin(self.meeting, actor=self.world.noor)
        self.go_round()
        self.next()
        assert self.step == "agenda"
        return self

    def change(self, text: str = "Sending Photo Desk a brief") -> list[dict[str, Any]]:
        return [
            {
                "kind": "amend_role",
                "role": self.world.role_ids["merchandiser"],
                "accountabilities": [{"op": "add", "text": text}],
            }
        ]

    def take_up(self, owner: Person | None = None) -> Held:
        """Put an item on the agenda, take it up, and write a whole proposal."""
        owner = owner or self.world.samira
        item = agenda.add(self.meeting, "Photo briefs", actor=owner)
        agenda.choose(self.meeting, item.pk, actor=self.world.noor)
        agenda.present(self.meeting, actor=owner)
        data = {**TEXT, "role": self.world.role_ids["photo"], "changes": self.change()}
        texts.write(self.meeting, data, actor=owner, text_version=None)
        return self

    def to(self, step: str) -> Held:
        """Go on to a step of the item, holding the reaction round on the way."""
        while self.step != step:
            if self.step == "reactions":
                self.go_round()
            self.next()
        return self

    def floor_to(self, person: Person) -> Turn:
        """Hand the floor to somebody."""
        turn = self.room.turn_of(person)
        assert turn is not None
        if turn.state != Turn.State.SPEAKING:
            rounds.give_floor(self.meeting, turn.pk, actor=self.world.noor)
        return turn
