from importlib import import_module

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    name = "balie.runtime"

    def ready(self) -> None:
        """Make the checks of settings known to Django."""
        import_module("balie.runtime.checks")
