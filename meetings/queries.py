"""Reads of meetings: lists, what awaits somebody, what the room shows to one person, and minutes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles.constitution import CIRCLE_LEAD, ELECTED_KINDS, FACILITATOR, SECRETARY
from circles.models import Role
from circles.queries import Membership, core_roles, memberships, people_named
from circles.structure import RoleRow, Structure
from governance import queries as governance
from governance.actions.proposals import examine
from governance.consequences import Consequence
from governance.diffs import SubjectDiff
from governance.drafting import Obstacle, differences, follows
from governance.election_view import ElectionView
from governance.elections import Nomination
from governance.facilitation import acting
from governance.models import Decision, Guest, Objection, Proposal
from governance.representation import rep_of
from meetings import room_elections, steps
from meetings.limits import names_of, within_limits_5_4
from meetings.models import AgendaItem, Meeting, MeetingRequest, Turn
from meetings.room import KINDS, Room
from people.ids import new_id
from people.models import Organization, Person
from tensions.models import Tension

SOON = dt.timedelta(days=7)
# A meeting that has not begun so long after its time was not held
MISSED = dt.timedelta(hours=12)
ACTS_AS = {FACILITATOR: gettext_lazy("Facilitator"), SECRETARY: gettext_lazy("Secretary")}


# -- lists ------------------------------------------------------------------------------------------------------


def _meetings() -> QuerySet[Meeting]:
    return Meeting.objects.select_related("circle", "facilitator", "organization")


def running(organization: Organization) -> QuerySet[Meeting]:
    """Return the meetings being held, the one that began first first."""
    return (
        _meetings()
        .filter(organization=organization, state=Meeting.State.RUNNING)
        .order_by("started_at", "pk")
    )


def coming(organization: Organization) -> QuerySet[Meeting]:
    """Return the meetings that are scheduled, the next one first."""
    return (
        _meetings()
        .filter(
            organization=organization,
            state=Meeting.State.SCHEDULED,
            scheduled_for__gt=timezone.now() - MISSED,
        )
        .order_by("scheduled_for", "pk")
    )


def past(organization: Organization) -> QuerySet[Meeting]:
    """Return the meetings that were held, latest first, each with ``adopted``: how many proposals it adopted."""
    adopted = Count("items", filter=Q(items__outcome=AgendaItem.Outcome.ADOPTED))
    return (
        _meetings()
        .filter(organization=organization, state=Meeting.State.CLOSED)
        .annotate(adopted=adopted)
        .order_by("-started_at", "pk")
    )


def of_circle(circle: Role | RoleRow) -> QuerySet[Meeting]:
    """Return the meetings of a circle: being held, then to come (next first), then held (latest first)."""
    order = Case(
        When(state=Meeting.State.RUNNING, then=Value(0)),
        When(state=Meeting.State.SCHEDULED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    to_come = Case(When(state=Meeting.State.SCHEDULED, then=F("scheduled_for")))
    return (
        _meetings()
        .filter(circle=circle.id)
        .exclude(state=Meeting.State.SCHEDULED, scheduled_for__lte=timezone.now() - MISSED)
        .annotate(adopted=Count("items", filter=Q(items__outcome=AgendaItem.Outcome.ADOPTED)))
        .order_by(order, to_come.asc(nulls_last=True), "-started_at", "pk")
    )


def circles_met_in(person: Person) -> list[Membership]:
    """Return the circles whose governance meetings somebody takes part in as a member (§5.1, §5.4.1), by name."""
    return memberships(Structure.of(person.organization_id), person.pk)


def invited_to(person: Person) -> QuerySet[Guest, str]:
    """Return the meetings (identifiers) that somebody is invited to as a guest of a circle rep (§5.4.1)."""
    return Guest.objects.filter(person=person, ended_at=None).values_list("meeting", flat=True)


def invitations_of(person: Person, meetings: Collection[Meeting]) -> dict[str, Guest]:
    """Return why somebody is invited to those of these meetings they are a guest of, by meeting (§5.4.1)."""
    found = Guest.objects.filter(person=person, ended_at=None, meeting__in=[m.pk for m in meetings])
    return {g.meeting: g for g in found.select_related("invited_by", "circle")}


def requests_of(person: Person) -> list[MeetingRequest]:
    """Return the requests for special meetings that wait: those somebody is to schedule as secretary, and their own
    (§5.4). Each has ``mine`` and ``to_schedule``."""
    found = list(
        MeetingRequest.objects.filter(organization=person.organization_id, meeting=None, taken_back_at=None)
        .select_related("circle", "asked_by")
        .order_by("asked_at", "pk")
    )
    structure = Structure.of(person.organization_id)
    secretaries = {c: acting(structure, c, SECRETARY).people for c in {r.circle_id for r in found}}
    for request in found:
        request.mine = request.asked_by_id == person.pk  # type: ignore[attr-defined]
        request.to_schedule = person.pk in secretaries[request.circle_id]  # type: ignore[attr-defined]
        request.within = names_of(structure, request.limits)  # type: ignore[attr-defined]
    return [r for r in found if r.mine or r.to_schedule]  # type: ignore[attr-defined]


def awaiting(person: Person) -> QuerySet[Meeting]:
    """Return the meetings somebody takes part in that are being held now, or come within a week, nearest first."""
    circles = [m.circle.id for m in circles_met_in(person)]
    now = timezone.now()
    return (
        _meetings()
        .filter(
            Q(circle__in=circles)
            | Q(facilitator=person)
            | Q(secretary=person)
            | Q(pk__in=invited_to(person)),
            organization=person.organization_id,
        )
        .filter(
            Q(state=Meeting.State.RUNNING)
            | Q(state=Meeting.State.SCHEDULED, scheduled_for__range=(now - MISSED, now + SOON))
        )
        .order_by("state", "scheduled_for", "pk")
    )


# -- the room as one person sees it -----------------------------------------------------------------------------


@dataclass
class Line:
    """Somebody in the panel of people: in a round what they said, else what they are here."""

    person: Person
    said: str
    state: str = ""
    turn: Turn | None = None


@dataclass
class Next:
    """What the moving button does: its act and value, its words; ``wait`` says why it cannot be pressed yet,
    ``quiet`` that it is not what is to be done first."""

    act: str
    words: str
    wait: str = ""
    item: str = ""
    quiet: bool = False


@dataclass
class Test:
    """One criterion of the concern on the floor: the question, what was answered, and whether it was given."""

    criterion: str
    ask: str
    argument: str
    given: bool | None
    current: bool = False

    @property
    def clause(self) -> str:
        return f"5.3.2{self.criterion}"


@dataclass
class Shown:
    """A proposal's changes as people read them, and everything that stands in the way of adopting it."""

    subjects: list[SubjectDiff]
    obstacles: list[Obstacle]
    follows: list[Consequence]


