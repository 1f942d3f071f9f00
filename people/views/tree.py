"""The role tree as the structure page shows it: whole where it is small, a part of it where it is large."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.text import slugify
from django.utils.translation import gettext as _

from circles.constitution import ELECTED_KINDS, ORDINARY
from circles.structure import AssignmentRow, RoleRow, Structure
from people.models import Organization, Person

# More nodes than this are not drawn at once; one then goes on inside a circle
SHOWN = 250


@dataclass
class Filler:
    """Somebody in a role."""

    assignment: str
    person: Person
    focus: str


@dataclass
class Node:
    """A role with who fills it and what lies inside; ``cut`` tells how many roles inside are not shown here."""

    id: str
    kind: str
    circle: str | None
    shown_name: str
    fillers: list[Filler] = field(default_factory=list)
    inside: list[Node] = field(default_factory=list)
    elected: list[Node] = field(default_factory=list)
    cut: int = 0

    @property
    def ref(self) -> str:
        return f"{slugify(self.shown_name) or 'role'}-{self.id}"

    @property
    def is_circle(self) -> bool:
        return bool(self.inside or self.cut)

    @property
    def is_unfilled(self) -> bool:
        return not self.fillers and not self.is_circle


@dataclass
class Tree:
    """A part of the structure: the node on top, the circles above it, how many roles the anchor circle holds in all."""

    top: Node
    above: list[Node]
    total: int


def read_tree(organization: Organization, top_id: str | None) -> Tree | None:
    """Return the tree below a role (the anchor circle by default), or None where there is no such role.

    Four queries, however large the organization.
    """
    structure = Structure.of(organization.id)
    roles = {r.id: r for r in structure.all(RoleRow)}
    inside: dict[str | None, list[RoleRow]] = {}
    for role in sorted(roles.values(), key=lambda r: (r.name.casefold(), r.id)):
        inside.setdefault(role.circle, []).append(role)
    top = roles.get(top_id) if top_id else next(iter(inside.get(None, ())), None)
    if top is None or top.kind != ORDINARY:
        return None
    people = {p.id: p for p in Person.objects.present().filter(organization=organization)}
    fillers: dict[str, list[Filler]] = {}
    for row in structure.all(AssignmentRow):
        fillers.setdefault(row.role, []).append(Filler(row.id, people[row.person], row.focus))

    def node(role: RoleRow) -> Node:
        found = sorted(fillers.get(role.id, ()), key=lambda f: (f.person.name.casefold(), f.assignment))
        return Node(role.id, role.kind, role.circle, role.shown_name, found)

    # Level by level, so that what is left out lies deepest; a circle is shown whole or not at all
    root = node(top)
    level, count = [root], 1
    while level:
        below: list[Node] = []
        for parent in level:
            children = inside.get(parent.id, [])
            ordinary = [r for r in children if r.kind == ORDINARY]
            if count + len(ordinary) > SHOWN and parent is not root:
                parent.cut = len(ordinary)
                continue
            parent.inside = [node(r) for r in ordinary]
            elected = {r.kind: node(r) for r in children if r.kind in ELECTED_KINDS}
            parent.elected = [elected[kind] for kind in ELECTED_KINDS if kind in elected]
            count += len(ordinary)
            below += parent.inside
        level = below
    above = [node(role) for role in reversed(structure.path(top.id)[1:])]
    return Tree(root, above, sum(r.kind == ORDINARY and r.circle is not None for r in roles.values()))


def places_for(organization: Organization, role_id: str) -> list[tuple[str, str]]:
    """Return where a role can be moved: every ordinary role outside it, with its path, as choices in tree order."""
    roles = {r.id: r for r in Structure.of(organization.id).all(RoleRow) if r.kind == ORDINARY}
    inside: dict[str | None, list[RoleRow]] = {}
    for role in sorted(roles.values(), key=lambda r: (r.name.casefold(), r.id)):
        inside.setdefault(role.circle, []).append(role)
    here = roles[role_id].circle if role_id in roles else None
    choices: list[tuple[str, str]] = []
    waiting = [(role, 0) for role in reversed(inside.get(None, []))]
    while waiting:
        role, depth = waiting.pop()
        if role.id == role_id:
            continue
        name = "\u2003" * depth + role.name
        choices.append(
            (role.id, _("%(circle)s (it is here now)") % {"circle": name} if role.id == here else name)
        )
        waiting += [(r, depth + 1) for r in reversed(inside.get(role.id, []))]
    return choices
