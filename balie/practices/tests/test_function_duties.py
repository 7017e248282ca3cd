"""What `balie work` does about functions, on a database of its own."""

from balie.ordering.tests.web import off_loop
from balie.practices.functions.duty import end_what_is_over, follow_hours, forget_calls
from balie.practices.functions.hours import after_hours
from balie.practices.functions.models import Call, Notice, Switch
from balie.practices.functions.services import close_by_hand, set_hours
from balie.practices.testing import make_cast
from balie.runtime.hot import connect


async def test_it_follows_hours_ends_what_is_over_and_forgets_whom_to_phone(installation):
    def settle():
        cast = make_cast()
        set_hours(function="conversations", practice=cast.practice, spans=after_hours(), actor=cast.owner)
        close_by_hand(function="econsult", practice=cast.practice, reason="busy", actor=cast.owner, why="Druk.")
        Switch.objects.filter(function="econsult").update(hand_until="2026-01-01T00:00Z")
        Switch.objects.filter(function="conversations").update(scheduled=None, opens_at=None)
        notice = Notice.objects.get()
        Call.objects.create(notice=notice, practice=cast.practice, name="Noor", phone="", why="unread")
        Notice.objects.update(at="2026-01-01T00:00Z")

    await off_loop(settle)
    async with await connect(installation.dsn, name="test") as conn:
        await follow_hours(conn)
        await end_what_is_over(conn)
        await forget_calls(conn)

    def look():
        hours = Switch.objects.get(function="conversations")
        return hours.scheduled is not None, Switch.objects.get(function="econsult").hand, Call.objects.count()

    assert await off_loop(look) == (True, None, 0)
