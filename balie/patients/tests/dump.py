"""All that the database keeps, as text: to look for what should not be there."""

from django.db import connection


def everything_kept() -> str:
    """Every row of every table of ours."""
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public' order by 1")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'select x::text from "{table}" x')
            found += [row for (row,) in cursor.fetchall()]
    return "\n".join(found)
