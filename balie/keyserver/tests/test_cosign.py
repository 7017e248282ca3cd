"""A key server cosigns what goes on from what it cosigned before, and nothing else."""

import pytest

from balie.consult.keylog.tree import Tree
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.keylog import Checkpoint, accept_checkpoint, cosigner, note_of
from balie.consult.protocol.trees import leaf_hash
from balie.keyserver.tests.house import ANNA, ISSUER, NAMES, START, STRANGER, house, keys

ORIGIN = "login.example/key-log"
COSIGNERS = [cosigner(name, keys(name).sign) for name in NAMES]


def tree(*entries):
    found = Tree()
    found.extend([leaf_hash(str(each).encode()) for each in entries])
    return found


LOG = tree(*range(20))
FORK = tree(*range(9), *"abcdefghijk")


def asked(since, size, of=LOG, bent=None):
    found = {"v": 1, "origin": ORIGIN, "size": size, "root": b64(of.root(size)), "since": since}
    proof = of.consistency(since, size) if since <= size else []
    return found | {"proof": [b64(each) for each in proof]} | (bent or {})


async def cosign(servers, since, size, of=LOG, *, server="north", **bent):
    token = servers.token("", server, token_use="key-log")
    return await servers.ask(server, "cosign", asked(since, size, of, bent), token=token)


async def test_two_of_three_make_a_checkpoint_that_clients_accept(servers):
    lines = [(await cosign(servers, 0, 10, server=name)).json["lines"] for name in NAMES[:2]]
    note = note_of(Checkpoint(ORIGIN, 10, LOG.root(10)), *lines)
    found = accept_checkpoint(note, origin=ORIGIN, cosigners=COSIGNERS)
    assert (found.servers, found.at) == (("east", "north"), START)


async def test_the_log_may_grow_and_be_cosigned_again(servers):
    for since, size in ((0, 4), (4, 4), (4, 9), (9, 20)):
        assert (await cosign(servers, since, size)).status == 200


async def test_a_fork_is_refused_whatever_is_offered_as_proof(servers):
    assert (await cosign(servers, 0, 10)).status == 200
    for size in (10, 15):
        for proof in (FORK, LOG):
            answer = await cosign(servers, 10, size, FORK, proof=[b64(each) for each in proof.consistency(10, size)])
            assert (answer.status, answer.json) == (400, {"error": "forked"})
    assert (await cosign(servers, 10, 15)).status == 200


async def test_it_is_its_memory_that_refuses(servers, tmp_path):
    """The control: one that has forgotten what it cosigned takes the fork."""
    assert (await cosign(servers, 0, 10)).status == 200
    (tmp_path / "elsewhere").mkdir()
    async with house(tmp_path / "elsewhere") as forgetful:
        assert (await cosign(forgetful, 0, 15, FORK)).status == 200


@pytest.mark.parametrize(("since", "size"), [(0, 20), (4, 20), (12, 20), (0, 4)])
async def test_who_proves_from_elsewhere_hears_from_where_to(servers, since, size):
    assert (await cosign(servers, 0, 10)).status == 200
    answer = await cosign(servers, since, size)
    assert (answer.status, answer.json) == (409, {"error": "behind", "size": 10})


async def test_an_older_one_is_refused(servers):
    assert (await cosign(servers, 0, 10)).status == 200
    assert (await cosign(servers, 10, 9)).json == {"error": "stale"}


async def test_nobody_but_the_issuer_may_ask(servers):
    others = {
        "a person": servers.token(ANNA.id, "north"),
        "with a token for another server": servers.token("", "east", token_use="key-log"),
        "somebody else": servers.token("", "north", STRANGER, token_use="key-log"),
        "nobody": "",
    }
    for token in others.values():
        assert (await servers.ask("north", "cosign", asked(0, 10), token=token)).status == 401
    own = servers.token(ANNA.id, "north", token_use="key-log")
    assert (await servers.ask("north", "nonce", {}, token=own)).status == 401


@pytest.mark.parametrize(
    "members",
    [{"size": -1}, {"size": "10"}, {"root": "x"}, {"proof": ["x"]}, {"proof": [b64(bytes(32))] * 65}, {"more": 1}],
)
async def test_what_has_not_the_form_is_refused(servers, members):
    token = servers.token("", "north", token_use="key-log")
    answer = await servers.ask("north", "cosign", asked(0, 10, LOG, members), token=token)
    assert (answer.status, answer.json) == (400, {"error": "malformed"})


async def test_the_log_of_another_installation_is_refused(servers):
    assert ISSUER == "https://login.example"
    assert (await cosign(servers, 0, 10, origin="balie.example/key-log")).json == {"error": "forked"}


async def test_a_log_that_began_anew_has_another_name(tmp_path):
    (tmp_path / "named").mkdir()
    async with house(tmp_path / "named", key_log=f"{ORIGIN}/2") as servers:
        assert (await cosign(servers, 0, 10)).json == {"error": "forked"}
        token = servers.token("", "north", token_use="key-log")
        answer = await servers.ask("north", "cosign", asked(0, 10, LOG, {"origin": f"{ORIGIN}/2"}), token=token)
        assert answer.status == 200
