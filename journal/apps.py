from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JournalConfig(AppConfig):
    name = "journal"

    def ready(self) -> None:
        """Let every app tell the journal its kinds of events, its live topics and its jobs."""
        autodiscover_modules("events", "tasks")
