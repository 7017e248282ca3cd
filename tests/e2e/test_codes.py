"""The codes that visitors type are good for as long as a busy machine may take to receive them."""

from datetime import UTC, datetime, timedelta

import time_machine
from allauth.mfa.totp.internal.auth import generate_totp_secret, validate_totp_code

from balie.practices.testing import totp_code
from tests.e2e.visitor import unused_code

EDGE = datetime(2027, 5, 28, 12, 0, 30, tzinfo=UTC)  # a period ends here
JUST_BEFORE = EDGE - timedelta(milliseconds=10)


def test_two_logins_in_one_period_have_codes_that_still_count_in_the_next():
    secret = generate_totp_secret()
    with time_machine.travel(JUST_BEFORE, tick=False):
        codes = [unused_code(secret), unused_code(secret)]
        before = totp_code(secret, periods_from_now=-1)
        assert validate_totp_code(secret, before)
    assert codes[0] != codes[1]
    with time_machine.travel(EDGE + timedelta(seconds=29), tick=False):
        assert all(validate_totp_code(secret, code) for code in codes)
        assert not validate_totp_code(secret, before)  # what a visitor must not type
