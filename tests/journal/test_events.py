from __future__ import annotations

import pytest
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from journal import events
from journal.actions import record
from journal.models import AppendOnly, Event
from people.models import Person


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_kinds", {})
    events.register("test.greeted", _("%(actor)s greeted %(whom)s"))
    events.register("test.counted", lambda event: f"counted to {event.payload['number']}")


def test_an_event_reads_as_its_sentence(ada: Person) -> None:
    with transaction.atomic():
        greeted = record(organization=ada.organization, kind="test.greeted", actor=ada, whom="Bo")
        by_program = record(organization=ada.organization, kind="test.greeted", actor=None, whom="Bo")
        counted = record(organization=ada.organization, kind="test.counted", actor=ada, number=3)
    assert events.sentence_for(Event.objects.get(pk=greeted.pk)) == "Ada greeted Bo"
    assert events.sentence_for(by_program) == "Tensegrity greeted Bo"
    assert events.sentence_for(counted) == "counted to 3"


def test_unknown_kinds_are_refused(ada: Person) -> None:
    with transaction.atomic(), pytest.raises(KeyError):
        record(organization=ada.organization, kind="test.unheard-of", actor=ada)


@pytest.mark.django_db(transaction=True)
def test_events_belong_to_a_transaction(ada: Person) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        record(organization=ada.organization, kind="test.greeted", actor=ada, whom="Bo")


def test_a_kind_is_registered_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        events.register("test.greeted", "again")


def test_what_happened_is_never_changed(ada: Person) -> None:
    with transaction.atomic():
        event = record(organization=ada.organization, kind="test.greeted", actor=ada, whom="Bo")
    event.payload = {"whom": "somebody else"}
    with pytest.raises(AppendOnly):
        event.save()
    with pytest.raises(AppendOnly):
        event.delete()
    with pytest.raises(AppendOnly):
        Event.objects.filter(pk=event.pk).update(kind="test.counted")
    with pytest.raises(AppendOnly):
        Event.objects.all().delete()
    with pytest.raises(AppendOnly), transaction.atomic():
        Event.objects.bulk_update([event], ["payload"])
    assert Event.objects.get().payload == {"whom": "Bo"}
