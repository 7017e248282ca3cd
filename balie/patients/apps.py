from importlib import import_module

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "balie.patients"

    def ready(self) -> None:
        """Make the checks of settings known to Django."""
        import_module("balie.patients.checks")
