from django.apps import AppConfig


class TensionsConfig(AppConfig):
    name = "tensions"
