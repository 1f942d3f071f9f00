"""What follows in elections: run by the worker, safe to run twice or late."""

from __future__ import annotations

from django.utils.translation import gettext as _

from circles.models import Assignment
from circles.structure import Structure
from governance.actions import elections as actions
from governance.elections import asked, asked_to_change, have_answered
from governance.models import Election, ElectionAsked
from journal.jobs import job
from people.letters import claimed, worded_for, write_to
from people.models import Person

State = Election.State


@job("governance.step_election")
def step_election(election_id: str) -> None:
    """Let an election go on where its present step is complete."""
    actions.step(election_id)


@job("governance.term_expired")
def term_expired(assignment_id: str) -> None:
    """Call the election that the end of a term asks for (§5.3.5)."""
    assignment = Assignment.objects.filter(pk=assignment_id).first()
    if assignment is not None:
        actions.call_for_expired(assignment)


@job("governance.sweep_terms", every_hour=True)
def sweep_terms() -> None:
    """Call elections for whatever terms have expired, also those that no job was queued for."""
    actions.sweep_terms()


@job("governance.mail_election")
def mail_election(election_id: str, person_id: str, step: str) -> None:
    """Send somebody the one e-mail about a step of an election, unless it has become needless."""
    election = (
        Election.objects.select_related("organization", "circle", "called_by", "facilitator")
        .filter(pk=election_id)
        .first()
    )
    person = Person.objects.present().select_related("organization").filter(pk=person_id).first()
    if election is None or person is None or not person.email or not _still(election, person, step):
        return
    claim, mine = ElectionAsked.objects.get_or_create(
        election=election, person=person, step=step, defaults={"organization": election.organization}
    )
    if not mine:
        return
    with claimed(claim.delete):
        _send(election, person, step.partition("-")[0])


def _still(election: Election, person: Person, step: str) -> bool:
    """Tell whether a step still waits for somebody: in a meeting people are asked there."""
    what, _dash, number = step.partition("-")
    if what == "elected":
        return election.state == State.ELECTED
    if election.meeting:
        return False
    if what in ("called", "expired"):
        return election.state == State.CALLED
    if what == "nominate":
        people = asked(election, Structure.of(election.organization_id))
        return election.state == State.NOMINATING and person.pk in people - have_answered(election)
    if what == "change":
        if election.state != State.CHANGING or str(election.round) != number:
            return False
        people = asked_to_change(election, Structure.of(election.organization_id))
        return person.pk in people - have_answered(election)
    return election.state == State.TIED


def _send(election: Election, person: Person, what: str) -> None:
    election.circle.organization = election.organization
    circle = election.circle.shown_name
    with worded_for(person):
        words = {"role": election.seat_name, "circle": circle}
        subject = {
            "called": _("An election was called: %(role)s of %(circle)s"),
            "expired": _("A term has ended: %(role)s of %(circle)s"),
            "nominate": _("Your nomination: %(role)s of %(circle)s"),
            "change": _("Nominations are shared: %(role)s of %(circle)s"),
            "tied": _("A tie: %(role)s of %(circle)s"),
            "elected": _("You are elected: %(role)s of %(circle)s"),
        }[what]
    path = f"/{election.organization.slug}/elections/{election.pk}/"
    context = {"what": what, "election": election, "role": election.seat_name, "circle": circle}
    write_to(person, subject % words, "emails/election.txt", path, **context)
