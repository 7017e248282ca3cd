"""Named SQL of ours, read as rows whose columns have names."""

from typing import Any

from django.db import connection

from balie.lib.sqlfiles import read_sql


def read_rows(query: str, **asked: Any) -> list[dict[str, Any]]:
    """What `sql/<query>.sql` gives."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("ordering", query), asked)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
