"""Settings that make no sense are named; those for practices are looked at more closely."""

import pytest
from django.core.checks import run_checks

from balie.runtime.checks import check_for_practices, check_settings
from balie.settings import database


def ids(found) -> set[str]:
    return {each.id for each in found}


def test_the_defaults_work():
    assert check_settings() == []
    assert ids(run_checks()) == set()


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("ORIGINS", [], "balie.E001"),
        ("ORIGINS", ["balie.example"], "balie.E002"),
        ("ORIGINS", ["https://balie.example/"], "balie.E002"),
        ("ORIGINS", ["http://balie.example:poort"], "balie.E002"),
        ("ORIGINS", ["ftp://balie.example"], "balie.E002"),
        ("ORIGINS", ["https://Balie.example"], "balie.E002"),
        ("ORIGINS", ["https://balie.example:443"], "balie.E002"),
        ("ORIGINS", ["http://balie.example:80"], "balie.E002"),
        ("ORIGINS", ["https://me@balie.example"], "balie.E002"),
        ("ORIGINS", ["https://bálie.example"], "balie.E002"),
        ("ORIGINS", ["https://[::1"], "balie.E002"),
        ("ORIGINS", ["http://a.example", "https://b.example"], "balie.E003"),
        ("SMTP_URL", "mail.example", "balie.E004"),
        ("SMTP_URL", "smtp://:25", "balie.E004"),
        ("MAIL_FROM", "Balie", "balie.E005"),
        ("BEACON_URL", "http://beacon.example", "balie.E006"),
    ],
)
def test_what_cannot_work_is_an_error(settings, name, value, fault):
    setattr(settings, name, value)
    assert ids(check_settings()) == {fault}
    assert all(each.is_serious() and each.hint for each in check_settings())


@pytest.mark.parametrize("origin", ["https://balie.example:8443", "http://localhost:8000", "https://[2001:db8::1]"])
def test_an_origin_may_have_a_port_or_be_an_address(settings, origin):
    settings.ORIGINS = [origin]
    assert check_settings() == []


def test_what_will_not_do_for_practices_is_a_warning(settings, tmp_path):
    settings.SECURE = False
    settings.DJANGO_VITE = {"default": {"manifest_path": tmp_path / "manifest.json"}}
    assert ids(check_for_practices()) == {"balie.W001", "balie.W002", "balie.W003", "balie.W005"}
    settings.HELP_PHONE = "088 123 45 67"
    (tmp_path / "manifest.json").touch()
    settings.SECURE = True
    settings.MAIL_FROM, settings.MAIL_DOMAIN = "Balie <balie@example.org>", "example.org"
    assert ids(check_for_practices()) == {"balie.W004"}
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert check_for_practices() == []


def test_an_address_of_a_database_is_understood():
    found = database("postgresql://me:se%2Fcret@db.example:5433/my%20balie?sslmode=require")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("me", "se/cret", "db.example", "5433")
    assert (found["NAME"], found["OPTIONS"]["sslmode"]) == ("my balie", "require")
    sockets = database("postgresql://postgres@/balie?host=%2Frun%2Fmy%20sockets")
    assert (sockets["HOST"], sockets["PORT"]) == ("/run/my sockets", "")
