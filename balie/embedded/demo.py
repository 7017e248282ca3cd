"""`balie demo`: the whole product on this machine, with a country of practices and a campaign that opens soon."""

import asyncio
import base64
import os
import secrets
import shutil
import socket
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from balie.consult.client.machine import keyring_and_device
from balie.embedded import parts
from balie.embedded.migrated import migrated_cluster
from balie.embedded.national import HELP_PHONE
from balie.embedded.oncall import write_rotas
from balie.embedded.places import InUseError, alone_in, data_folder
from balie.embedded.ports import free_ports
from balie.embedded.postgres import Postgres, PostgresError
from balie.embedded.sink import OF_THE_WATCH
from balie.embedded.smsbox import file_beside, gateway_url
from balie.embedded.supervisor import StopAsked, Supervisor
from balie.embedded.vaults import PORTS, prepare_vaults
from balie.embedded.vitals import complaints
from balie.ops.canary import RELEASES_A_DAY

WATCH_MAIL = "watch-mail"
_READY_S = 90.0
_TICK_S = 0.1
_LOOK_S = 1.0
_PATIENCE = 5  # looks in a row that may find something wrong before it counts

console = Console(highlight=False, soft_wrap=True)


class PortTakenError(Exception):
    """Another program listens there."""


def demo(
    *,
    port: Annotated[int, typer.Option(help="where the pages are", min=1, max=65535)] = 8000,
    opens_in: Annotated[int, typer.Option(help="seconds until the campaign opens", min=5)] = 60,
    crowd: Annotated[int, typer.Option(help="virtual practices that want to order too", min=0, max=4000)] = 300,
    seconds: Annotated[int, typer.Option(help="stop by itself after so long; 0: at Ctrl-C", min=0)] = 0,
    data: Annotated[Path | None, typer.Option(help="folder for data and logs", show_default=False)] = None,
) -> None:
    folder = (data or data_folder("demo")).resolve()
    try:
        _refuse_taken(port)
        with alone_in(folder), StopAsked() as stop, Postgres(folder / "postgres", like=migrated_cluster) as postgres:
            demo = Demo(folder, postgres, port=port, crowd=crowd)
            well = demo.run(stop, opens_in=opens_in, seconds=seconds)
    except (InUseError, PortTakenError, PostgresError, TimeoutError) as fault:
        print(f"balie: {fault}", file=sys.stderr)  # noqa: T201 - a command speaks by printing
        raise typer.Exit(2) from None
    raise typer.Exit(0 if well else 1)


