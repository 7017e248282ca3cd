"""The keyset in its box, replaced as a whole and only by whoever knows what it replaces."""

from balie.consult.keysets import BODY_MOST, KEYSET_MAX, WRAP_MAX, WRAPS_MOST
from balie.consult.protocol.boxes import lock
from balie.consult.protocol.keysets import TYP

BOX = lock(TYP, bytes(32), b"seeds")
WRAP = {"method": "code", "id": "", "wrap": "YWdl"}
PATH = "/live/consult/keyset"


def body(version: int = 1, **more):
    return {"version": version, "keyset": BOX, "wraps": [WRAP]} | more


async def test_what_was_posted_comes_back_to_its_owner_alone(clients):
    anna, bilal, *_ = clients
    assert (await anna.browser.get(PATH)).status == 404
    assert (await anna.browser.post(PATH, body())).json == {"version": 1}
    found = (await anna.browser.get(PATH)).json
    assert found.pop("stored_at")
    assert found == body()
    assert (await bilal.browser.get(PATH)).status == 404


async def test_it_is_replaced_by_whoever_has_the_last_one_and_posting_again_does_no_harm(clients):
    anna = clients[0]
    for _ in range(2):
        assert (await anna.browser.post(PATH, body())).status == 200
    other = body(wraps=[WRAP | {"method": "passkey", "id": "abc"}])
    refused = await anna.browser.post(PATH, other)
    assert (refused.status, refused.code, refused.json["version"]) == (409, "behind", 1)
    assert (await anna.browser.post(PATH, other | {"version": 3})).code == "behind"
    assert (await anna.browser.post(PATH, other | {"version": 2})).json == {"version": 2}
    assert (await anna.browser.get(PATH)).json["wraps"] == other["wraps"]
    assert (await anna.browser.post(PATH, body())).json["version"] == 2


async def test_whoever_has_no_keys_keeps_none(strangers):
    assert (await strangers[0].browser.post(PATH, body())).code == "no_keys"


async def test_what_is_no_keyset_is_refused(clients, subtests):
    for more in [
        {"version": 0},
        {"version": 1.5},
        {"keyset": "a.b"},
        {"keyset": "a" * KEYSET_MAX + "...."},
        {"wraps": [WRAP, WRAP]},
        {"wraps": [WRAP | {"method": "device"}]},
        {"wraps": [WRAP | {"wrap": "a" * (WRAP_MAX + 1)}]},
        {"wraps": [WRAP | {"wrap": 'a"b'}]},
        {"wraps": [WRAP | {"id": str(each)} for each in range(WRAPS_MOST + 1)]},
    ]:
        with subtests.test(more=more):
            refused = await clients[0].browser.post(PATH, body(**more))
            assert (refused.status, refused.code) == (400, "bad_request")
            assert (await clients[0].browser.get(PATH)).status == 404


async def test_what_is_too_large_is_not_read(clients):
    assert (await clients[0].browser.post(PATH, b"x" * (BODY_MOST + 1))).code == "too_large"
