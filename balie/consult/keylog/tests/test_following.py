"""What a client makes of the key log: it takes no key that is not in it, sees a fork, and what is said of oneself."""

import json
from dataclasses import replace

import msgspec
import pytest

from balie.consult.client.application import stated
from balie.consult.client.device import make_device, state_device
from balie.consult.client.keylog import FollowedLog
from balie.consult.client.keyrings import make_keyring
from balie.consult.client.talk import NoKeyError
from balie.consult.client.tests.conftest import passes, people
from balie.consult.client.tests.people import Someone
from balie.consult.client.transport import Response, UnreachableError
from balie.consult.keylog.tests.conftest import SERVERS
from balie.consult.keylog.tree import Tree
from balie.consult.keyservers import cosigners
from balie.consult.protocol import devices
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.keylog import Checkpoint, cosign, note_of, origin_of
from balie.consult.protocol.reasons import Reason, Rejected
from balie.consult.protocol.statements import name_of, peek
from balie.consult.protocol.trees import leaf_hash
from balie.keyserver.tests.house import ISSUER, NAMES, START, keys

__all__ = ["passes", "people"]
ORIGIN = origin_of(ISSUER)
STATED = """
insert into consult_statement (name, typ, identity_id, signed, received_at) values (%s, %s, %s, %s, now())
"""


def follow(someone: Someone, **members) -> FollowedLog:
    someone.world.log = FollowedLog(someone.application, ORIGIN, cosigners(SERVERS), **members)
    return someone.world.log


@pytest.fixture
def anna(people) -> Someone:
    follow(people[0])
    return people[0]


@pytest.fixture
def bilal(people) -> Someone:
    follow(people[1])
    return people[1]


def lying(someone: Someone, path: str, bend) -> None:
    """The application says something else under this path: what `bend` makes of the answer."""
    honest = someone.transport

    async def transport(method, url, body, headers):
        answer = await honest(method, url, body, headers)
        return Response(answer.status, bend(answer.body)) if path in url else answer

    someone.application = someone.world.application = replace(someone.application, transport=transport)
    if someone.world.log:
        someone.world.log.application = someone.application


def put(installation, person: str, typ: str, signed) -> str:
    """A statement into the database, past the application: its name."""
    name = name_of(typ, peek(signed))
    with installation.connect() as line:
        line.execute(STATED, (name, typ, person, msgspec.json.encode(signed).decode()))
        line.execute("select consult_number_v1(array(select id from consult_statement where name = %s))", (name,))
    return name


async def test_people_talk_as_they_did(anna, bilal, conn, cosigning):
    await cosigning.act(conn, 0)
    group = (await anna.talk.create_conversation(bilal.member)).name
    await anna.talk.say(group, "dag")
    assert await bilal.heard(group) == ["dag"]
    assert (anna.world.faults, bilal.world.faults, anna.world.log.trouble) == ({}, {}, "")


async def test_nothing_is_sealed_to_a_key_before_it_is_in_the_log(anna, bilal, conn, cosigning):
    with pytest.raises(NoKeyError):
        await anna.talk.create_conversation(bilal.member)
    assert set(anna.world.faults.values()) >= {"not-in-log"}
    await cosigning.act(conn, 0)
    group = (await anna.talk.create_conversation(bilal.member)).name
    await anna.talk.say(group, "dag")
    assert await bilal.heard(group) == ["dag"]
    assert anna.world.faults == {}


@pytest.mark.parametrize("renamed", [True, False])
@pytest.mark.parametrize("followed", [True, False])
async def test_a_key_that_the_application_made_up_is_refused(people, conn, cosigning, followed, renamed):
    """Without the log, the control, it is taken: on first use there is nothing to compare it with."""
    anna, bilal, *_ = people
    await cosigning.act(conn, 0)
    if followed:
        follow(anna)
    ours = make_keyring(at=1, person=bilal.id)

    def bend(body: bytes) -> bytes:
        said = json.loads(body)
        for event in said["events"]:
            if event["statement"]["typ"] == "balie-person-key+jws":
                event["statement"] |= {"signed": ours.history[0]} | ({"name": ours.known.name} if renamed else {})
        return json.dumps(said).encode()

    lying(anna, f"person?person={bilal.id}", bend)
    contact = await anna.world.contact(bilal.id)
    assert [person.sign for _, person in contact.accepted] == ([] if followed else [ours.known.sign])
    assert ("not-in-log" in anna.world.faults.values()) == followed


async def test_what_somebody_says_before_their_key_is_in_the_log_waits_for_it(people, conn, cosigning):
    anna, bilal, *_ = people
    follow(bilal)
    group = (await anna.talk.create_conversation(bilal.member)).name
    await anna.talk.say(group, "dag")
    await bilal.world.catch_up()
    assert not bilal.world.groups[group].messages
    await cosigning.act(conn, 0)
    assert await bilal.heard(group) == ["dag"]
    assert bilal.world.faults == {}


