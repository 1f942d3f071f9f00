"""Reads of governance: what awaits somebody, open proposals, and the decisions of the record as people read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from circles.constitution import ORDINARY
from circles.models import Policy, Role
from governance import authority as by
from governance import record as records
from governance.changes import parse_change
from governance.diffs import SubjectDiff, describe
from governance.models import Decision, DecisionText, Proposal, Record, Response, RowVersion
from governance.names import NameBook
from journal.models import Event
from people.models import Organization, Person
from people.refusals import Refused

# A decision with more rows than this is shown in numbers, and its differences page by page
MANY_ROWS = 60

# The states of a proposal in which its roll is open for answers
ANSWERED = (Proposal.State.PROPOSED, Proposal.State.OBJECTED)

HOW: dict[str, str | Promise] = {
    by.ELECTION: gettext_lazy("by election"),
    by.CIRCLE_LEAD: gettext_lazy("by a circle lead"),
    by.ROLE_LEAD: gettext_lazy("by a lead of the role"),
    by.PERSON: gettext_lazy("by the person"),
    by.STRIKE: gettext_lazy("struck by the secretary"),
    by.BREAKDOWN: gettext_lazy("in a process breakdown"),
    by.RATIFIERS: gettext_lazy("by the ratifiers"),
    by.IMPORT: gettext_lazy("from another program"),
    by.ADMIN: gettext_lazy("direct edit by an admin"),
}


# -- what awaits people ------------------------------------------------------------------------------------------


def owed(person: Person) -> QuerySet[Response]:
    """Return the answers ``person`` owes now: unanswered lines of the present round of proposals that wait (§5.3)."""
    return Response.objects.filter(
        Q(proposal__due_at=None) | Q(proposal__due_at__gt=timezone.now()),
        person=person,
        answer="",
        proposal__state__in=ANSWERED,
        round=F("proposal__round"),
    )


def awaiting(person: Person) -> QuerySet[Response]:
    """Return the answers ``person`` owes now, those that close first first. Each has ``answered`` and ``asked``, how
    many of its round there are."""
    return (
        owed(person)
        .select_related("proposal__circle", "proposal__proposer", "proposal__role__circle")
        .annotate(answered=_answers(~Q(answer="")), asked=_answers(Q()))
        .order_by(F("proposal__due_at").asc(nulls_last=True), "asked_at", "pk")
    )


def _answers(which: Q) -> Subquery:
    lines = Response.objects.filter(which, proposal=OuterRef("proposal"), round=OuterRef("round")).order_by()
    return Subquery(lines.values("proposal").annotate(n=Count("pk")).values("n"), output_field=IntegerField())


def drafts(person: Person) -> QuerySet[Proposal]:
    """Return the proposals somebody is drafting, last changed first."""
    return (
        Proposal.objects.filter(proposer=person, state=Proposal.State.DRAFT)
        .select_related("circle", "role__circle")
        .order_by("-changed_at", "pk")
    )


def is_free(proposal: Proposal) -> bool:
    """Tell whether the last answer to a proposal has been given and nobody objects, so that it is adopted (§5.3)."""
    found = Proposal.objects.filter(pk=proposal.pk)
    answers = Response.objects.filter(proposal=proposal.pk, round__in=found.values("round"))
    return not (
        found.exclude(state=Proposal.State.PROPOSED).exists()
        or answers.exclude(answer=Response.Answer.NO_OBJECTION).exists()
    )


def course_of(proposal: Proposal) -> list[str]:
    """Return in words, in order, what a proposal went through so far: its rounds, integrations and meetings."""
    events = Event.objects.filter(
        organization=proposal.organization_id,
        circle_id=proposal.circle_id,
        kind__in=[f"governance.{kind}" for kind in ("proposed", "amended", "objected", "escalated")],
        payload__proposal=proposal.pk,
    )
    steps, number, away = [], 0, False
    for kind, name in events.order_by("pk").values_list("kind", "actor__name"):
        if kind == "governance.escalated":
            steps.append(_("%(name)s asked for a meeting") % {"name": name})
            away = True
        elif kind == "governance.objected":
            if steps[-1:] != [_("Integration")]:
                steps.append(_("Integration"))
        else:
            number += 1
            words = _("Taken up again: round %(number)d") if away else _("Round %(number)d")
            steps.append(words % {"number": number})
            away = False
    if proposal.meeting or proposal.state == Proposal.State.IN_MEETING:
        steps.append(_("In a meeting"))
    elif proposal.state == Proposal.State.ESCALATED and not away:
        steps.append(_("Came back from a meeting"))
    return [_("Proposed"), *steps]


def in_hand(person: Person) -> tuple[list[Proposal], list[Proposal]]:
    """Return what somebody drafts, and what of theirs was withdrawn for a meeting, last changed first. One query."""
    waits = Q(state=Proposal.State.ESCALATED, election=None)
    found = list(
        Proposal.objects.filter(waits | Q(state=Proposal.State.DRAFT), proposer=person)
        .select_related("circle", "role__circle")
        .order_by("-changed_at", "pk")
    )
    drafted = [p for p in found if p.state == Proposal.State.DRAFT]
    return drafted, [p for p in found if p.state != Proposal.State.DRAFT]


def open_proposals(circle_ids: Collection[str]) -> QuerySet[Proposal]:
    """Return the proposals open in these circles, oldest first. Candidates are with their elections."""
    return (
        Proposal.objects.filter(circle__in=circle_ids, state__in=Proposal.OPEN, election=None)
        .select_related("circle", "proposer", "role__circle")
        .order_by(F("proposed_at").asc(nulls_last=True), "pk")
    )


def proposals_by(person: Person) -> QuerySet[Proposal]:
    """Return what somebody has proposed, latest first; drafts and what was let go are theirs alone.

    Whom an election proposes is not the proposal of who facilitates it.
    """
    return (
        Proposal.objects.filter(proposer=person, proposed_at__isnull=False, election=None)
        .select_related("circle", "decision")
        .order_by("-proposed_at", "pk")
    )


def visible_proposals(viewer: Person) -> QuerySet[Proposal]:
    """Return the proposals somebody may see, last changed first: all but the drafts of others."""
    return (
        Proposal.objects.filter(
            ~Q(state=Proposal.State.DRAFT) | Q(proposer=viewer), organization=viewer.organization_id
        )
        .select_related("circle", "proposer", "role", "decision")
        .defer("changes", "decision__changes", "decision__rows")
        .order_by("-changed_at", "pk")
    )


def touches(proposal: Proposal, row_id: str) -> bool:
    """Tell whether a proposal would change the role or policy with this identifier."""
    return any(
        row_id in (change.get("role"), change.get("policy"), change.get("id"))
        for change in proposal.changes
        if isinstance(change, dict)
    )


# -- the record --------------------------------------------------------------------------------------------------


@dataclass
class Entry:
    """A decision as people read it. ``subjects`` is empty where there are too many rows to show at once: ``many``."""

    decision: Decision
    sentences: list[str]
    subjects: list[SubjectDiff] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    many: bool = False

    @property
    def headline(self) -> str:
        return self.sentences[0] if self.sentences else str(_("A decision"))

    @property
    def further(self) -> list[str]:
        return self.sentences[1:]

    @property
    def how(self) -> str:
        """By which way it was decided, in words that follow the date."""
        if self.decision.authority == by.PROPOSAL:
            return _("in a meeting") if self.decision.meeting else _("asynchronously")
        return str(HOW[self.decision.authority])

    @property
    def reason(self) -> str:
        return self.texts.get("reason", "")

    @property
    def places(self) -> int:
        """In how many fields something changed."""
        return sum(max(1, len(subject.fields)) for subject in self.subjects)


@dataclass(frozen=True)
class Edited:
    """An admin's edit of structure: when, by whom, why, what, and its number once there is a record."""

    at: dt.datetime
    by: str
    reason: str
    what: str
    number: int | None = None


