from importlib import import_module

from django.apps import AppConfig


class SmsConfig(AppConfig):
    name = "balie.sms"

    def ready(self) -> None:
        """Make the checks of settings known to Django."""
        import_module("balie.sms.checks")
