"""What is stored, for whom, at which place; and that what is sent again is stored once."""

import psycopg
import pytest
from msgspec import structs

from balie.consult.testing import new_name


def outcomes(answers):
    return [answer.outcome for answer in answers]


async def test_messages_get_places_without_gaps_in_each_conversation(ward, conn):
    batch = [
        ward.message(ward.anna, ward.both),
        ward.message(ward.anna, ward.consult),
        ward.message(ward.bilal, ward.both),
    ]
    answers = await ward.send(conn, *batch)
    assert outcomes(answers) == ["stored"] * 3
    assert [answer.place for answer in answers] == [1, 1, 2]
    [again] = await ward.send(conn, ward.message(ward.bilal, ward.both))
    assert again.place == 3


async def test_each_reads_what_is_theirs_and_nothing_else(ward, conn):
    await ward.send(
        conn, ward.message(ward.anna, ward.both, "to Bilal"), ward.message(ward.anna, ward.consult, "to all")
    )
    assert [row.envelope for row in await ward.read(conn, ward.anna)] == ["to Bilal", "to all"]
    assert [row.envelope for row in await ward.read(conn, ward.bilal)] == ["to Bilal"]
    assert [row.envelope for row in await ward.read(conn, ward.chris)] == ["to all"]
    assert await ward.read(conn, ward.dina) == []


async def test_the_feed_goes_on_where_one_was(ward, conn):
    sent = [ward.message(ward.anna, ward.both, str(number)) for number in range(5)]
    await ward.send(conn, *sent[:3])
    first = await ward.read(conn, ward.bilal, most=2)
    await ward.send(conn, *sent[3:])
    rest = await ward.read(conn, ward.bilal, after=first[-1].feed)
    assert [row.envelope for row in [*first, *rest]] == ["0", "1", "2", "3", "4"]
    assert [row.place for row in [*first, *rest]] == [1, 2, 3, 4, 5]
    assert {(row.person, row.device) for row in rest} == {(ward.anna.identity, ward.anna.device)}


async def test_who_sends_again_hears_the_place_of_the_first_time(ward, conn):
    message = ward.message(ward.anna, ward.both)
    [first] = await ward.send(conn, message)
    assert await ward.send(conn, message) == [first]
    sealed_again = ward.message(ward.anna, ward.both, "under another key", id=message.id)
    assert await ward.send(conn, sealed_again) == [first]
    assert [row.envelope for row in await ward.read(conn, ward.bilal)] == ["sealed"]


async def test_the_id_of_somebody_else_is_taken(ward, conn):
    message = ward.message(ward.anna, ward.both)
    await ward.send(conn, message)
    assert outcomes(await ward.send(conn, ward.message(ward.bilal, ward.both, id=message.id))) == ["taken"]


async def test_absent_and_forbidden_look_alike(ward, conn):
    forbidden = ward.message(ward.dina, ward.both)
    absent = structs.replace(ward.message(ward.anna, ward.both), conversation=new_name())
    a_team = structs.replace(ward.message(ward.chris, ward.both), conversation=ward.team.name)
    assert outcomes(await ward.send(conn, forbidden, absent, a_team)) == ["not_found"] * 3
    assert await ward.read(conn, ward.anna) == []


async def test_nothing_comes_from_another_ones_device_or_a_revoked_one(ward, conn):
    borrowed = ward.message(ward.anna, ward.both, device=ward.bilal.device)
    await conn.execute("update consult_device set revoked_at = now() where id = %s", (ward.anna.device,))
    assert outcomes(await ward.send(conn, borrowed, ward.message(ward.anna, ward.both))) == ["no_device"] * 2


async def test_nothing_new_comes_under_a_retired_key_nor_under_one_of_another_conversation(ward, conn):
    before = ward.message(ward.anna, ward.both)
    [stored] = await ward.send(conn, before)
    await conn.execute("update consult_group_key set retired_at = now() where name = %s", (ward.both.key,))
    late, foreign = ward.message(ward.anna, ward.both), ward.message(ward.anna, ward.both, key=ward.consult.key)
    assert outcomes(await ward.send(conn, late, foreign)) == ["key_retired"] * 2
    assert await ward.send(conn, before) == [stored]


async def test_one_id_twice_in_a_batch_breaks_the_batch(ward, conn):
    message = ward.message(ward.anna, ward.both)
    with pytest.raises(psycopg.errors.UniqueViolation):
        await ward.send(conn, message, message)
    assert await ward.read(conn, ward.anna) == []
