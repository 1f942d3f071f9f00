"""The e-mails that ask circle members for their answer to a proposal, each at most once."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext

from governance.models import Response
from people.letters import claimed, worded_for, write_to
from people.queries import names_of


def mail_about(response_id: str, column: str, template: str, subject: str) -> None:
    """Send somebody on the roll one e-mail about the answer they owe, unless it is settled or they have answered.

    ``column`` of their line keeps when it went out; ``subject`` is yet to be translated.
    """
    lines = Response.objects.filter(pk=response_id, answer="", **{column: None})
    response = lines.select_related(
        "proposal__organization", "proposal__circle", "proposal__proposer", "person"
    ).first()
    if response is None or not response.person.email or not response.proposal.is_open:
        return
    if response.round != response.proposal.round:
        return
    if not lines.update(**{column: timezone.now()}):
        return
    proposal, person = response.proposal, response.person
    proposal.circle.organization = person.organization = proposal.organization
    path = f"/{proposal.organization.slug}/proposals/{proposal.pk}/"
    if proposal.election_id is not None:
        template = "emails/candidate.txt"
        path = f"/{proposal.organization.slug}/elections/{proposal.election_id}/"
    with claimed(lambda: Response.objects.filter(pk=response_id).update(**{column: None})):
        with worded_for(person):
            words = gettext(subject) % {"title": proposal}
            because_of = names_of([member for member, _why in proposal.extended_for])
        write_to(person, words, template, path, proposal=proposal, because_of=because_of)
