"""The log: what is written down by itself and by clients, for whom, and that nobody can change it."""

import json
from itertools import pairwise

import psycopg
import pytest

from balie.consult import logbook as module
from balie.consult.protocol.encoding import name
from balie.consult.testing import new_name
from balie.consult.tests.keyholders import named

PATH = "/live/consult/log"


async def log(client, group=None):
    return (await client.get(f"log?group={group}" if group else "log"))["entries"]


def hashed(book, entry):
    """The hash of an entry, as the specification has it."""
    fields = (book, str(entry["number"]), *(entry[each] for each in ("at", "what", "person", "detail", "previous")))
    return name("log-entry", *(field.encode() for field in fields))


def whole(book, entries):
    """Whether a chain is one."""
    assert [each["number"] for each in entries] == list(range(1, len(entries) + 1))
    assert entries[0]["previous"] == ""
    assert all(one["hash"] == next_one["previous"] for one, next_one in pairwise(entries))
    return all(each["hash"] == hashed(book, each) for each in entries)


async def test_acts_keys_and_reading_are_in_the_book_of_the_group(clients):
    anna, bilal, chris, _ = clients
    group, key = await anna.begin("conversation", bilal.holder)
    await anna.send(group, key)
    for far in ({"delivered": 1}, {"read": 1}, {"read": 1}):
        await bilal.browser.post("/live/consult/read", {"reads": [{"conversation": group, **far}]})
    add = bilal.holder.add(group, chris.holder.member, [group])
    await bilal.post(add)
    await bilal.post(add)  # posted again, done once
    entries = await log(chris, group)
    assert [each["what"] for each in entries] == ["created", "group-key", "read", "added"]
    assert [each["person"] for each in entries] == [each.holder.id for each in (anna, anna, bilal, bilal)]
    assert json.loads(entries[2]["detail"]) == {"place": 1}
    assert json.loads(entries[3]["detail"]) == {"statement": named(add), "member": chris.holder.member}
    assert whole(group, entries)


async def test_what_one_does_with_ones_keys_is_in_ones_own(clients):
    anna, bilal, *_ = clients
    await anna.post(anna.holder.revoke())
    entries = await log(anna)
    assert [each["what"] for each in entries] == ["person-key", "device", "device-revoked"]
    assert whole(anna.holder.id, entries)
    assert len(await log(bilal)) == 2


async def test_clients_tell_what_only_they_can(clients):
    anna, bilal, chris, _ = clients
    group, _ = await anna.begin("conversation", bilal.holder)
    told = [
        {"what": "unlocked", "device": anna.holder.device, "note": "sleutelservers a, b"},
        {"what": "opened", "group": group},
        {"what": "exported", "group": group, "note": "dossier"},
    ]
    assert (await anna.browser.post(PATH, {"entries": told})).json == {}
    assert [each["what"] for each in await log(bilal, group)] == ["created", "group-key", "opened", "exported"]
    assert json.loads((await log(anna))[-1]["detail"]) == {k: v for k, v in told[0].items() if k != "what"}
    assert whole(group, await log(bilal, group))
    for each in (group, new_name()):
        assert (await chris.browser.post(PATH, {"entries": [{"what": "opened", "group": each}]})).code == "not_found"
        assert (await chris.browser.get(f"{PATH}?group={each}")).code == "not_found"


async def test_what_could_not_be_told_at_once_says_when_it_was(clients):
    anna, *_ = clients
    await anna.browser.post(PATH, {"entries": [{"what": "unlocked", "at": 1_800_000_000}]})
    entry = (await log(anna))[-1]
    assert json.loads(entry["detail"]) == {"at": 1_800_000_000}
    assert not entry["at"].startswith("2027-01-15")  # that is for the server to say


async def test_who_looked_into_a_strange_statement_says_what_it_was(clients):
    anna, bilal, *_ = clients
    told = {"what": "cleared", "statement": new_name(), "note": "De helpdesk zocht het uit"}
    assert (await anna.browser.post(PATH, {"entries": [told]})).json == {}
    [entry] = [each for each in await log(anna) if each["what"] == "cleared"]
    assert (entry["person"], json.loads(entry["detail"])) == (
        anna.holder.id,
        {"note": told["note"], "statement": told["statement"]},
    )
    assert "cleared" not in [each["what"] for each in await log(bilal)]


async def test_who_has_no_keys_has_no_log(strangers):
    assert await log(strangers[0]) == []
    assert (await strangers[0].browser.post(PATH, {"entries": [{"what": "unlocked"}]})).code == "no_keys"


async def test_what_is_no_entry_is_refused(clients, subtests):
    for entry in [
        {"what": "added"},
        {"what": "opened", "group": "x"},
        {"what": "unlocked", "note": "x" * 201},
        {"what": "unlocked", "at": -1},
        {"what": "unlocked", "at": "gisteren"},
        {"what": "unlocked", "statement": new_name()},
        {"what": "cleared", "note": "niets"},
        {"what": "cleared", "statement": new_name()},
        {"what": "cleared", "statement": new_name(), "note": "  "},
        {"what": "cleared", "statement": new_name(), "note": "niets", "group": new_name()},
        {},
    ]:
        with subtests.test(entry=entry):
            assert (await clients[0].browser.post(PATH, {"entries": [entry]})).code == "bad_request"


async def test_a_refused_post_leaves_no_trace(clients):
    anna, bilal, *_ = clients
    group, _ = await anna.begin("conversation", bilal.holder)
    before = await log(anna, group)
    fine = anna.holder.add(group, clients[2].holder.member, [group])
    wrong = anna.holder.add(group, f"team:{new_name()}", [named(fine)])
    assert (await anna.refused(fine, wrong))[2:] == ("statements[1]", "unknown-member")
    assert await log(anna, group) == before


async def test_pages_of_a_log(clients, monkeypatch):
    monkeypatch.setattr(module, "PAGE_MOST", 2)
    anna, bilal, *_ = clients
    group, _ = await anna.begin("conversation", bilal.holder)
    await anna.browser.post(PATH, {"entries": [{"what": "opened", "group": group}]})
    first = await anna.get(f"log?group={group}")
    rest = await anna.get(f"log?group={group}&after=2")
    assert ([each["number"] for each in first["entries"]], first["more"]) == ([1, 2], True)
    assert ([each["number"] for each in rest["entries"]], rest["more"]) == ([3], False)


async def test_nothing_is_changed_or_removed_and_a_change_would_show(clients, installation):
    anna, bilal, *_ = clients
    group, _ = await anna.begin("conversation", bilal.holder)
    with installation.connect() as line:
        for change in ("update consult_log_entry set what = 'x'", "delete from consult_log_entry"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                line.execute(change)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            line.execute("truncate consult_log_entry cascade")
        line.execute("alter table consult_log_entry disable trigger all")
        line.execute("update consult_log_entry set detail = '{}' where what = 'group-key'")
    assert not whole(group, await log(anna, group))
