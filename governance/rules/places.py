"""Rules of Article 1 and §5.2 about where roles, domains and policies may lie, link and go."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from circles.constitution import ORDINARY
from circles.effects import (
    ASSIGNMENTS,
    INVITE_LINK,
    LEAD_FUNCTION,
    LINK_STAYS,
    PRIORITIES,
    STRATEGIES,
)
from circles.structure import (
    AccountabilityRow,
    DomainRow,
    LinkRow,
    PolicyRow,
    RoleRow,
    Structure,
)
from governance import authority as authorities
from governance.authority import Authority
from people.refusals import Conflict, Malformed, Refused, RuleBroken

# -- domains within domains ----------------------------------------------------------------------------------------


def domain_granted_1_3_2(
    structure: Structure, circle_id: str | None, text: str, within: str | None, internal: bool
) -> Iterator[RuleBroken]:
    """§1.3.2: a circle grants domains that lie within its own, or are relevant only inside it. The anchor circle
    holds every domain."""
    circle = structure.get(RoleRow, circle_id)
    if circle is None:
        return
    if within is not None:
        wider = structure.get(DomainRow, within)
        if wider is None or wider.role != circle.id:
            yield RuleBroken(
                "1.3.2",
                _("“%(domain)s” must lie within a domain that %(circle)s itself holds. Choose one of those.")
                % {"domain": text, "circle": circle.shown_name},
                field="domains",
            )
    elif not internal and circle.circle is not None:
        yield RuleBroken(
            "1.3.2",
            _(
                "%(circle)s grants only what it holds. Name the domain of %(circle)s that “%(domain)s” lies within, "
                "or mark it as relevant only inside %(circle)s."
            )
            % {"domain": text, "circle": circle.shown_name},
            field="domains",
        )


def policy_domain_1_3_2(structure: Structure, circle: RoleRow, domain: str | None) -> Iterator[RuleBroken]:
    """§1.3.2: a policy on a domain is about a domain of the circle that holds it, or one it granted: to its roles,
    or to a role that links into it."""
    if domain is None:
        return
    row = structure.get(DomainRow, domain)
    holder = structure.get(RoleRow, row.role) if row else None
    granted_by = (row.by or holder.circle) if row and holder else None
    if row is None or holder is None or circle.id not in (holder.id, granted_by):
        yield RuleBroken(
            "1.3.2",
            _("Choose a domain that this circle holds or has granted to one of its roles."),
            field="domain",
        )


def anchor_by_policy_1_3_3(
    structure: Structure, role: RoleRow, touches_purpose: bool
) -> Iterator[RuleBroken]:
    """§1.3.3: while a policy of the anchor circle defines its purpose, that policy is what changes it."""
    if touches_purpose and role.circle is None and structure.anchor_definition(role.id) is not None:
        yield RuleBroken(
            "1.3.3",
            _("A policy of the anchor circle says what its purpose is. Amend that policy."),
            field="purpose",
        )


# -- moves -----------------------------------------------------------------------------------------------------------


def moves_5_2(
    structure: Structure, name: str, was: str, to: str, reason: str, authority: Authority
) -> Iterator[Refused]:
    """§5.2: by proposal a role or policy moves from the circle down into a circle inside it, at any depth, or up out
    of one into the circle; the proposer says how it serves that circle, or no longer does."""
    if authority.kind != authorities.PROPOSAL or authority.circle is None:
        return
    circle = structure.role(authority.circle).shown_name
    above = {r.id for r in structure.path(to)[1:]} if was == authority.circle else set()
    if to == authority.circle:
        above = {r.id for r in structure.path(was)[1:]}
    if authority.circle not in above:
        yield RuleBroken(
            "5.2",
            _(
                "A proposal of %(circle)s moves “%(name)s” only down into a circle inside %(circle)s, or up out of "
                "one into it. Choose such a circle, or propose it in a circle that holds both."
            )
            % {"circle": circle, "name": name},
            field="circle",
        )
    if not reason:
        yield RuleBroken(
            "5.2",
            _("Say how “%(name)s” serves the circle it goes to, or no longer serves the one it leaves.")
            % {"name": name},
            field="reason",
        )


def move_targets(structure: Structure, circle_id: str, thing: RoleRow | PolicyRow) -> list[RoleRow]:
    """Return where a proposal of a circle may move a role or policy (§5.2): circles and roles inside it at any depth,
    or the circle itself where the thing lies further inside."""
    lies_in = thing.role if isinstance(thing, PolicyRow) else thing.circle
    if lies_in != circle_id:
        above = [r.id for r in structure.path(lies_in or "")]
        return [structure.role(circle_id)] if circle_id in above else []
    own = {thing.id, *(r.id for r in structure.descendants(thing.id))}
    return [r for r in structure.descendants(circle_id) if r.kind == ORDINARY and r.id not in own]


# -- links -----------------------------------------------------------------------------------------------------------


def invitations(structure: Structure, role_id: str, circle_id: str) -> list[PolicyRow]:
    """Return the policies of a circle, and of circles around it, that invite a role to link into it (§1.3.4)."""
    return [policy for policy, _effect in structure.effects(circle_id, INVITE_LINK, role=role_id)]


def leads_source_1_3_4(structure: Structure, role: RoleRow, authority: Authority) -> Iterator[RuleBroken]:
    """§1.3.4: a role links into a circle, and removes itself, by an act of its own lead."""
    if authority.kind == authorities.ROLE_LEAD and authority.actor not in structure.role_leads(role.id):
        yield RuleBroken(
            "1.3.4",
            _("Only whoever leads %(role)s decides where it links. Ask them.") % {"role": role.shown_name},
        )


def can_link_1_3_4(structure: Structure, role: RoleRow, circle: RoleRow) -> Iterator[RuleBroken]:
    """§1.3.4: a role links into another circle, while a policy of that circle or of one around it invites it."""
    if role.kind != ORDINARY or role.circle is None:
        yield RuleBroken(
            "1.3.4", _("“%(role)s” cannot link into other circles.") % {"role": role.shown_name}, field="role"
        )
    elif role.circle == circle.id or any(r.id == role.id for r in structure.path(circle.id)):
        yield RuleBroken(
            "1.3.4",
            _("“%(role)s” lies in this circle, or the circle in it. A link goes into another circle.")
            % {"role": role.shown_name},
            field="circle",
        )
    elif not structure.is_circle(circle.id):
        yield RuleBroken(
            "1.3.4",
            _("%(circle)s has no roles inside. Choose a circle.") % {"circle": circle.shown_name},
            field="circle",
        )
    elif not invitations(structure, role.id, circle.id):
        yield RuleBroken(
            "1.3.4",
            _(
                "No policy of %(circle)s, or of a circle around it, invites %(role)s. Ask for such a policy there."
            )
            % {"circle": circle.shown_name, "role": role.shown_name},
            field="circle",
        )


def link_stays_1_3_4(structure: Structure, role: RoleRow, authority: Authority) -> Iterator[RuleBroken]:
    """§1.3.4: a role opts out on its own unless a policy within or acting upon its own circle says otherwise."""
    if authority.kind != authorities.ROLE_LEAD or role.circle is None:
        return
    held = structure.effect(role.circle, LINK_STAYS, role=role.id)
    if held is not None:
        yield RuleBroken(
            "1.3.4",
            _("By the policy “%(policy)s” %(role)s stays linked. Propose to change that policy.")
            % {"policy": held[0].title, "role": role.shown_name},
        )


def own_lines_1_3_4(
    structure: Structure, role: RoleRow, touched: list[tuple[str | None, str]], authority: Authority
) -> Iterator[Refused]:
    """§1.3.4: a circle adds to a role that links into it, and amends and removes what it added; nobody else does.

    ``touched`` are the lines a change adds, amends or removes: by which circle, and their words.
    """
    for circle_id, text in touched:
        if circle_id is not None and not (
            any(link.circle == circle_id for link in structure.find(LinkRow, "role", [role.id]))
        ):
            yield RuleBroken(
                "1.3.4",
                _("“%(role)s” is not linked into the circle that is to add “%(text)s”.")
                % {"role": role.shown_name, "text": text},
            )
        elif authority.kind == authorities.PROPOSAL and (circle_id or role.circle) != authority.circle:
            owner = structure.get(RoleRow, circle_id or role.circle)
            yield RuleBroken(
                "1.3.4",
                _("“%(text)s” was given to %(role)s by %(circle)s, and only that circle changes it.")
                % {
                    "text": text,
                    "role": role.shown_name,
                    "circle": owner.shown_name if owner is not None else _("another circle"),
                },
            )


def linked_definition_1_3_4(
    structure: Structure, role: RoleRow, touches_words: bool, authority: Authority
) -> Iterator[Refused]:
    """§5.2, §1.3.4: a proposal amends roles of its own circle; of a role linked into it, what the circle added."""
    if authority.kind != authorities.PROPOSAL or role.circle == authority.circle:
        return
    if not is_linked_into(structure, role.id, authority.circle):
        yield RuleBroken(
            "5.2",
            _("“%(name)s” belongs to another circle’s governance. Propose this there, or ask the role.")
            % {"name": role.shown_name},
        )
    elif touches_words:
        yield RuleBroken(
            "1.3.4",
            _("Name and purpose of “%(role)s” belong to its own circle. Here you can add to it.")
            % {"role": role.shown_name},
            field="purpose",
        )


def is_linked_into(structure: Structure, role_id: str, circle_id: str | None) -> bool:
    """Tell whether a role has linked into a circle (§1.3.4)."""
    return any(link.circle == circle_id for link in structure.find(LinkRow, "role", [role_id]))


def linked_role_stays_1_3_4(
    structure: Structure, role: RoleRow, authority: Authority
) -> Iterator[RuleBroken]:
    """§1.3.4: the circle a role links into cannot delete it, nor move it."""
    if (
        authority.kind == authorities.PROPOSAL
        and role.circle != authority.circle
        and is_linked_into(structure, role.id, authority.circle)
    ):
        yield RuleBroken(
            "1.3.4",
            _(
                "%(role)s links into this circle and belongs to another. Remove what this circle added, or the "
                "policy that invites it."
            )
            % {"role": role.shown_name},
        )


# -- what circle leads do, and others in their place -------------------------------------------------------------


FIELD_OF = {ASSIGNMENTS: "person", PRIORITIES: "to", STRATEGIES: "to"}


def leads_of_function(
    structure: Structure, circle_id: str, function: str
) -> tuple[set[str], PolicyRow | None]:
    """Return who does what a circle lead does by default, and the policy by which it is somebody else (§1.4.5).

    While a policy gives a function to a role of the circle, or to its members, the circle leads do not have it.
    """
    found = structure.effects(circle_id, LEAD_FUNCTION)
    given = next(((p, e) for p, e in found if e["function"] == function and _still_given(structure, e)), None)
    if given is None:
        return structure.circle_leads(circle_id), None
    policy, effect = given
    if effect["by"] == "role":
        return structure.role_leads(effect["role"]), policy
    return structure.members(circle_id), policy


def _still_given(structure: Structure, effect: object) -> bool:
    # A role that has gone leaves the function to the circle lead again
    return not (
        isinstance(effect, dict)
        and effect["by"] == "role"
        and structure.get(RoleRow, effect.get("role")) is None
    )


def who_leads_function(
    structure: Structure, circle_id: str, function: str, actor: str | None
) -> Iterator[RuleBroken]:
    """§1.4.1, §1.4.3, §1.4.5: assignments, priorities and strategies are the circle leads', or of whom a policy gives
    them to; then the circle leads no longer have them."""
    people, policy = leads_of_function(structure, circle_id, function)
    if actor in people:
        return
    name = structure.role(circle_id).shown_name
    if policy is not None:
        words = {
            ASSIGNMENTS: _("By the policy “%(policy)s” others assign the roles of %(circle)s. Ask them."),
            PRIORITIES: _("By the policy “%(policy)s” others set the priorities of %(circle)s. Ask them."),
            STRATEGIES: _("By the policy “%(policy)s” others set the strategies of %(circle)s. Ask them."),
        }
        yield RuleBroken(
            "1.4.5", words[function] % {"policy": policy.title, "circle": name}, field=FIELD_OF[function]
        )
        return
    if function == ASSIGNMENTS:
        message = _("Only a circle lead of %(circle)s assigns its roles. Ask one of them.")
    else:
        message = _("Only a circle lead of %(circle)s sets its priorities and strategies. Ask one of them.")
    clause = "1.4.1" if function == ASSIGNMENTS else "1.4.3"
    yield RuleBroken(clause, message % {"circle": name}, field=FIELD_OF[function])


def routes_1_4_4(structure: Structure, circle_id: str, authority: Authority) -> Iterator[RuleBroken]:
    """§1.4.4: a circle lead routes what comes from outside to another role of the circle."""
    if authority.kind == authorities.CIRCLE_LEAD and authority.actor not in structure.circle_leads(circle_id):
        yield RuleBroken(
            "1.4.4",
            _("Only a circle lead of %(circle)s routes references to its roles. Ask one of them.")
            % {"circle": structure.role(circle_id).shown_name},
        )


def of_the_circle_1_4_4(
    structure: Structure, circle: RoleRow, role_id: str, to: str | None
) -> Iterator[Refused]:
    """§1.4.4: a reference to the circle or one of its roles goes to another role in the circle."""
    role, target = structure.get(RoleRow, role_id), structure.get(RoleRow, to)
    if role is None or (to is not None and target is None):
        yield Conflict(_("The role has been removed since this was drafted."), field="to")
        return
    if circle.id not in (role.id, role.circle):
        yield RuleBroken(
            "1.4.4",
            _("“%(role)s” is neither this circle nor one of its roles.") % {"role": role.shown_name},
            field="role",
        )
    if target is None:
        return
    if target.circle != circle.id or target.id == role.id:
        yield RuleBroken(
            "1.4.4",
            _("Choose another role that lies in %(circle)s.") % {"circle": circle.shown_name},
            field="to",
        )
    elif structure.routed(target.id, "") == role.id:
        yield Malformed(
            _("References to “%(to)s” go to “%(role)s” already: this would lead in a circle.")
            % {"to": target.shown_name, "role": role.shown_name},
            field="to",
        )


def stands_alone_1_1(structure: Structure, role_id: str) -> tuple[int, int]:
    """§1.1, §1.3.4: count the accountabilities and domains a role has of its own circle: others go with a link."""
    return (
        len([x for x in structure.find(AccountabilityRow, "role", [role_id]) if x.by is None]),
        len([x for x in structure.find(DomainRow, "role", [role_id]) if x.by is None]),
    )