def decisions(organization: Organization) -> QuerySet[Decision]:
    """Return the decisions of an organization, newest first, without their rows: ``entries`` reads those."""
    return (
        Decision.objects.filter(organization=organization)
        .select_related("circle__circle", "actor")
        .defer("changes", "rows")
        .order_by("-number")
    )


def _numbers(versions: QuerySet[RowVersion]) -> Q:
    """The decisions in which these versions of rows began or ended."""
    return Q(number__in=versions.order_by().values("since")) | Q(
        number__in=versions.order_by().filter(until__isnull=False).values("until")
    )


def touching_role(role: Role) -> Q:
    """Choose decisions that changed a role: its words, its lines, its policies, who fills it."""
    return _numbers(RowVersion.objects.filter(organization_id=role.organization_id, role=role.pk))


def touching_circle(circle: Role) -> Q:
    """Choose decisions of a circle's governance and all others that changed it or a role directly inside it."""
    roles = Role.objects.filter(Q(pk=circle.pk) | Q(circle=circle), organization_id=circle.organization_id)
    versions = RowVersion.objects.filter(organization_id=circle.organization_id)
    linked = _numbers(versions.filter(table="link", data__circle=circle.pk))
    return Q(circle=circle) | _numbers(versions.filter(role__in=roles.order_by().values("pk"))) | linked


def touching_policy(policy: Policy) -> Q:
    """Choose decisions that changed a policy."""
    return _numbers(
        RowVersion.objects.filter(organization_id=policy.organization_id, table="policy", row=policy.pk)
    )


