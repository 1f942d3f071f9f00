from django.apps import AppConfig


class AnnouncementsConfig(AppConfig):
    """What role leads announce before they act where others have a say, and what they did beyond their authority."""

    name = "announcements"

    def ready(self) -> None:
        from announcements import events  # noqa: F401
