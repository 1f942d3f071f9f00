"""What governance writes into the journal, and what people may follow live."""

from django.utils.translation import gettext_lazy as _

from governance.access import can_follow_election, can_follow_proposal
from journal.events import register
from journal.models import Event
from journal.topics import register_topic


def tie_resolved(event: Event) -> str:
    """Tell how a tie was resolved, and who was picked of whom (§5.3.5e)."""
    words = {
        "self": _("of %(names)s, who were tied, %(picked)s alone had nominated themself."),
        "holder": _("of %(names)s, who were tied, %(picked)s fills the role now."),
        "random": _("of %(names)s, who were tied, %(picked)s was picked blindly at random."),
        "again": _("those who nominated others are asked to choose among %(names)s, who are tied."),
    }
    return f"{event.payload['title']}: {words[event.payload['way']] % event.payload}"


register("governance.decided", _("Decision %(number)s was put on the record."))
register("governance.set_up_edited", _("%(actor)s edited the structure being set up: %(reason)s"))
register("governance.adopted_constitution", _("The ratifiers adopted the Constitution."))
register("governance.proposed", _("%(actor)s proposed “%(title)s”."))
register("governance.amended", _("%(actor)s amended “%(title)s”; everybody is asked again."))
register("governance.answered", _("%(actor)s has no objection to “%(title)s”."))
register("governance.objected", _("%(actor)s objected to “%(title)s”."))
register("governance.objection_withdrawn", _("%(actor)s withdrew an objection to “%(title)s”."))
register("governance.objection_not_valid", _("A concern about “%(title)s” was found to be no objection."))
register("governance.objection_dropped", _("An objection to “%(title)s” was dropped as abandoned."))
register("governance.objection_resolved", _("An objection to “%(title)s” was resolved."))
register("governance.withdrawn", _("%(actor)s withdrew “%(title)s”."))
register("governance.escalated", _("%(actor)s asked to bring “%(title)s” to a meeting."))
register("governance.meeting_asked", _("%(actor)s asked to bring “%(title)s” to a meeting; answers go on."))
register("governance.extended", _("Answers to “%(title)s” close later, because of %(because_of)s."))
register(
    "governance.ruling_asked", _("%(actor)s asked the secretary to rule on an objection to “%(title)s”.")
)
register("governance.objection_ruled", _("%(actor)s ruled on an objection to “%(title)s”: %(ruling)s"))
register("governance.objection_tested", _("An objection to “%(title)s” was tested and stands."))
register("governance.test_asked", _("%(actor)s asked to test an objection to “%(title)s”."))
register("governance.amendment_offered", _("%(actor)s put an amended proposal beside “%(title)s”."))
register("governance.amendment_withdrawn", _("%(actor)s took back the amended proposal beside “%(title)s”."))
register(
    "governance.amendment_argued", _("%(actor)s argued against the amended proposal beside “%(title)s”.")
)
register("governance.calendar_kept", _("%(actor)s changed the calendar of a circle."))
register("governance.discarded", _("%(actor)s discarded “%(title)s”: %(reason)s"))
register("governance.dropped", _("%(actor)s deemed “%(title)s” dropped: %(reason)s"))
register("governance.conflicted", _("“%(title)s” conflicts with what was decided meanwhile: %(reason)s"))
register("governance.adopted", _("“%(title)s” was adopted."))
register("governance.let_represent", _("%(actor)s lets %(name)s represent %(role_name)s in governance."))
register("governance.represent_withdrawn", _("%(actor)s ended that %(name)s may represent %(role_name)s."))
register("governance.stand_in_named", _("%(actor)s named %(name)s to act as %(seat)s in their place."))
register("governance.stand_in_ended", _("%(name)s no longer acts as %(seat)s in somebody’s place."))
register("governance.review_asked", _("%(actor)s asked for a review of %(circle_name)s’s process."))
register("governance.review_answered", _("%(actor)s answered a request to review %(circle_name)s’s process."))
register("governance.breakdown_declared", _("%(actor)s declared a process breakdown in %(circle_name)s."))
register(
    "governance.breakdown_raised",
    _("A process breakdown left open inside counts for %(circle_name)s as well."),
)
register("governance.breakdown_taken_over", _("%(actor)s took over as %(seat)s of %(circle_name)s."))
register(
    "governance.breakdown_handed_back", _("%(actor)s handed back the seat of %(seat)s in %(circle_name)s.")
)
register("governance.breakdown_lead", _("%(actor)s added %(name)s as circle lead of %(circle_name)s."))
register("governance.breakdown_ended", _("%(actor)s found due process restored in %(circle_name)s."))
register(
    "governance.breakdown_lapsed",
    _("The process breakdown of %(circle_name)s ended: it is no circle any more."),
)
register("governance.secretary_asked", _("%(actor)s asked the secretary to rule: %(question)s"))
register("governance.question_withdrawn", _("%(actor)s withdrew a question to the secretary: %(question)s"))
register("governance.secretary_ruled", _("%(actor)s ruled on: %(question)s"))
register("governance.ruling_published", _("%(actor)s published a ruling on: %(question)s"))
register("governance.ruling_appealed", _("%(actor)s appealed against a ruling on: %(question)s"))
register("governance.ruling_lapsed", _("%(actor)s let a ruling lapse: %(question)s"))
register("governance.struck", _("%(actor)s struck %(name)s: %(reason)s"))

register("governance.election_called", _("%(actor)s called: %(title)s."))
register(
    "governance.term_expired",
    _("The term of %(holder)s ended; called by itself: %(title)s. %(holder)s serves on."),
)
register("governance.election_opened", _("%(actor)s opened the ballots. %(title)s."))
register("governance.ballot_given", _("%(actor)s nominated. %(title)s."))
register("governance.nominations_shared", _("The nominations were shared, all at the same time. %(title)s."))
register("governance.nomination_changed", _("%(actor)s changed their nomination. %(title)s."))
register("governance.nomination_kept", _("%(actor)s kept their nomination. %(title)s."))
register("governance.election_tied", _("Tied: %(names)s. %(title)s."))
register("governance.tie_resolved", tie_resolved)
register("governance.candidate_proposed", _("%(candidate)s is proposed. %(title)s."))
register("governance.candidate_declined", _("%(candidate)s declined. %(title)s."))
register("governance.candidate_discarded", _("%(candidate)s is no longer a candidate: %(reason)s %(title)s."))
register("governance.elected", _("%(candidate)s was elected. %(title)s."))
register("governance.election_without_result", _("%(title)s ended without result: %(reason)s"))
register("governance.election_withdrawn", _("%(actor)s took back: %(title)s."))

register_topic("proposal", can_follow_proposal)
register_topic("election", can_follow_election)
