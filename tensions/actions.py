"""What somebody does with a tension of theirs: capture it, reword it, settle it, let it go (§1.2.1, §1.2.4)."""

from __future__ import annotations

import hashlib
import unicodedata

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.models import Role
from circles.structure import Structure
from journal.actions import record
from people.models import Person
from people.refusals import Malformed, NotAllowed, Refused, RuleBroken
from tensions import events
from tensions.models import TENSION_LENGTH, Tension

State = Tension.State
OUTCOME_LENGTH = 400


def _words(value: object, field: str, *, most: int, empty: str = "") -> str:
    """Return a text in its canonical form. Raises Malformed where it is none, too long, or empty though needed."""
    text = value if isinstance(value, str) else ""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise Malformed(_("This contains characters that cannot be shown."), field=field)
    if len(text) > most:
        raise Malformed(
            _("This has %(length)d characters; at most %(most)d fit. Shorten it.")
            % {"length": len(text), "most": most},
            field=field,
        )
    if empty and not text:
        raise Malformed(empty, field=field)
    return text


def _own_role(actor: Person, role_id: str | None) -> Role | None:
    """Return the role to sense from. Raises RuleBroken §1.2.1 where ``actor`` does not lead it."""
    if not role_id:
        return None
    role = Role.objects.present().filter(organization=actor.organization_id, pk=role_id).first()
    if role is None or actor.pk not in Structure.of(actor.organization_id).role_leads(role.pk):
        raise RuleBroken(
            "1.2.1",
            _("You sense from roles you lead. Choose one of yours, or tell who leads that one."),
            field="role",
        )
    return role


def capture(*, actor: Person, text: str, role_id: str | None = None, form_key: str = "") -> Tension:
    """Capture a tension of ``actor``, sensed from one of the roles they lead (§1.2.1), and return it.

    ``form_key`` belongs to one form as it was shown: the same words sent twice with it are captured once.
    Raises Malformed (no text, or longer than 5,000 characters) and RuleBroken §1.2.1 (a role of somebody else's).
    """
    words = _words(text, "text", most=TENSION_LENGTH, empty=_("Say in a few words what you sense."))
    key = hashlib.sha256(f"{form_key}\n{words}".encode()).hexdigest()[:40] if form_key else ""
    with transaction.atomic():
        role = _own_role(actor, role_id)
        tension = Tension(organization=actor.organization, person=actor, role=role, text=words, form_key=key)
        if key:
            Tension.objects.bulk_create([tension], ignore_conflicts=True)
            stored = Tension.objects.get(person=actor, form_key=key)
            if stored.pk != tension.pk:
                return stored
        else:
            tension.save()
        record(organization=actor.organization, kind=events.CAPTURED.kind, actor=actor, tension=tension.pk)
    return tension


def amend(tension: Tension, *, actor: Person, text: str, role_id: str | None) -> Tension:
    """Reword a tension one holds, or say that it is sensed from another role. Raises as ``capture``, and Refused
    where it is settled."""
    words = _words(text, "text", most=TENSION_LENGTH, empty=_("Say in a few words what you sense."))
    with transaction.atomic():
        own = _held(tension, actor)
        if own.state != State.OPEN:
            raise Refused(_("This is settled. Take it up again to reword it."))
        if (role_id or None) != own.role_id:
            own.role = _own_role(actor, role_id)
        own.text = words
        own.changed_at = timezone.now()
        own.save(update_fields=["text", "role", "changed_at"])
        record(organization=actor.organization, kind=events.AMENDED.kind, actor=actor, tension=own.pk)
    return own


def settle(tension: Tension, *, actor: Person, outcome: str) -> Tension:
    """Say where a tension one holds went, in a few words; it leaves the inbox as processed.

    Raises Malformed (no words, or more than 400 characters), Refused where it is settled already.
    """
    words = _words(outcome, "outcome", most=OUTCOME_LENGTH, empty=_("Say in a few words where it went."))
    return _end(tension, State.PROCESSED, words, actor=actor, kind=events.SETTLED.kind)


def let_go(tension: Tension, *, actor: Person, outcome: str = "") -> Tension:
    """Let a tension one holds go, with a word for later if one likes. Raises as ``settle``."""
    words = _words(outcome, "outcome", most=OUTCOME_LENGTH)
    return _end(tension, State.DROPPED, words, actor=actor, kind=events.LET_GO.kind)


def _end(tension: Tension, state: str, outcome: str, *, actor: Person, kind: str) -> Tension:
    with transaction.atomic():
        own = _held(tension, actor)
        if own.state == state and own.outcome == outcome:
            return own
        if own.state != State.OPEN:
            raise Refused(_("This is settled already."))
        own.state = state
        own.outcome = outcome
        own.settled_at = own.changed_at = timezone.now()
        own.save(update_fields=["state", "outcome", "settled_at", "changed_at"])
        record(organization=actor.organization, kind=kind, actor=actor, tension=own.pk)
    return own


def reopen(tension: Tension, *, actor: Person) -> Tension:
    """Take a settled tension up again: it pulls still. One that is open stays as it is."""
    with transaction.atomic():
        own = _held(tension, actor)
        if own.state != State.OPEN:
            own.state = State.OPEN
            own.outcome = ""
            own.settled_at = None
            own.changed_at = timezone.now()
            own.save(update_fields=["state", "outcome", "settled_at", "changed_at"])
            record(organization=actor.organization, kind=events.REOPENED.kind, actor=actor, tension=own.pk)
    return own


def _held(tension: Tension, actor: Person) -> Tension:
    """Return the tension as it stands, locked until the transaction ends. Raises NotAllowed for another's."""
    if tension.person_id != actor.pk:
        raise NotAllowed(_("A tension is its owner’s to process."))
    own = Tension.objects.select_for_update(no_key=True, of=("self",)).get(pk=tension.pk)
    own.organization, own.person = actor.organization, actor
    return own
