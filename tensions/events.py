"""What tensions write into the journal. Nobody but their owner is told of them: the words stay out of it."""

from django.utils.translation import gettext_lazy as _

from journal.events import register

CAPTURED = register("tensions.captured", _("%(actor)s captured a tension."))
AMENDED = register("tensions.amended", _("%(actor)s reworded a tension."))
SETTLED = register("tensions.settled", _("%(actor)s settled a tension."))
LET_GO = register("tensions.let_go", _("%(actor)s let a tension go."))
REOPENED = register("tensions.reopened", _("%(actor)s took a tension up again."))
