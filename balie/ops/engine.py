"""From looks to verdicts, and from verdicts to the ledger: what `balie watch` does while it judges."""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from balie.ops.graph import Graph
from balie.ops.ledger import Ledger, Moved, Record
from balie.ops.runner import Clock, Runner
from balie.ops.states import Standing, State
from balie.ops.verdicts import Change, Scene, Verdict, step

log = structlog.get_logger()

RETRY_S: Final = 1.0
SILENT_S: Final = 30.0
WAITING_MOST: Final = 10_000


class Engine:
    """Judges after every look, and writes what changed. A ledger that cannot be written delays no verdict."""

    def __init__(self, graph: Graph, ledger: Ledger, *, every_s: float, clock: Clock | None = None) -> None:
        self.graph, self.ledger, self.clock = graph, ledger, clock or Clock()
        self.verdicts: list[Verdict] = []
        self.nodes: dict[str, Standing] = {name: Standing(State.UNSEEN) for name in graph.nodes}
        self.runner = Runner(graph, every_s=every_s, told=self.judge, clock=self.clock)
        self.ledger_takes = True
        self.unwritten: deque[Record] = deque()
        self._next_id = 1
        self._more = asyncio.Event()
        self.caught_up = asyncio.Event()  # everything so far is in the ledger

    def resume(self, verdicts: Sequence[Verdict], *, next_id: int) -> None:
        """Go on where an earlier run ended: what was open is open, and closes only after it has been seen well."""
        self.verdicts, self._next_id = list(verdicts), next_id
        self.runner.remember({name for verdict in verdicts for name in verdict.members}, self.clock.wall())

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.runner.run())
            tasks.create_task(self._write())

    def well(self) -> bool:
        """It looks, and what it sees is kept."""
        ended = [track.last.ended for track in self.runner.tracks.values() if track.last]
        return self.ledger_takes and bool(ended) and self.clock.monotonic() - max(ended) < SILENT_S

    def note(self, record: Record) -> None:
        """Write this too, after what waits."""
        self._queue([record])

    async def judge(self) -> None:
        """What the looks so far say; called after each."""
        at = self.clock.wall()
        scene = Scene(self.graph, self.runner.tracks)
        self._note_moves(scene.nodes, at)
        changes = step(self.verdicts, scene, at, self._next_id)
        for change in changes:
            self._apply(change)
        self._queue(changes)

    def _note_moves(self, nodes: dict[str, Standing], at: datetime) -> None:
        moves = [
            Moved(at, name, self.nodes[name].state.value, node.state.value, node.evidence)
            for name, node in nodes.items()
            if node.state is not self.nodes[name].state
        ]
        self.nodes = nodes
        self._queue(moves)

    def _apply(self, change: Change) -> None:
        verdict = change.verdict
        others = [each for each in self.verdicts if each.id != verdict.id]
        self.verdicts = others if change.what in {"closed", "merged"} else [*others, verdict]
        self._next_id = max(self._next_id, verdict.id + 1)
        log.info(
            "verdict",
            what=change.what,
            verdict=verdict.id,
            culprits=verdict.finding.culprits,
            word=verdict.finding.word,
            effect=verdict.finding.effect,
        )

    def _queue(self, records: Sequence[Record]) -> None:
        if len(self.unwritten) + len(records) > WAITING_MOST:
            log.error("ledger_too_far_behind", lost=len(records))
        elif records:
            self.unwritten.extend(records)
            self._more.set()
            self.caught_up.clear()

    async def _write(self) -> None:
        """One after the other, in order, and again until it is written."""
        while True:
            await self._more.wait()
            self._more.clear()
            while self.unwritten:
                records = tuple(self.unwritten)
                self.ledger_takes = await self.ledger.write(records)
                if self.ledger_takes:
                    for _ in records:
                        self.unwritten.popleft()
                else:
                    await self.clock.sleep(RETRY_S)
            self.caught_up.set()
