"""Workbooks: what a spreadsheet shows is read, what is not plain is named, and none of them can hurt us."""

import datetime as dt
import time
import tracemalloc

import pytest

from balie.practices.importing import package
from balie.practices.importing.comparing import Outcome
from balie.practices.importing.problems import FileError
from balie.practices.importing.reading import MOST_BYTES, read_table
from balie.practices.importing.services import Report, import_file
from balie.practices.models import Practice
from balie.practices.tests.workbooks import EIK, HEADER, LINDE, make_workbook, replace_part, sheet_with

SHEET = "xl/worksheets/sheet1.xml"


def load(content: bytes) -> Report:
    return import_file(content, name="praktijken.xlsx", write=True)


@pytest.mark.django_db
def test_a_workbook_is_read_as_its_text_would_be():
    def change(book):
        book.active.append([])
        book.active.append(["", " ", *[None] * 5])
        book.active.append(["01234567", *[None] * 3, "Dorpsstraat 3", "1235CD", "Ander\u00a0Dorp", "Bijgebouw"])
        book.active["H1"] = "location_name"

    report = load(make_workbook([*HEADER, None], LINDE, EIK, change=change))
    assert (report.written, report.rows, report.count(Outcome.CREATED), report.sheet) == (True, 3, 2, "Sheet")
    linde = Practice.objects.get(agb_code="01234567")
    assert linde.registered_count == 2095
    assert sorted(linde.locations.values_list("name", "city")) == [
        ("Bijgebouw", "Ander Dorp"),
        ("Hoofdlocatie", "Ons Dorp"),
    ]


@pytest.mark.django_db
def test_a_code_kept_as_a_number_counts_as_it_is_shown():
    def change(book):
        book.active["A2"].number_format = "00000000"
        book.active["C2"] = 2095.0

    load(make_workbook(HEADER, [1234567, *LINDE[1:]], change=change))
    assert Practice.objects.get().agb_code == "01234567"


def merge(book):
    book.active.merge_cells("B2:B3")


def hide(book):
    book.active.row_dimensions[3].hidden = True


def put(cell, value, number_format=None):
    def change(book):
        book.active[cell] = value
        if number_format:
            book.active[cell].number_format = number_format

    return change


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "place", "found", "says"),
    [
        (put("A2", 1234567), (2, "agb_code"), "1234567", "misschien 01234567"),
        (put("C2", "=1000+1095"), (2, "registered_count"), "=1000+1095", "plak ze als waarden"),
        (put("C2", dt.date(2026, 10, 12)), (2, "registered_count"), "12-10-2026", "een datum"),
        (put("C2", 2095, "d-m-yyyy"), (2, "registered_count"), "25-09-1905", "een datum"),
        (put("C2", dt.time(10, 30)), (2, "registered_count"), "10:30:00", "een datum of een tijd"),
        (put("C2", 2095.5), (2, "registered_count"), "2095,5", "geen heel getal"),
        (put("C2", "2.095,0"), (2, "registered_count"), "2.095,0", "Bedoelt u 2095?"),
        (put("B2", value=True), (2, "name"), "WAAR", "waar of onwaar"),
        (put("B2", "#N/A"), (2, "name"), "#N/A", "foutmelding van het rekenblad"),
        (merge, (2, "name"), "De Linde", "samengevoegde cellen: B2:B3"),
        (hide, (3, ""), "", "verborgen"),
    ],
)
def test_what_is_not_plain_is_named_with_its_place(change, place, found, says):
    report = load(make_workbook(HEADER, LINDE, EIK, change=change))
    problem = report.problems[0]
    assert (problem.line, problem.column) == place
    assert problem.found == found
    assert says in f"{problem.wrong} {problem.expected}"
    assert Practice.objects.count() == 0


def test_one_cell_has_one_problem():
    table = read_table(make_workbook(HEADER, LINDE, change=put("C2", "=1")))
    assert [problem.column for problem in table.problems] == ["registered_count"]


def other_sheet(*rows, state="visible"):
    def change(book):
        sheet = book.create_sheet("Tweede")
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = state

    return change


