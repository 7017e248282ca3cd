"""The facts of an incident from the database of a watch that has stopped, such as that of a rehearsal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.utils.translation import override

from balie.ops.graph import Graph
from balie.ops.incidents.models import Incident
from balie.ops.incidents.reports.facts import Facts, facts_of
from balie.ops.incidents.reports.wording import headline, markdown, plain
from balie.ops.router import DATABASE


def report_from(ledger: Path, graph: Graph, number: int | None = None, *, language: str = "nl") -> str:
    """The computed report of one incident as Markdown, headline included, in Dutch or English.

    `ledger` is the watch's file, `watch.sqlite` in its folder, read and never written; `graph` gives what it looked at
    its names:

        report_from(folder / "watch" / "watch.sqlite", load_graph(folder / "graph.toml"), language="en")

    Without a number: the first incident that did not turn out to be another's. Raises Incident.DoesNotExist where there
    is none. Django must have been set up. For the minutes as numbers there is `facts_from`.
    """
    with override(language):
        facts = facts_from(ledger, graph, number)
        return f"# {plain(headline(facts.number, facts.title))}\n\n{markdown(facts)}"


def facts_from(ledger: Path, graph: Graph, number: int | None = None) -> Facts:
    """The same as numbers, `facts.minutes("named")` for one; words are in the language of the moment."""
    with _reading(ledger):
        asked = {"joined": None} if number is None else {"pk": number}
        incident = Incident.objects.filter(**asked).order_by("began_at", "pk")[:1].get()
        return facts_of(incident, graph, datetime.now(UTC))


@contextmanager
def _reading(ledger: Path) -> Iterator[None]:
    """The connection of this thread to the watch's database leads there meanwhile."""
    before = connections[DATABASE]
    given = {**before.settings_dict, "ENGINE": "django.db.backends.sqlite3", "NAME": f"file:{ledger}?mode=ro"}
    connections[DATABASE] = other = DatabaseWrapper({**given, "OPTIONS": {}}, DATABASE)
    try:
        yield
    finally:
        other.close()
        connections[DATABASE] = before
