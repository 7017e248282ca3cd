"""Which database: what `balie watch` remembers lies in its own, and nothing else lies there."""

from typing import Any, Final

from django.db.models import Model

DATABASE: Final = "ops"
APP: Final = "ops"


class OpsRouter:
    """Django asks this; None means that it has no opinion."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str | None:
        return DATABASE if model._meta.app_label == APP else None  # noqa: SLF001 - public by Django's manual

    db_for_write = db_for_read

    def allow_relation(self, one: Model, other: Model, **_hints: Any) -> bool | None:
        apart = {one._meta.app_label == APP, other._meta.app_label == APP}  # noqa: SLF001 - as above
        return False if len(apart) > 1 else None

    def allow_migrate(self, database: str, app_label: str, **_hints: Any) -> bool | None:
        if app_label == APP or database == DATABASE:
            return app_label == APP and database == DATABASE
        return None
