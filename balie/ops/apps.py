from importlib import import_module

from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "balie.ops"

    def ready(self) -> None:
        """Make the checks of settings known to Django."""
        import_module("balie.ops.checks")
