"""Whoever judges from outside reads these views, as the page says, and nothing else."""

import psycopg
import pytest

from balie.lib.sqlfiles import read_sql

VIEWS = {
    "messages": "conversation message place author device received_at envelope",
    "members": "kind group_name member",
    "econsults": "id conversation team practice patient urgency number arrived_at due_at holder picked_up_at closed_at"
    " moved_at instead_of",
    "sealed_keys": "kind group_name key member sealed retired_at",
}


async def test_a_judge_reads_what_the_server_has_and_no_more(ward, conn):
    sent = ward.message(ward.anna, ward.both)
    await ward.send(conn, sent)
    await conn.execute(read_sql("ordering", "judge_role"))
    await conn.execute("call consult_judge.admit_v1()")
    async with await psycopg.AsyncConnection.connect(ward.dsn, user="balie_judge", autocommit=True) as judge:
        for view, columns in VIEWS.items():
            cursor = await judge.execute(f"select * from consult_judge.{view}")
            assert [column.name for column in cursor.description or ()] == columns.split()
        stored = await judge.execute("select conversation, message, place, author from consult_judge.messages")
        assert await stored.fetchall() == [(ward.both.name, sent.id, 1, ward.anna.identity)]
        members = await judge.execute(
            "select member from consult_judge.members where group_name = %s", [ward.consult.name]
        )
        assert await members.fetchall() == [(f"person:{ward.anna.identity}",), (f"team:{ward.team.name}",)]
        for forbidden in ("select 1 from consult_message", "select 1 from consult_keyset"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await judge.execute(forbidden)