def touching_person(person: Person) -> Q:
    """Choose decisions somebody made, and those about who they are and what they fill."""
    versions = RowVersion.objects.filter(organization_id=person.organization_id, person=person.pk)
    return Q(actor=person) | _numbers(versions)


def entries(organization: Organization, found: Iterable[Decision]) -> list[Entry]:
    """Read what people need of these decisions. A fixed number of queries, however many there are."""
    found = list(found)
    contents = _contents(found)
    texts = _texts(found)
    names = NameBook(organization)
    _learn(names, contents.values())
    result = []
    for decision in found:
        if decision.pk not in contents:
            sentences = [_in_numbers(decision)]
            result.append(Entry(decision, sentences, texts=texts.get(decision.pk, {}), many=True))
            continue
        changes, rows = contents[decision.pk]
        book = names.branch()
        subjects = with_refs(describe(rows, book))
        result.append(Entry(decision, _sentences(changes, book), subjects, texts.get(decision.pk, {})))
    return result


def entries_of_role(role: Role, found: Iterable[Decision]) -> list[Entry]:
    """Read what these decisions did to one role, and nothing of what else they did."""
    found = list(found)
    contents = _contents(found)
    texts = _texts(found)
    rows = _rows_by_number(role.organization, [role.pk], [decision.number for decision in found])
    names = NameBook(role.organization)
    of_changes = [(changes, ()) for changes, _rows in contents.values()]
    _learn(names, [*of_changes, *(((), entry) for entry in rows.values())])
    result = []
    for decision in found:
        book = names.branch()
        changes = [
            c
            for c in contents.get(decision.pk, ((), ()))[0]
            if role.pk in (c.get("role"), c.get("id"), c.get("circle"))
        ]
        subjects = with_refs(describe(rows.get(decision.number, ()), book))
        sentences = _sentences(changes, book) or [_of_one(decision, subjects)]
        result.append(Entry(decision, sentences, subjects, texts.get(decision.pk, {})))
    return result


def admins_edits(organization: Organization, since: dt.datetime, *, most: int = 5) -> list[Edited]:
    """Return what admins edited after ``since``, latest first, with the reason: everybody is told of these.

    Until adoption these are edits of what is being set up, which stand in the journal; afterwards decisions.
    """
    if not organization.is_set_up:
        events = Event.objects.filter(
            organization=organization, kind="governance.set_up_edited", at__gte=since
        )
        what = _("The structure being set up")
        return [
            Edited(event.at, event.actor.name if event.actor else "", event.payload.get("reason", ""), what)
            for event in events.select_related("actor").order_by("-pk")[:most]
        ]
    found = list(decisions(organization).filter(authority=by.ADMIN, at__gte=since)[:most])
    edits = []
    for entry in entries(organization, found) if found else ():
        actor = entry.decision.actor
        edits.append(
            Edited(
                entry.decision.at,
                actor.name if actor else "",
                entry.reason,
                entry.headline,
                entry.decision.number,
            )
        )
    return edits


def _of_one(decision: Decision, subjects: Sequence[SubjectDiff]) -> str:
    """What a decision did to a role that none of its changes names: it came or went with others."""
    if subjects and subjects[0].verb == "remove":
        return _("Removed with its circle")
    if decision.authority == by.RATIFIERS:
        return _("Added with the first structure")
    if decision.authority == by.IMPORT:
        return _("Imported")
    return _("Added") if subjects and subjects[0].verb == "add" else _("Changed with others")


def _contents(found: Sequence[Decision]) -> dict[str, tuple[Any, Any]]:
    """The changes and rows of those decisions that are small enough to show whole."""
    small = [decision.pk for decision in found if not _is_large(decision)]
    return {
        pk: (changes, rows)
        for pk, changes, rows in Decision.objects.filter(pk__in=small).values_list("pk", "changes", "rows")
    }


def _is_large(decision: Decision) -> bool:
    rows: int = sum(decision.counts.values())
    return rows > MANY_ROWS


def _texts(found: Sequence[Decision]) -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {}
    rows = DecisionText.objects.filter(decision__in=[d.pk for d in found]).values_list(
        "decision_id", "kind", "text"
    )
    for decision_id, kind, text in rows:
        texts.setdefault(decision_id, {})[kind] = text
    return texts


def _learn(names: NameBook, contents: Iterable[tuple[Any, Any]]) -> None:
    """Learn every name that these changes and rows speak of, in one query for each kind."""
    roles: set[str] = set()
    people: set[str] = set()
    policies: set[str] = set()

    def note(data: dict[str, Any]) -> None:
        for key, found in (
            *((key, roles) for key in ("role", "circle", "from", "to", "by")),
            ("person", people),
            ("policy", policies),
        ):
            if isinstance(data.get(key), str):
                found.add(data[key])

    for changes, rows in contents:
        for change in changes:
            note(change)
        for table, row_id, before, after in rows:
            note(after or before)
            if table in ("role", "person", "policy"):
                {"role": roles, "person": people, "policy": policies}[table].add(row_id)
    names.learn(roles=roles, policies=policies, people=people)


