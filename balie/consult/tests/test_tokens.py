"""Tokens for key servers: each counts at one of them, for the person they name, for ten minutes."""

import json
import time

import pytest
from django.core.checks import run_checks

from balie.consult.client.tests.network import at
from balie.consult.keyservers import origins, read_key_servers
from balie.consult.tokens import GOOD_S, Issuer
from balie.keyserver.tests.house import ISSUER, NAMES, START, config
from balie.keyserver.tokens import Tokens

SEED = "c2VlZCBvZiB0b2tlbnMsIHRoaXJ0eS10d28gYnl0ZXM="
PERSON = "2eCoZcnptw8WN0SbPUFhQw"


@pytest.fixture
def issuer():
    return Issuer(origin=ISSUER, seed=SEED, servers=[at(name) for name in NAMES])


@pytest.fixture
def checking(tmp_path, issuer):
    """What each key server makes of a token."""

    def person(server, token, now=START, **members):
        made = config(server, tmp_path, **members)
        (tmp_path / "jwks.json").write_text(json.dumps(issuer.public()))
        return Tokens(made).person(f"Bearer {token}", now)

    return person


def test_a_token_counts_at_its_own_server_alone(issuer, checking):
    tokens = issuer.tokens(PERSON, START)
    assert [checking(name, tokens[name]) for name in NAMES] == [PERSON] * 3
    assert [checking(name, tokens["north"]) for name in NAMES] == [PERSON, None, None]


def test_it_counts_for_ten_minutes(issuer, checking):
    token = issuer.tokens(PERSON, START)["north"]
    assert checking("north", token, START + GOOD_S) == PERSON
    assert checking("north", token, START + GOOD_S + 60) is None


def test_another_seed_makes_tokens_that_count_nowhere(checking):
    other = Issuer(origin=ISSUER, seed=SEED[::-1].removeprefix("=") + "=", servers=[at("north")])
    assert checking("north", other.tokens(PERSON, START)["north"]) is None


def test_what_is_pinned_is_public(issuer):
    [key] = issuer.public()["keys"]
    assert "d" not in key
    assert key["kid"]


@pytest.mark.parametrize("seed", ["", "short", "c2hvcnQ=", "not base64 at all!"])
def test_a_seed_that_is_none_is_told(seed, settings):
    settings.KEY_SERVERS = (at("north"),)
    settings.TOKEN_SEED = seed
    assert "balie.E008" in {each.id for each in run_checks()}
    settings.KEY_SERVERS = ()
    assert "balie.E008" not in {each.id for each in run_checks()}


def written(*names, **members):
    found = [
        {key: getattr(at(name), key) for key in ("server", "kem", "sign", "audience", "routes")} | members
        for name in names
    ]
    return json.dumps(found)


def test_settings_name_three_key_servers():
    found = read_key_servers(written(*NAMES))
    assert found == tuple(at(name) for name in NAMES)
    assert origins(found) == sorted(route for each in found for route in each.routes)
    assert found[0].known == at("north").known


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "truncated"),
        ("[]", "name 3 different"),
        (written("north", "east"), "name 3 different"),
        (written("north", "north", "east"), "name 3 different"),
        (written(*NAMES, routes=[]), "routes"),
        (written(*NAMES, routes=["https://north.example/path"]), "routes"),
        (written(*NAMES, kem="short"), "kem"),
        (written(*NAMES, more="than there is"), "more"),
    ],
)
def test_settings_with_a_mistake_are_refused(text, why):
    with pytest.raises(ValueError, match=why):
        read_key_servers(text)


@pytest.fixture
def key_servers(settings):
    settings.KEY_SERVERS, settings.TOKEN_SEED = tuple(at(name) for name in NAMES), SEED


async def test_who_has_keys_here_gets_tokens(key_servers, clients, settings, checking):
    answer = await clients[0].browser.post("/live/consult/tokens", {})
    assert (answer.status, answer.json["good_s"]) == (200, GOOD_S)
    found = {
        name: checking(name, token, int(time.time()), issuer=settings.ORIGINS[0])
        for name, token in answer.json["tokens"].items()
    }
    assert found == dict.fromkeys(NAMES, clients[0].holder.id)


async def test_who_has_none_gets_none(key_servers, strangers):
    answer = await strangers[3].browser.post("/live/consult/tokens", {})
    assert (answer.status, answer.code) == (409, "no_keys")


async def test_without_key_servers_there_are_no_tokens(clients):
    assert (await clients[0].browser.post("/live/consult/tokens", {})).status == 404


async def test_another_site_gets_no_tokens(key_servers, clients):
    answer = await clients[0].browser.ask("POST", "/live/consult/tokens", {}, origin="https://evil.example")
    assert (answer.status, answer.code) == (403, "bad_origin")
