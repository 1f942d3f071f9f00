from django.apps import AppConfig


class TensionsConfig(AppConfig):
    """What people sense between what is and what could be, and where it went."""

    name = "tensions"

    def ready(self) -> None:
        from tensions import events  # noqa: F401
