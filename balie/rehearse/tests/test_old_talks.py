"""The harm without the cure: one key server behind one proxy before the same judge, who says what broke."""

from balie.rehearse.talks.searching import Searched
from balie.rehearse.talks.verdict import judge_talks
from balie.rehearse.tests.old_talks import OldDesign

PEOPLE = 8


async def evening(*, proxy_dies_at_s: float | None) -> dict:
    talked = await OldDesign(PEOPLE, lasts_s=0.8).play(proxy_dies_at_s=proxy_dies_at_s)
    searched = Searched(sources=1, bytes=1, found=[], control=["there"])
    return judge_talks(talked, searched, people=PEOPLE, faults=[], closed=[], latencies={}, generator={}, cpu={})


async def test_a_dead_proxy_stops_everybody_who_logs_in_after_it():
    report = await evening(proxy_dies_at_s=0.4)
    assert {"unlocks.succeeded", "messages.stopped", "messages.unreadable"} <= set(report["failed"])
    assert 0 < report["unlocks"]["succeeded"] < PEOPLE


async def test_with_a_proxy_that_lives_nobody_is_harmed():
    """The control: it is the proxy that breaks it, and the judge does not fail whatever it sees."""
    report = await evening(proxy_dies_at_s=None)
    assert (report["verdict"], report["failed"]) == ("pass", [])
    assert report["messages"]["delivered"] == PEOPLE
