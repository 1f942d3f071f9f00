"""The tree of roles: which role supports which circle, and which circle holds which role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from governance.glassfrog.folder import Folder, Thing
from governance.glassfrog.rows import CoreKind, FolderUnreadable, ReadRole

CORE_KINDS: Mapping[str, CoreKind] = {
    "lead link": "lead_link",
    "circle lead": "lead_link",
    "rep link": "rep_link",
    "circle rep": "rep_link",
    "facilitator": "facilitator",
    "secretary": "secretary",
}


class Tree(Folder):
    """Places roles and circles; whatever cannot be placed is a problem."""

    def gather(self) -> None:
        """Collect circles, roles and texts; what one file lacks may stand beside another's."""
        files = self.files
        self.circle_things = dict(files["circles"].things)
        for number, thing in self.linked("circles", "roles").items():
            if number not in self.circle_things:
                self.circle_things[number] = thing
                self.borrow("roles", "circle", number, "circles")
        self.role_things = dict(files["roles"].things)
        for kind in ("roles", "supported_roles"):
            for number, thing in self.linked(kind, "circles").items():
                if number not in self.role_things:
                    self.role_things[number] = thing
                    self.borrow("circles", "role", number, "roles")
        if not self.circle_things or not self.role_things:
            raise FolderUnreadable(
                _("“%(path)s” holds no circles or no roles that can be read.") % {"path": self.folder}
            )
        self.texts = {
            kind: self.linked(kind, "roles", "circles")
            for kind in ("accountabilities", "domains", "policies")
        }

    def place_circles(self) -> None:
        """Find the role that supports each circle."""
        self.role_of_circle: dict[int, int] = {}
        self.circle_of_role: dict[int, int] = {}
        claims: dict[int, list[int]] = {}
        for role, thing in self.role_things.items():
            circle = self.to_one("role", role, thing, "supporting_circle")
            if circle is not None:
                claims.setdefault(circle, []).append(role)
        for circle, thing in self.circle_things.items():
            named = self.to_one("circle", circle, thing, "supported_role")
            if named is not None and named not in self.role_things:
                self.problem("circle", circle, _("Its role %(n)s is not there.") % {"n": named})
            for role in (named, *claims.get(circle, ())):
                if role in self.role_things and role not in self.circle_of_role:
                    self.role_of_circle[circle] = role
                    self.circle_of_role[role] = circle
                    break
            else:
                self.problem("circle", circle, _("No role supports it; left out."))
        for circle, roles in claims.items():
            for role in roles:
                if circle not in self.circle_things:
                    self.problem(
                        "role",
                        role,
                        _("The circle %(n)s it supports is not there; read as a role.") % {"n": circle},
                    )
                elif self.circle_of_role.get(role) != circle:
                    self.note(
                        "role",
                        role,
                        _("Another role supports circle %(n)s; read without it.") % {"n": circle},
                    )

    def place_roles(self) -> None:
        """Find the circle each role sits in, and the anchor."""
        listed: dict[int, int] = {}
        for lister, thing in self.circle_things.items():
            for role in self.to_many("circle", lister, thing, "roles"):
                if role not in self.role_things:
                    self.problem("circle", lister, _("Its role %(n)s is not there.") % {"n": role})
                elif self.circle_of_role.get(role) != lister:
                    listed.setdefault(role, lister)
        self.home: dict[int, int] = {}
        outside: list[int] = []
        for role, thing in self.role_things.items():
            circle = self.to_one("role", role, thing, "circle")
            if circle is not None and circle in self.circle_things:
                self.home[role] = circle
                if listed.get(role, circle) != circle:
                    self.note(
                        "role",
                        role,
                        _("Circle %(n)s lists it too; read where the role says it is.") % {"n": listed[role]},
                    )
            elif role in listed:
                self.home[role] = listed[role]
                if circle is not None:
                    self.problem(
                        "role",
                        role,
                        _("Its circle %(n)s is not there; read into circle %(other)s, which lists it.")
                        % {"n": circle, "other": listed[role]},
                    )
            elif circle is None:
                outside.append(role)
            else:
                self.problem("role", role, _("Its circle %(n)s is not there; left out.") % {"n": circle})
        order = list(self.circle_things)
        anchors = sorted(
            (role for role in outside if role in self.circle_of_role),
            key=lambda role: order.index(self.circle_of_role[role]),
        )
        if not anchors:
            raise FolderUnreadable(_("No circle stands outside all others, so there is no anchor circle."))
        self.anchor = anchors[0]
        for role in outside:
            if role != self.anchor:
                self.problem("role", role, _("It sits in no circle and is not the anchor; left out."))

    def in_tree_order(self) -> Iterator[ReadRole]:
        inside: dict[int, list[int]] = {}
        for role in self.role_things:
            if role in self.home:
                inside.setdefault(self.home[role], []).append(role)
        seen: set[int] = set()
        core_seen: dict[tuple[int, CoreKind], int] = {}
        waiting = [self.anchor]
        while waiting:
            role = waiting.pop()
            seen.add(role)
            circle = self.circle_of_role.get(role)
            read = self.read_role(role, circle)
            if read.core and read.circle is not None:
                first = core_seen.setdefault((read.circle, read.core), role)
                if first != role:
                    self.problem(
                        "role", role, _("Its circle has such a role: %(n)s; left out.") % {"n": first}
                    )
                    continue
            yield read
            if circle is not None:
                waiting.extend(reversed(inside.get(circle, [])))
        for role, home in self.home.items():
            if role not in seen:
                cause = (
                    _("It lies inside itself, by circle %(n)s; left out.")
                    if self.lies_in_itself(role)
                    else _("Its circle %(n)s could not be read; left out.")
                )
                self.problem("role", role, cause % {"n": home})

    def lies_in_itself(self, role: int) -> bool:
        passed: set[int] = set()
        at: int | None = role
        while at is not None and at not in passed:
            passed.add(at)
            home = self.home.get(at)
            at = None if home is None else self.role_of_circle.get(home)
        return at is not None

    def read_role(self, number: int, circle: int | None) -> ReadRole:
        thing = self.role_things[number]
        name = self.text("role", number, thing, "name")
        purpose = self.text("role", number, thing, "purpose")
        if not name:
            name = _("Role %(n)s") % {"n": number}
            self.note("role", number, _("It has no name; read as “%(name)s”.") % {"name": name})
        kind = CORE_KINDS.get(name.casefold())
        marked = thing.get("is_core")
        marked = kind is not None if marked is None else bool(marked)
        core = kind if marked and circle is None else None
        if marked and core is None:
            self.note("role", number, _("It is marked as a core role; read as any other role."))
        if core:
            self.note_core_definition(number, thing)
            purpose = ""
        return ReadRole(number, self.home.get(number), circle, name, purpose, core)

    def note_core_definition(self, number: int, thing: Thing) -> None:
        """Its definition is the Constitution's, in its own version: nothing here is an addition (§1.4.5b)."""
        accountabilities = len(self.to_many("role", number, thing, "accountabilities"))
        domains = len(self.to_many("role", number, thing, "domains"))
        if accountabilities or domains:
            self.note(
                "role",
                number,
                _(
                    "The Constitution says what a core role is for; left aside (accountabilities: %(n)s, "
                    "domains: %(domains)s)."
                )
                % {"n": accountabilities, "domains": domains},
            )