def shown(proposal: Proposal, meeting: Meeting, structure: Structure) -> Shown:
    """Read what a proposal would do now, line by line, and what stands in its way; in a special meeting its limits
    too (§5.4)."""
    preview, refusals = examine(proposal)
    refusals = [*refusals, *within_limits_5_4(structure, meeting, preview.row_changes)]
    return Shown(differences(proposal, preview), [Obstacle(r) for r in refusals], follows(proposal, preview))


class View:
    """What the room shows to one person. Everything is read when a template asks for it."""

    def __init__(self, room: Room, person: Person) -> None:
        self.room = room
        self.meeting = room.meeting
        self.person = person

    # -- who one is here ----------------------------------------------------------------------------------------

    @cached_property
    def here(self) -> bool:
        return self.room.is_here(self.person)

    @property
    def facilitates(self) -> bool:
        return self.here and self.room.is_facilitator(self.person)

    @property
    def keeps(self) -> bool:
        """Whether one acts as secretary."""
        return self.here and self.room.is_secretary(self.person)

    @property
    def helps(self) -> bool:
        """Whether one may enter something for others now: the facilitator and the secretary."""
        return self.active and (self.facilitates or self.keeps)

    @property
    def active(self) -> bool:
        """Whether one is here and the meeting is neither paused nor over."""
        return self.here and self.meeting.is_running and self.meeting.time_out_since is None

    @property
    def owns(self) -> bool:
        """Whether the item at hand is one's own: one presents it, or called for the election."""
        return self.room.item is not None and self.room.item.owner_id == self.person.pk

    @property
    def writes(self) -> bool:
        return (
            self.here
            and not self.meeting.time_out_since
            and self.room.proposal is not None
            and self.room.writes(self.person)
        )

    @property
    def turn(self) -> Turn | None:
        """One's own turn, if one has the floor."""
        speaking = self.room.speaking
        return speaking if speaking is not None and speaking.person_id == self.person.pk else None

    @property
    def my_turn(self) -> Turn | None:
        """One's own turn in the round being held, over or not."""
        return self.room.turn_of(self.person) if self.here else None

    @property
    def speaks(self) -> Turn | None:
        """The turn that one may enter something for: one's own, or another's as facilitator or secretary."""
        speaking = self.room.speaking
        if speaking is None or not self.here or self.meeting.time_out_since:
            return None
        return speaking if self.room.may_enter_for(self.person, speaking.person_id) else None

    @cached_property
    def acting(self) -> list[dict[str, object]]:
        """Facilitator and secretary: who acts, and whether one may say that one does (§5.3.6)."""
        rows: list[dict[str, object]] = []
        for kind in KINDS:
            acts = self.room.acts_as(kind)
            mine = acts is not None and acts.pk == self.person.pk
            may = self.room.who_may_act(kind)
            rows.append(
                {
                    "kind": kind,
                    "name": ACTS_AS[kind],
                    "person": acts,
                    "mine": mine,
                    "may": self.here
                    and not self.meeting.is_closed
                    and not mine
                    and self.person.pk in may.people
                    and (acts is None or may.at_once),
                    "why": getattr(self.meeting, f"{kind}_why") if acts is not None else "",
                }
            )
        return rows

    @property
    def others_here(self) -> list[Person]:
        return [p for p in self.room.here if p.pk != self.person.pk]

    # -- what to do now -----------------------------------------------------------------------------------------

    @property
    def advice(self) -> dict[str, str | Promise]:
        """What the bar tells this person to do now."""
        step, speaking = self.room.step, self.room.speaking
        if not self.here and not self.meeting.is_closed:
            advice = steps.OUTSIDE
        elif self.meeting.time_out_since:
            advice = steps.PAUSE
        elif self.turn is not None and step.on_turn is not None:
            advice = step.on_turn
        elif self.facilitates:
            advice = step.facilitator
        elif self.owns and step.proposer is not None and self.election is None:
            advice = step.proposer
        else:
            advice = step.participant
        if self.election is not None and advice in (step.facilitator, step.participant):
            who = "facilitator" if advice is step.facilitator else "participant"
            key = "proposed" if step is steps.COUNT_STEP and self.room.proposal is not None else step.key
            advice = steps.IN_ELECTION.get(key, {}).get(who, advice)
        lead: str | Promise = advice.lead
        if self.here and speaking is not None and self.turn is None and not self.meeting.time_out_since:
            lead = _("Only %(name)s speaks.") % {"name": speaking.person.name}
        return {"lead": lead, "text": advice.text, "clause": advice.clause}

    @property
    def next(self) -> Next:
        """The facilitator's moving button: it names what comes."""
        room, step = self.room, self.room.step
        if self.meeting.is_scheduled:
            return Next("begin", _("Begin the check-in round"))
        if self.meeting.time_out_since:
            return Next("end_time_out", _("End the time-out"))
        if step.round and not room.round_is_over:
            return self._next_in_round()
        if step is steps.CHECK_IN:
            return Next("next", _("Next: the agenda"))
        if step is steps.AGENDA:
            chosen = next((i for i in room.items if i.state == AgendaItem.State.WAITING), None)
            if chosen is not None:
                return Next("choose", _("Next: %(label)s") % {"label": chosen.label}, item=chosen.pk)
            return Next("next", _("Next: closing round"), quiet=not room.items)
        if step is steps.CLOSING:
            return Next("close", _("Close the meeting"))
        if step is steps.ADOPTING:
            return Next("next", _("Adopting"), wait=_("The worker is adopting it."))
        return self._next_in_item()

    def _next_in_round(self) -> Next:
        room, speaking = self.room, self.room.speaking
        following = room.following
        words = _("Next: %(name)s") % {"name": following.person.name} if following else _("End the round")
        if room.step is steps.CHANGE_STEP and speaking is not None:
            return Next("next", words, wait=_("Wait for %(name)s’s answer") % {"name": speaking.person.name})
        if room.step is steps.OBJECTIONS and speaking is not None:
            if room.concern is not None:
                wait = _("First settle %(name)s’s concern") % {"name": speaking.person.name}
            else:
                wait = _("Wait for %(name)s’s answer") % {"name": speaking.person.name}
            return Next("next", words, wait=wait)
        return Next("next", words)

    def _next_in_item(self) -> Next:
        room, step = self.room, self.room.step
        if step.election and self.election is not None:
            words, wait = room_elections.next_words(room, self.election)
            return Next("next", words, wait=wait)
        if step.key in steps.AFTER:
            words = _("Next: %(step)s") % {"step": str(steps.STEPS[steps.AFTER[step.key]].name).lower()}
            return Next("next", words, wait="" if room.proposal else _("First a proposal is presented"))
        if step is steps.OBJECTIONS:
            return Next("next", _("Next: integration") if room.standing else _("Adopt"))
        in_hand = room.in_hand
        others = [o for o in room.standing if o != in_hand]
        words = (
            _("Next: %(name)s’s objection") % {"name": others[0].objector.name}
            if others
            else _("Back to the objection round")
        )
        waits = in_hand is not None and in_hand in room.standing
        return Next("next", words, wait=_("First both confirm, or the objection is settled") if waits else "")

    # -- the agenda ---------------------------------------------------------------------------------------------

    @property
    def may_add(self) -> bool:
        return self.here and steps.ADD in self.room.step.acts and not self.meeting.time_out_since

    @cached_property
    def form_key(self) -> str:
        """What makes a form of this page count once, however often it is sent."""
        return new_id()

    @cached_property
    def own_tensions(self) -> list[Tension]:
        """One's own open tensions, which nobody else is shown (§5.4.4)."""
        taken = {i.tension_id for i in self.room.items}
        found = Tension.objects.filter(person=self.person, state=Tension.State.OPEN).exclude(
            pk__in=taken - {None}
        )
        return list(found.order_by("-sensed_at", "pk")[:8])

    @cached_property
    def own_proposals(self) -> list[Proposal]:
        """One's own drafts and proposals in this circle that could be presented, which nobody else is shown."""
        taken = {i.proposal_id for i in self.room.items if i.is_open}
        found = Proposal.objects.filter(
            proposer=self.person,
            circle=self.meeting.circle_id,
            state__in=[
                Proposal.State.DRAFT,
                Proposal.State.ESCALATED,
                Proposal.State.WITHDRAWN,
                Proposal.State.CONFLICT,
                Proposal.State.PROPOSED,
                Proposal.State.OBJECTED,
            ],
        ).exclude(pk__in=taken - {None})
        return list(found.order_by("-changed_at", "pk")[:8])

    # -- the item at hand ---------------------------------------------------------------------------------------

    @cached_property
    def shown(self) -> Shown | None:
        room = self.room
        return shown(room.proposal, room.meeting, room.structure) if room.proposal is not None else None

    @cached_property
    def election(self) -> ElectionView | None:
        """The election at hand, as this person sees it."""
        election = self.room.election
        return ElectionView(election, self.person, self.room.structure) if election is not None else None

    @cached_property
    def nominations(self) -> list[Nomination]:
        """The nominations of the election at hand, in the order in which people speak."""
        order = {t.person_id: t.position for t in self.room.turns}
        found = self.election.nominations if self.election is not None else []
        return sorted(found, key=lambda n: order.get(n.voter.pk, len(order)))

    @property
    def have_spoken(self) -> set[str]:
        """Who has spoken in the round being held."""
        return {t.person_id for t in self.room.turns if t.is_over}

    @cached_property
    def seats(self) -> list[dict[str, object]]:
        """The elected roles of the circle for which no election is on the agenda yet, with who fills each."""
        taken = {i.seat for i in self.room.items if i.seat and (i.is_open or i.is_processing)}
        core = core_roles(self.room.structure, self.meeting.organization, self.meeting.circle_id)
        return [
            {"kind": c.role.kind, "name": c.role.shown_name, "fillings": c.fillings}
            for c in core
            if c.role.kind in ELECTED_KINDS and c.role.kind not in taken
        ]

    @cached_property
    def said_before(self) -> list[Objection]:
        """The objections raised to the proposal at hand before it was taken up here, in writing or elsewhere, each
        with its ``arguments`` by criterion."""
        proposal, item = self.room.proposal, self.room.item
        if proposal is None or item is None or item.began_at is None:
            return []
        found = list(
            proposal.objections.filter(raised_at__lt=item.began_at)
            .select_related("objector", "role")
            .order_by("raised_at", "pk")
        )
        for objection in found:
            objection.arguments = [  # type: ignore[attr-defined]
                {"clause": f"5.3.2{c}", "argument": entry["argument"]}
                for c, entry in sorted(objection.criteria.items())
                if entry.get("argument")
            ]
        return found

    @cached_property
    def just_adopted(self) -> tuple[AgendaItem, Decision] | None:
        """What was adopted last, with its decision, until the next item is taken up."""
        if self.room.item is not None or self.room.step is not steps.AGENDA:
            return None
        over = [i for i in self.room.items if i.ended_at is not None]
        last = max(over, key=lambda i: i.ended_at or self.meeting.created_at, default=None)
        if last is None or last.outcome != AgendaItem.Outcome.ADOPTED or last.proposal is None:
            return None
        decision = (
            Decision.objects.only("number", "organization").filter(pk=last.proposal.decision_id or "").first()
        )
        return (last, decision) if decision is not None else None

    @property
    def offered(self) -> bool:
        """Whether there is something of one's own to put on the agenda; a guest brings one tension alone."""
        return self.may_add and not self.only_guest and bool(self.own_proposals or self.own_tensions)

    @property
    def item_steps(self) -> list[tuple[str, Promise]]:
        at_hand = steps.ELECTION_STEPS if self.election is not None else steps.ITEM_STEPS
        return [(s.key, s.short) for s in at_hand]

    @property
    def item_step(self) -> str:
        return steps.OBJECTIONS.key if self.room.step is steps.ADOPTING else self.room.step.key

    @property
    def phases(self) -> list[dict[str, object]]:
        """Check-in, agenda, closing: each with whether it is over or being held."""
        order = [s.key for s in steps.PHASES]
        at = order.index(self.meeting.step)
        if self.meeting.is_scheduled:
            at = -1
        elif self.meeting.is_closed:
            at = len(order)
        return [
            {"step": s, "done": n < at, "current": n == at, "agenda": s is steps.AGENDA}
            for n, s in enumerate(steps.PHASES)
        ]

    @cached_property
    def notes(self) -> list[Turn]:
        """What was captured of the reactions to the proposal, latest round."""
        if self.room.item is None:
            return []
        found = list(
            self.meeting.turns.filter(item=self.room.item, step=steps.REACTIONS.key)
            .exclude(note="")
            .select_related("person")
        )
        last = max((t.round for t in found), default=0)
        return [t for t in found if t.round == last]

    @property
    def tests(self) -> list[Test]:
        """The four criteria for the concern being tested: on the floor, or in hand."""
        concern = self.room.concern or self.room.in_hand
        if concern is None:
            return []
        role = concern.role.shown_name if concern.role else _("your role")
        result = []
        for key, ask in steps.CRITERIA:
            entry = concern.criteria.get(key) or {}
            words = str(ask) % {"circle": self.meeting.circle.shown_name, "role": role}
            result.append(Test(key, words, entry.get("argument", ""), entry.get("given")))
        untested = next((t for t in result if t.given is None), None)
        if untested is not None:
            untested.current = True
        return result

    @property
    def testing(self) -> bool:
        """Whether the objection in hand is to be tested before it goes on (§5.3.4a)."""
        in_hand = self.room.in_hand
        return in_hand is not None and in_hand.state == Objection.State.RAISED and not in_hand.rule

    @property
    def captured(self) -> list[Objection]:
        """The objections captured in the round being held, without the concern that is on the floor."""
        return [o for o in self.room.standing if o != self.room.concern]

    @property
    def resolved(self) -> int:
        return sum(o.state not in Objection.STANDING for o in self.this_round)

    @property
    def this_round(self) -> list[Objection]:
        """The objections being integrated: those of the round that led here."""
        proposal = self.room.proposal
        dismissed = (Objection.State.NOT_VALID,)
        return [
            o
            for o in self.room.objections
            if proposal and o.round == proposal.round and o.state not in dismissed
        ]

    @cached_property
    def roles_to_speak_for(self) -> list[RoleRow]:
        """The roles that whoever has the floor represents in the circle (§5.3)."""
        speaking = self.room.speaking
        return self._roles(speaking.person if speaking is not None else self.person)

    @cached_property
    def roles_to_propose_for(self) -> list[RoleRow]:
        return self._roles(self.room.item.owner) if self.room.item is not None else []

    def _roles(self, person: Person) -> list[RoleRow]:
        found = self.room.structure.get_many(RoleRow, self.room.roles_of(person)).values()
        return sorted(found, key=lambda r: (r.kind == CIRCLE_LEAD, r.shown_name.casefold()))

    # -- people -------------------------------------------------------------------------------------------------

    @cached_property
    def lines(self) -> list[Line]:
        """Those in the round, in its order, and what each has said; without a round everybody here."""
        if self.election is not None and self.room.step is steps.NOMINATE_STEP:
            return [Line(p, *room_elections.in_the_box(self.election, p)) for p in self.room.here]
        if not self.room.turns:
            return [Line(p, self._capacity(p)) for p in self.room.here]
        following = self.room.following
        result = []
        for turn in self.room.turns:
            said, state = self._capacity(turn.person), ""
            if turn.state == Turn.State.SPEAKING:
                said, state = _("has the floor"), "speaking"
            elif turn.objection is not None:
                said, state = self._said_of(turn.objection)
            elif self.election and (word := room_elections.said(self.room, self.election, turn)):
                said, state = word
            elif turn.state == Turn.State.DONE:
                said, state = (
                    (_("none"), "none") if turn.step == steps.OBJECTIONS.key else (_("spoke"), "none")
                )
            elif turn.state == Turn.State.PASSED:
                said, state = _("passed"), "passed"
            elif turn.state == Turn.State.SKIPPED:
                said, state = _("left"), "absent"
            elif turn == following:
                said = _("next")
            result.append(Line(turn.person, said, state, turn))
        return result

    def _said_of(self, objection: Objection) -> tuple[str, str]:
        if objection.state in Objection.STANDING:
            return (_("objects"), "objects")
        if objection.state == Objection.State.NOT_VALID:
            return (_("no objection"), "none")
        return (_("settled"), "none")

    def _capacity(self, person: Person) -> str:
        if self.room.is_facilitator(person):
            return _("facilitator")
        if self.room.is_secretary(person):
            return _("secretary")
        if self.room.election is not None and self.room.election.candidate_id == person.pk:
            return _("candidate")
        if self.room.item is not None and self.room.item.owner_id == person.pk:
            return _("called it") if self.room.item.seat else _("proposer")
        guest = self.room.guest(person)
        if guest is not None and person.pk not in self.room.member_ids:
            return _("guest of %(circle)s") % {"circle": guest.circle.shown_name}
        return ""

    @property
    def also_here(self) -> list[Line]:
        """Those who are here and not in the round being held."""
        if not self.room.turns:
            return []
        in_round = {t.person_id for t in self.room.turns}
        return [Line(p, self._capacity(p)) for p in self.room.here if p.pk not in in_round]

    @cached_property
    def within(self) -> list[str]:
        """The roles and policies a special meeting may change, by name."""
        return names_of(self.room.structure, self.meeting.limits) if self.meeting.is_special else []

    @cached_property
    def hosts(self) -> list[RoleRow]:
        """The circles one may invite a guest for: those one is rep of here (§5.4.1)."""
        if self.meeting.is_closed:
            return []
        found = rep_of(self.room.structure, self.meeting.circle_id, self.person.pk)
        return sorted(
            self.room.structure.get_many(RoleRow, found).values(), key=lambda r: r.shown_name.casefold()
        )

    @property
    def orders(self) -> bool:
        """Whether one chooses the order of the agenda (§5.4.4)."""
        orders = self.room.orders_agenda
        return self.facilitates if orders is None else orders.pk == self.person.pk and self.here

    @property
    def own_guests(self) -> list[Guest]:
        return [g for g in self.room.guests if self.person.pk in (g.invited_by_id, g.person_id)]

    @property
    def guests_to_bring(self) -> list[Guest]:
        """The invitations whose tension one may put on the agenda now."""
        taken = {i.guest_id for i in self.room.items if i.is_open}
        return [g for g in self.own_guests if g.pk not in taken and self.here]

    @property
    def only_guest(self) -> bool:
        """Whether one is here as a guest alone, and adds nothing but the tension one was invited for."""
        return self.room.is_only_guest(self.person)

    @cached_property
    def could_be_guests(self) -> list[Person]:
        """The partners a rep may invite: those who take no part yet."""
        if not self.hosts:
            return []
        people = Person.objects.present().filter(organization=self.meeting.organization_id, partner=True)
        taken = self.room.member_ids | {g.person_id for g in self.room.guests}
        return list(people.exclude(pk__in=taken).order_by("name", "pk"))

    @cached_property
    def absent(self) -> list[Person]:
        """Circle members who are not in the room; they hold nothing up (§5.4.2)."""
        here = {p.pk for p in self.room.here}
        people = people_named(self.meeting.organization, self.room.member_ids - here)
        return sorted(people.values(), key=lambda p: (p.name.casefold(), p.pk))


