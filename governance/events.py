"""What governance writes into the journal, and what people may follow live."""

from django.utils.translation import gettext_lazy as _

from journal.events import register

DECIDED = register("governance.decided", _("Decision %(number)s was put on the record."))
SET_UP_EDITED = register("governance.set_up_edited", _("%(actor)s edited the structure being set up: %(reason)s"))
ADOPTED_CONSTITUTION = register("governance.adopted_constitution", _("The ratifiers adopted the Constitution."))
