"""What practices are found by stays right when two people change a practice at once: its name, and where it is."""

import asyncio

from balie.ordering.tests.desk import value
from tests.races.steps import until_blocked

FINDS = "select document @@ practices_query_v1(%s) from practices_search where practice_id = %s"
RENAME = "update practices_practice set name = 'Eikenhof' where id = %s"
MOVE = "update practices_location set city = 'Verweg' where id = %s"
RIGHT = {"eikenhof": True, "verweg": True, "dorp": False}
# The same function without the lock that comes first.
WITHOUT_LOCK = """
do $do$ begin
  execute regexp_replace(
    pg_get_functiondef('practices_write_search_v1'::regproc), 'perform from practices_practice [^;]*;', '');
end $do$
"""


async def change_both(desk, one, two, watch) -> dict[str, bool]:
    """Somebody renames the practice; before that is committed, somebody else moves it."""
    practice, place = desk.linde.practice, desk.linde.home
    await watch.execute("update practices_location set city = 'Elders' where practice_id = %s", (practice,))
    async with one.transaction():
        await one.execute(RENAME, (practice,))
        moving = asyncio.create_task(two.execute(MOVE, (place,)))
        await until_blocked(watch, two)
    await moving
    return {words: await value(watch, FINDS, words, practice) for words in RIGHT}


async def test_who_renames_and_who_moves_a_practice_are_both_found(desk, one, two, watch):
    assert await change_both(desk, one, two, watch) == RIGHT


async def test_control_without_the_lock_the_last_brings_back_what_was(desk, one, two, watch):
    await watch.execute(WITHOUT_LOCK)
    assert (await change_both(desk, one, two, watch))["eikenhof"] is False
