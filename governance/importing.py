"""Founding an organization from another system's structure, as one decision of the record.

Existing structure comes in as it is, through the same catalogue of changes as everything else: what a rule would
refuse is tolerated with a warning that names the clause, and judged when it is next amended. Nothing is invented
but one policy, where somebody leads the anchor circle: that it has a lead (§1.4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _

from circles.constitution import CIRCLE_LEAD, CIRCLE_REP, FACILITATOR, SECRETARY
from circles.effects import ANCHOR_CIRCLE_LEAD
from circles.models import BODY_LENGTH, FOCUS_LENGTH, LINE_LENGTH, NAME_LENGTH, PURPOSE_LENGTH
from governance import authority as by
from governance.actions.set_up import checked, invite, known_by
from governance.authority import Authority
from governance.changes import AddPolicy, AddRole, Admit, Assign, Change, NewLine
from governance.changes.base import clean
from governance.enactment import enact, seal
from governance.glassfrog import Problem, Reading, ReadRole, ReadText, folder_digest, read_folder
from governance.models import Import, ImportedNumber
from journal.actions import record
from people.ids import derived_id, new_id
from people.models import Organization, Person
from people.refusals import Malformed, Refused

GLASSFROG = "glassfrog"
BATCH = 500
EMAIL_LENGTH = 254

CORE_KINDS = {
    "lead_link": CIRCLE_LEAD,
    "rep_link": CIRCLE_REP,
    "facilitator": FACILITATOR,
    "secretary": SECRETARY,
}
# Who is elected must be a circle member already: ordinary roles are filled first, and the rep's last
ORDER = {None: 0, "facilitator": 1, "secretary": 1, "rep_link": 2}


@dataclass(frozen=True)
class Imported:
    """What an import did.

    ``counts`` says how many rows of each kind there are now (tables, and circles); it is empty where the same
    folder had been imported before, and nothing was done. ``problems`` is what was left out or refers to
    nothing, ``notes`` what was read otherwise than it stands, ``warnings`` what came in as it is though a rule
    would refuse it. ``admin`` is the admin that was asked for and ``secret`` that of their invitation, empty
    where they can sign in.
    """

    organization: Organization
    counts: Mapping[str, int]
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    admin: Person | None = None
    secret: str = ""


def import_glassfrog(
    folder: Path, *, name: str, slug: str = "", zone: str = "UTC", anchor_lead: str = "", admin: str = ""
) -> Imported:
    """Found the organization ``name`` from a folder with the bodies of GlassFrog's API v3, whole or not at all.

    ``slug`` is its address (made of the name by default), ``zone`` an IANA name. ``anchor_lead`` is the e-mail
    address or number of somebody to lead the anchor circle, for folders in which nobody does. ``admin`` is the
    address of somebody to be made admin and invited; who is not among the people is admitted as no partner.
    The same folder under the same name a second time changes no structure.

    Raises Malformed (FolderUnreadable, a name, address or zone that will not do, nobody of that address) and
    Refused where an organization of that name or address comes from elsewhere.
    """
    name = clean(name, "name", most=120, required=True)
    slug = slug.strip() or slugify(name)[:40].strip("-")
    digest = folder_digest(folder)
    with transaction.atomic():
        taken = Organization.objects.filter(Q(name__iexact=name) | Q(slug=slug)).order_by("pk").first()
        if taken is not None:
            if not Import.objects.filter(organization=taken, source=GLASSFROG, digest=digest).exists():
                raise Refused(
                    _(
                        "There is an organization “%(name)s” at /%(slug)s/ already, and it does not come from "
                        "this folder. An import founds a new organization: choose another name and address."
                    )
                    % {"name": taken.name, "slug": taken.slug}
                )
            person, secret = let_administer(taken, admin) if admin else (None, "")
            return Imported(taken, {}, admin=person, secret=secret)
        organization = Organization(name=name, slug=slug, zone=zone)
        checked(organization)
        plan = Plan(organization, read_folder(folder), anchor_lead)
        try:
            with transaction.atomic():
                organization.save()
        except IntegrityError as error:  # somebody else founded one of this address at the same moment
            message = _("There is an organization with this address already. Choose another.")
            raise Malformed(message, field="slug") from error
        Person.objects.bulk_create(plan.people, batch_size=BATCH)
        enacted = enact(organization, plan.changes, authority=Authority(by.IMPORT))
        person, secret = let_administer(organization, admin) if admin else (None, "")
        reason = _("Imported from GlassFrog. SHA-256 of what was read: %(digest)s") % {"digest": digest}
        decision = seal(organization, authority=Authority(by.IMPORT, texts={"reason": reason}))
        Import.objects.create(organization=organization, source=GLASSFROG, digest=digest, decision=decision)
        ImportedNumber.objects.bulk_create(
            (
                ImportedNumber(organization=organization, source=GLASSFROG, kind=kind, number=number, row=row)
                for (kind, number), row in plan.numbers.items()
            ),
            batch_size=BATCH,
        )
    counts = Counter(change.table for change in enacted.row_changes)
    warnings = [plan.about(*plan.origins[change], str(refusal)) for change, refusal in enacted.warnings]
    return Imported(
        organization,
        {**counts, "circle": len({r.circle for r in plan.reading.roles if r.circle})},
        (*plan.reading.problems, *plan.problems),
        (*plan.reading.notes, *plan.notes),
        tuple(warnings),
        person,
        secret,
    )


def row_of(organization: Organization, kind: str, number: int, *, source: str = GLASSFROG) -> str | None:
    """Return the identifier of the row that has this number in the system it was imported from, or None.

    ``kind`` is person, circle, role, accountability, domain, policy, assignment, or lead_link: the assignment to
    a Lead Link role, which is one with that to the role it supports.
    """
    rows = ImportedNumber.objects.filter(organization=organization, source=source, kind=kind, number=number)
    return rows.values_list("row", flat=True).first()


def let_administer(organization: Organization, email: str) -> tuple[Person, str]:
    """Make whoever has this address an admin, by word of whoever runs the program, and return them with the
    secret of an invitation (empty where they can sign in already).

    Somebody who is not here is admitted as no partner: the structure stays what it is. Raises Malformed.
    """
    email = clean(email, "email", most=EMAIL_LENGTH, required=True).lower()
    with transaction.atomic():
        person = known_by(organization, email)
        if person is None or not person.present:
            person = person or Person(
                organization=organization, name=email.partition("@")[0][:120], email=email
            )
            checked(person)
            person.save()
            kind = by.IMPORT if not organization.is_set_up else by.ADMIN
            reason = _("Made an admin from the command line")
            enact(
                organization, [Admit(person.id, False)], authority=Authority(kind, texts={"reason": reason})
            )
            person.refresh_from_db()
        if not person.admin:
            person.admin = True
            person.save(update_fields=["admin"])
            record(
                organization=organization,
                kind="people.admin_named",
                actor=None,
                person=person.id,
                name=person.name,
            )
        return person, "" if person.account_id is not None else invite(person, actor=person)[1]


class Plan:
    """The changes that found an organization, where each one comes from, and what cannot come along.

    A text that is too long is a problem and left out, never cut in silence; a name or a focus only labels
    something, so it is shortened and said to be.
    """

    def __init__(self, organization: Organization, reading: Reading, anchor_lead: str = "") -> None:
        self.organization = organization
        self.reading = reading
        self.people: list[Person] = []
        self.changes: list[Change] = []
        self.origins: list[tuple[str, int | None]] = []
        self.numbers: dict[tuple[str, int], str] = {}
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.roles = {role.number: role for role in reading.roles}
        self.admit_people()
        self.add_roles()
        lead = self.find_person(anchor_lead) if anchor_lead else None
        self.add_policies(lead is not None)
        self.assign(lead)
        for circle in reading.circles:
            if circle.strategy:
                self.notes.append(
                    self.about("circle", circle.number, _("Its strategy is no governance; left aside."))
                )

    def about(self, kind: str, number: int | None, message: str) -> Problem:
        return Problem(self.reading.file_of(kind, number), kind, number, message)

    def add(self, change: Change, kind: str, number: int | None) -> None:
        self.changes.append(change)
        self.origins.append((kind, number))

    def text(self, value: str, most: int, kind: str, number: int | None, what: str) -> str:
        """Return a text that may be kept, or nothing where it is too long, which is a problem."""
        try:
            return clean(value, what, most=most, multiline=True)
        except Malformed:
            message = _("Its %(what)s has %(length)d characters, and %(most)d fit; left out.")
            words = {"what": what, "length": len(value), "most": most}
            self.problems.append(self.about(kind, number, message % words))
            return ""

    def label(self, value: str, most: int, kind: str, number: int | None, what: str) -> str:
        """Return a name, shortened where it is too long, which is a problem as well."""
        label = clean(value[: most * 4], what, most=most * 4)
        if len(label) <= most:
            return label
        short = label[: most - 1].rstrip() + "…"
        message = _("Its %(what)s has %(length)d characters, and %(most)d fit; shortened to “%(short)s”.")
        words = {"what": what, "length": len(value), "most": most, "short": short}
        self.problems.append(self.about(kind, number, message % words))
        return short

    # -- people -------------------------------------------------------------------------------------------------

    def admit_people(self) -> None:
        for read in self.reading.people:
            email = read.email.lower()
            try:
                if email:
                    validate_email(email)
                if len(email) > EMAIL_LENGTH:
                    raise ValidationError(email)
            except ValidationError:
                message = _("“%(email)s” is no e-mail address; read without it.") % {"email": email[:60]}
                self.problems.append(self.about("person", read.number, message))
                email = ""
            person = Person(
                organization=self.organization,
                name=self.label(read.name, 120, "person", read.number, _("name")),
                email=email,
            )
            self.people.append(person)
            self.numbers["person", read.number] = person.id
            self.add(Admit(person.id), "person", read.number)

    def find_person(self, wanted: str) -> str:
        """Return the identifier of the person with this e-mail address or number; Malformed where there is none."""
        wanted = wanted.strip().lower()
        found = [p.id for p in self.people if p.email and p.email == wanted]
        if wanted.isascii() and wanted.isdigit() and ("person", int(wanted)) in self.numbers:
            found.append(self.numbers["person", int(wanted)])
        if not found:
            raise Malformed(
                _("Nobody in the folder has the e-mail address or number “%(wanted)s”.") % {"wanted": wanted},
                field="anchor_lead",
            )
        return found[0]

    # -- roles --------------------------------------------------------------------------------------------------

    def row(self, role: ReadRole) -> str:
        """Return the identifier of a role's row; that of a core role follows from its circle."""
        return self.numbers["role", role.number]

    def add_roles(self) -> None:
        accountabilities = self.lines("accountability", self.reading.accountabilities)
        domains = self.lines("domain", self.reading.domains)
        holding = {role.circle for role in self.reading.roles if not role.core}
        only_core = {role.circle for role in self.reading.roles if role.core} - holding - {None}
        for role in self.reading.roles:
            circle = self.numbers["circle", role.circle] if role.circle is not None else None
            if role.core and circle is not None:
                self.numbers["role", role.number] = derived_id(circle, CORE_KINDS[role.core])
                continue
            row = self.numbers["role", role.number] = new_id()
            if role.supporting_circle is not None:
                self.numbers["circle", role.supporting_circle] = row
            change = AddRole(
                row,
                circle,
                self.label(role.name, NAME_LENGTH, "role", role.number, _("name")),
                self.text(role.purpose, PURPOSE_LENGTH, "role", role.number, _("purpose")),
                tuple(accountabilities.get(role.number, ())),
                tuple(domains.get(role.number, ())),
                broken_down=role.supporting_circle in only_core,
            )
            self.add(change, "role", role.number)

    def lines(self, kind: str, texts: tuple[ReadText, ...]) -> dict[int, list[NewLine]]:
        lines: dict[int, list[NewLine]] = {}
        for read in texts:
            text = " ".join(self.text(read.text, LINE_LENGTH, kind, read.number, _("text")).split())
            if text:
                line = NewLine(new_id(), text)
                lines.setdefault(read.role, []).append(line)
                self.numbers[kind, read.number] = line.id
        return lines

    # -- policies -----------------------------------------------------------------------------------------------

    def add_policies(self, leader_named: bool) -> None:
        anchor = self.reading.roles[0]
        if leader_named or any(a.role == anchor.number for a in self.reading.assignments):
            change = AddPolicy(
                new_id(),
                self.row(anchor),
                _("The anchor circle has a circle lead"),
                _("Whoever is assigned to the anchor circle is its circle lead and assigns its roles."),
                ("default",),
                {"kind": ANCHOR_CIRCLE_LEAD},
                inside=False,
            )
            self.add(change, "role", anchor.number)
        else:
            message = _("Nobody leads the anchor circle, so nobody assigns its roles.")
            self.notes.append(self.about("role", anchor.number, message))
        for policy in self.reading.policies:
            if self.roles[policy.role].core:
                message = _("Core role %(n)s holds it; left out.") % {"n": policy.role}
                self.problems.append(self.about("policy", policy.number, message))
                continue
            body = self.text(policy.body, BODY_LENGTH, "policy", policy.number, _("text"))
            if policy.body and not body:
                continue
            domain = self.numbers.get(("domain", policy.domain)) if policy.domain is not None else None
            # One about a domain says so; of the others nobody has said which of the four kinds they are (§5.2.1)
            kinds = ("domain",) if domain is not None else ()
            title = self.label(policy.title, NAME_LENGTH, "policy", policy.number, _("title"))
            row = self.numbers["policy", policy.number] = new_id()
            change = AddPolicy(row, self.row(self.roles[policy.role]), title, body, kinds, None, domain)
            self.add(change, "policy", policy.number)

    # -- assignments --------------------------------------------------------------------------------------------

    def assign(self, lead: str | None) -> None:
        anchor = self.row(self.reading.roles[0])
        known: set[tuple[str, str, str]] = set()
        if lead is not None:
            known.add((anchor, lead, ""))
            self.add(Assign(new_id(), anchor, lead), "role", self.reading.roles[0].number)
        for read in sorted(self.reading.assignments, key=lambda a: ORDER[self.roles[a.role].core]):
            role = self.roles[read.role]
            about = ("assignment", read.number) if read.number is not None else ("role", read.role)
            focus = self.label(read.focus, FOCUS_LENGTH, *about, _("focus"))
            key = (self.row(role), self.numbers["person", read.person], focus)
            if key in known:
                self.notes.append(self.about(*about, _("It says the same as another one.")))
                continue
            known.add(key)
            term_ends = read.elected_until.isoformat() if read.elected_until else None
            change = Assign(new_id(), *key, term_ends)
            if read.number is not None:
                self.numbers["assignment", read.number] = change.id
            if read.lead_link is not None:
                self.numbers["lead_link", read.lead_link] = change.id
            self.add(change, *about)
