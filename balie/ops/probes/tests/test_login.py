"""Logging in by the real pages, which refuse a code that was used."""

import pytest
from django.contrib.sessions.models import Session

from balie.ops.enrolling import enrol_people
from balie.ops.probes import Unwell
from balie.ops.probes.http import Http
from balie.ops.probes.login import LogIn
from balie.ordering.tests.web import off_loop
from balie.practices.models import Person


@pytest.fixture
def card(transactional_db, live_server, settings, tmp_path):
    settings.ORIGINS = settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    settings.WATCH_FOLDER = str(tmp_path / "watch")
    return enrol_people()


async def test_somebody_gets_in_and_out_and_the_next_look_spares_the_code(card):
    probe = LogIn(within_s=10)
    assert "somebody got in, with a code" in await probe.look()
    assert await off_loop(Session.objects.count) == 0
    assert "somebody got in 0 s ago" in await probe.look()


async def test_a_refusal_is_confirmed_by_the_other_and_stands_until_there_are_new_codes(card):
    def close(number: int) -> None:
        Person.objects.filter(pk=card.people[number].person).update(is_active=False)

    probe = LogIn(within_s=10, every_s=0.001)
    assert await probe.look()
    await off_loop(lambda: close(0))
    await off_loop(lambda: close(1))
    with pytest.raises(Unwell, match=r"the password: answers 302 .* instead of leading to /account/tweestaps/code/"):
        await probe.look()
    with pytest.raises(Unwell, match="the password"):
        await probe.look()
    assert await Http(url="/account/login/", contains="<form").look()  # control: the page answers all the while


async def test_a_page_that_is_away_is_unwell(card, settings, unused_tcp_port):
    settings.ORIGINS = [f"http://localhost:{unused_tcp_port}"]
    with pytest.raises(Unwell, match="the login page: "):
        await LogIn(within_s=10).look()
