"""Django's cache in the database, for a table that `balie work` keeps small: each write is one statement.

Django's own counts the whole table before it writes, and writes in a transaction of four statements. Logging in asks
for eleven writes.
"""

import pickle
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.utils import timezone

from balie.lib.sqlfiles import read_sql


class LoginCache(DatabaseCache):
    """Failed logins and used codes; what is kept has an end."""

    def set(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._store(key, value, timeout, version, over=True)

    def add(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._store(key, value, timeout, version, over=False)

    def _store(self, key: str, value: Any, timeout: float | None, version: int | None, *, over: bool) -> bool:
        """Whether it was stored: always when `over` what is there, else when that has ended, or nothing is."""
        ends_at = self.get_backend_timeout(timeout)
        assert ends_at is not None
        kept: dict[str, Any] = {
            "key": self.make_and_validate_key(key, version=version),
            "value": b64encode(pickle.dumps(value, self.pickle_protocol)).decode("ascii"),
            "expires": datetime.fromtimestamp(ends_at, UTC),
            "now": timezone.now(),
            "over": over,
        }
        with connection.cursor() as cursor:
            cursor.execute(read_sql("practices", "cache_store"), kept)
            return bool(cursor.rowcount)
