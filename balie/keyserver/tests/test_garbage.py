"""Whatever is sent, the answer is one of those that the page lists: a fault of ours would tell things apart."""

import json
from base64 import urlsafe_b64encode
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from balie.consult.protocol.encoding import b64
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.release import Offer
from balie.consult.protocol.tests.vectors.cast import ANNA, BEN
from balie.consult.protocol.tests.vectors.maker import secret
from balie.keyserver.config import STORE, Limits
from balie.keyserver.releases import REFUSED, RefusedError, Rules, TooManyError
from balie.keyserver.store import Store
from balie.keyserver.tests.house import IDP, NAMES, START, Client, House, config, keys
from balie.keyserver.tokens import Tokens

TEXT = st.text(max_size=60) | st.sampled_from(["", "A", "AAAA", b64(bytes(16)), b64(bytes(32)), "a.b.c"])
VALUES = st.none() | st.booleans() | st.integers(-2, 2**60) | TEXT | st.lists(TEXT, max_size=3)
DEEP = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
PATIENT = Limits(refusals_per_hour=10**9, nonces_per_hour=10**9, releases_per_day=10**9)


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    """One server in which Anna has a share."""
    made = config("north", tmp_path_factory.mktemp("servers"), limits=PATIENT)
    store = Store(Path(made.data) / STORE)
    found = Rules(made, keys("north"), store)
    found.deposit(ANNA.id, json.dumps(Client(House({})).deposit("north")).encode(), START)
    yield found
    store.close()


def bent(data, whole):
    """`whole` with one member, at any depth, replaced or left out."""
    path = []
    at = whole
    while isinstance(at, dict | list) and at and (not path or data.draw(st.booleans())):
        key = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else list(range(len(at)))))
        path.append(key)
        at = at[key]
    changed = json.loads(json.dumps(whole))
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    if data.draw(st.booleans()) and isinstance(inner, dict):
        del inner[path[-1]]
    else:
        inner[path[-1]] = data.draw(DEEP)
    return json.dumps(changed).encode()


@pytest.mark.slow
@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_deposit(rules, data):
    whole = Client(House({})).later(1).deposit("north", person_keys=[])
    with suppress(Rejected):
        rules.deposit(ANNA.id, bent(data, whole), START)


@pytest.mark.slow
@given(st.data(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_release(rules, data, approved):
    anna = Client(House({}))
    nonces = {name: b64(secret(name)) for name in NAMES} | {"north": rules.nonce(ANNA.id, START)["nonce"]}
    offers = [Offer(server=name, nonce=nonce) for name, nonce in nonces.items()]
    whole = anna.approval(offers, anna.device_seed) if approved else anna.request(offers)
    with suppress(Rejected, RefusedError):
        rules.release(ANNA.id, bent(data, whole), START)


@pytest.mark.slow
def test_ten_thousand_tries_open_nothing_and_fill_nothing(rules):
    """Those that are past the limit are not even written down, and nobody else is held up by them."""
    limited = Rules(replace(rules.config, limits=Limits()), rules.keys, rules.store)
    offers = [Offer(server=name, nonce=b64(secret(f"guessed {name}"))) for name in NAMES]
    body, now = json.dumps(Client(House({})).request(offers)).encode(), START + 7200
    answers = Counter[type[Exception]]()
    for _ in range(10_000):
        with pytest.raises((RefusedError, TooManyError)) as refusal:
            limited.release(ANNA.id, body, now)
        answers[refusal.type] += 1
    assert answers == {RefusedError: 20, TooManyError: 9_980}
    assert rules.store.events_since(ANNA.id, REFUSED, now - 1) == 20
    assert limited.nonce(BEN.id, now)["nonce"]


@pytest.mark.slow
@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_token(rules, data):
    tokens, token = Tokens(rules.config), House({}).token(ANNA.id, "north", IDP)
    assert tokens.person(f"Bearer {token}", START) == ANNA.id
    header, claims, signature = token.split(".")
    part = urlsafe_b64encode(json.dumps(data.draw(DEEP)).encode()).decode().rstrip("=")
    tried = [f"{part}.{claims}.{signature}", f"{header}.{part}.{signature}", f"{header}.{claims}.{part}", part]
    members = {
        "alg": data.draw(st.sampled_from(["none", "HS256", "RS256", "ES256", "Ed25519"])),
        "kid": data.draw(VALUES),
    }
    other = urlsafe_b64encode(json.dumps(members).encode()).decode().rstrip("=")
    for each in [*tried, f"{other}.{claims}.", f"{other}.{claims}.AAAA", f"{other}.{part}.{signature}"]:
        assert tokens.person(f"Bearer {each}", START) is None


@given(st.text() | st.text(alphabet="ab.=é").map("Bearer ".__add__))
@settings(max_examples=100, deadline=None)
def test_what_stands_in_place_of_a_token(rules, text):
    assert Tokens(rules.config).person(text, START) is None
