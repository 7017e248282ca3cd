from django.apps import AppConfig


class ConsultConfig(AppConfig):
    name = "balie.consult"
