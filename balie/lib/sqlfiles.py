"""Named SQL: files in a context's `sql/` folder, each a statement or a set of functions under a first-line comment.

A migration installs a file as it is; a file that a release has installed is never edited again: the next version gets
a new name (`hold_batch_v2`), so that old and new code run side by side.
"""

from functools import cache
from importlib.resources import files

from django.db.migrations.operations import RunSQL


@cache
def read_sql(context: str, name: str) -> str:
    """The text of `balie/<context>/sql/<name>.sql`."""
    return (files("balie") / context / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def install_sql(context: str, name: str, *, undo: str) -> RunSQL:
    """A migration step that runs the file; `undo` is the SQL that takes it back."""
    # In a list, so that Django hands the text to PostgreSQL whole instead of cutting it into statements.
    return RunSQL(sql=[read_sql(context, name)], reverse_sql=[undo])
