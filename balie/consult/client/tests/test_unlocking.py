"""Two of three shares bring the keyset back, whatever is dead, slow or lying; and what went wrong is told."""

import asyncio
import json

import pytest

from balie.consult.client.gestures import approve, by_approval, by_passkey
from balie.consult.client.lines import ROUTE_S
from balie.consult.client.releasing import NONCES_S
from balie.consult.client.tests.network import bend, make_person
from balie.consult.client.trail import LockedError
from balie.consult.client.vault import HEDGE_S, UNLOCK_WITHIN_S
from balie.consult.protocol import release
from balie.consult.protocol.encoding import b64, unb64
from balie.consult.protocol.payloads import decode
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.release import Reply
from balie.consult.protocol.shares import share_hash
from balie.consult.protocol.statements import sign_compact
from balie.consult.protocol.tests.vectors.cast import BEN, CORA
from balie.keyserver.tests.house import START, keys


def unlocking(person):
    return person.vault.unlock(person.public, by_passkey(person.passkey))


def told(faults):
    return [(each.server, each.step, each.why) for each in faults]


async def test_two_are_asked_and_the_third_is_left_alone(network, dora):
    found = await unlocking(dora)
    assert found.keyring.keyset == dora.keyring.keyset
    assert {(each.server, each.route) for each in found.used} == {
        ("north", "https://north.example"),
        ("east", "https://east.example"),
    }
    assert found.faults == ()
    assert sorted(network.asked_for("release")) == ["east", "north"]


async def test_one_is_dead(network, dora):
    network.dead.add("east")
    found = await unlocking(dora)
    assert {each.server for each in found.used} == {"north", "south"}
    assert told(found.faults) == [("east", "nonce", "unreachable")] * 2


async def test_one_dies_after_its_nonce(network, dora):
    network.dead.add("east release")
    found = await unlocking(dora)
    assert {each.server for each in found.used} == {"north", "south"}
    assert ("east", "release", "unreachable") in told(found.faults)


async def test_one_is_silent_from_the_start(network, dora):
    """Nobody waits for its nonce once two have come."""
    network.silent.add("east")
    task = asyncio.create_task(unlocking(dora))
    await network.hanging["east"].wait()
    network.elapsed[NONCES_S].set()
    found = await task
    assert {each.server for each in found.used} == {"north", "south"}
    assert ("east", "nonce", "no answer") in told(found.faults)


async def test_one_is_slow_with_its_share(network, dora):
    """The third is asked after the pause, not before."""
    network.silent.add("east release")
    task = asyncio.create_task(unlocking(dora))
    await network.hanging["east"].wait()
    assert "south" not in network.asked_for("release")
    network.elapsed[HEDGE_S].set()
    found = await task
    assert {each.server for each in found.used} == {"north", "south"}
    assert told(found.faults) == [("east", "release", "no answer")]


async def test_two_are_dead(network, dora):
    network.dead |= {"east", "south"}
    with pytest.raises(LockedError) as locked:
        await unlocking(dora)
    assert {(each.server, each.route) for each in locked.value.tried} == {
        (server, f"https://{server}.{zone}") for server in ("east", "south") for zone in ("example", "other.example")
    }
    assert "east nonce https://east.example: unreachable" in str(locked.value)


async def test_two_are_silent(network, dora):
    network.silent |= {"east", "south"}
    task = asyncio.create_task(unlocking(dora))
    await network.hanging["east"].wait()
    await network.hanging["south"].wait()
    network.elapsed[UNLOCK_WITHIN_S].set()
    with pytest.raises(LockedError, match=r"south nonce https://south\.example: no answer"):
        await task
    assert UNLOCK_WITHIN_S < 3


async def test_two_fall_silent_after_the_gesture(network, dora):
    network.silent |= {"east release", "south release"}
    task = asyncio.create_task(unlocking(dora))
    await network.hanging["east"].wait()
    network.elapsed[HEDGE_S].set()
    await network.hanging["south"].wait()
    for seconds in list(network.elapsed):
        network.elapsed[seconds].set()
    with pytest.raises(LockedError, match="east release"):
        await task


async def test_a_route_is_dead(network, dora):
    """The very same body goes by the next, and the gesture was made once."""
    network.dead.add("https://north.example")
    found = await unlocking(dora)
    assert ("north", "https://north.other.example") in {(each.server, each.route) for each in found.used}
    assert told(found.faults) == [("north", "nonce", "unreachable"), ("north", "release", "unreachable")]
    bodies = {body for server, _, path, body in network.asked if (server, path) == ("north", "release")}
    assert len(bodies) == 1


async def test_a_route_is_silent(network, dora):
    network.silent.add("https://north.example")
    network.elapsed[ROUTE_S].set()
    network.dead.add("south")
    found = await unlocking(dora)
    assert ("north", "https://north.other.example") in {(each.server, each.route) for each in found.used}


async def test_a_proxy_answers_in_its_stead(network, dora):
    network.status |= {"https://north.example": 502, "https://east.example": 403}
    found = await unlocking(dora)
    assert {each.route for each in found.used} == {"https://north.other.example", "https://east.other.example"}
    assert {each.why for each in found.faults} == {"status 502", "status 403"}


async def test_an_answer_that_was_lost_is_given_again(network, dora):
    """The server released, its answer went astray: the other route brings the same one."""
    lost = []

    def bent(server, path, body):
        if (server, path) == ("north", "release") and not lost:
            lost.append(body)
            return b""
        return body

    network.bent = bent
    found = await unlocking(dora)
    assert {each.server for each in found.used} == {"north", "east"}
    assert told(found.faults) == [("north", "release", "malformed")]


