"""A meeting as it stands at one moment: who is here, what is at hand, whose turn it is.

Actions read it under the meeting's lock, pages without one. The number of queries does not grow with the number
of participants or items.
"""

from __future__ import annotations

from functools import cached_property

from django.utils.translation import gettext as _

from circles.constitution import FACILITATOR, SECRETARY
from circles.structure import Structure
from governance.facilitation import OTHER, Acting, acting
from governance.models import Election, Guest, Objection, Proposal
from governance.representation import guests, may_represent
from meetings import steps
from meetings.access import may_take_part
from meetings.models import AgendaItem, Meeting, Participant, Turn
from meetings.steps import STEPS, Step
from people.models import Person
from people.refusals import NotAllowed, Refused, RuleBroken


class Moved(Refused):
    """Somebody acted on a state of the meeting that has passed: a stale page, or a click that came twice."""

    def __init__(self) -> None:
        super().__init__(_("The meeting has moved on. This is where it is now."))


class Room:
    """One meeting as it is now, read when asked for."""

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting

    @cached_property
    def structure(self) -> Structure:
        return Structure.of(self.meeting.organization_id)

    # -- who is here --------------------------------------------------------------------------------------------

    @cached_property
    def participants(self) -> list[Participant]:
        """Everybody who has been in the room, in the order in which they came."""
        return list(self.meeting.participants.select_related("person"))

    @cached_property
    def here(self) -> list[Person]:
        return [p.person for p in self.participants if p.here]

    @cached_property
    def member_ids(self) -> set[str]:
        return self.structure.members(self.meeting.circle_id)

    @cached_property
    def guests(self) -> list[Guest]:
        """The guests of circle reps whose invitation holds (§5.4.1)."""
        return guests(self.structure, self.meeting.pk, self.meeting.circle_id)

    def guest(self, person: Person) -> Guest | None:
        return next((g for g in self.guests if g.person_id == person.pk), None)

    def is_only_guest(self, person: Person) -> bool:
        """Whether somebody takes part as a guest alone, and brings nothing but what they were invited for."""
        return self.guest(person) is not None and person.pk not in self.member_ids

    def is_here(self, person: Person) -> bool:
        return any(p.pk == person.pk for p in self.here)

    def takes_part(self, person: Person) -> bool:
        return may_take_part(self.meeting, person, self.structure)

    def is_facilitator(self, person: Person) -> bool:
        return person.pk == self.meeting.facilitator_id

    def is_secretary(self, person: Person) -> bool:
        return person.pk == self.meeting.secretary_id

    def may_enter_for(self, actor: Person, person_id: str) -> bool:
        """Whether ``actor`` may say something for somebody: everybody for themself, and the facilitator and the
        secretary for those who have no screen at hand."""
        return actor.pk == person_id or self.is_facilitator(actor) or self.is_secretary(actor)

    def who_may_act(self, kind: str) -> Acting:
        """Who of those here may act as facilitator or secretary, and why (§5.3.6): whoever took over in a breakdown;
        whom the elected one named; the elected one; the acting holder of the other role; a circle lead; any circle
        member."""
        here = {p.pk for p in self.here}
        found = acting(self.structure, self.meeting.circle_id, kind, here=here)
        other = self.meeting.secretary_id if kind == FACILITATOR else self.meeting.facilitator_id
        if not found.at_once and other in here:
            return Acting(frozenset({str(other)}), OTHER)
        return found

    def acts_as(self, kind: str) -> Person | None:
        return self.meeting.facilitator if kind == FACILITATOR else self.meeting.secretary

    # -- what is at hand ----------------------------------------------------------------------------------------

    @cached_property
    def items(self) -> list[AgendaItem]:
        """The agenda: what is over or at hand in the order in which it was taken up, then what waits."""
        found = list(
            self.meeting.items.select_related(
                "owner", "proposal__proposer", "proposal__role", "in_hand", "election__candidate"
            )
        )
        for item in found:
            item.meeting = self.meeting
            if item.proposal is not None:
                item.proposal.organization = self.meeting.organization
                item.proposal.circle = self.meeting.circle
            if item.election is not None:
                item.election.organization = self.meeting.organization
                item.election.circle = self.meeting.circle
        return found

    @cached_property
    def item(self) -> AgendaItem | None:
        """The item being processed, if one is."""
        return next((item for item in self.items if item.is_processing), None)

    @cached_property
    def election(self) -> Election | None:
        """The election being held, where the item at hand calls for one (§5.4.4)."""
        return self.item.election if self.item is not None and self.item.seat else None

    @cached_property
    def proposal(self) -> Proposal | None:
        """The proposal being processed, once it has been presented."""
        return self.item.presented if self.item is not None else None

    @cached_property
    def orders_agenda(self) -> Person | None:
        """Who chooses the order of a special meeting's agenda: whoever asked for it, while they are here (§5.4.4).
        None where the facilitator does."""
        return next((p for p in self.here if p.pk == self.meeting.requested_by_id), None)

    @property
    def step(self) -> Step:
        if self.meeting.is_scheduled:
            return steps.LOBBY
        if self.meeting.is_closed:
            return steps.CLOSED
        if self.item is None:
            return STEPS[self.meeting.step]
        if self.proposal is not None and self.proposal.state == Proposal.State.ADOPTING:
            return steps.ADOPTING
        return STEPS[self.item.step]

    @property
    def back(self) -> str:
        """The step the facilitator may go back to; what was said in an election stays said."""
        return "" if self.election is not None else self.step.back

    @cached_property
    def turns(self) -> list[Turn]:
        """The turns of the round being held, in order; none where no round is."""
        if not self.step.round or not self.meeting.is_running:
            return []
        round_number = self.item.round if self.item is not None else 1
        return list(
            self.meeting.turns.filter(item=self.item, step=self.step.key, round=round_number).select_related(
                "person", "objection__role"
            )
        )

    @property
    def speaking(self) -> Turn | None:
        return next((t for t in self.turns if t.state == Turn.State.SPEAKING), None)

    @property
    def following(self) -> Turn | None:
        """Whose turn is next, after the one who has the floor."""
        at = self.speaking.position if self.speaking else -1
        waiting = [t for t in self.turns if t.state == Turn.State.WAITING]
        return next((t for t in waiting if t.position > at), waiting[0] if waiting else None)

    @property
    def round_is_over(self) -> bool:
        return all(t.is_over for t in self.turns)

    def turn_of(self, person: Person) -> Turn | None:
        return next((t for t in self.turns if t.person_id == person.pk), None)

    @cached_property
    def objections(self) -> list[Objection]:
        """Every concern raised about the proposal at hand in this meeting, oldest first."""
        if self.proposal is None:
            return []
        found = list(
            self.proposal.objections.filter(raised_at__gte=self.item.began_at if self.item else None)
            .select_related("objector", "role")
            .order_by("raised_at", "pk")
        )
        for objection in found:
            objection.proposal = self.proposal
        return found

    @property
    def standing(self) -> list[Objection]:
        """The objections that stand against the text as it is, tested or not (§5.3.2)."""
        return [o for o in self.objections if o.state in Objection.STANDING]

    @property
    def concern(self) -> Objection | None:
        """The concern of whoever has the floor, while it is neither captured nor settled."""
        turn = self.speaking
        if turn is None or turn.objection_id is None:
            return None
        return next((o for o in self.objections if o.pk == turn.objection_id), None)

    @property
    def in_hand(self) -> Objection | None:
        """The objection being integrated."""
        if self.item is None or self.step is not steps.INTEGRATION:
            return None
        return next((o for o in self.objections if o.pk == self.item.in_hand_id), None)

    @property
    def seen(self) -> str:
        """What a control says it was pressed for; where it differs from the present one, the meeting moved on."""
        item, speaking = self.item, self.speaking
        return ".".join(
            [
                self.meeting.state,
                self.step.key,
                item.pk if item else "-",
                str(item.round) if item else "-",
                speaking.pk if speaking else "-",
                (item.in_hand_id if item else None) or "-",
                str(self.election.version) if self.election else "-",
            ]
        )

    # -- what may be done ---------------------------------------------------------------------------------------

    def require(self, act: str) -> None:
        """Raise RuleBroken, with the clause, where the present step does not allow ``act``."""
        if act != steps.TIME_OUT:
            self.require_no_time_out()
        if act not in self.step.acts:
            clause, message = steps.NOT_NOW[act]
            raise RuleBroken(clause, str(message))

    def require_no_time_out(self) -> None:
        if self.meeting.time_out_since is not None:
            raise RuleBroken(
                "5.4.3", _("This is a time-out: nothing is processed until the facilitator ends it.")
            )

    def require_facilitator(self, actor: Person) -> None:
        if not self.is_facilitator(actor):
            raise NotAllowed(_("The acting facilitator does this."))

    def writes(self, actor: Person) -> bool:
        """Whether ``actor`` may change the proposal's text now (§5.4.5)."""
        if self.election is not None:
            return False  # it proposes one person; another one is another proposal (§5.3.5f)
        allowed = self.step.writers
        proposer = self.proposal is not None and actor.pk == self.proposal.proposer_id
        objector = self.in_hand is not None and actor.pk == self.in_hand.objector_id
        return (
            (steps.PROPOSER in allowed and proposer)
            or (steps.SECRETARY in allowed and self.is_secretary(actor))
            or (steps.OBJECTOR in allowed and objector)
        )

    def roles_of(self, person: Person) -> list[str]:
        """The roles somebody represents in the circle (§5.3): none for temporary members, but a guest represents their
        host's circle while their tension is processed (§5.4.1)."""
        guest = self.guest(person)
        now = self.item is not None and guest is not None and self.item.guest_id == guest.pk
        meeting = self.meeting.pk if now else ""
        return sorted(may_represent(self.structure, self.meeting.circle_id, person.pk, meeting=meeting))


KINDS = (FACILITATOR, SECRETARY)
