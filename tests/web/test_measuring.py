"""What `balie work` tells of what only the database knows."""

from prometheus_client import REGISTRY

from balie.runtime.hot import connect
from balie.work import measure

MAIL = """
insert into mail_outbox (kind, reference, recipient, message_id, next_attempt_at)
values ('unread', 'x', 'a@b.example', 'x@b.example', clock_timestamp() - interval '1 minute')
"""


async def test_mail_that_waits_and_a_clock_that_stands_still(installation):
    conn = await connect(installation.dsn, name="test")
    try:
        await conn.execute(MAIL)
        await conn.execute("update runtime_clock set advanced_at = clock_timestamp() - interval '1 hour'")
        await measure(conn)
        assert REGISTRY.get_sample_value("balie_mails_due") == 1
        age_s = REGISTRY.get_sample_value("balie_mail_age_seconds")
        assert age_s is not None
        assert 60 <= age_s < 120
        assert REGISTRY.get_sample_value("balie_clock_still") == 1
    finally:
        await conn.close()
