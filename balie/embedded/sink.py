"""The embedded mail server: takes every mail, keeps it in a Maildir, and falls ill on command.

``python -m balie.embedded.sink --port 2525 --control 2526 --maildir DIR [--accepted-log FILE] [--bounces PORT]
[--watch DIR]``

listens on loopback only. Port 0 picks a free one. Once it listens it prints ``{"smtp": 2525, "control": 2526}``.
Each accepted mail is one line of JSON in the log: ``{"message_id": "…", "recipient": "…", "sender": "…", "at": 1.0}``;
`at` is in seconds since 1970, the message id without its angle brackets. With a port for bounces, mail to addresses
that begin with `bounce` comes back there by LMTP (`returns.py`). Text messages are taken on the control port
(`smsbox.py`). Mail of the watch, to addresses that begin with `watch@`, goes to a Maildir of its own (if there is
one) and into no log.

Faults are switched over HTTP on the control port and hold from the answer on. ``PUT /faults`` takes all that shall be
on, ``{}`` for none; ``GET /faults`` shows them:

    {"slow": 30}               stalls so many seconds after the final dot; the mail is stored *before*: who hangs up
                               early and sends again makes a copy
    {"slow-banner": 30}        stalls before its greeting
    {"slow-ehlo": 30}          stalls at EHLO
    {"slow-mail": 30}          stalls at MAIL FROM
    {"slow-rcpt": 30}          stalls at each recipient
    {"slow-data": 30}          stalls at DATA, before the content
    {"silent": true}           accepts connections and says nothing
    {"refuse": true}           listens no longer; connections that exist go on
    {"drop-after-data": true}  stores the mail, then drops the connection without an answer
    {"lose": true}             takes mail, and delivers none of it
    {"sms-silent": true}       takes text messages and says nothing
    {"sms-refuse": true}       takes none, and answers 503

A fault that is switched off lets go of whoever it was stalling.
"""

import argparse
import asyncio
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from email import message_from_bytes
from email.policy import default
from functools import partial
from math import inf, isinf
from pathlib import Path
from typing import Annotated, Any, AnyStr

import msgspec
from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from balie.embedded.returns import bring, returned
from balie.embedded.smsbox import PATH, file_beside, keep_text

_HOST = "127.0.0.1"
_LARGEST_MAIL = 10 * 2**20
_IDLE_S = 3600  # no fault that we play is longer
_BACKLOG = 512
OF_THE_WATCH = "watch@"
_LAST_WORDS_S = 1  # at the end, for who still waits for a gateway that says nothing

Seconds = Annotated[float, msgspec.Meta(ge=0)]


class Faults(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, frozen=True):
    """What is wrong with the server now."""

    slow: Seconds = 0
    slow_banner: Seconds = 0
    slow_ehlo: Seconds = 0
    slow_mail: Seconds = 0
    slow_rcpt: Seconds = 0
    slow_data: Seconds = 0
    silent: bool = False
    refuse: bool = False
    drop_after_data: bool = False
    lose: bool = False
    sms_silent: bool = False
    sms_refuse: bool = False

    @property
    def banner_s(self) -> float:
        return inf if self.silent else self.slow_banner

    @property
    def sms_s(self) -> float:
        return inf if self.sms_silent else 0


