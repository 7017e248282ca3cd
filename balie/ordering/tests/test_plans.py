"""A batch reads its own rows, however many others there are: plans are made while the tables are empty, and kept."""

from uuid import uuid4

import pytest

from balie.ordering import hot
from balie.ordering.hot import ConfirmRequest

pytestmark = pytest.mark.every_postgres

OTHERS = 500
AN_HOUR_LATER = """
with practice as (
  insert into practices_practice (agb_code, name, registered_count, email, second_email, phone)
  select (90000000 + n)::text, 'Praktijk', 2000, 'praktijk@voorbeeld.example', '', '' from generate_series(1, {n}) n
  returning id),
hold as (
  insert into ordering_hold
    (campaign_id, practice_id, state, hold_key, expires_at, line_product, line_location, line_doses, line_day, version)
  select {campaign}, id, 'ordered', gen_random_uuid(), now(), '{{}}', '{{}}', '{{}}', '{{}}', 1 from practice
  returning practice_id),
stop as (
  insert into ordering_stop (campaign_id, location_id, day, uses)
  select {campaign}, 1000000 + practice_id, '2027-10-04', 0 from hold)
insert into ordering_order (number, campaign_id, campaign_version, practice_id, hold_key, placed_at)
select 'X' || practice_id, {campaign}, 1, practice_id, gen_random_uuid(), now() from hold
"""
ROWS_READ = """
select coalesce(max(seq_tup_read + idx_tup_fetch), 0) from pg_stat_xact_user_tables
 where relname in ('ordering_hold', 'ordering_order', 'ordering_stop')
"""


@pytest.fixture
async def crowded(desk, conn):
    """The first batches of the night are settled; then 500 other practices hold and order."""
    await settle(desk, conn, [desk.linde])
    await conn.execute(AN_HOUR_LATER.format(n=OTHERS, campaign=desk.campaign).encode())
    return desk


async def settle(desk, conn, members):
    """Hold, change, confirm and let go, each in a batch of their own."""
    for doses in (100, 200):
        requests = [desk.wants(member, desk.flu_for(member, doses)) for member in members]
        held = await desk.hold(conn, *requests)
    clicks = [ConfirmRequest(request.practice, request.key, None, 0) for request in requests]
    await hot.confirm_batch(conn, desk.campaign, clicks)
    await hot.release_batch(conn, desk.campaign, [hot.ReleaseRequest(click.practice, uuid4()) for click in clicks])
    return held


async def rows_read(conn):
    return (await (await conn.execute(ROWS_READ)).fetchone())[0]


async def test_a_batch_reads_only_its_own_rows(crowded, conn):
    async with conn.transaction():
        answers = await settle(crowded, conn, [crowded.eik, crowded.beuk])
        assert await rows_read(conn) < 50
    assert [answer.outcome for answer in answers] == ["held", "full"]


async def test_control_a_join_by_key_reads_the_whole_campaign(crowded, conn):
    async with conn.transaction():
        await conn.execute(
            "update ordering_hold h set version = h.version + 1 from unnest(%s::bigint[]) u(practice)"
            " where h.campaign_id = %s and h.practice_id = u.practice",
            ([crowded.linde.practice], crowded.campaign),
        )
        assert await rows_read(conn) > OTHERS
