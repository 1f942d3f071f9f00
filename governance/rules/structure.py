"""The rules of structure, one small function each. Each yields the refusals it finds, with the clause.

They judge acts, not what is already there: a rule is asked about a change in the structure as it is now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from circles.constitution import (
    CIRCLE_LEAD,
    CIRCLE_REP,
    CONSTITUTIONAL_ROLES,
    FACILITATOR,
    ORDINARY,
    POLICY_KINDS,
    SECRETARY,
)
from circles.effects import (
    ASSIGNMENTS,
    EFFECTS,
    LEAD_FUNCTION,
    LINK_STAYS,
    REP_COUNT,
    REPS_NOT_MEMBERS,
    ROLE_LEAD_LIMIT,
    effect_roles,
)
from circles.structure import (
    AssignmentRow,
    PersonRow,
    RoleRow,
    Structure,
)
from governance import authority as authorities
from governance.authority import Authority
from governance.candidacy import rep_by_lead, reps_at_most
from governance.representation import may_represent
from governance.rules.places import stands_alone_1_1, who_leads_function
from people.refusals import Conflict, Refused, RuleBroken

# What comes in with an import as it is, with a warning that names the clause (rules judge acts)
TOLERATED_ON_IMPORT = frozenset({"1.1", "1.3.2", "1.4", "5.1.1", "5.1.2", "5.2.1"})


def role_definition_1_1(name: str, purpose: str, accountabilities: int, domains: int) -> Iterator[RuleBroken]:
    """§1.1: a role has a name and at least one of purpose, domain, accountability."""
    if not name:
        yield RuleBroken("1.1", _("A role needs a name."), field="name")
    elif not (purpose or accountabilities or domains):
        yield RuleBroken(
            "1.1",
            _("“%(name)s” has a name alone. Give it a purpose, a domain or an accountability.")
            % {"name": name},
            field="purpose",
        )


def role_stands_1_1(structure: Structure, role: RoleRow) -> Iterator[RuleBroken]:
    """§1.1, asked of an ordinary role as it would stand after a change."""
    if role.kind == ORDINARY and role.circle is not None:
        yield from role_definition_1_1(role.name, role.purpose, *stands_alone_1_1(structure, role.id))


def holds_roles_1_3_1(circle: RoleRow) -> Iterator[RuleBroken]:
    """§1.3.1: the inside of every role is a circle, except of the roles the Constitution defines."""
    if circle.is_constitutional:
        yield RuleBroken(
            "1.3.1",
            _("The %(role)s role cannot be broken down: the Constitution defines it.")
            % {"role": circle.shown_name},
            field="circle",
        )


def circle_by_first_role_1_3_1(authority: Authority) -> Iterator[RuleBroken]:
    """§1.3.1: a role becomes a circle with the first role inside it; only what is brought in may come as one."""
    if not authority.constituent:
        yield RuleBroken("1.3.1", _("A role becomes a circle with the first role inside it. Add that role."))


def distinct_name(
    structure: Structure, role_id: str, circle: str | None, name: str, authority: Authority
) -> Iterator[Refused]:
    """Two roles of one circle are told apart by their names, also from those the Constitution names.

    No clause asks for it: it keeps people from assigning and proposing for the wrong one. What is brought in may
    have them.
    """
    if circle is None or authority.founding:
        return
    for other in structure.find(RoleRow, "circle", [circle]):
        if other.id != role_id and other.shown_name.casefold() == name.casefold():
            yield Refused(
                _("“%(name)s” is in this circle already. Choose another name.") % {"name": other.shown_name},
                field="name",
            )
            return
    if name.casefold() in {str(role.name).casefold() for role in CONSTITUTIONAL_ROLES.values()}:
        yield Refused(
            _("Every circle has a role of this name by the Constitution. Choose another name."), field="name"
        )


def one_anchor_1_3_3(structure: Structure, circle: str | None) -> Iterator[RuleBroken]:
    """§1.3.3: one anchor circle per organization; every other role lies in a circle."""
    if circle is None and structure.anchor() is not None:
        yield RuleBroken(
            "1.3.3", _("There is one anchor circle already. Put the role into a circle."), field="circle"
        )


def anchor_stays_1_3_3(role: RoleRow) -> Iterator[RuleBroken]:
    """§1.3.3: the anchor circle has no super-circle and can be neither removed nor moved."""
    if role.circle is None:
        yield RuleBroken(
            "1.3.3", _("The anchor circle holds the whole organization: it can be neither removed nor moved.")
        )


def anchor_defines_itself_1_3_3(role: RoleRow, authority: Authority) -> Iterator[RuleBroken]:
    """§1.3.3: the anchor circle changes its purpose and clarifies its accountabilities by a policy of its own."""
    if role.circle is None and not authority.constituent:
        yield RuleBroken(
            "1.3.3",
            _("The anchor circle changes its purpose by a policy of its own; propose that policy."),
            field="purpose",
        )


def own_circle_5_2(circle: str | None, authority: Authority, name: str) -> Iterator[RuleBroken]:
    """§5.2: a proposal changes the governance of its own circle only."""
    if authority.kind == authorities.PROPOSAL and circle != authority.circle:
        yield RuleBroken(
            "5.2",
            _("“%(name)s” belongs to another circle’s governance. Propose this there, or ask the role.")
            % {"name": name},
        )


def constitutional_role_stays(role: RoleRow) -> Iterator[RuleBroken]:
    """§1.4.5, §1.3.5, §5.1.1: a constitutional role cannot be removed."""
    if role.kind == CIRCLE_LEAD:
        yield RuleBroken("1.4.5", _("The circle lead role cannot be removed."))
    elif role.kind == CIRCLE_REP:
        yield RuleBroken("5.1.1", _("The circle rep role cannot be removed."))
    elif role.is_constitutional:
        yield RuleBroken("1.3.5", _("The %(role)s role cannot be removed.") % {"role": role.shown_name})


def constitutional_role_does_not_move(role: RoleRow) -> Iterator[RuleBroken]:
    """§1.4, §1.3.5, §5.1.1: a constitutional role belongs to its circle."""
    if role.is_constitutional:
        clause = {CIRCLE_LEAD: "1.4", CIRCLE_REP: "5.1.1"}.get(role.kind, "1.3.5")
        yield RuleBroken(
            clause,
            _("The %(role)s role belongs to its circle and cannot be moved.") % {"role": role.shown_name},
        )


def not_inside_itself_1_3(structure: Structure, role: RoleRow, circle: RoleRow) -> Iterator[RuleBroken]:
    """§1.3: a role lies in exactly one circle, which is never its own inside, nor anything deeper in it."""
    if any(r.id == role.id for r in structure.path(circle.id)):
        yield RuleBroken(
            "1.3",
            _("“%(role)s” cannot lie inside itself. Choose a circle outside it.") % {"role": role.shown_name},
            field="circle",
        )


def constitutional_words_stay(role: RoleRow, touches_words: bool) -> Iterator[RuleBroken]:
    """§1.4.5, §1.3.5, §5.1.1: name and purpose of a constitutional role are fixed; additions are not."""
    if not (role.is_constitutional and touches_words):
        return
    clause = {CIRCLE_LEAD: "1.4.5", CIRCLE_REP: "5.1.1"}.get(role.kind, "1.3.5")
    yield RuleBroken(
        clause,
        _(
            "The purpose of the %(role)s role is fixed by the Constitution. You can add accountabilities and domains."
        )
        % {"role": role.shown_name},
        field="purpose",
    )


def policy_kinds_5_2_1(kinds: tuple[str, ...], effect: Mapping[str, Any] | None) -> Iterator[RuleBroken]:
    """§5.2.1: a policy is one or more of the four kinds, and names which."""
    allowed = EFFECTS[effect["kind"]].kinds if effect is not None else ()
    if not kinds and not allowed:
        yield RuleBroken(
            "5.2.1",
            _("Say which kind of policy it is: constraint, grant, domain access, or change of a default."),
            field="kinds",
        )
    for kind in kinds:
        if kind not in POLICY_KINDS:
            yield RuleBroken(
                "5.2.1",
                _("“%(kind)s” is not one of the four kinds of policy.") % {"kind": kind},
                field="kinds",
            )
    if allowed and not set(allowed) & set(kinds):
        names = _(" or ").join(f"“{POLICY_KINDS[kind][0]}”" for kind in allowed)
        yield RuleBroken(
            "5.2.1",
            _("A policy with this effect is of the kind %(kinds)s: tick that.") % {"kinds": names},
            field="kinds",
        )


# Effects that speak of a role of the circle itself, or of a circle directly inside it
OF_THE_CIRCLE = frozenset({LEAD_FUNCTION, ROLE_LEAD_LIMIT, LINK_STAYS, REP_COUNT, REPS_NOT_MEMBERS})


def effect_role_5_2_1(
    structure: Structure, circle: RoleRow, effect: Mapping[str, Any] | None
) -> Iterator[Refused]:
    """§5.2.1: what a policy does by itself is about roles that exist, and where it rules who acts in the circle,
    about roles of that circle."""
    for role_id in effect_roles(effect):
        role = structure.get(RoleRow, role_id)
        if role is None:
            yield Conflict(_("The role that this policy speaks of has been removed."), field="effect")
        elif effect is not None and effect["kind"] in OF_THE_CIRCLE and role.circle != circle.id:
            yield RuleBroken(
                EFFECTS[effect["kind"]].clause,
                _("“%(role)s” is no role of %(circle)s. Choose one that lies in this circle.")
                % {"role": role.shown_name, "circle": circle.shown_name},
                field="effect",
            )


def who_assigns_1_4_1(structure: Structure, role: RoleRow, authority: Authority) -> Iterator[RuleBroken]:
    """§1.4.1: only a circle lead, or whoever a policy gives it to instead, assigns and unassigns roles."""
    if authority.kind == authorities.CIRCLE_LEAD:
        yield from who_leads_function(structure, role.circle or role.id, ASSIGNMENTS, authority.actor)


def breakdown_lead_5_5_2(role: RoleRow, authority: Authority) -> Iterator[RuleBroken]:
    """§5.5.2: in a process breakdown a circle lead is added to the circle that it stands in, and nobody else."""
    if authority.kind == authorities.BREAKDOWN and role.id != authority.circle:
        yield RuleBroken(
            "5.5.2",
            _(
                "A process breakdown lets one circle lead be added to the circle it stands in. Others are assigned."
            ),
            field="role",
        )


def lead_is_filler_1_4(role: RoleRow) -> Iterator[RuleBroken]:
    """§1.4: whoever fills a role is circle lead inside it; the circle lead role has no assignments of its own."""
    if role.kind == CIRCLE_LEAD:
        yield RuleBroken(
            "1.4",
            _("Circle leads are the fillers of the role itself. Assign the person to that role."),
            field="role",
        )


def anchor_lead_1_4(structure: Structure, role: RoleRow) -> Iterator[RuleBroken]:
    """§1.4: the anchor circle has no circle lead unless a policy of it says so."""
    if role.circle is None and structure.effect(role.id, "anchor_circle_lead") is None:
        yield RuleBroken(
            "1.4",
            _("The anchor circle has no circle lead. A policy of the anchor circle can say that it has one."),
            field="role",
        )


def elected_seats_5_1(structure: Structure, role: RoleRow, authority: Authority) -> Iterator[RuleBroken]:
    """§5.1.1, §5.1.2: rep, facilitator and secretary are filled and emptied by election alone.

    Ratification, import and an admin's repair marked as such are the exceptions, and a rep whom a policy lets the
    circle lead appoint; resigning is always free.
    """
    if authority.kind == authorities.ELECTION or authority.constituent:
        return
    if role.kind in (FACILITATOR, SECRETARY):
        yield RuleBroken(
            "5.1.2",
            _("The %(role)s is chosen by an election. Call one.") % {"role": role.shown_name},
            field="role",
        )
    if role.kind == CIRCLE_REP and not (
        authority.kind == authorities.CIRCLE_LEAD and rep_by_lead(structure, role.circle or role.id)
    ):
        yield RuleBroken("5.1.1", _("The circle rep is chosen by an election. Call one."), field="role")


def rep_eligible_5_1_1(
    structure: Structure, role: RoleRow, person: PersonRow, *, one: bool = True
) -> Iterator[RuleBroken]:
    """§5.1.1: a circle rep is a circle member who is no circle lead of it, and there is one at a time.

    ``one`` is False where that is asked elsewhere.
    """
    if role.kind != CIRCLE_REP or role.circle is None:
        return
    if person.id in structure.circle_leads(role.circle):
        yield RuleBroken(
            "5.1.1", _("A circle lead may not also be circle rep of the same circle."), field="person"
        )
    elif not any(s.role != role.id for s in structure.seats(role.circle).get(person.id, ())):
        yield RuleBroken("5.1.1", _("Only a circle member can be circle rep."), field="person")
    elif not one:
        yield RuleBroken("5.1.1", _("A policy limits who may be circle rep."), field="person")
    if one:
        yield from one_rep_5_1_1(structure, role, person)


def one_rep_5_1_1(
    structure: Structure, role: RoleRow, person: PersonRow, *, leaving: Collection[str] = ()
) -> Iterator[RuleBroken]:
    """§5.1.1: there is one circle rep at a time, or as many as a policy of the containing circle allows.

    ``leaving`` are those whose term ends with this.
    """
    if role.kind != CIRCLE_REP or role.circle is None:
        return
    others = {a.person for a in structure.fillers(role.id)} - {person.id, *leaving}
    most = reps_at_most(structure, role.circle)
    if len(others) < most:
        return
    if most == 1:
        message = _("A circle has one circle rep at a time. End the present term first.")
    else:
        message = _(
            "This circle may have %(most)d circle reps at a time. End one of the present terms first."
        )
    yield RuleBroken("5.1.1", message % {"most": most}, field="role")


def person_fills(role: RoleRow, person: PersonRow) -> Iterator[RuleBroken]:
    """§5.1: elected seats are for partners only."""
    if role.is_constitutional and not person.partner:
        yield RuleBroken("5.1", _("Only partners fill the roles of a circle’s governance."), field="person")


def resign_1_4_1(assignment: AssignmentRow, authority: Authority) -> Iterator[RuleBroken]:
    """§1.4.1: one resigns for oneself."""
    if authority.actor != assignment.person:
        yield RuleBroken("1.4.1", _("Only the person who fills a role can resign from it."))


def proposal_requirements_5_3_1(tension: str, example: str, how_helped: str) -> Iterator[RuleBroken]:
    """§5.3.1: a proposal carries the tension, an actual example, and how it would have reduced it."""
    if not tension.strip():
        yield RuleBroken(
            "5.3.1", _("Describe the tension this would address for your role."), field="tension"
        )
    if not example.strip():
        yield RuleBroken("5.3.1", _("Give an example: something that really happened."), field="example")
    if not how_helped.strip():
        yield RuleBroken(
            "5.3.1", _("Say how the example would have gone with your proposal in force."), field="how_helped"
        )


def proposer_5_3(
    structure: Structure, circle: str, person: str, role: str | None, *, meeting: str = ""
) -> Iterator[RuleBroken]:
    """§5.3: only a circle member proposes or objects, for a role they lead or a circle they represent there, or one
    they have leave to represent; in ``meeting`` also its guests (§5.4.1)."""
    represented = may_represent(structure, circle, person, meeting=meeting)
    name = structure.role(circle).name
    if not represented:
        yield RuleBroken(
            "5.3",
            _("Only circle members of %(circle)s take part in its governance. Ask one of them.")
            % {"circle": name},
        )
    elif role is None:
        yield RuleBroken("5.3", _("Say for which of your roles you speak."), field="role")
    elif role not in represented:
        yield RuleBroken(
            "5.3",
            _(
                "In %(circle)s you speak only for roles you lead there. A lead of the role can let you represent it."
            )
            % {"circle": name},
            field="role",
        )


CRITERIA = ("a", "b", "c", "d")


def objection_requirements_5_3_2(criteria: dict[str, str], rule: str) -> Iterator[RuleBroken]:
    """§5.3.2: an objection has an argument for each of the four criteria, or names the rule it would violate."""
    if rule.strip():
        return
    for criterion in CRITERIA:
        if not criteria.get(criterion, "").strip():
            yield RuleBroken(
                "5.3.2",
                _(
                    "Give an argument for each of the four criteria, or name the rule that adopting would violate."
                ),
                field=f"criterion_{criterion}",
            )


def answers_in_time_5_3(due: object, now: object) -> Iterator[RuleBroken]:
    """§5.3: once a time limit has passed, silence is no objection and answers are closed."""
    if due is not None and now >= due:  # type: ignore[operator]
        yield RuleBroken(
            "5.3", _("The time limit has passed: answers are closed, and silence was no objection.")
        )
