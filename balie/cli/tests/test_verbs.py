"""The command as people type it: what it prints and how it ends."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from secrets import token_urlsafe

import pytest

from balie.consult.record import certificates
from balie.consult.record.tests.test_certificates import SEED, made
from balie.embedded.oncall import write_rotas
from balie.lib.checksums import public_keys, sign_file
from balie.ordering.dayfile import Goods, Stop, about, make_file, read_file

pytestmark = pytest.mark.slow  # each starts the command anew
VECTORS = Path(__file__).parents[3] / "docs" / "spec" / "vectors" / "draw.json"


def balie(*words, **environment) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "balie.cli", *map(str, words)]
    bare = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "BALIE_SECRET_KEY"}}
    return subprocess.run(command, env={**bare, **environment}, capture_output=True, text=True, timeout=60, check=False)


def test_it_shows_every_verb_without_loading_django():
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "balie.cli", "--help"], capture_output=True, text=True, check=True
    )
    for verb in (
        "demo",
        "init",
        "migrate",
        "serve",
        "work",
        "check",
        "import-practices",
        "verify-deliveries",
        "verify-draw",
        "verify-destruction",
        "away-page",
        "rehearse",
    ):
        assert verb in shown.stdout
    assert "django" not in shown.stderr


@pytest.mark.parametrize("verb", ["migrate", "check"])
def test_it_says_what_is_not_configured(verb):
    ended = balie(verb)
    assert ended.returncode == 2
    assert "BALIE_SECRET_KEY is not set" in ended.stderr
    assert "docs/settings.md" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("verb", "name", "value", "said"),
    [
        ("serve", "BALIE_ORIGINS", "balie.example", "balie.E002"),
        ("work", "BALIE_SMTP_URL", "mail.example", "balie.E004"),
        ("serve", "BALIE_STREAMS", "veel", "BALIE_STREAMS must be a whole number"),
        ("work", "DATABASE_URL", "postgresql://here/balie?colour=plum", "DATABASE_URL is not an address"),
        ("serve", "BALIE_SECRET_KEY_FILE", "/nowhere/secret", "/nowhere/secret"),
        ("serve", "BALIE_SECRET_KEY_FILE", "/dev", "/dev"),
        ("serve", "BALIE_SECRET_KEY_FILE", "/dev/null", "BALIE_SECRET_KEY is not set"),
        ("serve", "BALIE_SECRET_KEY", "", "BALIE_SECRET_KEY is not set"),
        ("serve", "BALIE_ORIGINS", "https://[::1", "balie.E002"),
    ],
)
def test_no_process_starts_with_a_wrong_setting(verb, name, value, said):
    given = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/balie", "BALIE_SECRET_KEY": "x" * 60, name: value}
    ended = balie(verb, **given)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_check_before_the_night_ends_with_what_it_found():
    given = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/balie", "BALIE_SECRET_KEY": token_urlsafe(48)}
    assert balie("check", **given).returncode == 0
    found = balie("check", "--deploy", **given)
    assert found.returncode == 1
    assert "balie.W001" in found.stdout


def test_it_says_which_database_does_not_answer():
    ended = balie("migrate", BALIE_SECRET_KEY="x" * 60, DATABASE_URL="postgresql://nobody@127.0.0.1:1/balie")
    assert ended.returncode == 2
    assert "DATABASE_URL" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_verifies_a_right_draw_and_refuses_a_changed_one(tmp_path):
    document = json.loads(VECTORS.read_text())["cases"][0]["draw"]
    path = tmp_path / "draw.json"
    path.write_text(json.dumps(document))
    right = balie("verify-draw", path, "--ticket", document["rounds"][0]["tickets"][0].upper())
    assert right.returncode == 0, right.stderr
    assert "The draw is right" in right.stdout
    assert "has number" in right.stdout

    path.write_text(json.dumps({**document, "rounds": [document["rounds"][0] | {"seed": "00" * 32}]}))
    wrong = balie("verify-draw", path)
    assert wrong.returncode == 1
    assert "WRONG: round 1: the seed" in wrong.stdout


@pytest.mark.parametrize("content", ["", "[]", "{}", "\udcff"])
def test_it_refuses_a_file_that_is_no_draw(tmp_path, content):
    path = tmp_path / "draw.json"
    path.write_bytes(content.encode(errors="surrogateescape"))
    ended = balie("verify-draw", path)
    assert ended.returncode == 2
    assert "balie: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_verifies_a_file_of_deliveries_and_refuses_one_that_was_changed(tmp_path):
    goods = (Goods("flu", "Griepvaccin", 300),)
    stop = Stop(12, "B27-01198", "first", "01000001", "De Linde", "", "Lindelaan 1, 1234 AB Ons Dorp", goods)
    made = {"campaign": "2027", "day": date(2027, 10, 4), "version": 1, "made_at": datetime(2027, 9, 23, 6, tzinfo=UTC)}
    content = make_file(**made, stops=[stop], withdrawn=[])
    file, signature, keys = (tmp_path / name for name in ("day.json", "day.jws", "keys.json"))
    signature.write_text(sign_file(content, about(read_file(content)), secret="geheim"))
    keys.write_text(json.dumps(public_keys(["geheim"])))
    file.write_bytes(content)
    right = balie("verify-deliveries", file, signature, keys)
    assert right.returncode == 0, right.stderr
    assert "The file is right: 2027, 2027-10-04, version 1, 1 stops, 300 flu." in right.stdout

    file.write_bytes(content.replace(b"Lindelaan 1", b"Lindelaan 2"))
    wrong = balie("verify-deliveries", file, signature, keys)
    assert wrong.returncode == 1
    assert "WRONG: The file is not the one that was signed" in wrong.stdout
    absent = balie("verify-deliveries", file, tmp_path / "nothing", keys)
    assert absent.returncode == 1
    assert "Traceback" not in absent.stderr


def test_it_verifies_a_certificate_by_a_key_that_was_given(tmp_path):
    path, (_, public) = tmp_path / "vernietigd.json", certificates.key_of(SEED)
    path.write_bytes(certificates.write_file(made()))
    right = balie("verify-destruction", path, "--key", public)
    assert right.returncode == 0, right.stderr
    assert "The certificate is right" in right.stdout
    other = balie("verify-destruction", path, "--key", certificates.key_of(bytes(32))[1])
    assert (other.returncode, "WRONG" in other.stdout) == (1, True)
    none = balie("verify-destruction", tmp_path / "nowhere.json", "--key", public)
    assert (none.returncode, "cannot be read" in none.stderr) == (2, True)


def test_it_makes_an_installation_with_its_first_organiser(installation):
    environment = {"DATABASE_URL": installation.dsn, "BALIE_SECRET_KEY": "x" * 60}
    made = balie("init", "--email", "Regie@Voorbeeld.example", "--name", "Dina Smit", **environment)
    assert made.returncode == 0, made.stderr
    with installation.connect() as raw:
        people = raw.execute("SELECT email, name, is_organiser FROM practices_person").fetchall()
    assert people == [("regie@voorbeeld.example", "Dina Smit", True)]
    again = balie("init", "--email", "regie@voorbeeld.example", "--name", "Dina Smit", **environment)
    assert again.returncode == 2
    assert "already" in again.stderr
    assert balie("init", "--email", "geen adres", "--name", "x", **environment).returncode == 2


def test_it_reports_every_fault_of_a_file_and_changes_nothing(installation, tmp_path):
    path = tmp_path / "praktijken.csv"
    path.write_text("agb_code;name\n123;\n")
    ended = balie("import-practices", path, DATABASE_URL=installation.dsn, BALIE_SECRET_KEY="x" * 60)
    assert ended.returncode in {1, 2}
    assert ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_writes_the_page_for_when_everything_is_down(tmp_path):
    given = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/balie", "BALIE_SECRET_KEY": "x" * 60}
    page = tmp_path / "away.html"
    assert balie("away-page", page, **given).returncode == 0
    assert "Uw plaats blijft staan" in page.read_text()
    refused = balie("away-page", tmp_path / "nowhere" / "away.html", **given)
    assert refused.returncode == 2
    assert "cannot be written" in refused.stderr


def test_the_check_of_the_watch_names_who_has_not_confirmed_a_channel(tmp_path):
    channels = write_rotas(tmp_path, smtp=1, gateway=1)
    given = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/balie",
        "BALIE_SECRET_KEY": "x" * 60,
        "BALIE_WATCH_FOLDER": str(tmp_path / "watch"),
    }
    refused = balie("watch", "check", **given, **channels)
    assert refused.returncode == 2
    assert "rota wacht is refused: Wim Wakker has not confirmed the channel mail" in refused.stderr
    (tmp_path / "wacht.ics").write_text("nothing")
    wrong = balie("watch", **given, **channels)
    assert wrong.returncode == 2
    assert "wacht.ics: no iCalendar file" in wrong.stderr
    assert "Nobody is woken" in balie("watch", "check", **given).stdout
