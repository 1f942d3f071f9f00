"""What the program does about each clause of the Constitution, in the program's own words.

Rows of data: the number of the clause (with a letter where it asks for several things), how it is honoured, and
what the program does. The text of the Constitution itself is elsewhere and not repeated here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OFFICIAL_TEXT = "https://www.holacracy.org/constitution/5-0/"

HOW = {
    "E": _("The program sees to it"),
    "S": _("The program gives the means"),
    "G": _("People judge; the program reminds"),
    "P": _("A policy can change it"),
}


@dataclass(frozen=True)
class Clause:
    """One thing the Constitution asks for: ``how`` holds one of E (enforced), S (supported) and G (guided), and P
    where a policy can change it."""

    id: str
    how: str
    words: Promise

    @property
    def number(self) -> str:
        """The number of the clause it belongs to, without the letter."""
        return self.id.rstrip("abcdefghijklmnopqrstuvwxyz")

    @property
    def ways(self) -> list[Promise]:
        """How it is honoured, in words."""
        return [HOW[letter] for letter in self.how]


CLAUSES = (
    Clause(
        "1.1",
        "E",
        _(
            "A role has a name and at least one of purpose, domain, accountability. A definition with a "
            "name alone is refused."
        ),
    ),
    Clause("1.1p", "S", _("A role (and a circle) can hold policies of its own.")),
    Clause(
        "1.2.1",
        "S",
        _("Any partner captures a tension, from any page, in seconds, sensed from one of their roles."),
    ),
    Clause(
        "1.2.2",
        "S",
        _(
            "Role leads define next-actions and projects per role, and can walk through purpose and "
            "accountabilities to find them."
        ),
    ),
    Clause("1.2.3", "S", _("A project holds next-actions; active projects with none are shown as such.")),
    Clause(
        "1.2.4",
        "S",
        _("Projects, next-actions and open tensions are tracked in written lists per role and per person."),
    ),
    Clause(
        "1.3",
        "E",
        _(
            "Roles and policies live in exactly one circle; together they are that circle's acting "
            "governance."
        ),
    ),
    Clause(
        "1.3.1a",
        "E",
        _(
            "The inside of every role is a circle: any ordinary role can be broken down into a sub-circle"
            " without losing its definition, history or identity."
        ),
    ),
    Clause(
        "1.3.1b",
        "E",
        _(
            "The roles defined by the Constitution itself (circle lead, circle rep, facilitator, "
            "secretary) cannot be broken down."
        ),
    ),
    Clause(
        "1.3.2a",
        "E",
        _(
            "A circle grants a domain to a role within one of the circle's own domains, which the "
            "proposer names, or marks it as relevant only inside the circle (no matching of texts). The "
            "anchor circle holds every domain."
        ),
    ),
    Clause(
        "1.3.2b",
        "S",
        _(
            "A role that controls a domain can hold policies on that domain; on conflict the delegating "
            "circle's policy is shown as superseding."
        ),
    ),
    Clause(
        "1.3.3a",
        "E",
        _("One anchor circle per organization; it has no super-circle; it cannot be removed or moved."),
    ),
    Clause(
        "1.3.3b",
        "S",
        _(
            "Ratifiers define the initial structure on adopting the Constitution; recorded as such, once,"
            " with their names."
        ),
    ),
    Clause(
        "1.3.3c",
        "E",
        _(
            "The anchor circle changes its own purpose and clarifies its accountabilities by a policy of "
            "its own; nobody else can."
        ),
    ),
    Clause(
        "1.3.4a",
        "E",
        _(
            "A role links into another circle only while a policy of that circle, or of a super-circle of"
            " it, invites it. Linking and opting out are acts of the source role's lead, unless a policy "
            "says otherwise."
        ),
    ),
    Clause(
        "1.3.4b",
        "E",
        _(
            "The circle linked into may add to the role and change what it added; it cannot delete the "
            "role or change what another circle defined, nor assign it."
        ),
    ),
    Clause(
        "1.3.4c",
        "E",
        _(
            "Unlinking (removal of the inviting policy, or the role opting out) removes what that circle "
            "had added."
        ),
    ),
    Clause(
        "1.3.5a",
        "S",
        _("A circle may have a facilitator and a secretary, with the constitutional purposes."),
    ),
    Clause(
        "1.3.5b",
        "E",
        _(
            "A circle may add accountabilities and domains to them and change those additions; the "
            "constitutional purpose and accountabilities cannot be amended or removed."
        ),
    ),
    Clause(
        "1.4a",
        "E",
        _(
            "Whoever fills a role is circle lead inside it; the circle lead role carries the circle's "
            "purpose, and the circle's accountabilities not covered by its roles."
        ),
    ),
    Clause("1.4b", "EP", _("The anchor circle has no circle lead unless a policy says so.")),
    Clause(
        "1.4.1a",
        "EP",
        _(
            "Only a circle lead (or a role to which that was delegated) assigns and unassigns roles in "
            "the circle; several people may fill one role."
        ),
    ),
    Clause("1.4.1b", "S", _("A role lead may resign at any time.")),
    Clause("1.4.1c", "S", _("An assignment may carry a focus; each focus is shown like a role of its own.")),
    Clause(
        "1.4.2",
        "E",
        _(
            "The circle leads are role leads of every unfilled role of the circle, and of a role filled "
            "only by non-partners."
        ),
    ),
    Clause("1.4.3", "S", _("Circle leads set priorities among roles and projects, and strategies.")),
    Clause(
        "1.4.4",
        "S",
        _(
            "A circle lead can reroute an outside reference to the circle or one of its roles to another "
            "role of the circle; this is no change of governance."
        ),
    ),
    Clause("1.4.5a", "E", _("The purpose of the circle lead role cannot be changed, nor the role removed.")),
    Clause(
        "1.4.5b",
        "E",
        _(
            "Accountabilities or domains added to a circle lead role apply to the circle lead role of "
            "every sub-circle, recursively, and go when removed."
        ),
    ),
    Clause(
        "1.4.5c",
        "E",
        _(
            "Placing one of the circle lead's functions on another role of the circle, or a policy "
            "defining another means, takes it from the circle lead for as long as that holds "
            "(assignments, priorities, strategies as delegable functions)."
        ),
    ),
    Clause(
        "2.1a",
        "S",
        _(
            "A partner's projects, next-actions and their relative priority are visible to every role "
            "lead of the organization (unless marked private by the organization's setting)."
        ),
    ),
    Clause(
        "2.1c",
        "S",
        _("Anyone may ask a partner for a projection on a project or action, and the answer is recorded."),
    ),
    Clause("2.1d", "S", _("Checklist items per role, with a cadence; check-offs with history.")),
    Clause("2.1e", "S", _("Metrics per role, with a cadence; readings with history and a chart.")),
    Clause("2.1f", "S", _("Progress updates since the last one.")),
    Clause(
        "2.2",
        "S",
        _(
            "Requests to a role (clarify, take a project or action, impact a domain) with answer and "
            "reason; unanswered ones are visible to both."
        ),
    ),
    Clause(
        "2.3",
        "G",
        _(
            "Official priorities and strategies of the circle and its super-circles are shown where a "
            "person orders their own work."
        ),
    ),
    Clause(
        "2.4",
        "S",
        _("Relational agreements between two partners: proposed, accepted or declined, ended by either."),
    ),
    Clause(
        "3.1",
        "EP",
        _(
            "Any partner may convene a tactical meeting, naming the roles invited, and then facilitates "
            "and captures or appoints someone; a circle's regular one, scheduled by its secretary, "
            "invites all its roles."
        ),
    ),
    Clause(
        "3.2",
        "EP",
        _(
            "Steps in order: check-in, checklist review, metrics review, progress updates, build agenda, "
            "triage items, closing round."
        ),
    ),
    Clause("3.2d", "S", _("Progress updates show only what changed since the role's last report.")),
    Clause("3.2e", "S", _("Agenda items are short labels; they may be added between items later.")),
    Clause(
        "3.2f",
        "S",
        _(
            "Triage gives each item its due share of the remaining time, shown as a timer, and captures "
            "actions, projects, requests, tensions and notes with an owner role. A request to a role is "
            "made only in service of a role the asker represents."
        ),
    ),
    Clause("4", "G", _("Role pages say what a role lead may do without asking.")),
    Clause(
        "4.1.2",
        "SP",
        _(
            "A role lead can announce an intent to impact a domain; its owners have a set time to object;"
            " silence grants the permission for that one action."
        ),
    ),
    Clause(
        "4.1.3",
        "SP",
        _(
            "The same for spending: announced with amount, reason and role; can be escalated and de-"
            "escalated; granted when the time passes with no escalation standing; revocable."
        ),
    ),
    Clause(
        "4.2.1",
        "S",
        _(
            "A partner asks a secretary for a ruling; the ruling is recorded, optionally published, "
            "appealable to the super-circle's secretary, who can overrule."
        ),
    ),
    Clause(
        "4.2.2",
        "E",
        _(
            "A secretary can strike invalid governance of the circle or a sub-circle, with a reason. A "
            "strike names a decision, role, policy or part of one; it is enacted as removal or inverse "
            "against today's structure, after showing what later decisions built on it, and every role "
            "lead in the circle is told."
        ),
    ),
    Clause(
        "4.3",
        "S",
        _("An act of individual initiative can be recorded and is announced to the roles it affected."),
    ),
    Clause(
        "5.1",
        "E",
        _(
            "Circle members are the partners filling the circle lead role, the role leads of its roles "
            "and of roles linked into it, and the reps of circles immediately inside it or linked into "
            "it. Partners only; one person, one seat; elected fillers count; surrogates for as long as "
            "the meeting. 1.4.2 does not fill rep, facilitator or secretary (5.3.6 serves those). "
            "Computed, never stored by hand."
        ),
    ),
    Clause("5.1m", "EP", _("A policy may limit how many role leads of one role count as circle members.")),
    Clause(
        "5.1.1a",
        "EP",
        _(
            "Only a circle member (by something other than the rep seat) may become circle rep, by an "
            "election unless a policy defines another process; a circle lead of the circle may not, and "
            "becoming one ends it; one rep at a time unless a policy of a containing circle allows more."
        ),
    ),
    Clause(
        "5.1.1b",
        "EP",
        _(
            "The circle rep is a circle member of the circles that immediately contain the circle, unless"
            " their policy limits it."
        ),
    ),
    Clause(
        "5.1.1c",
        "E",
        _(
            "The rep role's purpose and three accountabilities are fixed; additions can be amended and "
            "removed."
        ),
    ),
    Clause(
        "5.1.2a",
        "E",
        _(
            "Facilitator and secretary are filled by the integrative election alone: no assignment, role "
            "or policy fills or empties them another way, except resignation, departure, ratification, "
            "import, and an admin's repair marked as such."
        ),
    ),
    Clause("5.1.2b", "EP", _("Candidates are circle members unless a policy adds to or limits them.")),
    Clause("5.1.2c", "S", _("Any circle member may call an election at any time.")),
    Clause(
        "5.2",
        "E",
        _(
            "A governance output is one of: a role defined, amended, removed; a policy defined, amended, "
            "removed; a role or policy moved down into a sub-circle or up out of one; an election. "
            "Nothing else can be adopted."
        ),
    ),
    Clause(
        "5.2s",
        "E",
        _("A proposal changes only the governance of its own circle (moves aside, and what 1.3.4 allows)."),
    ),
    Clause(
        "5.2c",
        "E",
        _(
            "Moves go into or out of a sub-circle at any depth below the circle; the proposer states how "
            "the role or policy serves (or no longer serves) that sub-circle, which people judge."
        ),
    ),
    Clause(
        "5.2.1a",
        "E",
        _(
            "Every policy names which of the four kinds it is, one or more: constraint, grant, domain "
            "access, or a change of a default the Constitution lets be changed. The last is refused for a"
            " default that may not be changed."
        ),
    ),
    Clause(
        "5.2.1b",
        "E",
        _(
            "Grants and constraints apply in sub-circles, recursively, unless the policy says otherwise; "
            "changes of a default only where stated; a sub-circle may override unless the policy forbids "
            "it."
        ),
    ),
    Clause(
        "5.3a",
        "E",
        _(
            "Only a circle member proposes in a circle, representing a role they lead or a circle they "
            "represent (or a role whose lead gave them permission, until it expires or is withdrawn)."
        ),
    ),
    Clause(
        "5.3b",
        "E",
        _("A proposal is shared with all circle members in writing before it can be adopted."),
    ),
    Clause(
        "5.3c",
        "E",
        _(
            "It is adopted once every circle member has confirmed to have no objection — by itself, at "
            "that moment."
        ),
    ),
    Clause(
        "5.3d",
        "E",
        _(
            "After an amendment made to resolve objections, every circle member is asked again; earlier "
            "answers do not count for the new text."
        ),
    ),
    Clause(
        "5.3e",
        "EP",
        _(
            "With a time limit policy, silence after the limit is no objection, seen or not; a policy may"
            " add at most so many days while a member is away or has not seen it. Without a time limit, "
            "silence blocks."
        ),
    ),
    Clause(
        "5.3f",
        "EP",
        _(
            "Any circle member may ask for a meeting instead: the asynchronous processing stops and the "
            "proposal counts as withdrawn until proposed in a meeting."
        ),
    ),
    Clause(
        "5.3.1",
        "E",
        _(
            "A proposal carries the tension, an actual example, and how the proposal would have reduced "
            "it. A facilitator can discard it for lacking them, with a reason."
        ),
    ),
    Clause(
        "5.3.2",
        "E",
        _(
            "An objection carries an answer to each of the four criteria, or names the rule it would "
            "violate. Only one that has them counts. In a meeting a concern may be captured untested, and"
            " counts until it is tested (5.4.5e)."
        ),
    ),
    Clause(
        "5.3.3a",
        "S",
        _(
            "The facilitator tests an objection, criterion by criterion, and records whether an argument "
            "was given; not whether it is right."
        ),
    ),
    Clause(
        "5.3.3b",
        "S",
        _(
            "Where it claims a violation, the secretary can be asked to rule; ruled not a violation, it "
            "is dismissed."
        ),
    ),
    Clause(
        "5.3.4a",
        "E",
        _(
            "Any circle member may ask for an objection to be tested; then it must be, before the "
            "proposal goes on."
        ),
    ),
    Clause(
        "5.3.4b",
        "S",
        _(
            "The facilitator can drop an objection as abandoned and a proposal as dropped, with the "
            "reason among those the clause gives."
        ),
    ),
    Clause(
        "5.3.4d",
        "S",
        _("The objector can put an amended proposal beside the proposer's; the proposer accepts or argues."),
    ),
    Clause(
        "5.3.5a",
        "E",
        _("An election names the role and a term; nobody sees nominations in this step and the next."),
    ),
    Clause(
        "5.3.5b",
        "E",
        _(
            "Each circle member nominates exactly one eligible person, under their own name; nobody else "
            "can see it before the sharing round; no abstaining, no two."
        ),
    ),
    Clause("5.3.5c", "E", _("Nominations are revealed all at once, each with its reason.")),
    Clause("5.3.5d", "E", _("One change round; each change carries its reason.")),
    Clause(
        "5.3.5e",
        "E",
        _(
            "The candidate with most nominations is proposed; a tie is resolved by one of the four ways, "
            "each offered only where it applies; the random pick is recorded."
        ),
    ),
    Clause(
        "5.3.5f",
        "E",
        _("Objection round; a discarded candidate's nominations are ignored and the next one is proposed."),
    ),
    Clause(
        "5.3.5t",
        "EP",
        _("A policy's time limit excludes those who did not answer from the rest of the process."),
    ),
    Clause(
        "5.3.5x",
        "E",
        _("When a term expires, a new election is triggered by itself and the facilitator is told."),
    ),
    Clause(
        "5.3.6",
        "E",
        _("A surrogate for facilitator or secretary is found in the clause's order of precedence."),
    ),
    Clause(
        "5.4a",
        "S",
        _(
            "The secretary schedules governance meetings; any circle member may request a special one, "
            "with an intent and limits."
        ),
    ),
    Clause("5.4b", "E", _("A special meeting can process only proposals within its stated limits.")),
    Clause(
        "5.4.1a",
        "E",
        _(
            "Only circle members, the acting facilitator and secretary (members while it lasts), and an "
            "invited guest of a circle rep take part."
        ),
    ),
    Clause(
        "5.4.1b",
        "E",
        _(
            "A rep invites one partner at a time, for one named tension; the guest is a temporary member "
            "until withdrawn, joins check-in and closing, and represents the circle during that item "
            "alone."
        ),
    ),
    Clause(
        "5.4.2a",
        "EP",
        _(
            "What notice is reasonable is people's judgement: within 24 hours of the notice the acting "
            "secretary states that all had reasonable notice, and the minutes say so; only hours set by a"
            " policy are enforced. No quorum unless a policy sets one."
        ),
    ),
    Clause(
        "5.4.2b",
        "E",
        _(
            "When its scheduled duration is over, no new item and no adoption: the secretary extends it, "
            "unless a member objects, or it closes; the worker closes it after 15 minutes."
        ),
    ),
    Clause("5.4.2c", "E", _("Absent members do not block adoption in a meeting.")),
    Clause(
        "5.4.3",
        "E",
        _(
            "Steps in order: check-in round, agenda building and processing, closing round; a time-out "
            "can be asked for, granted or refused, and ended."
        ),
    ),
    Clause(
        "5.4.4a",
        "E",
        _(
            "The agenda is built in the meeting (a person's own tensions are offered to that person as "
            "labels to add); no discussion field."
        ),
    ),
    Clause(
        "5.4.4b",
        "E",
        _(
            "An election goes before all other items on a participant's request; in a special meeting its"
            " requester orders the agenda."
        ),
    ),
    Clause(
        "5.4.5a",
        "E",
        _(
            "Integrative decision-making, in order: present, clarifying questions, reaction round, option"
            " to clarify, objection round, integration."
        ),
    ),
    Clause(
        "5.4.5b",
        "E",
        _("In the rounds people speak one at a time; the reaction round leaves out the proposer."),
    ),
    Clause(
        "5.4.5c",
        "E",
        _("In 'option to clarify' only the proposer (and the secretary capturing it) can change the text."),
    ),
    Clause(
        "5.4.5d",
        "E",
        _(
            "With no objection the proposal is adopted at once; with some, integration; all resolved "
            "(objector and proposer both confirm), back to the objection round with the amended text."
        ),
    ),
    Clause(
        "5.5",
        "S",
        _(
            "The facilitator or secretary can declare a process breakdown in their circle or a sub-"
            "circle, with reasons; any partner may ask for a review."
        ),
    ),
    Clause(
        "5.5.2",
        "E",
        _(
            "While it stands: the facilitator judges arguments; the super-circle's facilitator gains a "
            "project, may take over as facilitator or secretary and may add a circle lead; ended by that "
            "facilitator. Without a super-circle, its own facilitator holds these powers."
        ),
    ),
    Clause("5.5.3", "S", _("Left open too long (a set time), it is raised to the super-circle.")),
)

# What comes with tactical meetings and the work itself: it has its words here, and nothing else yet
LATER = frozenset(
    c.id
    for c in CLAUSES
    if c.id.startswith(("2.", "3.")) or c.id in ("1.2.2", "1.2.3", "1.2.4", "5.4.2a", "5.4.2b")
)

_FORM = re.compile(r"(\d+(?:\.\d+)*)[a-z]?")


def group(number: str) -> tuple[str, list[Clause], list[Clause]]:
    """Return what belongs to a clause such as ``5.3.1`` or ``5.3.2a``: its number without the letter, its own rows, and
    those of the clauses below it. Both lists are empty for a number that nothing is said about."""
    match = _FORM.fullmatch(number)
    if match is None:
        return number, [], []
    base = match[1]
    own = [c for c in CLAUSES if c.number == base]
    below = [c for c in CLAUSES if c.number.startswith(base + ".")]
    return base, own, below
