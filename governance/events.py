"""What governance writes into the journal, and what people may follow live."""

from django.utils.translation import gettext_lazy as _

from governance.access import can_follow_proposal
from journal.events import register
from journal.topics import register_topic

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
register("governance.discarded", _("%(actor)s discarded “%(title)s”: %(reason)s"))
register("governance.dropped", _("%(actor)s deemed “%(title)s” dropped: %(reason)s"))
register("governance.conflicted", _("“%(title)s” conflicts with what was decided meanwhile: %(reason)s"))
register("governance.adopted", _("“%(title)s” was adopted."))

register_topic("proposal", can_follow_proposal)