class Sink:
    """An SMTP server in the running loop. `keep` stores one accepted mail, `lose` is told of one that is not delivered;
    what comes back goes to port `bounces`.
    """

    def __init__(
        self,
        *,
        port: int,
        keep: Callable[[Envelope], None],
        lose: Callable[[Envelope], None] = lambda _envelope: None,
        bounces: int | None = None,
    ) -> None:
        self.port = port
        self.faults = Faults()
        self._keep, self._lose = keep, lose
        self._bounces = bounces
        self._returning: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._listener: asyncio.Server | None = None
        self._conversations: set[_Conversation] = set()
        self._quiet = asyncio.Event()

    async def start(self) -> None:
        """Listen; `port` is the real one afterwards."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            partial(_Conversation, self, loop), _HOST, self.port, backlog=_BACKLOG
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no longer, and end every conversation."""
        self._hide()
        for returning in self._returning:
            returning.cancel()
        for each in self._conversations:
            if isinstance(each.transport, asyncio.WriteTransport):
                each.transport.abort()
        if self._conversations:
            self._quiet.clear()
            await self._quiet.wait()

    def began(self, conversation: "_Conversation") -> None:
        """Somebody connected."""
        self._conversations.add(conversation)

    def ended(self, conversation: "_Conversation") -> None:
        """A connection is gone."""
        self._conversations.discard(conversation)
        if not self._conversations:
            self._quiet.set()

    async def set_faults(self, faults: Faults) -> None:
        """From now on these and no others."""
        self.faults = faults
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        if faults.refuse:
            self._hide()
        elif self._listener is None:
            await self.start()

    def _hide(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def stall(self, seconds: Callable[[Faults], float]) -> None:
        """Wait as long as the faults say, also when they change meanwhile."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while (left := began + seconds(self.faults) - loop.time()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(None if isinf(left) else left):
                    await self._changed.wait()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds its hooks by these names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        await self.stall(lambda faults: faults.slow_rcpt)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.faults.lose:
            self._lose(envelope)
        else:
            self._keep(envelope)
            self._bring_back(envelope)
        if self.faults.drop_after_data and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
            await asyncio.get_running_loop().create_future()  # until the lost connection cancels us
        await self.stall(lambda faults: faults.slow)
        return "250 OK, kept"

    def _bring_back(self, envelope: Envelope) -> None:
        if self._bounces is None:
            return
        for each in returned(envelope):
            task = asyncio.create_task(bring(each, host=_HOST, port=self._bounces))
            self._returning.add(task)
            task.add_done_callback(self._returning.discard)


class _Conversation(SMTP):
    """One connection; any of its words may have to wait."""

    def __init__(self, sink: Sink, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            sink, hostname="localhost", ident="Balie sink", data_size_limit=_LARGEST_MAIL, timeout=_IDLE_S, loop=loop
        )
        self._sink = sink
        self._greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._sink.began(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._sink.ended(self)

    async def push(self, status: AnyStr) -> None:
        if not self._greeted:
            self._greeted = True
            await self._sink.stall(lambda faults: faults.banner_s)
        await super().push(status)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd finds its commands by these names
        await self._sink.stall(lambda faults: faults.slow_ehlo)
        await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - as above
        await self._sink.stall(lambda faults: faults.slow_mail)
        await super().smtp_MAIL(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - as above
        await self._sink.stall(lambda faults: faults.slow_data)
        await super().smtp_DATA(arg)


class _Maildir:
    """One that leaves it to the system when mails reach the disk: waiting for that would hold up every conversation,
    and look like a mail server that is ill.
    """

    numbers = itertools.count()  # of this process

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(parents=True, exist_ok=True)

    def add(self, letter: bytes) -> None:
        name = f"{int(time.time())}.P{os.getpid()}Q{next(self.numbers)}.localhost"
        begun = self._folder / "tmp" / name
        begun.write_bytes(letter)
        begun.rename(self._folder / "new" / name)


class Store:
    """A Maildir, and a line of the log per mail; that of the watch apart, and without one."""

    def __init__(self, maildir: Path, accepted_log: Path | None, watch: Path | None = None) -> None:
        self._maildir = _Maildir(maildir)
        self._watch = _Maildir(watch) if watch else None
        self._log = accepted_log.open("a", encoding="utf-8", buffering=1) if accepted_log else None

    def keep(self, envelope: Envelope) -> None:
        """Store one mail, with its envelope in the two headers that a mail server on delivery adds."""
        content = envelope.original_content or b""
        recipients = ", ".join(envelope.rcpt_tos)
        trace = f"Return-Path: <{envelope.mail_from}>\nDelivered-To: {recipients}\n"
        letter = trace.encode() + content.replace(b"\r\n", b"\n")
        if self._watch is not None and _is_of_the_watch(envelope):
            self._watch.add(letter)
            return
        self._maildir.add(letter)
        self.note(envelope)

    def note(self, envelope: Envelope) -> None:
        """That it was accepted, and no more."""
        if self._log is not None and not _is_of_the_watch(envelope):
            content, recipients = envelope.original_content or b"", ", ".join(envelope.rcpt_tos)
            message_id = str(message_from_bytes(content, policy=default)["Message-ID"] or "").strip().strip("<>")
            line = {"message_id": message_id, "recipient": recipients, "sender": envelope.mail_from, "at": time.time()}
            self._log.write(json.dumps(line) + "\n")


def _is_of_the_watch(envelope: Envelope) -> bool:
    return any(address.startswith(OF_THE_WATCH) for address in envelope.rcpt_tos)


def control(sink: Sink, texts: Path) -> web.Application:
    """The switch of the faults, as HTTP, and the gateway whose text messages go to the file `texts`."""

    async def show(_request: web.Request) -> web.Response:
        return web.Response(body=msgspec.json.encode(sink.faults), content_type="application/json")

    async def change(request: web.Request) -> web.Response:
        try:
            faults = msgspec.json.decode(await request.read(), type=Faults)
        except msgspec.MsgspecError as error:
            return web.Response(status=400, text=f"{error}\n")
        await sink.set_faults(faults)
        return await show(request)

    async def take_text(request: web.Request) -> web.Response:
        if sink.faults.sms_refuse:
            return web.Response(status=503)
        keep_text(texts, await request.json())
        await sink.stall(lambda faults: faults.sms_s)
        return web.Response(status=204)

    app = web.Application()
    app.add_routes([web.get("/faults", show), web.put("/faults", change), web.post(PATH, take_text)])
    return app


async def serve(*, port: int, control_port: int, maildir: Path, store: Store, bounces: int | None) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sink = Sink(port=port, keep=store.keep, lose=store.note, bounces=bounces)
    await sink.start()
    runner = web.AppRunner(control(sink, file_beside(maildir)), access_log=None, shutdown_timeout=_LAST_WORDS_S)
    await runner.setup()
    await web.TCPSite(runner, _HOST, control_port).start()
    print(json.dumps({"smtp": sink.port, "control": runner.addresses[0][1]}), flush=True)  # noqa: T201 - our interface
    await stop.wait()
    await sink.stop()
    await runner.cleanup()


def main(arguments: list[str]) -> None:
    """Understand the command line and serve."""
    parser = argparse.ArgumentParser(
        prog="python -m balie.embedded.sink", description="A mail server for demo and tests."
    )
    parser.add_argument("--port", type=int, required=True, help="of SMTP; 0 picks one")
    parser.add_argument("--control", type=int, required=True, help="port of the faults' switch; 0 picks one")
    parser.add_argument("--maildir", type=Path, required=True)
    parser.add_argument("--accepted-log", type=Path)
    parser.add_argument("--bounces", type=int, help="port to which mail comes back by LMTP")
    parser.add_argument("--watch", type=Path, help="a Maildir for the mail of the watch")
    given: Any = parser.parse_args(arguments)
    asyncio.run(
        serve(
            port=given.port,
            control_port=given.control,
            maildir=given.maildir,
            store=Store(given.maildir, given.accepted_log, given.watch),
            bounces=given.bounces,
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
