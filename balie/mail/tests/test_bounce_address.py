"""An address of one round of one mail, that nobody else can make."""

import pytest

from balie.mail.bounce_address import Round, bounce_address, read_bounce_address


@pytest.fixture(autouse=True)
def domain(settings):
    settings.BOUNCE_DOMAIN = "terug.balie.example"


def test_it_names_mail_and_round_and_is_read_back():
    address = bounce_address(Round(17, 2))
    assert address.startswith("bounces+17.2-")
    assert address.endswith("@terug.balie.example")
    assert address == address.lower()
    assert read_bounce_address(address) == (17, 2)
    assert read_bounce_address(address.upper()) == (17, 2)


def test_every_mail_has_its_own_and_all_fit():
    assert bounce_address(Round(17, 1)) != bounce_address(Round(17, 2)) != bounce_address(Round(18, 2))
    longest = bounce_address(Round(2**63 - 1, 32_767))
    assert len(longest.partition("@")[0]) <= 64
    assert read_bounce_address(longest) == (2**63 - 1, 32_767)


def test_a_former_key_still_reads_and_another_does_not(settings):
    address = bounce_address(Round(17, 1))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key, another tag", [settings.SECRET_KEY]
    assert bounce_address(Round(17, 1)) != address
    assert read_bounce_address(address) == (17, 1)
    settings.SECRET_KEY_FALLBACKS = []
    assert read_bounce_address(address) is None


def test_what_we_did_not_make_is_nobody():
    good = bounce_address(Round(17, 1))
    tag = good.partition("-")[2].partition("@")[0]
    for strange in (
        "",
        "<>",
        "postmaster@terug.balie.example",
        f"bounces+18.1-{tag}@terug.balie.example",
        f"bounces+17.2-{tag}@terug.balie.example",
        f"bounces+017.1-{tag}@terug.balie.example",
        f"bounces+17.1-{tag[:-1]}@terug.balie.example",
        f"bounces+17.1-{'0' * 16}@terug.balie.example",
        good.replace("terug.", ""),
        f"{good}\n",
        good.replace("17", "١٧"),
    ):
        assert read_bounce_address(strange) is None, strange
