from importlib import import_module

from django.apps import AppConfig


class ConsultConfig(AppConfig):
    name = "balie.consult"

    def ready(self) -> None:
        """Make the checks of settings known to Django."""
        import_module("balie.consult.checks")
