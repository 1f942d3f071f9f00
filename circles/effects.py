"""What policies can do by themselves: structured effects, each where the Constitution lets a policy say something.

A policy without an effect is text that people read. An effect is a table entry: its fields, what it reads like, and
the clause that allows it; forms, the API, checks and pages are all read from here. ``Structure.effect`` finds the
one in force in a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from people.ids import is_id
from people.refusals import Malformed, RuleBroken

TIME_LIMIT = "time_limit"
ASYNC_GOES_ON = "async_goes_on"
ELECTION_TIME_LIMIT = "election_time_limit"
CANDIDATES = "candidates"
REP_BY_LEAD = "rep_by_lead"
REP_COUNT = "rep_count"
REPS_NOT_MEMBERS = "reps_not_members"
ROLE_LEAD_LIMIT = "role_lead_limit"
LEAD_FUNCTION = "lead_function"
INVITE_LINK = "invite_link"
LINK_STAYS = "link_stays"
INTENT_WAIT = "intent_wait"
SPENDING_WAIT = "spending_wait"
SPENDING_CONTROL = "spending_control"
QUORUM = "quorum"
NOTICE = "notice"
ANCHOR_CIRCLE_LEAD = "anchor_circle_lead"
ANCHOR_DEFINITION = "anchor_definition"

# The functions of a circle lead that can be placed elsewhere (§1.4.5)
ASSIGNMENTS = "assignments"
PRIORITIES = "priorities"
STRATEGIES = "strategies"

MAX_WORKING_DAYS = 60
TEXT_MOST = 1000
TEXTS_MOST = 50

NUMBER = "number"
CHOICE = "choice"
ROLE = "role"
TEXT = "text"
TEXTS = "texts"

RoleName = Callable[[str], str]


@dataclass(frozen=True)
class Field:
    """One value of an effect: what it is asked by, and what it may be.

    ``kind`` is NUMBER (``least`` to ``most``), CHOICE (of ``choices``), ROLE (an identifier), TEXT or TEXTS (one on
    each line). ``empty`` says what it means left empty; without it something must be there. ``only_if`` names a
    choice that the field belongs to: (field, value).
    """

    name: str
    kind: str
    label: Promise
    least: int = 1
    most: int = 1
    default: int | str | None = None
    choices: tuple[tuple[str, Promise], ...] = ()
    empty: Promise | None = None
    only_if: tuple[str, str] | None = None

    def parse(self, value: object) -> Any:
        """Return ``value`` in its canonical form. Raises Malformed where it is missing or out of range."""
        if self.kind == NUMBER:
            if value in (None, "") and self.empty is not None:
                return self.default
            if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
                raise Malformed(
                    _("%(what)s: give a whole number from %(least)d to %(most)d.")
                    % {"what": self.label, "least": self.least, "most": self.most},
                )
            return value
        if self.kind == CHOICE:
            if value in (None, "") and self.empty is not None:
                return ""
            if value not in dict(self.choices):
                raise Malformed(_("%(what)s: choose one.") % {"what": self.label})
            return value
        if self.kind == ROLE:
            if value in (None, "") and (self.empty is not None or self.only_if is not None):
                return None
            if not is_id(value):
                raise Malformed(_("%(what)s: choose a role.") % {"what": self.label})
            return value
        if self.kind == TEXTS:
            return self._texts(value)
        text = value.strip() if isinstance(value, str) else ""
        if (not text and self.empty is None) or len(text) > TEXT_MOST:
            raise Malformed(
                _("%(what)s: write it in at most %(most)d characters.")
                % {"what": self.label, "most": TEXT_MOST}
            )
        return text

    def _texts(self, value: object) -> list[str]:
        lines = [] if value is None else value
        if not isinstance(lines, list | tuple) or not all(isinstance(line, str) for line in lines):
            raise Malformed(
                _("%(what)s: this must be a list of texts.") % {"what": self.label}, field=self.name
            )
        texts = [" ".join(line.split()) for line in lines if line.strip()]
        if len(texts) > TEXTS_MOST or any(len(text) > TEXT_MOST for text in texts):
            raise Malformed(
                _("%(what)s: at most %(lines)d lines of %(most)d characters.")
                % {"what": self.label, "lines": TEXTS_MOST, "most": TEXT_MOST}
            )
        return texts


@dataclass(frozen=True)
class Effect:
    """One kind of effect: its name for people, the clause that allows it, the kinds of policy it may be part of
    (§5.2.1), its fields, and the sentence that says what it does. ``anchor_only``: of the anchor circle alone."""

    kind: str
    label: Promise
    clause: str
    says: Callable[[Mapping[str, Any], RoleName], str]
    fields: tuple[Field, ...] = ()
    kinds: tuple[str, ...] = ("default",)
    anchor_only: bool = False


def _working_days(label: Promise, default: int) -> Field:
    return Field("working_days", NUMBER, label, 1, MAX_WORKING_DAYS, default)


def _says_time_limit(effect: Mapping[str, Any], _name: RoleName) -> str:
    text = ngettext(
        "Answers close after %(days)d working day; silence is then no objection.",
        "Answers close after %(days)d working days; silence is then no objection.",
        effect["working_days"],
    ) % {"days": effect["working_days"]}
    if effect.get("extension_days"):
        text += " " + ngettext(
            "While a member is away or has not seen it, %(days)d working day more.",
            "While a member is away or has not seen it, %(days)d working days more.",
            effect["extension_days"],
        ) % {"days": effect["extension_days"]}
    return text


def _counted(words: Any, counted: str) -> Callable[[Mapping[str, Any], RoleName], str]:
    """A sentence that counts one value; ``words`` are lazy, in singular and plural by that value."""

    def says(effect: Mapping[str, Any], _name: RoleName) -> str:
        return str(words % {counted: effect[counted]})

    return says


def _says_lead_function(effect: Mapping[str, Any], name: RoleName) -> str:
    words = {
        ASSIGNMENTS: _("assigns the roles of the circle"),
        PRIORITIES: _("sets the priorities of the circle"),
        STRATEGIES: _("sets the strategies of the circle"),
    }[effect["function"]]
    if effect["by"] == "role" and effect["role"]:
        return _("The role %(role)s %(does)s, in place of the circle lead.") % {
            "role": name(effect["role"]),
            "does": words,
        }
    return _("Any circle member %(does)s, in place of the circle lead.") % {"does": words}


def _says_candidates(effect: Mapping[str, Any], name: RoleName) -> str:
    seats = dict(SEATS)
    seat = seats[effect["seat"]] if effect["seat"] else _("every elected role")
    who = (
        _("whoever fills %(role)s") % {"role": name(effect["role"])}
        if effect["people"] == "role" and effect["role"]
        else _("every partner")
    )
    if effect["mode"] == "add":
        return _("Candidates for %(seat)s: %(who)s as well as the circle members.") % {
            "seat": seat,
            "who": who,
        }
    return _("Candidates for %(seat)s: only %(who)s.") % {"seat": seat, "who": who}


def _of_role(every: Promise | str, one: Promise) -> Callable[[Mapping[str, Any], RoleName], str]:
    """A sentence about one role, or about every role where none is named; it may speak of ``most``."""

    def says(effect: Mapping[str, Any], name: RoleName) -> str:
        words = {"most": effect.get("most", 0)}
        if effect.get("role"):
            return str(one) % {**words, "role": name(effect["role"])}
        return str(every) % words

    return says


SEATS: tuple[tuple[str, Promise], ...] = (
    ("facilitator", gettext_lazy("Facilitator")),
    ("secretary", gettext_lazy("Secretary")),
    ("circle_rep", gettext_lazy("Circle Rep")),
)

EFFECTS = {
    e.kind: e
    for e in (
        Effect(
            TIME_LIMIT,
            gettext_lazy("Answers to proposals close after a time limit"),
            "5.3",
            _says_time_limit,
            (
                _working_days(gettext_lazy("Working days until answers close"), 3),
                Field(
                    "extension_days",
                    NUMBER,
                    gettext_lazy("Working days more while a member is away or has not seen it"),
                    0,
                    20,
                    0,
                    empty=gettext_lazy("None"),
                ),
            ),
        ),
        Effect(
            ASYNC_GOES_ON,
            gettext_lazy("Asking for a meeting does not stop the answering"),
            "5.3",
            lambda _effect, _name: _(
                "A proposal goes on being answered when somebody asks for a meeting, until it is proposed there."
            ),
        ),
        Effect(
            ELECTION_TIME_LIMIT,
            gettext_lazy("Each step of an election has a time limit"),
            "5.3.5",
            _counted(
                ngettext_lazy(
                    "Each step of an election closes after %(working_days)d working day; who is silent is left out.",
                    "Each step of an election closes after %(working_days)d working days; who is silent is left out.",
                    "working_days",
                ),
                "working_days",
            ),
            (_working_days(gettext_lazy("Working days for each step of an election"), 3),),
        ),
        Effect(
            CANDIDATES,
            gettext_lazy("Who may stand for an elected role"),
            "5.1.2",
            _says_candidates,
            (
                Field(
                    "seat",
                    CHOICE,
                    gettext_lazy("Elected role"),
                    choices=SEATS,
                    empty=gettext_lazy("Each of them"),
                ),
                Field(
                    "mode",
                    CHOICE,
                    gettext_lazy("Candidates"),
                    choices=(
                        ("add", gettext_lazy("These may stand as well as the circle members")),
                        ("limit", gettext_lazy("Only these may stand")),
                    ),
                ),
                Field(
                    "people",
                    CHOICE,
                    gettext_lazy("People"),
                    choices=(
                        ("partners", gettext_lazy("Every partner of the organization")),
                        ("role", gettext_lazy("Whoever fills a role")),
                    ),
                ),
                Field("role", ROLE, gettext_lazy("Role of the candidates"), only_if=("people", "role")),
            ),
        ),
        Effect(
            REP_BY_LEAD,
            gettext_lazy("The circle lead appoints the circle rep"),
            "5.1.1",
            lambda _effect, _name: _("The circle lead appoints the circle rep; there is no election."),
        ),
        Effect(
            REP_COUNT,
            gettext_lazy("A circle inside may have more than one circle rep"),
            "5.1.1",
            _of_role(
                gettext_lazy("Each circle inside may have up to %(most)d circle reps."),
                gettext_lazy("The circle %(role)s may have up to %(most)d circle reps."),
            ),
            (
                Field("role", ROLE, gettext_lazy("Circle"), empty=gettext_lazy("Each circle inside")),
                Field("most", NUMBER, gettext_lazy("Circle reps at most"), 1, 20, 2),
            ),
        ),
        Effect(
            REPS_NOT_MEMBERS,
            gettext_lazy("Circle reps from inside are no circle members"),
            "5.1.1",
            _of_role(
                gettext_lazy("Circle reps of the circles inside are no circle members here."),
                gettext_lazy("The circle rep of %(role)s is no circle member here."),
            ),
            (Field("role", ROLE, gettext_lazy("Circle"), empty=gettext_lazy("Each circle inside")),),
        ),
        Effect(
            ROLE_LEAD_LIMIT,
            gettext_lazy("Only some of a role’s leads count as circle members"),
            "5.1",
            _of_role(
                gettext_lazy(
                    "At most %(most)d leads of one role count as circle members: those assigned first."
                ),
                gettext_lazy(
                    "At most %(most)d leads of %(role)s count as circle members: those assigned first."
                ),
            ),
            (
                Field("role", ROLE, gettext_lazy("Role"), empty=gettext_lazy("Every role of the circle")),
                Field("most", NUMBER, gettext_lazy("Leads of one role who count at most"), 1, 50, 1),
            ),
        ),
        Effect(
            LEAD_FUNCTION,
            gettext_lazy("Somebody else does what the circle lead does by default"),
            "1.4.5",
            _says_lead_function,
            (
                Field(
                    "function",
                    CHOICE,
                    gettext_lazy("What is taken from the circle lead"),
                    choices=(
                        (ASSIGNMENTS, gettext_lazy("Assigning roles")),
                        (PRIORITIES, gettext_lazy("Setting priorities")),
                        (STRATEGIES, gettext_lazy("Setting strategies")),
                    ),
                ),
                Field(
                    "by",
                    CHOICE,
                    gettext_lazy("Who does it instead"),
                    choices=(
                        ("role", gettext_lazy("A role of the circle")),
                        ("members", gettext_lazy("Any circle member")),
                    ),
                ),
                Field("role", ROLE, gettext_lazy("Role that does it"), only_if=("by", "role")),
            ),
            kinds=("grant", "default"),
        ),
        Effect(
            INVITE_LINK,
            gettext_lazy("A role from elsewhere may link into the circle"),
            "1.3.4",
            _of_role(
                gettext_lazy("Any role of another circle may link into this circle."),
                gettext_lazy("The role %(role)s may link into this circle."),
            ),
            (Field("role", ROLE, gettext_lazy("Role invited"), empty=gettext_lazy("Any role that asks")),),
            kinds=("grant", "default"),
        ),
        Effect(
            LINK_STAYS,
            gettext_lazy("A role stays linked into other circles"),
            "1.3.4",
            _of_role(
                gettext_lazy("No role of this circle may remove itself from a circle it has linked into."),
                gettext_lazy("The role %(role)s may not remove itself from a circle it has linked into."),
            ),
            (Field("role", ROLE, gettext_lazy("Role"), empty=gettext_lazy("Every role of the circle")),),
            kinds=("constraint", "default"),
        ),
        Effect(
            INTENT_WAIT,
            gettext_lazy("How long an announced intent waits for objections"),
            "4.1.2",
            _counted(
                ngettext_lazy(
                    "An intent to impact a domain waits %(working_days)d working day for objections.",
                    "An intent to impact a domain waits %(working_days)d working days for objections.",
                    "working_days",
                ),
                "working_days",
            ),
            (_working_days(gettext_lazy("Working days to object"), 2),),
        ),
        Effect(
            SPENDING_WAIT,
            gettext_lazy("How long announced spending waits to be escalated"),
            "4.1.3",
            _counted(
                ngettext_lazy(
                    "Announced spending waits %(working_days)d working day to be escalated.",
                    "Announced spending waits %(working_days)d working days to be escalated.",
                    "working_days",
                ),
                "working_days",
            ),
            (_working_days(gettext_lazy("Working days to escalate"), 2),),
        ),
        Effect(
            SPENDING_CONTROL,
            gettext_lazy("A role controls spending of the circle’s money"),
            "4.1.3",
            _of_role("", gettext_lazy("The role %(role)s may spend the circle’s money without asking.")),
            (Field("role", ROLE, gettext_lazy("Role")),),
            kinds=("grant", "default"),
        ),
        Effect(
            QUORUM,
            gettext_lazy("A governance meeting needs a quorum"),
            "5.4.2",
            _counted(
                ngettext_lazy(
                    "A governance meeting begins with at least %(members)d circle member present.",
                    "A governance meeting begins with at least %(members)d circle members present.",
                    "members",
                ),
                "members",
            ),
            (Field("members", NUMBER, gettext_lazy("Circle members who must be present"), 1, 500, 2),),
        ),
        Effect(
            NOTICE,
            gettext_lazy("A governance meeting needs notice"),
            "5.4.2",
            _counted(
                ngettext_lazy(
                    "A governance meeting is announced at least %(hours)d hour before.",
                    "A governance meeting is announced at least %(hours)d hours before.",
                    "hours",
                ),
                "hours",
            ),
            (Field("hours", NUMBER, gettext_lazy("Hours of notice"), 1, 720, 48),),
        ),
        Effect(
            ANCHOR_CIRCLE_LEAD,
            gettext_lazy("The anchor circle has a circle lead"),
            "1.4",
            lambda _effect, _name: _("The anchor circle has a circle lead"),
            anchor_only=True,
        ),
        Effect(
            ANCHOR_DEFINITION,
            gettext_lazy("Purpose and accountabilities of the anchor circle"),
            "1.3.3",
            lambda effect, _name: (
                _("The purpose of the anchor circle is: %(purpose)s") % {"purpose": effect["purpose"]}
            ),
            (
                Field("purpose", TEXT, gettext_lazy("Purpose of the anchor circle")),
                Field("accountabilities", TEXTS, gettext_lazy("Its accountabilities, one on each line")),
            ),
            anchor_only=True,
        ),
    )
}


def parse_effect(data: object) -> dict[str, Any] | None:
    """Return an effect in its one canonical form, or None for a policy that is text.

    Raises Malformed where a value is missing or out of range, and RuleBroken (§5.2.1) for an unknown kind: a
    default may be changed only where the Constitution allows it.
    """
    if data is None or data == {}:
        return None
    if not isinstance(data, Mapping):
        raise Malformed(_("An effect is a set of named values."), field="effect")
    kind = data.get("kind")
    if kind not in EFFECTS:
        raise RuleBroken(
            "5.2.1",
            _("“%(kind)s” is no default rule that a policy may change here.") % {"kind": kind},
            field="effect",
        )
    result: dict[str, Any] = {"kind": kind}
    for field in EFFECTS[kind].fields:
        if field.only_if is not None and result.get(field.only_if[0]) != field.only_if[1]:
            result[field.name] = None
            continue
        try:
            value = field.parse(data.get(field.name))
            if field.only_if is not None and value is None:
                raise Malformed(_("%(what)s: choose a role.") % {"what": field.label})
        except Malformed as malformed:
            # Under the name that its input has: other parts of a form have a role, too
            raise Malformed(malformed.message, field=f"effect-{kind}-{field.name}") from None
        # A value that says nothing is left out, so that policies from before a field came in stay as they were
        if value == field.default and field.empty is not None and field.kind == NUMBER:
            continue
        if value == [] and field.kind == TEXTS:
            continue
        result[field.name] = value
    return result


def effect_roles(effect: Mapping[str, Any] | None) -> list[str]:
    """Return the identifiers of the roles that an effect names."""
    found = EFFECTS.get(effect["kind"]) if effect else None
    if effect is None or found is None:
        return []
    return [effect[f.name] for f in found.fields if f.kind == ROLE and effect.get(f.name)]


def named_roles(effects: Iterable[Mapping[str, Any] | None]) -> set[str]:
    """Return the identifiers of all roles that several effects name, to look their names up at once."""
    return {role for effect in effects for role in effect_roles(effect)}


def describe_effect(effect: Mapping[str, Any], role_name: RoleName | None = None) -> str:
    """Return what an effect does, as people read it. ``role_name`` gives the name of a role by its identifier."""
    found = EFFECTS.get(effect["kind"])
    if found is None:
        return str(effect["kind"])
    return found.says(effect, role_name or (lambda _role: _("a role")))


def policy_words(title: str, circle: str) -> str:
    """Return where a rule comes from, to stand behind what it does: by which policy of which circle."""
    return _("by policy “%(policy)s” of %(circle)s") % {"policy": title, "circle": circle}
