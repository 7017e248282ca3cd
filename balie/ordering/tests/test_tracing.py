"""One trace follows an order: from the click through its batch and the outbox to the mail server."""

import asyncio

import psycopg
import pytest

from balie.asgi import Site
from balie.lib.numbers import Numbered
from balie.mail.rendering import Rendered
from balie.mail.sending import run_sender
from balie.ordering.models import ORDER_CONFIRMATION
from balie.ordering.placing import Placing
from balie.ordering.tests.desk import MONDAY
from balie.ordering.tests.sleeping import order_of
from balie.ordering.tests.test_live import Counter
from balie.ordering.tests.web import running
from balie.runtime.tests.test_tracing import Collector

TRACES = "select reference, trace from mail_outbox order by reference"


@pytest.fixture
def collector():
    return Collector()


@pytest.fixture
async def site(desk, collector):
    async with running(Site("live", trace_kinds=collector.tracing.kinds)) as site:
        yield Numbered(collector.tracing.app(site))


async def order(site, desk, member) -> str:
    """The number of an order that was held and confirmed."""
    counter = Counter(site, desk, member)
    held = await counter.hold_flu()
    return (await counter.confirm(held.json["key"])).json["number"]


def trace_of(span) -> str:
    return f"{span.context.trace_id:032x}"


async def test_each_order_has_one_trace_from_the_click_to_the_mail_server(site, desk, collector, installation):
    numbers = await asyncio.gather(*(order(site, desk, member) for member in (desk.linde, desk.eik)))
    with psycopg.connect(installation.dsn) as conn:
        traces = dict(conn.execute(TRACES).fetchall())
    assert set(traces) == set(numbers)
    clicks = [span for span in collector.spans() if span.name == "POST /live/orders/{id}/confirm"]
    assert {trace.split("-")[1] for trace in traces.values()} == {trace_of(span) for span in clicks}
    assert len(set(traces.values())) == 2, "each its own, although they may have shared a batch"
    batches = [span for span in collector.spans() if span.name == "batch confirm"]
    assert sum(span.attributes["balie.batch.size"] for span in batches) == 2
    in_batches = {trace_of(span) for span in batches} | {f"{e.context.trace_id:032x}" for s in batches for e in s.links}
    assert in_batches == {trace_of(span) for span in clicks}
    await send_all(installation, collector)
    mails = [span for span in collector.spans() if span.name == "mail"]
    assert {trace_of(span) for span in mails} == {trace_of(span) for span in clicks}
    assert {span.attributes["balie.mail.verdict"] for span in mails} == {"unreached"}
    assert "voorbeeld.example" not in " ".join(span.to_json() for span in collector.spans())


async def test_who_clicks_again_leaves_the_mail_in_the_trace_of_the_first_click(site, desk, installation):
    counter = Counter(site, desk, desk.linde)
    key = (await counter.hold_flu()).json["key"]
    await counter.confirm(key)
    with psycopg.connect(installation.dsn) as conn:
        before = conn.execute(TRACES).fetchall()
    await counter.confirm(key)
    with psycopg.connect(installation.dsn) as conn:
        assert conn.execute(TRACES).fetchall() == before


async def test_the_order_of_who_sleeps_has_a_trace_from_its_placing_to_the_mail_server(
    desk, conn, leader, collector, installation
):
    for member in (desk.linde, desk.eik):
        await desk.prepare(conn, member, desk.flu_for(member, 300, None), ranking=[MONDAY])
    leader.duty = Placing(collector.tracing.span)
    await leader.turn()
    traces = dict(await (await conn.execute(TRACES)).fetchall())
    assert set(traces) == {(await order_of(conn, member))[0] for member in (desk.linde, desk.eik)}
    (placing,) = [span for span in collector.spans() if span.name == "placing"]
    assert placing.attributes["balie.batch.size"] == 2
    assert {trace.split("-")[1] for trace in traces.values()} == {trace_of(placing)}
    await leader.turn()
    assert len([span for span in collector.spans() if span.name == "placing"]) == 1, "nobody is left to order for"
    await send_all(installation, collector)
    mails = [span for span in collector.spans() if span.name == "mail"]
    assert {trace_of(span) for span in mails} == {trace_of(placing)}


async def test_where_nothing_is_traced_their_mails_remember_nothing(desk, conn, leader):
    await desk.prepare(conn, desk.linde, desk.flu_for(desk.linde, 300, None), ranking=[MONDAY])
    await leader.turn()
    assert [trace for _number, trace in await (await conn.execute(TRACES)).fetchall()] == [""]


async def send_all(installation, collector) -> None:
    """Until each mail was tried; nobody listens where the mail server should be."""
    stop = asyncio.Event()
    sender = run_sender(
        dsn=installation.dsn,
        smtp_url="smtp://127.0.0.1:1",
        renderers={ORDER_CONFIRMATION: lambda _reference: Rendered("Besteld", "Tot dan.", "<p>Tot dan.</p>")},
        stop=stop,
        open_span=collector.tracing.span,
    )
    task = asyncio.create_task(sender)
    with psycopg.connect(installation.dsn, autocommit=True) as conn:
        async with asyncio.timeout(20):
            while conn.execute("select 1 from mail_outbox where answer = '' limit 1").fetchone():  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # a table has no event to wait for
    stop.set()
    await task
