"""What `balie watch` does about incidents, once a second, beside its looks: `Incidents.run`."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from django.db import connections

from balie.ops.graph import Graph
from balie.ops.incidents.promises import tend
from balie.ops.incidents.publishing import ENDINGS, StatusPage
from balie.ops.incidents.reports.publishing import Papers
from balie.ops.incidents.taking import take_in
from balie.ops.oncall.duty import OnCall
from balie.ops.router import DATABASE
from balie.ops.symptoms.hearing import end_pages, forget_texts, weigh

log = structlog.get_logger()

EVERY_S: Final = 1.0


class Incidents:
    """`oncall` has the team that is chased; None where nobody is on call."""

    def __init__(self, graph: Graph, oncall: OnCall | None) -> None:
        self._graph, self._oncall = graph, oncall
        self._status = StatusPage(graph, Path(settings.STATUS_FOLDER))
        self._papers = Papers(Path(settings.STATUS_FOLDER), ENDINGS)

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="incidents") as thread:
            while True:
                await loop.run_in_executor(thread, self._tend_now)
                await asyncio.sleep(EVERY_S)

    def _tend_now(self) -> None:
        try:
            self.tend(datetime.now(UTC))
        finally:
            connections[DATABASE].close_if_unusable_or_obsolete()

    def tend(self, now: datetime) -> None:
        """Everything that is to be done at this moment. What fails is told in the log, keeps nothing else from being
        done, and is tried again the next second.
        """
        team = self._oncall.team if self._oncall else None
        steps = (
            lambda: take_in(self._graph, now, somebody=team is not None),
            lambda: tend(team, now),
            lambda: weigh(self._graph, team, now),
            lambda: end_pages(now),
            lambda: forget_texts(now),
            lambda: self._status.keep(now),
            self._papers.keep,
        )
        for step in steps:
            try:
                step()
            except Exception:
                log.exception("incidents_failed")
