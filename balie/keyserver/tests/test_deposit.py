"""Bringing shares: nothing older replaces what is there, and what was revoked stays so."""

import pytest

from balie.consult.protocol import approvals, devices, passkeys, release, shares
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.tests.vectors.cast import ANNA, BEN, CORA, DIRK, EVA
from balie.consult.protocol.tests.vectors.maker import flipped, secret
from balie.keyserver.tests.house import START, Client, known


async def test_again_without_harm(servers, anna):
    again = await servers.ask("north", "deposit", anna.deposit("north", person_keys=[]))
    assert (again.status, again.json) == (200, {"set": anna.set_id, "generation": 1})


async def test_a_new_set_replaces_the_old(servers, anna):
    newer = Client(servers, shared=secret("fresh"), set_id=b64(secret("fresh", 16)), at=START + 1)
    assert (await servers.ask("north", "deposit", newer.deposit("north", person_keys=[]))).status == 200
    offers = await newer.offers()
    answer = await servers.ask("north", "release", newer.request(offers))
    assert newer.opened("north", answer, offers) == newer.shares["north"]
    back = await servers.ask("north", "deposit", anna.deposit("north", person_keys=[]))
    assert (back.status, back.json) == (400, {"error": "stale"})


WRONG = {
    "bad-share": lambda anna: {
        "sealed": b64(
            release.seal(
                known("north").kem,
                release._context("share-deposit", "north", ANNA.id, anna.set_id),
                flipped(anna.shares["north"], 0),
            )
        )
    },
    "unopenable": lambda anna: {"sealed": anna.deposit("east")["sealed"]},
    "not-the-next": lambda _anna: {"person_keys": [ANNA.next().next().states(ANNA.next().sign_seed)]},
    "unknown-signer": lambda anna: {
        "share_set": shares.state_share_set(
            person=ANNA.id, generation=1, set_id=anna.set_id, shares=anna.shares, at=START + 9, sign_seed=BEN.sign_seed
        )
    },
    "malformed": lambda _anna: {"keyset": None},
}


@pytest.mark.parametrize("reason", WRONG)
async def test_refused_with_the_reason(servers, anna, reason):
    answer = await servers.ask("north", "deposit", anna.deposit("north", person_keys=[]) | WRONG[reason](anna))
    assert (answer.status, answer.json) == (400, {"error": reason})


async def test_a_token_alone_replaces_nobodys_share(servers, anna):
    """Whoever runs the login makes a token and a key of their own: the chain does not go on from hers."""
    forged = anna.deposit("north", person_keys=[ANNA.next().states(DIRK.sign_seed)])
    assert (await servers.ask("north", "deposit", forged)).json == {"error": "missing-signature"}


def admitted(anna, *vouchers):
    """What Anna brings after she lost all keys, and these colleagues vouched for new ones."""
    second = ANNA.next()
    statement = shares.state_share_set(
        person=ANNA.id, generation=2, set_id=anna.set_id, shares=anna.shares, at=START, sign_seed=second.sign_seed
    )
    by_second = {"person": ANNA.id, "generation": 2, "at": START, "sign_seed": second.sign_seed}
    return anna.deposit("north") | {
        "person_keys": [ANNA.states(), second.states(*(each.sign_seed for each in vouchers))],
        "share_set": statement,
        "passkeys": [passkeys.state_passkey(credential=secret("new", 16), key=anna.passkey.public_key, **by_second)],
        "devices": [],
        "trustees": None,
    }


@pytest.mark.parametrize("vouchers", [(BEN, CORA), (BEN, DIRK, CORA)], ids=["trustees", "and somebody else"])
async def test_two_trustees_admit_a_new_key(servers, anna, vouchers):
    answer = await servers.ask("north", "deposit", admitted(anna, *vouchers))
    assert answer.json == {"set": anna.set_id, "generation": 2}
    assert (await servers.ask("north", "release", anna.request(await anna.offers()))).status == 403


@pytest.mark.parametrize("vouchers", [(BEN,), (BEN, DIRK), (DIRK, EVA)], ids=["one", "one and another", "others"])
async def test_nobody_else_admits_one(servers, anna, vouchers):
    answer = await servers.ask("north", "deposit", admitted(anna, *vouchers))
    assert (answer.status, answer.json) == (400, {"error": "missing-signature"})
    assert (await servers.ask("north", "release", anna.request(await anna.offers()))).status == 200


async def test_what_a_server_missed_comes_with_the_next(servers, anna):
    """It has the first generation, and hears of the second with the third."""
    second, third = ANNA.next(), ANNA.next().next()
    keys = [ANNA.states(), second.states(ANNA.sign_seed), third.states(second.sign_seed)]
    answer = await servers.ask("north", "deposit", anna.later(1).deposit("north", person_keys=keys))
    assert answer.json == {"set": anna.set_id, "generation": 3}


async def test_what_changes_comes_with_a_newer_share_set(servers, anna):
    """Each statement was signed by Anna in its time: recorded, they must not be put together again."""
    others = approvals.state_trustees(colleagues=[CORA.known_key(), DIRK.known_key()], **anna.by_anna())
    answer = await servers.ask("north", "deposit", anna.deposit("north", person_keys=[], trustees=others))
    assert (answer.status, answer.json) == (400, {"error": "stale"})
    later = anna.later(1)
    assert (
        await servers.ask("north", "deposit", later.deposit("north", person_keys=[], trustees=others))
    ).status == 200
    back = await servers.ask("north", "deposit", anna.deposit("north", person_keys=[]))
    assert (back.status, back.json) == (400, {"error": "stale"})


async def test_a_revoked_passkey_stays_revoked(servers, anna):
    gone = passkeys.revoke_passkey(credential=anna.passkey.credential, **anna.by_anna())
    revoking = anna.later(1).deposit("north", person_keys=[], passkeys=[], passkeys_revoked=[gone])
    assert (await servers.ask("north", "deposit", revoking)).status == 200
    assert (await servers.ask("north", "deposit", anna.later(2).deposit("north", person_keys=[]))).status == 200
    assert (await servers.ask("north", "release", anna.request(await anna.offers()))).status == 403


async def test_a_revoked_device_stays_revoked(servers, anna):
    gone = devices.revoke_device(device=b64(secret("device id", 16)), **anna.by_anna())
    revoking = anna.later(1).deposit("north", person_keys=[], devices=[], devices_revoked=[gone])
    assert (await servers.ask("north", "deposit", revoking)).status == 200
    assert (await servers.ask("north", "deposit", anna.later(2).deposit("north", person_keys=[]))).status == 200
    offers = await anna.offers()
    assert (await servers.ask("north", "release", anna.approval(offers, anna.device_seed))).status == 403
    assert (await servers.ask("north", "release", anna.request(await anna.offers()))).status == 200