async def test_a_lying_server_is_named(network, dora):
    """It signs a share that is not the one it was given. No other route is tried; the third helps."""

    def bent(server, path, body):
        if (server, path) != ("north", "release"):
            return body
        reply = decode(unb64(json.loads(body)["reply"].split(".")[1]), Reply)
        request = json.loads(next(sent for name, _, asked, sent in network.asked if (name, asked) == (server, path)))
        text = release.seal_reply(
            dora.parts.stated,
            "north",
            keys("north").sign,
            share=bytes(33),
            reply=unb64(request["reply"]),
            challenge=unb64(reply.challenge),
        )
        return bend(body, reply=text)

    network.bent = bent
    found = await unlocking(dora)
    assert {each.server for each in found.used} == {"east", "south"}
    assert told(found.faults) == [("north", "release", "bad-share")]
    assert network.asked_for("release").count("north") == 1


async def test_somebody_between_changes_replies(network, dora):
    """What the server did not sign does not count against it; its other route is tried."""
    forged = sign_compact(release.REPLY_TYP, b"{}", bytes(32))
    changed = []

    def bent(server, path, body):
        if (server, path) == ("east", "release") and not changed:
            changed.append(server)
            return bend(body, reply=forged)
        return body

    network.bent = bent
    found = await unlocking(dora)
    assert {each.server for each in found.used} == {"north", "east"}
    assert told(found.faults) == [("east", "release", "unknown-signer")]


@pytest.mark.parametrize("box", ["keyset", "unlock"])
async def test_boxes_that_do_not_open_are_passed_over(network, dora, box):
    """Nobody signed them; those of the third are as good."""
    changed = set()

    def bent(server, path, body):
        if path != "release" or server == "south":
            return body
        changed.add(server)
        if len(changed) == 2:
            network.elapsed[HEDGE_S].set()
        return bend(body, **{box: dora.parts.unlock[::-1]})

    network.bent = bent
    found = await unlocking(dora)
    assert found.keyring.keyset == dora.keyring.keyset
    assert {(each.server, each.step) for each in found.faults} == {("north", "open"), ("east", "open")}


async def test_a_refusal_is_final_for_its_server(network, dora):
    other = make_person(network)
    with pytest.raises(LockedError, match="refused"):
        await dora.vault.unlock(dora.public, by_passkey(other.passkey))
    assert sorted(network.asked_for("release")) == ["east", "north", "south"]


async def test_another_device_approves(dora):
    async def approver(payload):
        challenge = unb64(json.loads(payload)["challenge"])
        return approve(payload, person=dora.keyring.person, challenge=challenge, seed=unb64(dora.device.sign))

    found = await dora.vault.unlock(dora.public, by_approval([approver], at=START))
    assert found.keyring.keyset == dora.keyring.keyset


def colleague(dora, seed):
    async def approver(payload):
        challenge = unb64(json.loads(payload)["challenge"])
        return approve(payload, person=dora.keyring.person, challenge=challenge, seed=seed)

    return approver


async def test_two_colleagues_approve(dora):
    both = [colleague(dora, each.sign_seed) for each in (BEN, CORA)]
    found = await dora.vault.unlock(dora.public, by_approval(both, at=START))
    assert found.keyring.keyset == dora.keyring.keyset


async def test_one_colleague_is_not_enough(dora):
    with pytest.raises(LockedError, match="refused"):
        await dora.vault.unlock(dora.public, by_approval([colleague(dora, BEN.sign_seed)], at=START))


async def test_a_colleague_signs_only_what_was_told(dora):
    async def approver(payload):
        return approve(payload, person=dora.keyring.person, challenge=bytes(32), seed=BEN.sign_seed)

    with pytest.raises(Rejected, match="wrong-challenge"):
        await dora.vault.unlock(dora.public, by_approval([approver], at=START))


async def test_what_servers_hold_is_asked_without_a_gesture(network, dora):
    assert await dora.vault.held(dora.public) == []
    with_another = dora.vault.servers[0].server
    hashed = share_hash(person=dora.keyring.person, set_id=dora.parts.stated.set, server="north", share=bytes(33))
    assert hashed != dora.parts.stated.shares[0].hash

    def bent(server, path, body):
        if (server, path) != ("north", "held"):
            return body
        nonce = json.loads(
            next(sent for name, _, asked, sent in network.asked[::-1] if (name, asked) == (server, path))
        )
        said = release.state_held(
            dora.parts.stated, "north", keys("north").sign, share_hash=hashed, nonce=unb64(nonce["nonce"]), at=START
        )
        return bend(body, held=said)

    network.bent = bent
    assert told(await dora.vault.held(dora.public)) == [(with_another, "held", "bad-share")]


async def test_a_deposit_that_one_did_not_take_is_told(network):
    person = make_person(network)
    network.dead.add("south")
    missing = await person.vault.deposit(person.keyring, person.parts, person.doors)
    assert told(missing) == [("south", "deposit", "unreachable")] * 2
    found = await unlocking(person)
    assert {each.server for each in found.used} == {"north", "east"}


def test_nothing_secret_is_shown(dora):
    text = f"{dora.keyring!r} {dora.parts!r} {dora.device!r}"
    for secret in (b64(dora.keyring.key), b64(dora.keyring.sign_seed), dora.device.sign, dora.parts.unlock):
        assert secret not in text
