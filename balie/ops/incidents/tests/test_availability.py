"""Spells and windows, whatever they are: nothing is counted twice, and nothing is lost."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from balie.ops.incidents.availability import _united, _without

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = st.integers(0, 60)
SPELLS = st.lists(st.tuples(MINUTES, MINUTES).filter(lambda pair: pair[0] < pair[1]), max_size=6)


def at(minutes: int) -> datetime:
    return BEGAN + timedelta(minutes=minutes)


def minutes_of(spells) -> list[int]:
    """Every minute that they have, as often as they have it."""
    begins_and_ends = [
        ((begin - BEGAN) // timedelta(minutes=1), (end - BEGAN) // timedelta(minutes=1)) for begin, end in spells
    ]
    return sorted(minute for begin, end in begins_and_ends for minute in range(begin, end))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a machine that does much else
@given(SPELLS, SPELLS)
def test_what_was_announced_and_what_was_not_are_all_there_is(spells, windows):
    given_spells = [(at(begin), at(end)) for begin, end in spells]
    given_windows = [(at(begin), at(end)) for begin, end in windows]
    united = _united(given_spells)
    left = [piece for spell in united for piece in _without(spell, given_windows)]
    counted, all_of_them = minutes_of(left), set(minutes_of(given_spells))
    assert minutes_of(united) == sorted(all_of_them)
    assert counted == sorted(all_of_them - set(minutes_of(given_windows)))
