"""A message that stands where it should not be is found, however it was written; what is sealed is not."""

import json
import secrets
from base64 import b32encode, b64encode, urlsafe_b64encode
from email.message import EmailMessage

import psycopg
import pytest

from balie.consult.protocol.boxes import lock
from balie.rehearse.judge.traces import find_traces, read_database, read_files

MARK = "Q0123456789abcdef0123"
TEXT = f"{MARK} bericht 1 van 3 {MARK}".encode()


def mail(encoding: str) -> bytes:
    message = EmailMessage()
    message.set_content(
        f"Er is een bericht voor u, namelijk dit, en dat staat hier: {TEXT.decode()} met groet", cte=encoding
    )
    return message.as_bytes()


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        TEXT[:40],
        TEXT[-40:],
        json.dumps({"text": TEXT.decode()}).encode(),
        TEXT.decode().encode("utf-16"),
        b"\\x" + TEXT.hex().encode(),
        TEXT.hex().upper().encode(),
        *(b64encode(b"x" * n + TEXT) for n in range(3)),
        *(urlsafe_b64encode(b"\xff" * n + TEXT) for n in range(3)),
        *(b32encode(b"x" * n + TEXT) for n in range(5)),
        mail("base64"),
        mail("quoted-printable"),
    ],
)
def test_it_is_found(content):
    assert find_traces(MARK, [("there", b"before " + content + b" after"), ("elsewhere", b"nothing")])[0].startswith(
        "there: "
    )


def test_what_is_sealed_is_not():
    box = lock("balie-message+jwe", secrets.token_bytes(32), TEXT)
    assert find_traces(MARK, [("box", box.encode()), ("other", TEXT.replace(b"0", b"1"))]) == []


def test_a_file_with_it_is_found_in_whatever_folder(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "live-1.log").write_bytes(b"request " + TEXT)
    (tmp_path / "work-1.log").write_bytes(b"request")
    assert find_traces(MARK, read_files(tmp_path)) == [f"file {tmp_path.name}/deep/live-1.log: text"]


@pytest.mark.parametrize(
    ("kind", "planted"),
    [("text", TEXT.decode()), ("bytea", TEXT), ("bytea", b64encode(TEXT)), ("jsonb", json.dumps([TEXT.decode()]))],
)
def test_a_row_with_it_is_found_in_whatever_table(installation, kind, planted):
    with psycopg.connect(installation.dsn, autocommit=True) as connection:
        assert find_traces(MARK, read_database(installation.dsn)) == []
        connection.execute("create schema aside")
        connection.execute(f"create table aside.forgotten (id int, note {kind})")
        connection.execute("insert into aside.forgotten values (1, %s)", [planted])
        found = find_traces(MARK, read_database(installation.dsn))
        connection.execute("drop schema aside cascade")
    assert {each.partition(":")[0] for each in found} == {"table aside.forgotten"}