@pytest.mark.parametrize(
    "change", [other_sheet(), other_sheet(["Toelichting"]), other_sheet(HEADER, EIK, state="hidden")]
)
def test_of_several_sheets_the_one_with_our_columns_is_read(change):
    table = read_table(make_workbook(HEADER, LINDE, change=change))
    assert (table.sheet, len(table.rows)) == ("Sheet", 1)


def test_a_table_on_a_later_sheet_is_found():
    table = read_table(make_workbook(["Toelichting"], change=other_sheet(HEADER, LINDE)))
    assert (table.sheet, len(table.rows)) == ("Tweede", 1)


def as_bomb(content: bytes) -> bytes:
    return replace_part(content, SHEET, b" " * (101 * 1024**2))


def with_cells(content: bytes, count: int) -> bytes:
    return replace_part(content, SHEET, sheet_with(f"<row>{'<c/>' * count}</row>"))


def with_rows(content: bytes, rows: str) -> bytes:
    return replace_part(content, SHEET, sheet_with(rows))


def with_entities(content: bytes) -> bytes:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>'
    return replace_part(content, SHEET, bomb + sheet_with("<row><c><v>&b;</v></c></row>"))


GOOD = make_workbook(HEADER, LINDE)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (make_workbook(), "geen blad waar iets op staat"),
        (make_workbook(HEADER), "wel een kop"),
        (make_workbook(["Praktijken"], HEADER, LINDE), "geen tabel die wij kennen"),
        (make_workbook(HEADER, LINDE, change=other_sheet(HEADER, EIK)), "Meer dan één blad .* “Sheet”, “Tweede”"),
        (make_workbook(HEADER, LINDE, change=put("A1", "=1")), "geen tabel|De kop|ontbreken"),
        (make_workbook(HEADER, LINDE, change=lambda book: book.active.merge_cells("A1:B1")), "De kop"),
        (make_workbook([*HEADER, *[f"x{number}" for number in range(100)]], LINDE), "meer dan 100 kolommen"),
        (GOOD[:-100], "beschadigd"),
        (GOOD[:200] + b"\x00" * 100 + GOOD[300:], "beschadigd"),
        (replace_part(GOOD, SHEET, b"<worksheet><sheetData><row"), "beschadigd"),
        (replace_part(GOOD, SHEET, None), "beschadigd|geen blad"),
        (replace_part(GOOD, "[Content_Types].xml", None), "geen werkmap"),
        (replace_part(GOOD, "xl/workbook.bin", b""), "xlsb"),
        (replace_part(replace_part(GOOD, "mimetype", b""), "content.xml", b""), "OpenDocument"),
        (as_bomb(GOOD), "veel groter"),
        (with_cells(GOOD, 3000), "veel groter"),
        (with_rows(GOOD, '<row r="99999999999"><c/></row>'), "veel groter"),
        (with_rows(GOOD, f"{'<x>' * 200}{'</x>' * 200}"), "veel groter"),
        (with_entities(GOOD), "veel groter"),
        (replace_part(GOOD, "xl/styles.xml", b"<styleSheet>" + b"<xf/>" * 200_000 + b"</styleSheet>"), "veel groter"),
        (b"x" * (MOST_BYTES + 1), "groter dan 20 MB"),
    ],
)
def test_a_workbook_that_cannot_be_used_says_what_to_do(content, says):
    with pytest.raises(FileError, match=says):
        read_table(content)


def test_a_bomb_costs_little(monkeypatch):
    monkeypatch.setattr(package, "MOST_ELEMENTS", 100_000)
    bomb = replace_part(GOOD, SHEET, sheet_with("<row><c/></row>" * 200_000))
    tracemalloc.start()
    try:
        with pytest.raises(FileError):
            read_table(bomb)
        assert tracemalloc.get_traced_memory()[1] < 2 * 1024**2
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.django_db
def test_twenty_thousand_rows_take_seconds():
    rows = [
        [
            f"{number:08}",
            f"Praktijk {number}",
            2000,
            f"p{number}@voorbeeld.example",
            f"Straat {number}",
            "1234AB",
            "Stad",
        ]
        for number in range(1, 20_001)
    ]
    content = make_workbook(HEADER, *rows)
    began = time.process_time()
    assert load(content).count(Outcome.CREATED) == 20_000
    assert time.process_time() - began < 60
