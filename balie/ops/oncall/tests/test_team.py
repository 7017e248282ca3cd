"""A team's file is read whole, or refused with the place, the fault and what is expected."""

import pytest
from django.utils.translation import override

from balie.ops.oncall.team import TeamError, load_team
from balie.ops.oncall.tests.conftest import ENVIRONMENT, MONDAY, TEAM, calendar


def read(team_file, *change, environment=ENVIRONMENT):
    text = TEAM.replace(*change) if change else TEAM
    team_file.write_text(text)
    return load_team(team_file, environment)


def test_a_right_file(team_file):
    team = read(team_file)
    assert [person.name for person in team.members()] == ["Anna", "Bram"]
    levels = team.snapshot(MONDAY)
    assert [(level["after_s"], level["people"][0]["person"]) for level in levels] == [
        (0, "anna"),
        (300, "bram"),
        (900, "anna"),
        (1200, "bram"),
    ]
    assert "127.0.0.1" not in repr(team)
    assert "127.0.0.1" not in str(levels)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[person", "person"), "no TOML"),
        (('"Anna"', "1"), "Expected `str`"),
        (("repeat = 1", "again = 1"), "unknown field `again`"),
        (('rota = "backup"', 'rota = "nobody"'), "level 2: there is no rota 'nobody'; known are backup, first"),
        (('"first.ics"', '"third.ics"'), "third.ics: No such file"),
        (("[person.bram]", "[person.carla]"), "rota.backup: .*there is no 'bram'; known are anna, carla"),
        ((', text = "ANNA_TEXT"', ""), "person.anna.channels: one transport only"),
        (('text = "ANNA_TEXT"', 'text = "ANNA_MAIL"'), "person.anna.channels: one transport only"),
        (('"ANNA_TEXT"', '"CARLA_TEXT"'), "person.anna.channels.text: CARLA_TEXT is not set in the environment"),
        (("wait_s = 300", "wait_s = 1"), r"Expected `int` >= 30 - at `\$.level\[0\].wait_s`"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(team_file, change, words):
    with pytest.raises(TeamError, match=words):
        read(team_file, *change)


def test_a_wrong_address_is_not_repeated(team_file):
    secret = "nonsense-with-key-1234"
    with pytest.raises(TeamError, match="what ANNA_TEXT holds is not an address") as caught:
        read(team_file, environment=ENVIRONMENT | {"ANNA_TEXT": secret})
    assert secret not in str(caught.value)


def test_an_address_may_lie_in_a_file_that_nobody_else_reads(team_file, tmp_path):
    lacking = {name: value for name, value in ENVIRONMENT.items() if name != "ANNA_TEXT"}
    file = tmp_path / "text"
    file.write_text("xml://127.0.0.1:2/anna\n")
    file.chmod(0o640)
    with pytest.raises(TeamError, match="can be read by others; chmod 600 it"):
        read(team_file, environment=lacking | {"ANNA_TEXT_FILE": str(file)})
    file.chmod(0o600)
    channel = read(team_file, environment=lacking | {"ANNA_TEXT_FILE": str(file)}).channel("anna", "text")
    assert channel is not None
    assert channel.address == "xml://127.0.0.1:2/anna"


def test_channels_that_nobody_confirmed_are_named_by_rota(team_file):
    team = read(team_file)
    anna = {channel.fingerprint for channel in team.people["anna"].channels}
    assert [(p.key, c.name) for p, c in team.refused(anna)["backup"]] == [("bram", "mail"), ("bram", "text")]
    assert "first" not in team.refused(anna)


def test_it_tells_whose_shift_it_is_now(night):
    assert night.duty.on_call(night.now) == [("Voorwacht", "Anna"), ("Achterwacht", "Bram")]
    (night.team_file.parent / "first.ics").write_text(
        calendar("SUMMARY:anna\nDTSTART:20200101T090000\nDTEND:20200101T170000")
    )
    night.restart()
    with override("en"):
        assert night.duty.on_call(night.now) == [("First line", "nobody"), ("Second line", "Bram")]
