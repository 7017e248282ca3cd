"""`DATABASE_URL` is read by libpq itself, for Django as for the hot paths."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from balie.settings import database


def test_several_hosts_and_options_reach_django():
    found = database("postgresql://balie:p%40ss@one:5432,two:5433/night?target_session_attrs=read-write")
    assert (found["HOST"], found["PORT"]) == ("one,two", "5432,5433")
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("balie", "p@ss", "night")
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"


def test_a_dead_host_is_given_up_unless_told_otherwise():
    assert database("postgresql://here/balie")["OPTIONS"]["connect_timeout"] == 5
    assert database("postgresql://here/balie?connect_timeout=30")["OPTIONS"]["connect_timeout"] == "30"


@pytest.mark.parametrize("url", ["mysql://here/balie", "postgresql://here/balie?colour=plum", "postgresql://[::1"])
def test_what_is_no_address_is_refused_with_its_name(url):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        database(url)
