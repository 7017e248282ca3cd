from django.apps import AppConfig


class WaitingroomConfig(AppConfig):
    name = "balie.waitingroom"
