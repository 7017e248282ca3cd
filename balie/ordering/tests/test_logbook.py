"""The log of a practice: all that was done for it, from where; for its GPs and managers alone; as files too."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import balie
from balie.lib.csvfile import csv_stream
from balie.lib.numbers import ASKED, Asked
from balie.ordering.hot import ConfirmRequest, confirm_batch
from balie.ordering.queries import logbook
from balie.ordering.queries.act_words import OTHERS
from balie.ordering.queries.logbook import PAGE
from balie.practices.models import AuditEvent, OrganiserRole
from balie.practices.person_log import WORDS
from balie.practices.services import record, tell_origin
from balie.practices.testing import make_cast, make_person

FROM_HERE = "203.0.113.7"
RECORDED = re.compile(r'_?record\([^()]*?"([a-z]+\.[a-z_]+)"')
OF_NO_PRACTICE = {"bsn.resealed"}


@pytest.fixture
def cast(db):
    return make_cast()


def browser_of(person) -> Client:
    client = Client(REMOTE_ADDR=FROM_HERE)
    client.force_login(person)
    return client


def happens(cast, count=1, practice=None):
    for number in range(count):
        record(
            actor=cast.owner,
            practice=practice or cast.practice,
            action="order.placed",
            subject=f"B27-{number:05}",
            detail={"doses": number},
        )


def test_a_practice_reads_its_own(cast):
    happens(cast)
    happens(cast, practice=cast.other_practice)
    page = browser_of(cast.owner).get("/logboek/").content.decode()
    assert page.count("Bestelling geplaatst") == 1
    assert "Anna de Vries" in page


@pytest.mark.parametrize("path", ["/logboek/", "/logboek.csv", "/logboek.jsonl"])
def test_only_who_decides_reads_it(cast, path):
    happens(cast)
    assert browser_of(cast.colleague).get(path).status_code == 403
    outside = browser_of(cast.outsider).get(path)
    body = b"".join(outside) if outside.streaming else outside.content
    assert (outside.status_code, b"B27-00000" in body) == (200, False)


def test_it_reads_on_and_costs_no_more_queries(cast, django_assert_max_num_queries):
    happens(cast, PAGE + 3)
    client = browser_of(cast.owner)
    client.get("/logboek/")
    with django_assert_max_num_queries(8):
        page = client.get("/logboek/").content.decode()
    assert page.count("Bestelling geplaatst") == PAGE
    older = page.partition("?voor=")[2].partition('"')[0]
    assert client.get(f"/logboek/?voor={older}").content.decode().count("Bestelling geplaatst") == 3
    assert client.get("/logboek/?voor=x").status_code == 404


def test_it_goes_out_whole(cast):
    happens(cast, PAGE + 1)
    client = browser_of(cast.owner)
    lines = [json.loads(line) for line in b"".join(client.get("/logboek.jsonl")).splitlines()]
    assert [line["subject"] for line in lines] == [f"B27-{number:05}" for number in range(PAGE + 1)]
    assert (lines[7]["by"], lines[7]["action"], lines[7]["detail"]) == ("Anna de Vries", "order.placed", {"doses": 7})
    text = b"".join(client.get("/logboek.csv")).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len(rows) == PAGE + 2
    assert rows[1][1:4] == ["Bestelling geplaatst", "B27-00000", "Anna de Vries"]


def test_the_organiser_and_auditors_read_that_of_everybody(cast):
    happens(cast)
    happens(cast, practice=cast.other_practice)
    record(actor=None, practice=None, action="campaign.created", subject="campaign:2027")
    auditor = make_person("Fred Bos", is_organiser=True, organiser_role=OrganiserRole.AUDITOR)
    for person in (cast.organiser, auditor):
        client = browser_of(person)
        page = client.get("/logboek/alles/").content.decode()
        assert page.count("Bestelling geplaatst") == 2
        assert page.count("Campagne gemaakt") == 1
        assert cast.other_practice.name in page
        lines = [json.loads(line) for line in b"".join(client.get("/logboek/alles.jsonl")).splitlines()]
        assert [line["practice"] for line in lines] == [cast.practice.agb_code, cast.other_practice.agb_code, None]
        text = b"".join(client.get("/logboek/alles.csv")).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
        assert [row["AGB-code"] for row in rows] == [cast.practice.agb_code, cast.other_practice.agb_code, ""]


def test_a_long_log_goes_out_some_at_a_time_and_ends_where_it_began(cast, monkeypatch):
    """What is added while somebody reads is for the next time; no act is left out or told twice."""
    monkeypatch.setattr(logbook, "AT_ONCE", 2)
    happens(cast, 5)
    told = logbook.read_whole_logbook(None)
    first = next(told)
    happens(cast, 2)
    assert [first.event.subject, *(each.event.subject for each in told)] == [f"B27-{n:05}" for n in range(5)]
    with CaptureQueriesContext(connection) as asked:
        assert len(list(logbook.read_whole_logbook(cast.practice))) == 7
    assert len(asked) == 5
    assert "offset" not in " ".join(each["sql"].lower() for each in asked)


def test_a_spreadsheet_of_a_long_log_is_written_as_it_is_read():
    """In pieces, of which each is whole lines; the cells are as harmless as ever."""
    read = []
    rows = ((n, "=1+1") for n in range(40_000) if read.append(n) is None)
    reply = csv_stream("lang.csv", ["nummer", "cel"], rows)
    pieces = iter(reply)
    next(pieces), next(pieces)
    assert len(read) < 40_000
    text = b"".join(pieces).decode()
    assert text.endswith("39999;'=1+1\r\n")


def test_it_says_from_where(cast):
    browser_of(cast.owner).post("/medewerkers/", {"do": "invite", "email": "fen@na.example", "name": "F", "role": "gp"})
    assert AuditEvent.objects.get(action="membership.added").origin == FROM_HERE


def test_what_functions_add_has_it_too(cast):
    before = ASKED.set(Asked(origin=FROM_HERE))
    try:
        tell_origin()
    finally:
        ASKED.reset(before)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into practices_audit_event (at, practice_id, action, subject, reason, detail)"
            " values (now(), %s, 'order.placed', '', '', '{}')",
            [cast.practice.pk],
        )
    assert AuditEvent.objects.get().origin == FROM_HERE


async def test_each_order_of_a_batch_has_its_own(desk, conn):
    held = [await desk.hold_flu(conn, member) for member in (desk.linde, desk.eik)]
    asked = [
        ConfirmRequest(member.practice, each.key, member.person, 0, origin)
        for member, each, origin in zip((desk.linde, desk.eik), held, (FROM_HERE, "2001:db8::1"), strict=True)
    ]
    await confirm_batch(conn, desk.campaign, asked)
    rows = await (await conn.execute("select practice_id, origin from practices_audit_event order by 1")).fetchall()
    assert rows == [(desk.linde.practice, FROM_HERE), (desk.eik.practice, "2001:db8::1")]
    assert await desk.order_flu(conn, desk.beuk, 100, held[0].lines[0].day.replace(day=5))
    row = await (await conn.execute("select origin from practices_audit_event order by id desc limit 1")).fetchone()
    assert row == ("",), "a setting of one transaction was left for the next"


def test_acts_of_patients_and_programs_have_words():
    """Others are told by the name of the action until they have words."""
    folders = [Path(balie.__file__).parent / each for each in ("patients", "practices/webhooks")]
    sources = [path for folder in folders for path in folder.rglob("*.py") if "tests" not in path.parts]
    acts = {act for path in sources for act in RECORDED.findall(path.read_text(encoding="utf-8"))}
    assert {"bsn.shown", "webhook.ended"} <= acts
    assert {act for act in acts if act not in OTHERS and act not in WORDS} <= OF_NO_PRACTICE
