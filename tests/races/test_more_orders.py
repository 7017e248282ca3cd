"""A re-order is made while the practice's other orders move: the cap holds for all of them together."""

from balie.ordering.tests.desk import MONDAY, TUESDAY, WEDNESDAY, value
from tests.races.steps import PRACTICE_LOCK, miscounted, without
from tests.races.test_cancels import meanwhile

REORDER = 2
# What is read under the lock: what the practice's other orders have by now.
ONCE_MORE = ("    if slots[i] > 0 and answers[i] is null then", "    if false then")


async def at_its_cap(desk, watch) -> str:
    """De Linde may have 600 in all; the number of its first order, of 500."""
    await desk.offer_more(watch)
    await watch.execute("update ordering_campaign set cap_percent = 100")
    await watch.execute(
        "insert into practices_past_use (practice_id, year, product_code, ordered, administered)"
        " values (%s, (select year - 1 from ordering_campaign), 'flu', 600, 500)",
        (desk.linde.practice,),
    )
    return await desk.order_flu(watch, desk.linde)


async def raised_while_reordering(desk, one, two, watch):
    """The first order becomes 600 while a re-order of 100 is asked: each fits by itself."""
    number = await at_its_cap(desk, watch)
    changed, held = await meanwhile(
        watch,
        one, desk.change(one, desk.linde, number, desk.flu_for(desk.linde, 600, MONDAY)),
        two, desk.hold_flu(two, desk.linde, 100, TUESDAY, slot=REORDER),
    )  # fmt: skip
    return changed[0], held.outcome


async def total(watch) -> int:
    return await value(watch, "select sum(doses) from judge.holds where state in ('held', 'ordered')")


async def test_the_cap_holds_for_both(desk, one, two, watch):
    assert await raised_while_reordering(desk, one, two, watch) == ("changed", "bad_lines")
    assert await total(watch) == 600
    assert await miscounted(watch) == []


async def test_control_what_was_read_before_the_lock_lets_both_through(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, ONCE_MORE)
    assert await raised_while_reordering(desk, one, two, watch) == ("changed", "held")
    assert await total(watch) == 700


async def cancelled_while_reordering(desk, one, two, watch):
    number = await at_its_cap(desk, watch)
    cancelled, held = await meanwhile(
        watch,
        one, desk.cancel(one, desk.linde, number),
        two, desk.hold_flu(two, desk.linde, 100, WEDNESDAY, slot=REORDER),
    )  # fmt: skip
    return cancelled[0], held.outcome


async def test_who_gives_up_the_first_order_makes_no_reorder(desk, one, two, watch):
    assert await cancelled_while_reordering(desk, one, two, watch) == ("cancelled", "no_first")
    assert await desk.taken(watch) == {}


async def test_control_without_looking_again_it_passes_the_queue(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, ONCE_MORE)
    assert await cancelled_while_reordering(desk, one, two, watch) == ("cancelled", "held")


async def colleagues_confirm(desk, one, two, watch):
    """Two screens show the same re-order, with one key each; the second one's hold replaced the first one's."""
    await at_its_cap(desk, watch)
    held = await desk.hold_flu(watch, desk.linde, 100, TUESDAY, slot=REORDER)
    first, second = await meanwhile(
        watch,
        one, desk.confirm(one, desk.linde, held.key, slot=REORDER),
        two, desk.confirm(two, desk.linde, held.key, slot=REORDER),
    )  # fmt: skip
    return first, second


async def test_a_double_click_makes_one_reorder(desk, one, two, watch):
    first, second = await colleagues_confirm(desk, one, two, watch)
    assert (first.outcome, first.number) == (second.outcome, second.number)
    assert await value(watch, "select count(*) from judge.orders where slot = 2") == 1


async def test_control_without_the_lock_of_the_hold_the_second_click_fails(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, PRACTICE_LOCK)
    _first, second = await colleagues_confirm(desk, one, two, watch)
    assert isinstance(second, Exception)
