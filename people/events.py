"""What people's coming and going writes into the journal."""

from django.utils.translation import gettext_lazy as _

from journal.events import register

INVITED = register("people.invited", _("%(actor)s invited %(name)s."))
AGREED = register("people.agreed", _("%(actor)s agreed to the Constitution."))