def with_refs(subjects: list[SubjectDiff]) -> list[SubjectDiff]:
    """Give each subject the last part of its page's address."""
    for subject in subjects:
        name = slugify(subject.name) or subject.kind
        subject.ref = f"{name}-{subject.id}"
    return subjects


def _sentences(changes: Sequence[Any], names: NameBook) -> list[str]:
    sentences = []
    for data in changes:
        if data.get("kind") == "ratify":
            sentences.append(_("The ratifiers adopted the Constitution, with this first structure"))
            continue
        try:
            sentences.append(parse_change(data).sentence(names))
        except Refused:
            sentences.append(_("A change of a kind this version of the program does not know"))
    return sentences


def _in_numbers(decision: Decision) -> str:
    roles = decision.counts.get("role", 0)
    people = decision.counts.get("assignment", 0)
    words = _("%(roles)s and %(assignments)s") % {
        "roles": ngettext("%(count)d role", "%(count)d roles", roles) % {"count": roles},
        "assignments": ngettext("%(count)d assignment", "%(count)d assignments", people) % {"count": people},
    }
    if decision.authority == by.RATIFIERS:
        return _("The ratifiers adopted the Constitution, with a first structure of %(what)s") % {
            "what": words
        }
    if decision.authority == by.IMPORT:
        return _("A structure of %(what)s was imported") % {"what": words}
    return _("A change of %(what)s") % {"what": words}


def roles_touched(organization: Organization, number: int) -> QuerySet[Role]:
    """Return the ordinary roles a decision was about, by name: for decisions too large to show at once."""
    versions = RowVersion.objects.filter(
        Q(since=number) | Q(until=number), organization=organization, role=OuterRef("pk")
    )
    return Role.objects.filter(Exists(versions), organization=organization, kind=ORDINARY).order_by(
        "name", "pk"
    )


def rows_of(organization: Organization, number: int, role_ids: Collection[str]) -> list[list[Any]]:
    """Return the part of a decision's rows that is about some roles, as the record writes rows."""
    return _rows_by_number(organization, role_ids, [number]).get(number, [])


def _rows_by_number(
    organization: Organization, role_ids: Collection[str], numbers: Collection[int]
) -> dict[int, list[list[Any]]]:
    """The rows of some roles before and after each of these decisions, read from the versions of rows."""
    wanted = set(numbers)
    rows: dict[tuple[int, str, str], list[Any]] = {}
    versions = RowVersion.objects.filter(Q(since__in=wanted) | Q(until__in=wanted), organization=organization)
    for version in versions.filter(role__in=role_ids).order_by("table", "row", "since"):
        for number, side in ((version.until, 2), (version.since, 3)):
            if number in wanted:
                key = (number, version.table, version.row)
                rows.setdefault(key, [version.table, version.row, None, None])[side] = version.data
    result: dict[int, list[list[Any]]] = {}
    for (number, _table, _row), entry in rows.items():
        result.setdefault(number, []).append(entry)
    return result


def began(organization: Organization, table: str, row_ids: Collection[str]) -> dict[str, Decision]:
    """Return, by row, the decision that first brought it in; during set-up there is none."""
    numbers = dict(
        RowVersion.objects.filter(organization=organization, table=table, row__in=row_ids)
        .order_by()
        .values_list("row")
        .annotate(first=Min("since"))
    )
    found = {
        decision.number: decision
        for decision in Decision.objects.filter(organization=organization, number__in=set(numbers.values()))
        .select_related("actor")
        .defer("changes", "rows")
    }
    return {row: found[number] for row, number in numbers.items() if number in found}


def rows_until(organization: Organization, role_id: str, number: int) -> list[tuple[str, dict[str, Any]]]:
    """Return the rows of a role as they last stood before decision ``number`` took them away: (table, data)."""
    return list(
        RowVersion.objects.filter(organization=organization, role=role_id, until=number)
        .exclude(table="person")
        .values_list("table", "data")
    )


def fits(decision: Decision) -> bool:
    """Tell whether a decision's entry still has the hash it was sealed with, and follows the one before it."""
    before = (
        Decision.objects.filter(organization=decision.organization_id, number=decision.number - 1)
        .values_list("hash", flat=True)
        .first()
    )
    return bool(decision.hash == records.hash_of(decision) and decision.previous == (before or ""))


def head(organization: Organization) -> Record | None:
    """Return the head of an organization's record, or None before there is one."""
    return Record.objects.filter(organization=organization).first()
