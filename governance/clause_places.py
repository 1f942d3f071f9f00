"""Where each clause is honoured: the code that does it, and where people meet it in the product.

Rows of data beside ``governance.clauses``, which says what is done. Code is named by its dotted path, most telling
first; a test imports every one.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DRAFT = _("the draft of a proposal")
PROPOSAL = _("the page of a proposal")
ROLE = _("the page of a role")
CIRCLE = _("the page of a circle")
CORE = _("the pages of a circle’s own four roles")
POLICY = _("the page of a policy")
MEMBERS = _("a circle’s page of members")
ROOM = _("the meeting room")
MEETINGS = _("the meetings of a circle")
ELECTION = _("the page of an election")
SETUP = _("set-up and its structure pages")
RECORD = _("the record")
HOME = _("home")
RULINGS = _("the rulings of a circle")
BREAKDOWN = _("a circle’s page of breakdowns")
ANNOUNCED = _("announcements")


@dataclass(frozen=True)
class Place:
    """The code of a clause by dotted paths, and the places in the product."""

    code: tuple[str, ...]
    shown: tuple[Promise, ...]


def _place(code: str, *shown: Promise) -> Place:
    return Place(tuple(code.split()), shown)


PLACES = {
    "1.1": _place(
        "governance.rules.structure.role_definition_1_1 governance.rules.structure.role_stands_1_1",
        DRAFT,
        SETUP,
    ),
    "1.1p": _place("governance.changes.policies.AddPolicy circles.models.Policy", DRAFT, ROLE),
    "1.2.1": _place("tensions.actions.capture", _("“Capture a tension” on every page"), _("the inbox")),
    "1.3": _place(
        "governance.rules.structure.not_inside_itself_1_3 circles.models.Policy",
        DRAFT,
        CIRCLE,
    ),
    "1.3.1a": _place("governance.changes.roles.AddRole circles.structure.Structure.is_circle", DRAFT, ROLE),
    "1.3.1b": _place("governance.rules.structure.holds_roles_1_3_1", DRAFT, SETUP),
    "1.3.2a": _place("governance.rules.places.domain_granted_1_3_2", DRAFT, SETUP),
    "1.3.2b": _place(
        "governance.rules.places.policy_domain_1_3_2 circles.relations.on_the_same_domain", POLICY, ROLE
    ),
    "1.3.3a": _place(
        "governance.rules.structure.one_anchor_1_3_3 governance.rules.structure.anchor_stays_1_3_3",
        DRAFT,
        SETUP,
    ),
    "1.3.3b": _place("governance.actions.set_up.declare_adoption governance.enactment.seal", SETUP, RECORD),
    "1.3.3c": _place(
        "governance.rules.structure.anchor_defines_itself_1_3_3 governance.changes.settle.define_anchor",
        DRAFT,
        POLICY,
    ),
    "1.3.4a": _place(
        "governance.rules.places.can_link_1_3_4 governance.rules.places.leads_source_1_3_4"
        " governance.rules.places.link_stays_1_3_4 governance.actions.linking.link_role",
        ROLE,
    ),
    "1.3.4b": _place(
        "governance.rules.places.own_lines_1_3_4 governance.rules.places.linked_definition_1_3_4"
        " governance.rules.places.linked_role_stays_1_3_4",
        DRAFT,
        ROLE,
    ),
    "1.3.4c": _place("governance.changes.settle.unlink governance.changes.settle.settle_links", ROLE, CIRCLE),
    "1.3.5a": _place(
        "circles.constitution.CONSTITUTIONAL_ROLES governance.changes.settle.appear_constitutional_roles",
        CIRCLE,
        CORE,
    ),
    "1.3.5b": _place(
        "governance.rules.structure.constitutional_words_stay governance.rules.structure.constitutional_role_stays",
        DRAFT,
        CORE,
    ),
    "1.4a": _place(
        "circles.structure.Structure.circle_leads governance.rules.structure.lead_is_filler_1_4"
        " circles.queries.definition",
        CIRCLE,
        CORE,
    ),
    "1.4b": _place("governance.rules.structure.anchor_lead_1_4", CIRCLE, SETUP),
    "1.4.1a": _place(
        "governance.rules.structure.who_assigns_1_4_1 governance.actions.assignments.assign_role"
        " governance.actions.assignments.unassign_role",
        ROLE,
    ),
    "1.4.1b": _place("governance.actions.assignments.resign governance.rules.structure.resign_1_4_1", ROLE),
    "1.4.1c": _place("circles.models.Assignment pages.queries.roles_of", ROLE, _("the page of a person")),
    "1.4.2": _place("circles.structure.Structure.role_leads", ROLE, MEMBERS),
    "1.4.3": _place(
        "governance.actions.leading.set_priorities governance.actions.leading.set_strategies", CIRCLE
    ),
    "1.4.4": _place(
        "governance.actions.leading.reroute circles.structure.Structure.routed"
        " governance.rules.places.routes_1_4_4",
        CIRCLE,
        ROLE,
    ),
    "1.4.5a": _place(
        "governance.rules.structure.constitutional_words_stay governance.rules.structure.constitutional_role_stays",
        DRAFT,
        CORE,
    ),
    "1.4.5b": _place(
        "circles.structure.Structure.lead_additions governance.consequences.lead_lines_flow_down_1_4_5",
        CORE,
        PROPOSAL,
    ),
    "1.4.5c": _place(
        "governance.rules.places.leads_of_function governance.rules.places.who_leads_function",
        DRAFT,
        CIRCLE,
    ),
    "4": _place("announcements.reach.spoken_for", ROLE),
    "4.1.2": _place(
        "announcements.actions.announce_intent announcements.actions.settle"
        " announcements.rules.domains_named_4_1_2 announcements.rules.in_time_4_1",
        ROLE,
        ANNOUNCED,
        HOME,
    ),
    "4.1.3": _place(
        "announcements.actions.announcing.announce_spending announcements.actions.replying.escalate"
        " announcements.actions.ending.revoke announcements.rules.spending_announced_4_1_3",
        ROLE,
        ANNOUNCED,
        HOME,
    ),
    "4.2.1": _place(
        "governance.actions.rulings.ask governance.actions.rulings.rule governance.actions.rulings.appeal"
        " governance.rules.rulings.secretary_rules_4_2_1",
        RULINGS,
    ),
    "4.2.2": _place(
        "governance.actions.rulings.strike governance.rules.rulings.secretary_strikes_4_2_2"
        " governance.tasks.strikes.mail_struck",
        RECORD,
        RULINGS,
    ),
    "4.3": _place(
        "announcements.actions.announcing.record_initiative announcements.rules.takes_initiative_4_3",
        ROLE,
        ANNOUNCED,
    ),
    "5.1": _place("circles.structure.Structure.seats circles.structure.Structure.members", MEMBERS),
    "5.1m": _place("circles.structure.Structure.seats circles.effects.ROLE_LEAD_LIMIT", POLICY, MEMBERS),
    "5.1.1a": _place(
        "governance.rules.structure.rep_eligible_5_1_1 governance.rules.structure.one_rep_5_1_1"
        " governance.changes.settle.settle_rep_seats",
        ELECTION,
        CORE,
    ),
    "5.1.1b": _place("circles.structure.Structure.seats circles.effects.REPS_NOT_MEMBERS", MEMBERS, POLICY),
    "5.1.1c": _place(
        "governance.rules.structure.constitutional_words_stay governance.rules.structure.constitutional_role_stays",
        DRAFT,
        CORE,
    ),
    "5.1.2a": _place(
        "governance.rules.structure.elected_seats_5_1 governance.changes.elections.Elect", ROLE, ELECTION
    ),
    "5.1.2b": _place(
        "governance.rules.elections.candidate_5_1 governance.rules.elections.eligible_5_3_5b", ELECTION
    ),
    "5.1.2c": _place(
        "governance.actions.elections.calling.call_election governance.rules.elections.may_call_5_1",
        CIRCLE,
        CORE,
        ROOM,
    ),
    "5.2": _place("governance.changes.CATALOGUE governance.enactment.enact", DRAFT),
    "5.2s": _place("governance.rules.structure.own_circle_5_2", DRAFT),
    "5.2c": _place(
        "governance.changes.moves.MoveRole governance.changes.moves.MovePolicy"
        " governance.rules.places.moves_5_2",
        DRAFT,
    ),
    "5.2.1a": _place(
        "governance.rules.structure.policy_kinds_5_2_1 circles.effects.parse_effect", DRAFT, POLICY
    ),
    "5.2.1b": _place(
        "circles.structure.Structure.effect circles.structure.Structure.effects", POLICY, CIRCLE
    ),
    "5.3a": _place(
        "governance.rules.structure.proposer_5_3 governance.representation.may_represent", DRAFT, ROLE
    ),
    "5.3b": _place("governance.actions.proposals.proposing.propose", PROPOSAL, HOME),
    "5.3c": _place(
        "governance.actions.proposals.answering.answer governance.actions.proposals.settling.settle", PROPOSAL
    ),
    "5.3d": _place(
        "governance.actions.proposals.proposing.amend governance.actions.proposals.proposing.open_round",
        PROPOSAL,
    ),
    "5.3e": _place(
        "governance.actions.proposals.limits.begin_limit governance.actions.proposals.limits.keep_time"
        " governance.rules.structure.answers_in_time_5_3 governance.calendar.due_after",
        PROPOSAL,
        _("the calendar of a circle"),
    ),
    "5.3f": _place("governance.actions.proposals.answering.ask_for_meeting", PROPOSAL),
    "5.3.1": _place(
        "governance.rules.structure.proposal_requirements_5_3_1 governance.actions.proposals.facilitating.discard",
        DRAFT,
        ROOM,
    ),
    "5.3.2": _place(
        "governance.rules.structure.objection_requirements_5_3_2 governance.actions.proposals.objections.object_to",
        PROPOSAL,
        ROOM,
    ),
    "5.3.3a": _place("governance.actions.proposals.objections.test_criterion", PROPOSAL, ROOM),
    "5.3.3b": _place(
        "governance.actions.proposals.objections.ask_for_ruling governance.actions.proposals.objections.rule_on",
        PROPOSAL,
        ROOM,
    ),
    "5.3.4a": _place(
        "governance.actions.proposals.objections.ask_for_test governance.rules.consent.tested_first_5_3_4",
        PROPOSAL,
        ROOM,
    ),
    "5.3.4b": _place(
        "governance.actions.proposals.objections.drop_objection governance.actions.proposals.facilitating.drop"
        " governance.rules.consent.drop_5_3_4",
        PROPOSAL,
        ROOM,
    ),
    "5.3.4d": _place(
        "governance.actions.proposals.amendments.draft_amendment"
        " governance.actions.proposals.amendments.accept_amendment"
        " governance.actions.proposals.amendments.argue_against",
        PROPOSAL,
    ),
    "5.3.5a": _place(
        "governance.rules.elections.term_5_3_5a governance.actions.elections.calling.begin_nominations",
        ELECTION,
        ROOM,
    ),
    "5.3.5b": _place(
        "governance.rules.elections.one_nominee_5_3_5b governance.rules.elections.eligible_5_3_5b"
        " governance.actions.elections.nominating.nominate",
        ELECTION,
        ROOM,
    ),
    "5.3.5c": _place(
        "governance.rules.elections.shared_at_once_5_3_5c governance.actions.elections.nominating.share",
        ELECTION,
        ROOM,
    ),
    "5.3.5d": _place(
        "governance.rules.elections.changes_once_5_3_5d governance.actions.elections.nominating.change_nomination",
        ELECTION,
        ROOM,
    ),
    "5.3.5e": _place(
        "governance.actions.elections.counting.count governance.actions.elections.counting.break_tie"
        " governance.elections.tie_ways governance.rules.elections.tie_way_5_3_5e",
        ELECTION,
        ROOM,
    ),
    "5.3.5f": _place(
        "governance.actions.elections.counting.discard_candidate"
        " governance.rules.elections.not_discarded_5_3_5f",
        ELECTION,
        ROOM,
    ),
    "5.3.5t": _place(
        "governance.actions.elections.nominating.exclude governance.rules.elections.left_out_5_3_5", ELECTION
    ),
    "5.3.5x": _place(
        "governance.actions.elections.calling.call_for_expired governance.tasks.elections.term_expired",
        HOME,
        ELECTION,
    ),
    "5.3.6": _place("governance.facilitation.acting governance.actions.stand_ins.name_stand_in", CORE, ROOM),
    "5.4a": _place("meetings.actions.sessions.schedule meetings.actions.special.ask_for", MEETINGS),
    "5.4b": _place(
        "meetings.limits.within_limits_5_4 meetings.actions.common.require_within_limits", MEETINGS, ROOM
    ),
    "5.4.1a": _place("meetings.access.may_take_part meetings.access.require_part", ROOM),
    "5.4.1b": _place("meetings.actions.guests.invite meetings.actions.guests.speaks_for_5_4_1", ROOM),
    "5.4.2c": _place("meetings.actions.rounds.no_objection", ROOM),
    "5.4.3": _place("meetings.actions.rounds.advance meetings.actions.sessions.ask_time_out", ROOM),
    "5.4.4a": _place("meetings.actions.agenda.add", ROOM),
    "5.4.4b": _place(
        "meetings.actions.elections.ask_first meetings.actions.elections.require_elections_first", ROOM
    ),
    "5.4.5a": _place("meetings.actions.rounds.advance meetings.actions.agenda.present", ROOM),
    "5.4.5b": _place("meetings.actions.rounds.take_turn meetings.actions.rounds.floor_of", ROOM),
    "5.4.5c": _place("meetings.actions.texts.write", ROOM),
    "5.4.5d": _place(
        "meetings.actions.rounds.no_objection meetings.actions.texts.confirm"
        " governance.actions.proposals.settling.adopt_when_free",
        ROOM,
    ),
    "5.5": _place(
        "governance.actions.breakdowns.declare governance.actions.breakdowns.ask_review", BREAKDOWN, CIRCLE
    ),
    "5.5.2": _place(
        "governance.rules.consent.judges_arguments_5_3_3 governance.actions.breakdowns.take_over"
        " governance.actions.breakdowns.add_lead governance.actions.breakdowns.end",
        BREAKDOWN,
        ROOM,
    ),
    "5.5.3": _place(
        "governance.actions.breakdowns.raise_breakdown governance.tasks.breakdown.raise_breakdown",
        BREAKDOWN,
        HOME,
    ),
}


def places_of(clause_id: str) -> list[Promise]:
    """Return where people meet a clause in the product."""
    found = PLACES.get(clause_id)
    return list(found.shown) if found is not None else []