# -- minutes ----------------------------------------------------------------------------------------------------


@dataclass
class MinutedItem:
    """An item as the minutes tell it: what became of it, why, the decision, and what was objected."""

    item: AgendaItem
    proposal: Proposal | None
    entry: governance.Entry | None
    objections: list[Objection]


class Minutes:
    """The minutes of a meeting that is over. A fixed number of queries."""

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting
        self.room = Room(meeting)

    @cached_property
    def items(self) -> list[MinutedItem]:
        taken_up = sorted(
            self.room.items,
            key=lambda i: (i.began_at is None, i.began_at or self.meeting.created_at, i.position),
        )
        proposals = {i.proposal_id: i.proposal for i in taken_up if i.proposal is not None and i.began_at}
        decisions = {
            d.pk: d
            for d in governance.decisions(self.meeting.organization).filter(
                from_proposal__in=[p.pk for p in proposals.values() if p is not None], meeting=self.meeting.pk
            )
        }
        entries = {
            e.decision.pk: e for e in governance.entries(self.meeting.organization, decisions.values())
        }
        objections: dict[str, list[Objection]] = {}
        found = (
            Objection.objects.filter(proposal__in=list(proposals), raised_at__gte=self.meeting.started_at)
            .select_related("objector", "role")
            .order_by("raised_at", "pk")
        )
        for objection in found if proposals else ():
            objections.setdefault(objection.proposal_id, []).append(objection)
        result = []
        for item in taken_up:
            # A draft that went back to its proposer is theirs alone again
            proposal = item.presented
            entry = entries.get(proposal.decision_id or "") if proposal is not None else None
            said = objections.get(proposal.pk, []) if proposal is not None else []
            result.append(MinutedItem(item, proposal, entry, said))
        return result

    @property
    def decisions(self) -> list[governance.Entry]:
        return [i.entry for i in self.items if i.entry is not None]

    @cached_property
    def sealed(self) -> Decision | None:
        """The head of the record when the meeting had closed: a cut or rewritten record shows against it."""
        until = Q(at__lte=self.meeting.closed_at) | Q(meeting=self.meeting.pk)
        return governance.decisions(self.meeting.organization).filter(until).first()

    @cached_property
    def _guests(self) -> list[Guest]:
        return list(Guest.objects.filter(meeting=self.meeting.pk).select_related("circle"))

    @cached_property
    def within(self) -> list[str]:
        """The roles and policies a special meeting could change, by name."""
        return names_of(self.room.structure, self.meeting.limits) if self.meeting.is_special else []

    @property
    def attended(self) -> list[Line]:
        """Everybody who was there, by name, with what they were."""
        facilitator, secretary = self.meeting.facilitator_id, self.meeting.secretary_id
        words = {
            g.person_id: _("guest of %(circle)s") % {"circle": g.circle.shown_name} for g in self._guests
        }
        words |= {str(secretary): _("secretary"), str(facilitator): _("facilitator")}
        people = sorted((p.person for p in self.room.participants), key=lambda p: (p.name.casefold(), p.pk))
        return [Line(p, words.get(p.pk, "")) for p in people]

    @cached_property
    def absent(self) -> list[Person]:
        here = {p.person_id for p in self.room.participants}
        people = people_named(self.meeting.organization, self.room.member_ids - here)
        return sorted(people.values(), key=lambda p: (p.name.casefold(), p.pk))

    @property
    def minutes_taken(self) -> int:
        if self.meeting.started_at is None or self.meeting.closed_at is None:
            return 0
        return max(1, round((self.meeting.closed_at - self.meeting.started_at).total_seconds() / 60))

    @property
    def timing(self) -> list[dict[str, object]]:
        """How the time went: each part with when it began, its share of a bar 100 wide, and its minutes."""
        meeting = self.meeting
        if meeting.started_at is None or meeting.closed_at is None:
            return []
        parts: list[tuple[str, dt.datetime, float]] = []
        checked_in = meeting.agenda_at or meeting.closed_at
        parts.append(
            (str(steps.CHECK_IN.name), meeting.started_at, (checked_in - meeting.started_at).total_seconds())
        )
        parts += [(i.item.label, i.item.began_at, i.item.seconds) for i in self.items if i.item.began_at]
        if meeting.closing_at is not None:
            spent = (meeting.closed_at - meeting.closing_at).total_seconds()
            parts.append((str(steps.CLOSING.name), meeting.closing_at, spent))
        whole = max(1.0, (meeting.closed_at - meeting.started_at).total_seconds())
        return [
            {
                "name": name,
                "at": at,
                "x": round(100 * (at - meeting.started_at).total_seconds() / whole),
                "width": max(1, round(100 * spent / whole)),
                "minutes": round(spent / 60),
            }
            for name, at, spent in parts
        ]
