"""What people's coming and going writes into the journal."""

from django.utils.translation import gettext_lazy as _

from journal.events import register

INVITED = register("people.invited", _("%(actor)s invited %(name)s."))
AGREED = register("people.agreed", _("%(actor)s agreed to the Constitution."))
ADMIN_NAMED = register("people.admin_named", _("%(actor)s made %(name)s an admin."))
ADMIN_RELEASED = register("people.admin_released", _("%(actor)s took the rights of an admin from %(name)s."))
DESCRIBED = register("people.described", _("%(actor)s changed what is said about %(name)s."))
ORGANIZATION_DESCRIBED = register(
    "people.organization_described", _("%(actor)s changed what is said about the organization.")
)
AWAY = register("people.away", _("%(actor)s said to be away from %(first)s until %(last)s."))
BACK = register("people.back", _("%(actor)s took back being away from %(first)s until %(last)s."))
TOKEN_ISSUED = register("people.token_issued", _("%(actor)s created the key “%(label)s” for the API."))
TOKEN_REVOKED = register("people.token_revoked", _("%(actor)s revoked the key “%(label)s” for the API."))
