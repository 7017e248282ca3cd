"""When to wait, and for how long. Times are plain numbers here: the breaker has no clock of its own."""

from balie.mail.breaker import Breaker, pause


def make_breaker(threshold=3) -> Breaker:
    return Breaker(threshold=threshold, first_pause_s=1, longest_pause_s=8)


def opened(now=100.0) -> Breaker:
    breaker = make_breaker()
    assert [breaker.failed(now, probe=False) for _ in range(3)] == [False, False, True]
    return breaker


def test_pauses_double_up_to_the_longest():
    whole = [pause(first_s=1, longest_s=8, failures=n, chance=lambda: 1.0) for n in (1, 2, 3, 4, 5, 5000)]
    assert whole == [1, 2, 4, 8, 8, 8]


def test_half_of_a_pause_is_chance():
    drawn = [pause(first_s=4, longest_s=4, failures=1) for _ in range(200)]
    assert 2 <= min(drawn) < max(drawn) <= 4


def test_stays_closed_while_failures_are_interrupted_by_successes():
    breaker = make_breaker()
    for _ in range(10):
        assert not breaker.failed(0, probe=False)
        assert not breaker.failed(0, probe=False)
        breaker.succeeded(probe=False)
    assert breaker.room(0) is None


def test_opens_and_lets_one_probe_go_after_the_pause():
    breaker = opened(now=100)
    assert breaker.room(100) == 0
    assert breaker.room(101.1) == 1
    breaker.probe()
    assert breaker.room(101.1) == 0


def test_closes_when_the_probe_succeeds():
    breaker = opened()
    breaker.probe()
    assert breaker.succeeded(probe=True)
    assert breaker.room(100) is None


def test_a_failed_probe_makes_the_next_pause_longer():
    breaker = opened(now=100)
    for expected in (2, 4, 8, 8):
        breaker.probe()
        assert breaker.failed(200, probe=True)
        assert 200 + expected / 2 <= breaker.open_until <= 200 + expected


def test_mails_that_started_before_it_opened_neither_close_nor_prolong_it():
    breaker = opened(now=100)
    until = breaker.open_until
    assert not breaker.failed(150, probe=False)
    assert not breaker.succeeded(probe=False)
    assert breaker.open_until == until


def test_a_probe_that_never_reached_the_server_leaves_room_for_another():
    breaker = opened(now=100)
    breaker.probe()
    breaker.said_nothing(probe=True)
    assert breaker.room(102) == 1
