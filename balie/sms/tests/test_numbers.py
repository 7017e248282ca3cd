import pytest

from balie.sms.numbers import NotAMobileNumberError, read_mobile, show_mobile


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("06 12 34 56 78", "+31612345678", "06 12345678"),
        ("06-12345678", "+31612345678", "06 12345678"),
        (" +31 (0)6 12345678 ", "+31612345678", "06 12345678"),
        ("0031612345678", "+31612345678", "06 12345678"),
        ("+32 470 12 34 56", "+32470123456", "+32 470 12 34 56"),
    ],
)
def test_a_number_is_kept_in_one_way_and_shown_as_people_dial_it(typed, kept, shown):
    assert read_mobile(typed) == kept
    assert show_mobile(kept) == shown
    assert read_mobile(shown) == kept


@pytest.mark.parametrize("typed", ["088 123 45 67", "020 1234567", "06 1234567", "112", "geen", "", "0" * 400])
def test_what_no_text_message_can_reach_is_refused(typed):
    with pytest.raises(NotAMobileNumberError):
        read_mobile(typed)


def test_no_number_shows_as_nothing():
    assert show_mobile("") == ""
