from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"

    def ready(self) -> None:
        from governance import events, tasks, tasks_breakdown, tasks_elections, tasks_strikes  # noqa: F401
