"""Whatever is uploaded: a page that says how it stands, no fault of ours, and nothing written."""

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from balie.practices.models import AuditEvent, ImportState, Location, Person, Practice
from balie.practices.testing import make_person
from balie.practices.tests.imports import EIK, HEADER, LINDE, page, table, upload, work
from balie.practices.tests.workbooks import make_workbook, read_part, replace_part

pytestmark = [pytest.mark.django_db, pytest.mark.urls("balie.urls")]

TABLE = table(f"{HEADER};previous_agb_code;ordered_flu_2026;person_email;person_name", f"{LINDE};;650;a@b.nl;Anna", EIK)
WORKBOOK = make_workbook(*[line.split(";") for line in TABLE.decode().splitlines()])
SHEET = "xl/worksheets/sheet1.xml"
PIECES = [
    b"",
    b"\x00",
    b"\xff",
    b'"',
    b";",
    b"\n",
    b"=1+1",
    b"-1",
    b"nieuw",
    b"2.095,0",
    b"<",
    b"</row>",
    b"\xef\xbb\xbf",
]


@st.composite
def mutated(draw, original: bytes) -> bytes:
    """The original with a few places cut out and something else put there."""
    content = original
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=8))
        content = content[:at] + piece + content[at + draw(st.integers(0, 30)) :]
    return content or b"x"


cells = st.text(max_size=20) | st.sampled_from(
    ["01234567", "1234 AB", "a@b.nl", "2095", "nieuw", "\u202e", "\U0001f600"]
)
rows = st.lists(st.lists(cells, min_size=7, max_size=12), max_size=4)
whatever = st.one_of(
    st.binary(min_size=1, max_size=400),
    mutated(TABLE),
    rows.map(lambda lines: table(HEADER, *[";".join(line) for line in lines])),
    mutated(WORKBOOK),
    mutated(read_part(WORKBOOK, SHEET)).map(lambda sheet: replace_part(WORKBOOK, SHEET, sheet)),
)


def everything() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Practice, Location, Person, AuditEvent))


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=whatever, name=st.text(st.characters(codec="utf-8", exclude_characters="/\\&"), max_size=30))
def test_anything_can_be_uploaded(content, name):
    client = Client()
    client.force_login(make_person(is_organiser=True))
    before = everything()
    address = upload(client, content, name=f"x{name}")
    assert work().state in {ImportState.READY, ImportState.REFUSED}
    page(client, address)
    b"".join(client.get(f"{address}rapport.csv").streaming_content)
    assert everything() == before
