import pytest
from django.core.checks import run_checks


def found(*, deploy: bool = False) -> set[str]:
    return {message.id for message in run_checks(include_deployment_checks=deploy)} & {"balie.E007", "balie.W006"}


@pytest.mark.parametrize("url", ["", "json://127.0.0.1:8099/texts?:to={to}"])
def test_no_gateway_and_a_good_one_are_both_well(settings, url):
    settings.SMS_URL = url
    assert found(deploy=True) == set()


@pytest.mark.parametrize("url", ["json://127.0.0.1:8099/texts", "06 12345678"])
def test_an_address_without_a_place_for_the_number_stops_every_process(settings, url):
    settings.SMS_URL = url
    assert "balie.E007" in found()


def test_an_address_that_apprise_does_not_know_is_told_before_it_is_needed(settings):
    settings.SMS_URL = "duif://til/{to}"
    assert found() == set()
    assert found(deploy=True) == {"balie.W006"}
