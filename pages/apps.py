from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Pages that gather from several apps; nothing imports this app."""

    name = "pages"