class Demo:
    """One run of the demo, from an empty database to the last part that stops."""

    def __init__(self, folder: Path, postgres: Postgres, *, port: int, crowd: int) -> None:
        self.folder, self.postgres, self.port, self.crowd = folder, postgres, port, crowd
        self.bounces, self.broker, self.watch, *ports = free_ports(3 + PORTS, besides=port)
        self.url = f"http://localhost:{port}"
        self.cast = folder / "cast.jsonl"
        self.supervisor = Supervisor(folder / "logs")
        canary, _device = keyring_and_device(folder / "watch")
        self.vaults = prepare_vaults(
            folder / "keyservers",
            ports=ports,
            origin=self.url,
            rp_id="localhost",
            machines={canary.person: RELEASES_A_DAY},
        )
        self.looked_at = self.vaults.addresses()

    def run(self, stop: StopAsked, *, opens_in: int, seconds: int) -> bool:
        """Start everything, tell how to get in, and keep it going; True when all of it stayed well."""
        with self.supervisor:
            environment = self._configure(self._start_sink())
            for part in self.vaults.parts():
                self.supervisor.start(part)
            campaign, opens_at = self._fill_database(opens_in)
            self.supervisor.start(parts.serve(environment, port=self.port))
            self.supervisor.start(parts.work(environment))
            self.supervisor.start(parts.bounces(environment, port=self.bounces))
            if not self._wait_until_ready(stop):
                return bool(stop)
            self._enrol_watch()
            # Last: what does not run yet would be an outage to it.
            self.supervisor.start(parts.watch(environment, port=self.watch))
            self.looked_at["watch"] = self.watch
            if not self._wait_until_ready(stop):
                return bool(stop)
            if self.crowd:
                self.supervisor.start(
                    parts.crowd(environment, url=self.url, campaign=campaign, cast=self.cast, practices=self.crowd)
                )
            self._announce(opens_at, seconds)
            well = self._watch(stop, seconds)
        console.print("Stopped." if well else "Stopped; not all of it stayed well.")
        return well

    def _start_sink(self) -> parts.Mailroom:
        mail, accepted = self.folder / "mail", self.folder / "mail.jsonl"
        for maildir in (mail, self.folder / WATCH_MAIL):
            shutil.rmtree(maildir, ignore_errors=True)
        accepted.unlink(missing_ok=True)
        file_beside(mail).unlink(missing_ok=True)
        return parts.Mailroom.opened(
            self.supervisor.start(
                parts.sink(mail, accepted_log=accepted, bounces=self.bounces, watch=self.folder / WATCH_MAIL)
            )
        )

    def _configure(self, mailroom: parts.Mailroom) -> dict[str, str]:
        """Settings of every process, this one included."""
        for old in (self.folder / "watch").glob("watch.sqlite*"):
            old.unlink()
        environment = {
            "DATABASE_URL": self.postgres.dsn(),
            "BALIE_SECRET_KEY": secrets.token_urlsafe(48),
            "BALIE_BSN_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "BALIE_ORIGINS": self.url,
            "BALIE_SMTP_URL": f"smtp://127.0.0.1:{mailroom.smtp}",
            "BALIE_SMS_URL": gateway_url(mailroom.control),
            "BALIE_HELP_PHONE": HELP_PHONE,
            "BALIE_UNREAD_MAIL_MINUTES": "2",  # while a visitor still remembers what they wrote
            "BALIE_OIDC_URL": f"http://localhost:{self.broker}",
            "BALIE_OIDC_CLIENT": "demo",
            "BALIE_OIDC_SECRET": "demo",
            "BALIE_URLCONF": "balie.embedded.urls",
            "BALIE_WATCH_URL": f"http://localhost:{self.watch}",
            "BALIE_DEMO_MAILDIR": str(self.folder / "mail"),
            "BALIE_WATCH_FOLDER": str(self.folder / "watch"),
            "BALIE_STATUS_SMTP_URL": f"smtp://127.0.0.1:{mailroom.smtp}",
            "BALIE_WEBHOOKS_INSIDE": "1",
            "BALIE_WATCH_MAILBOX": f"{OF_THE_WATCH}voorbeeld.example",
            "BALIE_WATCH_MAILDIR": str(self.folder / WATCH_MAIL),
            "DJANGO_SETTINGS_MODULE": "balie.settings",
            **write_rotas(self.folder / "oncall", smtp=mailroom.smtp, gateway=mailroom.control),
            **self.vaults.settings,
        }
        os.environ.update(environment)
        return environment

    def _fill_database(self, opens_in: int) -> tuple[int, datetime]:
        console.print(f"Preparing a country of practices in {self.folder} …")
        import django  # noqa: PLC0415 - reads the settings that were just made

        django.setup()
        from balie.embedded.nightfall import fall  # noqa: PLC0415 - needs models
        from balie.embedded.patients import broker, write_patient  # noqa: PLC0415

        # Whatever the crowd, its last number is called within a few minutes.
        pace = max(30, self.crowd * 2 // 5)
        campaign = fall(self.postgres, opens_in=opens_in, pace=pace, cast=self.cast, members=self.crowd)
        write_patient()
        self.supervisor.start(broker(self.broker))
        return campaign.pk, campaign.opens_at

    def _enrol_watch(self) -> None:
        """Who the probes of the watch are."""
        from balie.ops.enrolling import enrol_keys, enrol_people, take_place  # noqa: PLC0415 - needs models

        asyncio.run(enrol_keys(enrol_people()))
        asyncio.run(take_place())

    def _wait_until_ready(self, stop: StopAsked) -> bool:
        deadline = time.monotonic() + _READY_S
        while wrong := self._complaints():
            ended = self.supervisor.unwell()
            if stop or ended or time.monotonic() > deadline:
                for child in ended:
                    console.print(f"{child.part.name} ended; its last words:\n{child.last_words(15)}", markup=False)
                if not stop:
                    console.print(f"The demo does not start: {'; '.join(wrong)}", markup=False)
                return False
            time.sleep(_TICK_S)
        return True

    def _complaints(self) -> list[str]:
        return complaints(self.supervisor, self.port, others=self.looked_at)

    def _announce(self, opens_at: datetime, seconds: int) -> None:
        from balie.embedded.logins import PASSWORD, current_tickets  # noqa: PLC0415 - needs models
        from balie.ops.access import make_link  # noqa: PLC0415 - needs settings

        console.print(f"\nBalie is at [bold]{self.url}[/bold]; log in there as")
        for ticket in current_tickets():
            works_for = " and ".join(ticket.works_for) or "the organiser, with the control room"
            console.print(f"  {ticket.login.email:<24} code {ticket.code}   {ticket.login.name}, {works_for}")
        console.print(
            f"with the password [bold]{PASSWORD}[/bold]. A code counts once and changes every 30 s;"
            f"\n{self.url}/demo/ shows the current ones, and the way to the mailbox."
            f"\n\nA patient, nadia@voorbeeld.example, needs no code; or choose nadia at the made-up DigiD."
            f"\n\nKey servers, each by its proxy and past it: {self.vaults.told()}."
            f"\n\nThe watch looks at all of them every few seconds, and names what fails; kill one and see:"
            f"\n{make_link(hours=12)}"
            f"\n\nThe waiting room is open. Ordering opens at {opens_at.astimezone():%H:%M:%S}, Amsterdam time;"
            f" {self.crowd} virtual practices want to order too, and Balie orders for others, who sleep."
            f"\nData and logs: {self.folder}. Every start begins a new night; remove that folder to reset all of it."
            + (f"\nStops by itself after {seconds} s." if seconds else "\nCtrl-C stops everything.")
        )

    def _watch(self, stop: StopAsked, seconds: int) -> bool:
        """Keep the parts going until told to stop; False when one was down, or unwell for some seconds."""
        until = time.monotonic() + seconds if seconds else None
        wrong_looks, well, look_at = 0, True, 0.0
        while not stop and (until is None or time.monotonic() < until):
            time.sleep(_TICK_S)
            if time.monotonic() < look_at:
                continue
            look_at = time.monotonic() + _LOOK_S
            ended = [f"{child.part.name} did not run (see {child.log})" for child in self.supervisor.tend()]
            wrong = self._complaints()
            wrong_looks = wrong_looks + 1 if wrong else 0
            if ended or wrong_looks == _PATIENCE:
                well = False
                console.print(f"Not well: {'; '.join(ended + wrong)}", markup=False)
            if any(child.gave_up for child in self.supervisor.children):
                return False
        return well


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise PortTakenError(f"port {port} is for root only; choose another with --port") from None
        except OSError:
            raise PortTakenError(f"port {port} is in use by another program; choose another with --port") from None
