"""What meetings write into the journal, and who may follow one live."""

from django.utils.translation import gettext_lazy as _

from journal.events import register
from journal.topics import register_topic
from meetings.access import can_follow_meeting

register("meeting.scheduled", _("%(actor)s scheduled a governance meeting."))
register("meeting.cancelled", _("%(actor)s cancelled a governance meeting."))
register("meeting.requested", _("%(actor)s asked for a special governance meeting: %(intent)s"))
register("meeting.request_taken_back", _("%(actor)s took back a request for a special governance meeting."))
register(
    "meeting.guest_invited", _("%(actor)s invited %(name)s to a governance meeting, for %(circle_name)s.")
)
register("meeting.guest_withdrawn", _("The invitation of %(name)s to a governance meeting was withdrawn."))
register("meeting.began", _("%(actor)s opened a governance meeting."))
register("meeting.acting", _("%(name)s acts as %(role)s in a governance meeting."))
register("meeting.item_chosen", _("“%(label)s” was taken up in a governance meeting."))
register("meeting.item_ended", _("“%(label)s” was processed in a governance meeting: %(outcome)s."))
register("meeting.time_out", _("There was a time-out in a governance meeting."))
register("meeting.closed", _("A governance meeting was closed."))

register_topic("meeting", can_follow_meeting)
