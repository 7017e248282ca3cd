"""What `balie watch` does about alerting, once a second, beside its looks: `OnCall.run`.

It reads the watch's ledger and has rows of its own; verdicts do not wait for it, and it waits for nobody it tells.
"""

from datetime import datetime
from pathlib import Path

import structlog
from django.utils.translation import gettext as _

from balie.ops.board import said
from balie.ops.graph import Graph
from balie.ops.oncall import deliveries
from balie.ops.oncall.audit import audit
from balie.ops.oncall.models import Notification
from balie.ops.oncall.paging import confirmed, release, send_tests, send_tickets, take_in, watch_rotas
from balie.ops.oncall.sending import Couriers, Message, Sender, by_apprise
from balie.ops.oncall.team import Team, TeamError, load_team
from balie.ops.oncall.words import message
from balie.ops.tending import Duty

log = structlog.get_logger()


class OnCall(Duty):
    """`path` is the team's file, read again when it or a calendar changes; raises TeamError where it cannot be used."""

    name = "oncall"

    def __init__(self, graph: Graph, path: Path, sender: Sender[Message] | None = None) -> None:
        super().__init__()
        self._graph, self._path = graph, path
        self._sender: Sender[Message] = sender or Couriers(by_apprise, self.wake)
        self.team = load_team(path)
        self._read = self._changes()
        self._refused: set[str] | None = None

    def on_call(self, at: datetime) -> list[tuple[str, str]]:
        """Each rota that some level asks, in that order, with whose shift it is; in the language of the moment."""
        team = self.team
        keys = dict.fromkeys(level.rota for level in team.levels)
        names = {key: [team.people[who].name for who in team.rotas[key].on_call(at)] for key in keys}
        return [(said(team.titles[key]), ", ".join(names[key]) or _("niemand")) for key in keys]

    def tend(self, now: datetime) -> None:
        """Everything that is to be done at this moment."""
        team = self._current_team()
        often = (
            lambda: take_in(team, now),
            lambda: release(team, now),
            lambda: deliveries.plan(now),
            lambda: self._send(team, now),
        )
        seldom = (
            lambda: self._test_channels(team, now),
            lambda: watch_rotas(team, now),
            lambda: send_tickets(team, now),
            lambda: deliveries.give_up_lost(now),
            lambda: audit(now),
        )
        self._take((self._record, *(seldom if self._is_seldom(now) else ()), *often))

    def _current_team(self) -> Team:
        changes = self._changes()
        if changes != self._read:
            self._read = changes
            try:
                self.team = load_team(self._path)
                log.info("oncall_team_read")
            except TeamError as fault:
                log.error("oncall_team_kept_as_it_was", fault=str(fault))  # noqa: TRY400 - the text says it all
        return self.team

    def _changes(self) -> list[tuple[str, int]]:
        files = [self._path, *self._path.parent.glob("*.ics")]
        return sorted((str(file), file.stat().st_mtime_ns) for file in files if file.exists())

    def _test_channels(self, team: Team, now: datetime) -> None:
        known = confirmed()
        send_tests(team, known, now)
        refused = set(team.refused(known))
        if refused != self._refused:
            self._refused = refused
            for rota in sorted(refused):
                log.error("oncall_rota_refused", rota=rota, why="a member lacks a tested channel; everybody is told")

    def _record(self) -> None:
        for outcome in self._sender.outcomes():
            deliveries.record(outcome)

    def _send(self, team: Team, now: datetime) -> None:
        for notification in deliveries.waiting(now):
            if deliveries.claim(notification, now):
                try:
                    self._hand_over(notification, team)
                except Exception as fault:
                    log.exception("oncall_not_told", notification=notification.pk)
                    refused = Notification.Outcome.REFUSED.value
                    why = f"could not be sent: {fault}"
                    deliveries.record(deliveries.Outcome(notification.pk, notification.claims, refused, why, now))

    def _hand_over(self, notification: Notification, team: Team) -> None:
        channel = team.channel(notification.person, notification.channel)
        if channel is None:
            raise LookupError("the team's file no longer has this channel")
        title, body = message(notification, self._graph, team)
        self._sender.send(Message(notification.pk, notification.claims, channel.address, title, body))
        log.info("oncall_told", notification=notification.pk, what=notification.what, person=notification.person)
