"""A whole installation for one journey: real processes on a port of its own, from the mail server to the crowd."""

import asyncio
import json
import os
import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Self
from urllib.request import Request, urlopen

from django.conf import settings

from balie.embedded import parts
from balie.embedded.ports import free_ports
from balie.embedded.smsbox import gateway_url
from balie.embedded.supervisor import Child, Supervisor
from balie.embedded.vaults import PORTS, prepare_vaults
from balie.embedded.vitals import complaints
from tests.e2e.night import Night

WELL_WITHIN_S = 60.0


class House(Night):
    """`opens_in` and `doors_in` are seconds from now; unless told otherwise everybody who comes is called at once.

    Where it is `bouncing`, mail to addresses that begin with `bounce` comes back. Where people are `talking` it has key
    servers (`vaults`).
    """

    def __init__(
        self,
        folder: Path,
        dsn: str,
        *,
        doors_in: float = -60,
        opens_in: float = -30,
        pace: int = 3000,
        beacon_url: str = "",
        bouncing: bool = False,
        talking: bool = False,
    ) -> None:
        super().__init__(dsn)
        self.folder = folder
        self.cast = folder / "cast.jsonl"
        self._times = {"doors_in": doors_in, "opens_in": opens_in}
        self._pace = pace
        self._port, self._bounces, *ports = free_ports(2 + PORTS)
        self._bouncing = bouncing
        self.url = f"http://localhost:{self._port}"
        settings.ORIGINS = [self.url]
        self.vaults = (
            prepare_vaults(folder / "keyservers", ports=ports, origin=self.url, rp_id="localhost") if talking else None
        )
        self._environment = {
            "DATABASE_URL": dsn,
            "BALIE_SECRET_KEY": settings.SECRET_KEY,
            "BALIE_ORIGINS": self.url,
            "BALIE_URLCONF": "balie.embedded.urls",
            "BALIE_BEACON_URL": beacon_url,
            "BALIE_DEMO_MAILDIR": str(folder / "mail"),
            **(self.vaults.settings if self.vaults else {}),
            "DJANGO_ALLOW_ASYNC_UNSAFE": "",  # the test may wait for its database; the product may not
        }

    def __enter__(self) -> Self:
        with ExitStack() as last:
            self._supervisor = last.enter_context(Supervisor(self.folder / "logs"))
            back = self._bounces if self._bouncing else None
            sink = parts.sink(self.folder / "mail", accepted_log=self.folder / "mail.jsonl", bounces=back)
            mailroom = parts.Mailroom.opened(self._supervisor.start(sink))
            self._mail_control = f"http://127.0.0.1:{mailroom.control}/faults"
            self._environment["BALIE_SMTP_URL"] = f"smtp://127.0.0.1:{mailroom.smtp}"
            self._environment["BALIE_SMS_URL"] = gateway_url(mailroom.control)
            self.serve = self._supervisor.start(parts.serve(self._environment, port=self._port))
            self.work = self._supervisor.start(parts.work(self._environment))
            vaults = self.vaults.parts() if self.vaults else ()
            self.key_servers = {part.name: self._supervisor.start(part) for part in vaults}
            if self._bouncing:
                self._supervisor.start(parts.bounces(self._environment, port=self._bounces))
            self.fall(self.cast, **self._times, pace=self._pace)
            self.wait_until_well()
            self._last = last.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._last.close()

    def wait_until_well(self) -> None:
        """Every part runs, every address answers, and the service's clock goes."""
        deadline = time.monotonic() + WELL_WITHIN_S
        key_servers = self.vaults.addresses() if self.vaults else {}
        while wrong := complaints(self._supervisor, self._port, others=key_servers):
            words = [child.last_words(15) for child in self._supervisor.unwell()]
            assert not words, "\n".join([*wrong, *words])
            assert time.monotonic() < deadline, "\n".join(wrong)
            time.sleep(0.05)

    def call_the_crowd(self, practices: int) -> None:
        """Let so many virtual practices come."""
        crowd = parts.crowd(
            self._environment, url=self.url, campaign=self.campaign.pk, cast=self.cast, practices=practices
        )
        self._supervisor.start(crowd)

    def kill(self, child: Child) -> None:
        """SIGKILL to a part and everything it started; it stays dead until `revive`."""
        os.killpg(child.pid, signal.SIGKILL)

    async def revive(self) -> None:
        """Start again what was killed, and wait until all is well."""
        self._supervisor.tend()
        await asyncio.to_thread(self.wait_until_well)

    def let_mail(self, **faults: object) -> None:
        """Give the mail server these faults and no others; see balie/embedded/sink.py."""
        body = json.dumps(faults).encode()
        with urlopen(Request(self._mail_control, data=body, method="PUT"), timeout=10) as answer:
            assert answer.status == 200
