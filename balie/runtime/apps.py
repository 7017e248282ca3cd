from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    name = "balie.runtime"
