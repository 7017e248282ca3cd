"""What went wrong outside our code, in words for whoever runs the command: what, where, and what to do."""

NEW_SECRET = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"  # noqa: S105 - how to make one


class CommandError(Exception):
    """A verb cannot do what it was asked; the text is all that the person needs."""


def advice(error: Exception) -> str | None:
    """A few sentences for a fault of configuration or surroundings; None for a fault of ours."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError
    from psycopg import OperationalError as NoConnectionError

    from balie.embedded.postgres import PostgresError

    match error:
        case CommandError() | PostgresError():
            return str(error)
        case ImproperlyConfigured():
            hint = f"\nMake one with: {NEW_SECRET}" if "BALIE_SECRET_KEY" in str(error) else ""
            return f"not configured: {error}{hint}\nEvery setting is explained in docs/settings.md."
        case OperationalError() | NoConnectionError():
            return f"PostgreSQL does not answer as DATABASE_URL describes it: {str(error).strip()}"
        case OSError() if error.filename:
            return f"{error.filename}: {error.strerror}"
        case _:
            return None
