"""A real mail server with faults, a real outbox, and a sender with quick limits."""

import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace

import psycopg
import pytest
from aiosmtpd.smtp import Envelope
from django.conf import settings

from balie.embedded.sink import Sink
from balie.mail.rendering import Rendered
from balie.mail.sending import Limits, run_sender

KIND = "order_confirmation"

# Pauses of the real limits, a thousand times quicker. Patience stays long: a busy machine must not look like a fault;
# a test that is about one of them gives its own.
QUICK = Limits(
    command_s=10,
    before_dot_s=30,
    answer_s=60,
    lease_s=10,
    poll_s=0.02,
    grace_s=1,
    address_pause_s=(0.05, 0.2),
    server_pause_s=(0.02, 0.1),
    unknown_pause_s=(0.05, 0.2),
    breaker_pause_s=(0.05, 0.1),
    probe_s=0.1,
)


def render(reference: str) -> Rendered:
    return Rendered(
        subject=f"Uw bestelling {reference}", text=f"Bestelling {reference} staat vast.", html="<p>Vast.</p>"
    )


class PickySink(Sink):
    """Judges recipients as the test says, by their local part."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.at_rcpt: dict[str, str | bytes] = {}
        self.at_dot: dict[str, str | bytes] = {}
        self.waiting = self.most_waiting = 0  # after their final dot

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        return self.at_rcpt.get(address.partition("@")[0]) or await super().handle_RCPT(
            server, session, envelope, address, options
        )

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        verdict = self.at_dot.get(envelope.rcpt_tos[0].partition("@")[0])
        try:
            return verdict or await super().handle_DATA(server, session, envelope)
        finally:
            self.waiting -= 1


@dataclass
class Post:
    """The mail server and all it accepted, as (message id, recipient)."""

    sink: PickySink
    accepted: list[tuple[str, str]] = field(default_factory=list)
    arrival: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.sink.port}"

    def keep(self, envelope: Envelope) -> None:
        header = next(
            line for line in envelope.original_content.split(b"\r\n") if line.lower().startswith(b"message-id:")
        )
        self.accepted.append((header.decode().partition(":")[2].strip(" <>"), envelope.rcpt_tos[0]))
        self.arrival.set()

    @property
    def copies(self) -> Counter[tuple[str, str]]:
        return Counter(self.accepted)

    async def arrived(self, count: int) -> None:
        """Until so many mails, copies included, were accepted."""
        while len(self.accepted) < count:
            self.arrival.clear()
            await self.arrival.wait()


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    post = Post(sink=None)  # type: ignore[arg-type] - they know each other
    post.sink = PickySink(port=0, keep=post.keep)
    await post.sink.start()
    yield post
    await post.sink.stop()


def send_for_ever() -> None:
    """A worker as a process of its own, to be killed. Its argument is the mail server."""
    sender = run_sender(
        dsn=settings.DATABASE_URL,
        smtp_url=sys.argv[1],
        renderers={KIND: render},
        stop=asyncio.Event(),
        limits=replace(QUICK, lease_s=1.5),
    )
    asyncio.run(sender)


@dataclass(frozen=True)
class Table:
    """The outbox as a test sees it."""

    conn: psycopg.Connection

    def fill(self, count: int, *, kind: str = KIND, recipient: str = "balie@praktijk{}.example") -> None:
        self.conn.execute(
            "insert into mail_outbox (kind, reference, recipient, message_id)"
            " select %s, 'B27-' || n, replace(%s, '{}', n::text), 'b27-' || n || '.2027@balie.example'"
            " from generate_series(1, %s) n",
            (kind, recipient, count),
        )

    def states(self) -> Counter[str]:
        return Counter(state for (state,) in self.conn.execute("select state from mail_outbox"))

    def busy(self) -> int:
        """How many rows a worker has in hand."""
        return self.conn.execute("select count(*) from mail_outbox where taken_by <> ''").fetchone()[0]

    def one(self, columns: str, reference: str = "B27-1") -> tuple:
        return self.conn.execute(f"select {columns} from mail_outbox where reference = %s", (reference,)).fetchone()

    async def until(self, condition: str) -> None:
        """Until every row meets the condition."""
        # A table has no event to wait for.
        while self.conn.execute(f"select 1 from mail_outbox where not ({condition}) limit 1").fetchone():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.fixture
def table(installation):
    with installation.connect() as conn:
        yield Table(conn)


@pytest.fixture
def worker(installation, post) -> Callable[..., contextlib.AbstractAsyncContextManager[asyncio.Event]]:
    """A sender that runs inside `async with`, and has stopped by itself after it. Gives the event that stops it."""

    @contextlib.asynccontextmanager
    async def running(
        limits: Limits = QUICK,
        renderers: Mapping[str, Callable[[str], Rendered]] | None = None,
        *,
        url: str | None = None,
        dsn: str = installation.dsn,
    ):
        stop = asyncio.Event()
        task = asyncio.create_task(
            run_sender(
                dsn=dsn, smtp_url=url or post.url, renderers=renderers or {KIND: render}, stop=stop, limits=limits
            )
        )
        try:
            yield stop
        finally:
            stop.set()
            await task

    return running
