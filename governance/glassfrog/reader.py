"""What hangs on the tree: people, texts, policies, assignments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _

from governance.glassfrog.folder import PLURALS
from governance.glassfrog.rows import ReadAssignment, ReadCircle, Reading, ReadPerson, ReadPolicy, ReadText
from governance.glassfrog.tree import Tree
from governance.glassfrog.values import clean, mentions, plain_text, show


class Reader(Tree):
    """Reads one folder, once."""

    def read(self) -> Reading:
        self.gather()
        self.place_circles()
        self.place_roles()
        roles = tuple(self.in_tree_order())
        self.roles = {role.number: role for role in roles}
        names = (*self.circle_names(), *(role.name for role in roles))
        self.names = {re.sub(r"\s", "_", name.casefold()) for name in names}
        people = tuple(self.read_people())
        self.people = {person.number for person in people}
        circles = tuple(self.read_circles())
        accountabilities = tuple(self.texts_of_roles("accountabilities", "accountability"))
        domains = tuple(self.read_domains())
        policies = tuple(self.read_policies({domain.number: domain.role for domain in domains}))
        assignments = tuple(self.read_assignments())
        for kind, number, text in (
            *(("role", role.number, role.purpose) for role in roles),
            *(("accountability", each.number, each.text) for each in accountabilities),
            *(("policy", policy.number, policy.body) for policy in policies),
            *(("circle", circle.number, circle.strategy) for circle in circles),
        ):
            self.check_mentions(kind, number, text)
        self.note_other_files()
        return Reading(
            organization=self.organization(),
            people=people,
            circles=circles,
            roles=roles,
            accountabilities=accountabilities,
            domains=domains,
            policies=policies,
            assignments=assignments,
            problems=tuple(dict.fromkeys(self.problems)),
            notes=tuple(dict.fromkeys(self.notes)),
            counts={
                **{plural: len(self.files[plural].things) for plural in PLURALS},
                "accountabilities": len(self.texts["accountabilities"]),
                "domains": len(self.texts["domains"]),
                "policies": len(self.files["circles"].linked.get("policies", {})),
            },
            borrowed=self.borrowed,
        )

    def read_people(self) -> Iterator[ReadPerson]:
        things = dict(self.files["people"].things)
        for number, thing in self.linked("people", "assignments", "roles").items():
            if number not in things and thing.get("name"):
                things[number] = thing
                beside = self.files["assignments"].linked.get("people", {})
                self.borrow("assignments" if number in beside else "roles", "person", number, "people")
        taken: dict[str, int] = {}
        for number, thing in things.items():
            name = self.text("person", number, thing, "name")
            email = self.text("person", number, thing, "email")
            if email and not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
                self.problem("person", number, _("“%(value)s” is no e-mail address.") % show(email))
                email = ""
            first = taken.setdefault(email.casefold(), number) if email else number
            if first != number:
                self.problem(
                    "person",
                    number,
                    _("Person %(n)s has the same e-mail address; read without it.") % {"n": first},
                )
                email = ""
            if not name:
                name = email.partition("@")[0] or _("Person %(n)s") % {"n": number}
                self.note("person", number, _("No name; read as “%(name)s”.") % {"name": name})
            yield ReadPerson(number, name, email, self.text("person", number, thing, "external_id"))

    def read_circles(self) -> Iterator[ReadCircle]:
        for role in self.roles.values():
            number = role.supporting_circle
            if number is not None:
                thing = self.circle_things[number]
                yield ReadCircle(
                    number,
                    role.number,
                    self.text("circle", number, thing, "name") or role.name,
                    self.text("circle", number, thing, "short_name"),
                    plain_text(self.text("circle", number, thing, "strategy")),
                )

    def texts_of_roles(self, key: str, kind: str) -> Iterator[ReadText]:
        taken: dict[int, int] = {}
        for role in self.roles.values():
            if role.core:
                continue
            for number in self.to_many("role", role.number, self.role_things[role.number], key):
                yield from self.text_of(role.number, key, kind, number, taken)

    def text_of(
        self, role: int, key: str, kind: str, number: int, taken: dict[int, int]
    ) -> Iterator[ReadText]:
        thing = self.texts[key].get(number)
        if thing is None:
            self.problem("role", role, _("Its %(kind)s %(n)s is not there.") % {"kind": kind, "n": number})
            return
        if taken.setdefault(number, role) != role:
            self.problem(
                kind,
                number,
                _("Roles %(one)s and %(other)s both have it; read for the first.")
                % {"one": taken[number], "other": role},
            )
            return
        text = self.text(kind, number, thing, "description")
        if text:
            yield ReadText(number, role, text)
        else:
            self.problem(kind, number, _("It has no text; left out."))

    def read_domains(self) -> Iterator[ReadText]:
        """Domains of roles, and those that only the circle names: they are its supporting role's."""
        domains = list(self.texts_of_roles("domains", "domain"))
        yield from domains
        taken = {domain.number: domain.role for domain in domains}
        for role in self.roles.values():
            if role.supporting_circle is None:
                continue
            thing = self.circle_things[role.supporting_circle]
            for key in ("domain", "domains"):
                for number in self.to_many("circle", role.supporting_circle, thing, key):
                    if taken.get(number) != role.number:
                        yield from self.text_of(role.number, "domains", "domain", number, taken)

    def read_policies(self, domains: Mapping[int, int]) -> Iterator[ReadPolicy]:
        things = self.texts["policies"]
        holders = {
            role.supporting_circle: role.number
            for role in self.roles.values()
            if role.supporting_circle is not None
        }
        listed: dict[int, int] = {}
        for lister in holders:
            for number in self.to_many("circle", lister, self.circle_things[lister], "policies"):
                if number not in things:
                    self.problem("circle", lister, _("Its policy %(n)s is not there.") % {"n": number})
                listed.setdefault(number, lister)
        for number, thing in things.items():
            role = self.to_one("policy", number, thing, "role_id", "role")
            circle = self.to_one("policy", number, thing, "circle_id", "circle")
            domain = self.to_one("policy", number, thing, "domain", "domain_id")
            if role is not None and role not in self.roles:
                self.problem("policy", number, _("Its role %(n)s is not there.") % {"n": role})
                role = None
            if domain is not None and domain not in domains:
                self.problem("policy", number, _("Its domain %(n)s is not there.") % {"n": domain})
                domain = None
            if circle is not None and circle not in holders:
                self.problem("policy", number, _("Its circle %(n)s is not there.") % {"n": circle})
                circle = None
            if circle is None:
                circle = listed.get(number)
            holder = role
            if role is None and domain is not None:
                holder = domains[domain]
            elif role is None and circle is not None:
                holder = holders[circle]
            elif domain is not None and domains[domain] != role:
                self.problem(
                    "policy",
                    number,
                    _("Its domain %(n)s is another role's; read without it.") % {"n": domain},
                )
                domain = None
            title = self.text("policy", number, thing, "title")
            body = self.text("policy", number, thing, "body")
            if holder is None:
                self.problem("policy", number, _("No circle or role holds it; left out."))
            elif not title and not body:
                self.problem("policy", number, _("It has no text; left out."))
            else:
                title = title or body.partition("\n")[0][:80].strip()
                yield ReadPolicy(number, title, body, holder, domain)

    def read_assignments(self) -> list[ReadAssignment]:
        """Assignments and each role's own list of people; Lead Links fill the supporting role."""
        rows = list(self.rows_of_assignments())
        named = {(row.role, row.person) for row in rows}
        for role in self.roles.values():
            for person in self.to_many("role", role.number, self.role_things[role.number], "people"):
                if person not in self.people:
                    self.problem("role", role.number, _("Its person %(n)s is not there.") % {"n": person})
                elif (role.number, person) not in named:
                    named.add((role.number, person))
                    rows.append(ReadAssignment(None, person, role.number, "", self.term(role.number)))
                    if self.files["assignments"].there:
                        self.note(
                            "role",
                            role.number,
                            _("Person %(n)s fills it without an assignment; read as one.") % {"n": person},
                        )
        leads = [row for row in rows if self.roles[row.role].core == "lead_link"]
        return self.with_lead_links([row for row in rows if self.roles[row.role].core != "lead_link"], leads)

    def rows_of_assignments(self) -> Iterator[ReadAssignment]:
        known: dict[tuple[int, int, str], int] = {}
        for number, thing in self.files["assignments"].things.items():
            person = self.to_one("assignment", number, thing, "person", "person_id")
            role = self.to_one("assignment", number, thing, "role", "role_id")
            missing = [
                message % {"n": reference}
                for reference, there, message in (
                    (person, person in self.people, _("Its person %(n)s is not there; left out.")),
                    (role, role in self.roles, _("Its role %(n)s is not there or was left out; left out.")),
                )
                if not there
            ]
            for message in missing:
                self.problem("assignment", number, message)
            if missing or person is None or role is None:
                continue
            focus = self.text("assignment", number, thing, "focus")
            first = known.setdefault((person, role, focus), number)
            if first != number:
                self.note("assignment", number, _("It says the same as %(n)s.") % {"n": first})
                continue
            if thing.get("exclude_from_meetings") is True:
                self.note("assignment", number, _("“Excluded from meetings” is not kept."))
            until = self.day("assignment", number, thing, "election") or self.term(role)
            yield ReadAssignment(number, person, role, focus, until)

    def with_lead_links(
        self, rows: list[ReadAssignment], leads: list[ReadAssignment]
    ) -> list[ReadAssignment]:
        lead_roles = {
            role.circle: role.number
            for role in self.roles.values()
            if role.core == "lead_link" and role.circle
        }
        at = {(row.role, row.person): index for index, row in reversed(list(enumerate(rows)))}
        led = {(lead.role, lead.person) for lead in leads}
        for lead in leads:
            circle = self.roles[lead.role].circle
            supporting = self.role_of_circle[circle] if circle is not None else self.anchor
            index = at.get((supporting, lead.person))
            if index is None:
                at[supporting, lead.person] = len(rows)
                rows.append(
                    replace(lead, number=None, role=supporting, lead_link=lead.number, elected_until=None)
                )
                if supporting != self.anchor:
                    self.note(
                        "role",
                        lead.role,
                        _("Person %(n)s is Lead Link without filling role %(role)s; read as filling it.")
                        % {"n": lead.person, "role": supporting},
                    )
            elif rows[index].lead_link is None:
                rows[index] = replace(
                    rows[index], lead_link=lead.number, focus=rows[index].focus or lead.focus
                )
            elif lead.focus and lead.focus != rows[index].focus:
                self.note("assignment", lead.number, _("A second focus of a lead is left aside."))
        for row in rows:
            supported = self.roles[row.role].supporting_circle
            lead_role = lead_roles.get(supported) if supported is not None else None
            if lead_role is not None and (lead_role, row.person) not in led:
                self.note(
                    "role",
                    row.role,
                    _("Person %(n)s fills it without being Lead Link; read as circle lead.")
                    % {"n": row.person},
                )
        return rows

    def term(self, role: int) -> date | None:
        return self.day("role", role, self.role_things[role], "elected_until")

    def organization(self) -> str:
        """Return the organization's name, or the anchor's where none is told."""
        for thing in self.linked("organizations", *PLURALS).values():
            if isinstance(thing.get("name"), str) and clean(thing["name"]):
                return clean(thing["name"])
        return self.roles[self.anchor].name

    def check_mentions(self, kind: str, number: int, text: str) -> None:
        for mention in mentions(text):
            if not self.is_name(mention):
                shown = re.match(r"[\w&+-]+", mention)
                self.problem(
                    kind,
                    number,
                    _("“@%(name)s” refers to no role; the text is read as it is.")
                    % {"name": shown[0] if shown else mention},
                )

    def is_name(self, mention: str) -> bool:
        """Whether a known name begins here; what follows it may be the sentence's own marks."""
        folded = mention.casefold()
        return any(
            folded[:end] in self.names
            for end in range(len(folded), 0, -1)
            if not re.match(r"\w", folded[end:])
        )

    def circle_names(self) -> Iterator[str]:
        for thing in self.circle_things.values():
            for key in ("name", "short_name"):
                if isinstance(thing.get(key), str):
                    yield thing[key]
