"""What announcements write into the journal, and who may follow one live."""

from django.utils.translation import gettext_lazy as _

from announcements.access import can_follow_announcement
from journal.events import register
from journal.topics import register_topic

register("announcements.intended", _("%(actor)s announced an intent: “%(what)s”."))
register("announcements.spending", _("%(actor)s announced to spend %(amount)s: “%(what)s”."))
register("announcements.initiative", _("%(actor)s recorded an individual initiative: “%(what)s”."))
register("announcements.noted", _("%(actor)s lets “%(what)s” pass."))
register("announcements.permitted", _("%(actor)s permits “%(what)s” for the domains they control."))
register("announcements.objected", _("%(actor)s objected to “%(what)s”."))
register("announcements.escalated", _("%(actor)s escalated “%(what)s”."))
register("announcements.reply_ended", _("%(actor)s took back what stood against “%(what)s”."))
register("announcements.granted", _("“%(what)s” is granted."))
register("announcements.done", _("%(actor)s did “%(what)s”."))
register("announcements.withdrawn", _("%(actor)s withdrew “%(what)s”."))
register("announcements.lapsed", _("“%(what)s” lapsed: its role has been removed."))
register("announcements.revoked", _("%(actor)s revoked “%(what)s”."))
register("announcements.asked", _("%(actor)s asked for more after “%(what)s”."))
register("announcements.answered", _("%(actor)s answered what was asked after “%(what)s”."))

register_topic("announcement", can_follow_announcement)
