"""The steps of a governance meeting as data (§5.4.3, §5.4.5, §5.3.5): who may do what in each, and what to tell whom.

The room, its bar and the refusals are all read from here; a step is changed by changing its entry.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# What can be done in a meeting, for the steps that allow it
ADD = "add"  # put a label on the agenda
CHOOSE = "choose"  # take up an item
PRESENT = "present"  # put a proposal before the others
WRITE = "write"  # change the proposal's text
SPEAK = "speak"  # take one's turn in a round
CONCERN = "concern"  # raise a concern about adopting, test it, capture it
INTEGRATE = "integrate"  # take an objection in hand, confirm, drop it
SET_ASIDE = "set_aside"  # park, discard, drop or withdraw the item
DESCRIBE = "describe"  # say which role is elected, and for which term
NOMINATE = "nominate"  # put in one's ballot, or change it
SHARE = "share"  # say why one nominated somebody
CHANGE = "change"  # keep or change one's nomination
COUNT = "count"  # count, settle a tie, propose a candidate
TIME_OUT = "time_out"

PROPOSER = "proposer"
SECRETARY = "secretary"
OBJECTOR = "objector"

# What is said where a step does not allow something, and the clause that says so
NOT_NOW = {
    ADD: ("5.4.4", _("Labels are added in the meeting, between the items of the agenda.")),
    CHOOSE: ("5.4.4", _("Items are processed one at a time, once the agenda is being built.")),
    PRESENT: ("5.4.5", _("A proposal is presented in the first step of an item.")),
    WRITE: (
        "5.4.5",
        _("The text is changed while it is presented, in the option to clarify and in integration."),
    ),
    SPEAK: ("5.4.3", _("There is no round at the moment.")),
    CONCERN: (
        "5.4.5",
        _("Concerns about adopting are raised in the objection round, and tested from then on."),
    ),
    INTEGRATE: ("5.4.5", _("Objections are resolved in integration, one at a time.")),
    SET_ASIDE: ("5.4.4", _("No item is being processed at the moment.")),
    DESCRIBE: ("5.3.5a", _("The role and the term are described first, before anybody nominates.")),
    NOMINATE: ("5.3.5b", _("Ballots are put in while candidates are nominated, before any is shown.")),
    SHARE: ("5.3.5c", _("Reasons are given in the sharing round, once all nominations are shown.")),
    CHANGE: ("5.3.5d", _("Nominations are changed in the change round alone, one person at a time.")),
    COUNT: ("5.3.5e", _("Nominations are counted after the change round.")),
    TIME_OUT: ("5.4.3", _("A time-out is asked for while the meeting runs.")),
}
NOT_YOUR_TEXT = {
    "present": (
        "5.4.5",
        _("The proposer presents, and the secretary captures the text. Others help where the proposer asks."),
    ),
    "clarify": (
        "5.4.5",
        _("In the option to clarify only the proposer changes the text, and the secretary who captures it."),
    ),
    "integration": (
        "5.4.5",
        _("In integration the proposer and the objector change the text, and the secretary who captures it."),
    ),
}


@dataclass(frozen=True)
class Advice:
    """What to do now: a few words that stand out, what follows from them, and the clause they rest on."""

    lead: Promise
    text: Promise
    clause: str


@dataclass(frozen=True)
class Step:
    """A step: its names, what the facilitator asks, what each may do, and advice for each.

    ``round`` is a round, in which people speak one at a time; ``without_proposer`` leaves the proposer out of it.
    ``writers`` may change the proposal's text. ``back`` is the step the facilitator may go back to. ``election``:
    it belongs to an election, which has steps of its own.
    """

    key: str
    name: Promise
    short: Promise
    clause: str
    asks: Promise
    facilitator: Advice
    participant: Advice
    proposer: Advice | None = None
    on_turn: Advice | None = None
    acts: frozenset[str] = frozenset()
    writers: frozenset[str] = frozenset()
    round: bool = False
    without_proposer: bool = False
    back: str = ""
    election: bool = False


_LISTEN = Advice(
    _("Listen."), _("Each in the room has the floor once; nobody answers what somebody says."), "5.4.3"
)

OUTSIDE = Advice(
    _("You are not in the room."), _("Enter it to take part. Nobody has to wait for you."), "5.4.2"
)

LOBBY = Step(
    "lobby",
    _("Before the meeting"),
    _("Before"),
    "5.4",
    _("Welcome. We begin when everybody who wants to be here is."),
    facilitator=Advice(
        _("Begin when you are ready."),
        _("Whoever misses the meeting or a part of it has had their chance to object; nobody has to wait."),
        "5.4.2",
    ),
    participant=Advice(
        _("You are in the room."), _("The facilitator begins with a check-in round."), "5.4.3"
    ),
)

CHECK_IN = Step(
    "check_in",
    _("Check-in round"),
    _("Check-in"),
    "5.4.3",
    _("What has your attention as we begin?"),
    facilitator=Advice(
        _("One at a time, no answers."),
        _("Ask each for a word on how they are here. Stop whoever responds, kindly and at once."),
        "5.4.3",
    ),
    participant=_LISTEN,
    on_turn=Advice(
        _("You have the floor."),
        _("Say how you are here, or anything you want to open with. Nobody responds."),
        "5.4.3",
    ),
    acts=frozenset({SPEAK, TIME_OUT}),
    round=True,
)

AGENDA = Step(
    "agenda",
    _("Agenda"),
    _("Agenda"),
    "5.4.4",
    _("What do you want to process today? A word or two each."),
    facilitator=Advice(
        _("Ask for labels: one or two words each."),
        _("No explanation and no discussion yet. You choose the order."),
        "5.4.4",
    ),
    participant=Advice(
        _("Add what you want to process."),
        _("A word or two is enough to remind you. As many as you like, now and between items."),
        "5.4.4",
    ),
    acts=frozenset({ADD, CHOOSE, TIME_OUT}),
)

PRESENT_STEP = Step(
    "present",
    _("Present the proposal"),
    _("Present"),
    "5.4.5a",
    _("What is your tension, and what do you propose?"),
    facilitator=Advice(
        _("The proposer has the floor."),
        _(
            "Others help only if asked, and only to get to a first proposal. Stop concerns and other tensions."
        ),
        "5.4.5a",
    ),
    proposer=Advice(
        _("Tell your tension and what you propose."),
        _("You may ask for help in wording it. It need not be perfect: it has to answer your tension."),
        "5.4.5a",
    ),
    participant=Advice(
        _("Listen."), _("Help only if the proposer asks for it. Concerns come later."), "5.4.5a"
    ),
    acts=frozenset({PRESENT, WRITE, SET_ASIDE, TIME_OUT}),
    writers=frozenset({PROPOSER, SECRETARY}),
)

QUESTIONS = Step(
    "questions",
    _("Clarifying questions"),
    pgettext_lazy("step of a meeting", "Questions"),
    "5.4.5b",
    _("Are there questions, to understand the proposal better?"),
    facilitator=Advice(
        _("Questions only."),
        _(
            "Is it asked to understand, or to say something? Stop opinions dressed as questions, and any discussion."
        ),
        "5.4.5b",
    ),
    proposer=Advice(
        _("Answer, or say “not specified”."), _("You need not answer. Do not change the text yet."), "5.4.5b"
    ),
    participant=Advice(
        _("Ask what you need in order to understand."),
        _("No reactions yet. You may ask the secretary to read out the text or what is in force today."),
        "5.4.5b",
    ),
    acts=frozenset({SET_ASIDE, TIME_OUT}),
    back="present",
)

REACTIONS = Step(
    "reactions",
    _("Reaction round"),
    _("Reactions"),
    "5.4.5c",
    _("What is your reaction to this proposal?"),
    facilitator=Advice(
        _("One at a time, to the proposal."),
        _("Stop dialogue, comments out of turn, and reactions to other reactions."),
        "5.4.5c",
    ),
    proposer=Advice(
        _("Listen, and take notes."), _("You do not answer now. Next you may clarify or amend."), "5.4.5c"
    ),
    participant=Advice(
        _("Listen."), _("React to the proposal when it is your turn, not to what others say."), "5.4.5c"
    ),
    on_turn=Advice(
        _("You have the floor."),
        _("Say what you think of the proposal, whatever it is. Nobody answers."),
        "5.4.5c",
    ),
    acts=frozenset({SPEAK, SET_ASIDE, TIME_OUT}),
    round=True,
    without_proposer=True,
    back="questions",
)

CLARIFY = Step(
    "clarify",
    _("Option to clarify"),
    _("Clarify"),
    "5.4.5d",
    _("Do you want to clarify or amend anything?"),
    facilitator=Advice(
        _("Only the proposer speaks."),
        _(
            "Amendments are there to answer the proposer’s own tension better. Stop everyone but the secretary."
        ),
        "5.4.5d",
    ),
    proposer=Advice(
        _("Clarify or amend, if it serves your tension."),
        _("You need not take up what others said: their concerns have their own step."),
        "5.4.5d",
    ),
    participant=Advice(
        _("Only the proposer speaks."),
        _("The secretary captures the text and says no more than that takes."),
        "5.4.5d",
    ),
    acts=frozenset({WRITE, SET_ASIDE, TIME_OUT}),
    writers=frozenset({PROPOSER, SECRETARY}),
    back="reactions",
)

OBJECTIONS = Step(
    "objections",
    _("Objection round"),
    _("Objections"),
    "5.4.5e",
    _("Do you see any objection to this proposal?"),
    facilitator=Advice(
        _("Ask each: an objection, or none?"),
        _(
            "You judge whether an argument was given, not whether it is right. Stop anyone else, kindly and at once."
        ),
        "5.3.3",
    ),
    participant=Advice(
        _("Only the one who is asked speaks."),
        _(
            "A concern counts if adopting would do harm that your role cannot live with, or would break a rule."
        ),
        "5.3.2",
    ),
    on_turn=Advice(
        _("It is your turn."), _("Do you see any objection? You need not like the proposal."), "5.3.2"
    ),
    acts=frozenset({SPEAK, CONCERN, SET_ASIDE, TIME_OUT}),
    round=True,
    back="clarify",
)

INTEGRATION = Step(
    "integration",
    _("Integration"),
    _("Integration"),
    "5.4.5f",
    _("What could we add or change so that this objection is not triggered?"),
    facilitator=Advice(
        _("Everyone may speak now, about this objection only."),
        _("Keep asking one thing: what could we add or change so that it would not be triggered?"),
        "5.4.5f",
    ),
    proposer=Advice(
        _("Look for a text with the objector."),
        _("Answer questions about your tension and your examples. Confirm when a text still answers it."),
        "5.3.4",
    ),
    participant=Advice(
        _("Help to find words."),
        _("Words that take this objection away and still answer the proposer’s tension."),
        "5.4.5f",
    ),
    acts=frozenset({WRITE, CONCERN, INTEGRATE, SET_ASIDE, TIME_OUT}),
    writers=frozenset({PROPOSER, SECRETARY, OBJECTOR}),
)

ADOPTING = Step(
    "adopting",
    _("Adopting"),
    _("Adopting"),
    "5.4.5e",
    _("No objections: it is adopted."),
    facilitator=Advice(
        _("It is adopted."), _("The structure is being changed and the decision put on the record."), "5.4.5e"
    ),
    participant=Advice(
        _("It is adopted."), _("The structure is being changed and the decision put on the record."), "5.4.5e"
    ),
    acts=frozenset({TIME_OUT}),
)

CLOSING = Step(
    "closing",
    _("Closing round"),
    _("Closing"),
    "5.4.3",
    _("A closing word on this meeting?"),
    facilitator=Advice(
        _("One at a time, no answers."),
        _("Ask each for a reflection on the meeting; stop discussion."),
        "5.4.3",
    ),
    participant=_LISTEN,
    on_turn=Advice(
        _("You have the floor."), _("Say a closing word on the meeting. Nobody responds."), "5.4.3"
    ),
    acts=frozenset({SPEAK, TIME_OUT}),
    round=True,
    back="agenda",
)

CLOSED = Step(
    "closed",
    _("The meeting is over"),
    _("Over"),
    "5.4.3",
    _("Thank you. The minutes are there for everybody."),
    facilitator=Advice(
        _("The meeting is over."), _("What was not processed is back with its owners."), "5.4.4"
    ),
    participant=Advice(
        _("The meeting is over."), _("What was not processed is back with its owners."), "5.4.4"
    ),
)

PAUSE = Advice(
    _("Time-out."),
    _(
        "Administrative matters and the rules may be discussed; not the tension, the proposal or an objection."
    ),
    "5.4.3",
)

_ELECTS = Advice(
    _("Keep the silence."), _("Nobody says anything about anybody now: not who, and not why."), "5.3.5b"
)

DESCRIBE_STEP = Step(
    "describe",
    _("Describe the role"),
    _("Describe"),
    "5.3.5a",
    _("What is the role for, and until when do we elect?"),
    facilitator=Advice(
        _("Name the role and choose a term."),
        _("Say what else people should know. Stop whoever speaks of somebody who could do it."),
        "5.3.5a",
    ),
    participant=Advice(
        _("Listen."), _("Nobody speaks of possible candidates, now or in the next step."), "5.3.5a"
    ),
    acts=frozenset({DESCRIBE, SET_ASIDE, TIME_OUT}),
    election=True,
)

NOMINATE_STEP = Step(
    "nominate",
    _("Nominate candidates"),
    _("Nominate"),
    "5.3.5b",
    _("Who do you believe is the best fit for this role?"),
    facilitator=Advice(
        _("Keep the silence."),
        _("Each names one person, on their own screen; nobody abstains. You show them once all are in."),
        "5.3.5b",
    ),
    participant=_ELECTS,
    acts=frozenset({NOMINATE, SET_ASIDE, TIME_OUT}),
    election=True,
)

SHARE_STEP = Step(
    "share",
    _("Nomination sharing round"),
    _("Share"),
    "5.3.5c",
    _("Why would your nominee be a good fit?"),
    facilitator=Advice(
        _("Each says why, for their own nominee."),
        _("Stop answers, and comparisons with anybody else, kindly and at once."),
        "5.3.5c",
    ),
    participant=Advice(
        _("Listen."), _("Nobody answers. You say why when it is your turn, of your own nominee."), "5.3.5c"
    ),
    on_turn=Advice(
        _("You have the floor."),
        _("Say why the person you named would be a good fit. Speak of nobody else."),
        "5.3.5c",
    ),
    acts=frozenset({SPEAK, SHARE, SET_ASIDE, TIME_OUT}),
    round=True,
    election=True,
)

CHANGE_STEP = Step(
    "change",
    _("Nomination change round"),
    _("Change"),
    "5.3.5d",
    _("Now that you have heard all reasons: do you change your nomination?"),
    facilitator=Advice(
        _("Ask, hear, move on."),
        _("No answers, no persuading. Whoever changes says why, and then it stands."),
        "5.3.5d",
    ),
    participant=Advice(_("Listen."), _("Nobody answers, and nobody persuades."), "5.3.5d"),
    on_turn=Advice(
        _("It is your turn."), _("Keep your nomination, or change it and say why. Both are fine."), "5.3.5d"
    ),
    acts=frozenset({SPEAK, CHANGE, SET_ASIDE, TIME_OUT}),
    round=True,
    election=True,
)

COUNT_STEP = Step(
    "count",
    _("Count and propose"),
    _("Propose"),
    "5.3.5e",
    _("Who has most nominations is proposed."),
    facilitator=Advice(
        _("Propose who has most nominations."),
        _("In a tie you choose the way out of it, not the person. Say which one before you take it."),
        "5.3.5e",
    ),
    participant=Advice(
        _("Listen."),
        _("The facilitator proposes who has most nominations, and in a tie says which way out is taken."),
        "5.3.5e",
    ),
    acts=frozenset({COUNT, SET_ASIDE, TIME_OUT}),
    election=True,
)

STEPS = {
    step.key: step
    for step in (
        LOBBY, CHECK_IN, AGENDA, PRESENT_STEP, QUESTIONS, REACTIONS, CLARIFY, OBJECTIONS, INTEGRATION, ADOPTING,
        DESCRIBE_STEP, NOMINATE_STEP, SHARE_STEP, CHANGE_STEP, COUNT_STEP, CLOSING, CLOSED,
    )
}  # fmt: skip
PHASES = (CHECK_IN, AGENDA, CLOSING)
ITEM_STEPS = (PRESENT_STEP, QUESTIONS, REACTIONS, CLARIFY, OBJECTIONS, INTEGRATION)
ELECTION_STEPS = (
    DESCRIBE_STEP, NOMINATE_STEP, SHARE_STEP, CHANGE_STEP, COUNT_STEP, OBJECTIONS, INTEGRATION,
)  # fmt: skip
AFTER = {"present": "questions", "questions": "reactions", "reactions": "clarify", "clarify": "objections"}

# What is said in the steps an election shares with other proposals, where its words differ (§5.3.5f)
IN_ELECTION = {
    "proposed": {
        "facilitator": Advice(
            _("Make the proposal."),
            _("Say whom you propose, and with how many nominations. Then ask each for objections."),
            "5.3.5e",
        ),
        "participant": Advice(
            _("Listen."),
            _("The facilitator proposes somebody. Next, each is asked for objections."),
            "5.3.5e",
        ),
    },
    "objections": {
        "facilitator": Advice(
            _("Ask each: an objection, or none?"),
            _("The candidate is asked too, last. With no objection they are elected at once."),
            "5.3.5f",
        ),
    },
    "integration": {
        "facilitator": Advice(
            _("Let them look for a way, or discard the proposal."),
            _(
                "Once it is discarded, nominations for this candidate are ignored and the next one is proposed."
            ),
            "5.3.5f",
        ),
        "participant": Advice(
            _("Help to find a way."),
            _("What would take this objection away? The objector says when it stands no more."),
            "5.3.5f",
        ),
    },
}

# The four criteria as the facilitator asks about them (§5.3.2a–d)
CRITERIA = (
    ("a", _("Would it make %(circle)s less able to do its work?")),
    ("b", _("Does it limit %(role)s, even if you filled no other role?")),
    ("c", _("Is that a problem already, or would adopting this create it?")),
    ("d", _("Would it surely happen, or come too late for us to adapt?")),
)

# The reasons §5.3.4 gives for dropping, offered as words to begin with
DROP_OBJECTION = _("No attempt in good faith to find an amendment that resolves it (§5.3.4b).")
DROP_PROPOSAL = (
    _("Questions about the tension or its examples are not answered in good faith (§5.3.4c)."),
    _("No argument why the amended text would fail in one of the examples (§5.3.4d)."),
)
DISCARD = _("It lacks a tension, an actual example, or how it would have helped (§5.3.1).")