async def test_known_people_go_on_when_the_log_is_down(anna, bilal, people, conn, cosigning):
    await cosigning.act(conn, 0)
    group = (await anna.talk.create_conversation(bilal.member)).name
    await bilal.world.catch_up()
    for each in (anna, bilal):
        each.trouble = lambda _method, path: "gone" if path.endswith("key-log") else ""
    await anna.talk.say(group, "dag")
    assert await bilal.heard(group) == ["dag"]
    await bilal.talk.say(group, "ja")
    assert await anna.heard(group) == ["dag", "ja"]
    with pytest.raises(NoKeyError):
        await anna.talk.create_conversation(people[2].member)
    with pytest.raises(UnreachableError):
        await anna.application.key_log(since=0, persons=[])


def noted(tree: Tree, size: int) -> str:
    """A checkpoint that two key servers cosigned who help whoever asks."""
    checkpoint = Checkpoint(ORIGIN, size, tree.root(size))
    return note_of(checkpoint, *(cosign(checkpoint, name, keys(name).sign, at=START) for name in NAMES[:2]))


@pytest.mark.parametrize("lie", [(8, "forked"), (20, "forked"), (3, "stale")])
async def test_a_log_that_is_not_the_one_of_before_is_refused(anna, bilal, conn, cosigning, lie):
    size, trouble = lie
    await cosigning.act(conn, 0)
    await anna.world.log.learn([bilal.id])
    seen = anna.world.log.seen
    other = Tree()
    other.extend([leaf_hash(bytes([at])) for at in range(20)])

    def bend(body: bytes) -> bytes:
        proof = [b64(each) for each in other.consistency(8, size)] if size > 8 else []
        return json.dumps(json.loads(body) | {"checkpoint": noted(other, size), "consistency": proof}).encode()

    lying(anna, "key-log", bend)
    await anna.world.log.learn([bilal.id])
    assert (anna.world.log.trouble, anna.world.log.seen) == (trouble, seen)


async def test_the_next_start_goes_on_from_what_was_seen(anna, bilal, conn, cosigning, tmp_path):
    await cosigning.act(conn, 0)
    first = follow(anna, kept=tmp_path / "checkpoint")
    await first.learn([bilal.id])
    again = follow(anna, kept=tmp_path / "checkpoint")
    assert again.seen == first.seen is not None
    assert not again.has("x")


async def test_the_next_start_goes_on_from_what_was_read(anna, conn, cosigning, tmp_path):
    """So that a shorter log is seen by somebody who met nobody."""
    await cosigning.act(conn, 0)
    await follow(anna, kept=tmp_path / "checkpoint").audit(anna.keyring)
    again = follow(anna, kept=tmp_path / "checkpoint")
    assert again.seen is not None
    honest, short = again.seen.size, Tree()
    short.extend([leaf_hash(b"another")])
    lying(anna, "key-log?", lambda body: json.dumps(json.loads(body) | {"checkpoint": noted(short, 1)}).encode())
    assert honest > 1
    with pytest.raises(Rejected) as rejected:
        await again.audit(anna.keyring)
    assert rejected.value.reason == Reason.STALE


async def test_what_one_made_oneself_raises_no_alarm(anna, bilal, conn, cosigning):
    """A device that another device of ours certified, and our next key, are ours."""
    await cosigning.act(conn, 0)
    other = state_device(anna.keyring, make_device(anna.id), at=1)
    await anna.application.post(stated(devices.TYP, other.certificate))
    assert await anna.world.log.audit(anna.keyring) == []
    await anna.talk.renew_keys()
    await cosigning.act(conn, 0)
    assert await anna.world.log.audit(anna.keyring) == []


@pytest.mark.parametrize("shown", [True, False])
async def test_what_somebody_else_made_in_ones_name_is_told(anna, conn, cosigning, installation, shown):
    """Whether or not the application shows it to the one whose name is under it."""
    thief = make_keyring(at=1, person=anna.id)
    name = put(installation, anna.id, devices.TYP, state_device(thief, make_device(anna.id), at=1).certificate)
    await cosigning.act(conn, 0)
    if not shown:
        lying(anna, "person?", lambda body: json.dumps(json.loads(body) | {"events": []}).encode())
        assert name in await anna.world.log.audit(anna.keyring)
    else:
        assert await anna.world.log.audit(anna.keyring) == [name]


async def test_a_log_with_an_entry_left_out_is_seen(anna, conn, cosigning):
    await cosigning.act(conn, 0)

    def bend(body: bytes) -> bytes:
        said = json.loads(body)
        return json.dumps(said | {"entries": said["entries"][1:]}).encode() if said["entries"] else body

    lying(anna, "key-log?after=0", bend)
    with pytest.raises(Rejected) as rejected:
        await anna.world.log.audit(anna.keyring)
    assert rejected.value.reason == Reason.FORKED
