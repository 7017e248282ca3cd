"""Why a mail did not arrive, from the words of mail servers as they are in the world."""

import pytest

from balie.mail.troubles import Trouble, is_delay, trouble_of


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ("550 5.1.1 <a@b.example>: Recipient address rejected: User unknown", Trouble.NO_MAILBOX),
        ("550-5.1.1 The email account that you tried to reach does not exist", Trouble.NO_MAILBOX),
        ("550 5.4.1 Recipient address rejected: Access denied", Trouble.NO_MAILBOX),
        ("5.1.10 RESOLVER.ADR.RecipientNotFound", Trouble.NO_DOMAIN),
        ("5.1.2 Host or domain name not found", Trouble.NO_DOMAIN),
        ("5.1.3 'geen adres' is not an e-mail address", Trouble.NO_ADDRESS),
        ("550 5.2.1 The email account is disabled", Trouble.CLOSED),
        ("452 4.2.2 Mailbox full", Trouble.FULL),
        ("5.2.2 552 5.2.2 Over quota", Trouble.FULL),
        ("552 5.3.4 Message size exceeds fixed limit", Trouble.TOO_LARGE),
        ("554 5.7.1 Spam message rejected", Trouble.HELD_BACK),
        ("4.4.1 no answer from host", Trouble.UNREACHABLE),
        ("4.4.7 delivery time expired", Trouble.UNREACHABLE),
        ("550 No such user here", Trouble.NO_MAILBOX),
        ("552 Quota exceeded", Trouble.FULL),
        ("554 Transaction failed", Trouble.HELD_BACK),
        ("500 Wat?", Trouble.OTHER),
        ("5.0.0 unknown", Trouble.OTHER),
        ("Connection refused", Trouble.UNREACHABLE),
        ("no answer in time", Trouble.UNREACHABLE),
        ("", Trouble.UNREACHABLE),
    ],
)
def test_codes_tell_what_is_the_matter(answer, trouble):
    assert trouble_of(answer) is trouble


def test_everything_has_plain_words_and_says_whether_it_lasts():
    assert all(trouble.words.endswith(".") for trouble in Trouble)
    assert Trouble.NO_MAILBOX.lasting
    assert not Trouble.FULL.lasting


@pytest.mark.parametrize(("answer", "delayed"), [("4.4.1 no answer yet", True), ("250 OK", False), ("", False)])
def test_a_server_that_is_still_trying_says_so(answer, delayed):
    assert is_delay(answer) is delayed
