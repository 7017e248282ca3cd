"""What `balie watch` does about incidents, once a second, beside its looks: `Incidents.run`."""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from balie.ops.graph import Graph
from balie.ops.incidents.promises import tend
from balie.ops.incidents.publishing import ENDINGS, StatusPage
from balie.ops.incidents.reports.publishing import Papers
from balie.ops.incidents.taking import take_in
from balie.ops.maintenance.acts import end_past
from balie.ops.oncall.duty import OnCall
from balie.ops.symptoms.hearing import end_pages, forget_texts, weigh
from balie.ops.tending import Duty


class Incidents(Duty):
    """`oncall` has the team that is chased; None where nobody is on call."""

    name = "incidents"

    def __init__(self, graph: Graph, oncall: OnCall | None) -> None:
        super().__init__()
        self._graph, self._oncall = graph, oncall
        self._status = StatusPage(graph, Path(settings.STATUS_FOLDER))
        self._papers = Papers(Path(settings.STATUS_FOLDER), ENDINGS)

    def tend(self, now: datetime) -> None:
        """Everything that is to be done at this moment."""
        team = self._oncall.team if self._oncall else None
        steps = (
            lambda: take_in(self._graph, now, somebody=team is not None),
            lambda: end_past(now),
            lambda: tend(team, now),
            lambda: weigh(self._graph, team, now),
            lambda: end_pages(now),
            lambda: forget_texts(now),
            lambda: self._status.keep(now),
            self._papers.keep,
        )
        self._take(steps)
