"""Importing practices: what is wrong is named by line and column, and then nothing changes."""

import pytest

from balie.practices.importing.columns import COLUMNS
from balie.practices.importing.command import import_practices
from balie.practices.importing.comparing import Outcome
from balie.practices.importing.problems import FileError
from balie.practices.importing.services import Report, import_file
from balie.practices.models import AuditEvent, Location, Membership, PastUse, Person, Practice
from balie.practices.testing import make_location, make_membership, make_past_use, make_person, make_practice
from balie.practices.tests import workbooks
from balie.practices.tests.workbooks import make_workbook

pytestmark = pytest.mark.django_db

HEADER = "agb_code;name;registered_count;email;street;postcode;city"
LINDE = "01234567;De Linde;2095;info@delinde.example;Lindelaan 1;1234 AB;Ons Dorp"
EIK = "01999999;De Eik;3000;info@deeik.example;Eikenweg 2;5678 CD;Ginder"


def load(*lines: str, write: bool = True) -> Report:
    return import_file("\n".join(lines).encode(), name="praktijken.csv", write=write)


def problems(*lines: str) -> list[tuple[int, str]]:
    report = load(*lines)
    assert not report.written
    assert Practice.objects.count() == 0
    return [(problem.line, problem.column) for problem in report.problems]


def test_it_makes_practices_with_their_locations():
    report = load(HEADER, LINDE, EIK)
    assert report.written
    assert report.count(Outcome.CREATED) == 2
    practice = Practice.objects.get(agb_code="01234567")
    assert (practice.name, practice.registered_count, practice.email) == ("De Linde", 2095, "info@delinde.example")
    assert practice.locations.get().address == "Lindelaan 1, 1234 AB Ons Dorp"


def test_a_dry_run_says_the_same_and_changes_nothing():
    report = load(HEADER, LINDE, write=False)
    assert report.count(Outcome.CREATED) == 1
    assert not report.written
    assert Practice.objects.count() == 0
    assert AuditEvent.objects.count() == 0


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_it_reads_what_spreadsheets_write(prefix, delimiter, ending):
    lines = (HEADER, LINDE.replace("De Linde", '"Praktijk ""Dé Linde"""'))
    content = ending.join(lines).replace(";", delimiter).encode()
    assert import_file(prefix + content, name="x.csv", write=True).written
    assert Practice.objects.get().name == 'Praktijk "Dé Linde"'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is leeg"),
        (b"  \n\n", "is leeg"),
        (HEADER.encode(), "geen regels"),
        (f"{HEADER}\n{LINDE}".replace("Lindelaan", "Caf\u00e9laan").encode("cp1252"), "Windows-1252: regel 2"),
        (f"{HEADER}\n{LINDE}".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04 and more", "werkmap kan niet worden gelezen"),
        (b"%PDF-1.4 \x00\x01", "een PDF"),
        (b"\x89PNG\r\n\x1a\n", "een afbeelding"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "oud Excel-bestand"),
        (b"<html><table>", "webpagina"),
        (b"iets \x00\x01 anders", "geen tabel"),
        (f"{HEADER}\n{';' * 1001}".encode(), "Regel 2 heeft veel te veel kolommen"),
        (b"Beste mensen,\nhierbij de praktijken.", "geen tabel die wij kennen"),
        (LINDE.encode(), "geen tabel die wij kennen"),
        (HEADER.replace("postcode;", "").encode(), "ontbreken: postcode"),
        (f"{HEADER};city".encode(), "meer dan eens in: city"),
        (f"{HEADER};secnd_email".encode(), "bedoelt u second_email?"),
        (f"{HEADER};ordered_flu_26".encode(), "ordered_flu_26"),
        (f"{HEADER};ordered_{'x' * 21}_2026".encode(), "kennen wij niet"),
        (f"{HEADER};{';'.join(f'k{number}' for number in range(50))}".encode(), "k9 …"),
        (f'{HEADER}\n"{LINDE}'.encode(), "Vanaf regel 2 klopt een aanhalingsteken niet"),
    ],
)
def test_a_file_that_is_no_table_of_ours_says_what_to_do(content, says):
    with pytest.raises(FileError, match=says.replace("?", r"\?")):
        import_file(content, name="x.csv", write=True)
    assert Practice.objects.count() == 0


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("agb_code", "1234567", "voorloopnul"),
        ("agb_code", "123456789", "precies 8 cijfers"),
        ("agb_code", "0123456a", "precies 8 cijfers"),
        ("agb_code", "٠١٢٣٤٥٦٧", "precies 8 cijfers"),
        ("agb_code", "1,23E+06", "precies 8 cijfers"),
        ("agb_code", "", "precies 8 cijfers"),
        ("name", "", "Er staat niets"),
        ("name", "x" * 201, "te lang"),
        ("name", "De\x07Linde", "niet te drukken"),
        ("registered_count", "-5", "kleiner dan nul"),
        ("registered_count", "2.095", "zonder punten of komma's. Bedoelt u 2095?"),
        ("registered_count", "2.095,0", "Bedoelt u 2095?"),
        ("registered_count", "2095,0", "Bedoelt u 2095?"),
        ("registered_count", "2,095.00", "Bedoelt u 2095?"),
        ("registered_count", "1 234 567", "Bedoelt u 1234567?"),
        ("registered_count", "2095,5", "geen heel getal"),
        ("registered_count", "9" * 5000 + ",0", "geen heel getal"),
        ("registered_count", "veel", "geen aantal"),
        ("registered_count", "99999999999", "tot 1.000.000"),
        ("email", "info@", "geen e-mailadres"),
        ("email", "", "Er staat niets"),
        ("email", f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.nl", "hooguit 254 tekens"),
        ("postcode", "0123 AB", "vier cijfers en twee letters"),
        ("postcode", "1234", "vier cijfers en twee letters"),
        ("city", "", "Er staat niets"),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_what_would_do(column, value, says):
    cells = dict(zip(HEADER.split(";"), LINDE.split(";"), strict=True)) | {column: value}
    report = load(HEADER, EIK, ";".join(f'"{cell}"' for cell in cells.values()))
    (problem,) = report.problems
    assert (problem.line, problem.column, problem.found) == (3, column, value)
    assert says in f"{problem.wrong} {problem.expected}"
    assert Practice.objects.count() == 0


def test_every_problem_is_reported_at_once_and_in_order():
    assert problems(HEADER, LINDE.replace("2095", "-1").replace("1234 AB", "x"), EIK.replace("3000", "?")) == [
        (2, "postcode"),
        (2, "registered_count"),
        (3, "registered_count"),
    ]


def test_a_value_over_several_lines_does_not_confuse_the_numbering():
    assert problems(HEADER, LINDE.replace("De Linde", '"De\nLinde"'), EIK.replace("3000", "?")) == [
        (2, "name"),
        (4, "registered_count"),
    ]


def test_a_row_of_another_width_is_reported():
    assert problems(HEADER, f"{LINDE};nog iets", EIK) == [(2, "")]


def test_postcodes_are_written_as_people_know_them():
    load(HEADER, LINDE.replace("1234 AB", "1234ab"))
    assert Location.objects.get().postcode == "1234 AB"


def test_rows_with_the_same_code_are_more_locations_of_one_practice():
    report = load(
        f"{HEADER};location_name",
        f"{LINDE};",
        "01234567;;;;Dorpsstraat 3;1235 CD;Ander Dorp;Bijgebouw",
    )
    assert report.count(Outcome.CREATED) == 1
    assert sorted(Practice.objects.get().locations.values_list("name", "city")) == [
        ("Bijgebouw", "Ander Dorp"),
        ("Hoofdlocatie", "Ons Dorp"),
    ]


def test_rows_that_contradict_each_other_or_add_nothing_are_refused():
    header = f"{HEADER};location_name"
    other_name = LINDE.replace("De Linde", "De Eik")
    assert problems(header, f"{LINDE};A", f"{other_name};B") == [(3, "name")]
    assert problems(header, f"{LINDE};A", f"{LINDE};A") == [(3, "")]
    assert problems(header, f"{LINDE};A", f"{LINDE.replace('Lindelaan', 'Laan')};A") == [(3, "location_name")]


def test_past_years_and_the_person_who_may_log_in():
    header = f"{HEADER};ordered_flu_2026;administered_flu_2026;ordered_pneumo_2026;person_email;person_name;person_role"
    load(header, f"{LINDE};650;610;;Anna@DeLinde.example;Anna de Vries;huisarts")
    past = PastUse.objects.get()
    assert (past.product_code, past.year, past.ordered, past.administered) == ("flu", 2026, 650, 610)
    person = Person.objects.get()
    assert (person.email, person.name, person.has_usable_password()) == ("anna@delinde.example", "Anna de Vries", False)
    assert Membership.objects.get().role == Membership.Role.GP


@pytest.mark.parametrize(
    ("extra", "cells", "column"),
    [
        ("administered_flu_2026;ordered_flu_2026", "610;", "administered_flu_2026"),
        ("ordered_flu_2026", "-10", "ordered_flu_2026"),
        ("person_email;person_name", "anna@delinde.example;", "person_name"),
        ("person_email;person_name", ";Anna", "person_email"),
        ("person_email;person_name;person_role", "anna@delinde.example;Anna;baas", "person_role"),
        ("phone", "bel mij", "phone"),
        ("phone", "881234567", "phone"),
        ("second_email", "nee", "second_email"),
    ],
)
def test_optional_columns_are_checked_too(extra, cells, column):
    assert problems(f"{HEADER};{extra}", f"{LINDE};{cells}") == [(2, column)]


def test_the_same_file_again_changes_nothing():
    header = f"{HEADER};ordered_flu_2026;person_email;person_name"
    row = f"{LINDE};650;anna@delinde.example;Anna"
    load(header, row)
    before = AuditEvent.objects.exclude(action="practices.imported").count()
    report = load(header, row)
    assert report.count(Outcome.UNCHANGED) == 1
    assert AuditEvent.objects.exclude(action="practices.imported").count() == before


def test_an_existing_practice_is_changed_by_its_code_and_the_rest_of_it_stays():
    practice = make_practice("Oude naam", agb_code="01234567", second_email="twee@delinde.example")
    make_location(practice, "Bijgebouw", street="Elders 9")
    make_past_use(practice, year=2026, ordered=600, administered=580)
    make_membership(make_person(email="anna@delinde.example"), practice, Membership.Role.GP)
    report = load(
        f"{HEADER};ordered_flu_2026;person_email;person_name", f"{LINDE};640;anna@delinde.example;Anna de Vries"
    )
    (difference,) = report.differences
    assert difference.outcome is Outcome.CHANGED
    assert difference.changes["name"] == ("Oude naam", "De Linde")
    practice.refresh_from_db()
    assert (practice.name, practice.second_email) == ("De Linde", "twee@delinde.example")
    assert set(practice.locations.values_list("name", flat=True)) == {"Bijgebouw", "Hoofdlocatie"}
    assert practice.past_use.values_list("ordered", "administered").get() == (640, 580)
    assert practice.memberships.get().role == Membership.Role.GP
    event = AuditEvent.objects.get(action="practice.changed")
    assert (event.practice, event.reason) == (practice, "praktijken.csv")
    assert event.detail["name"] == ["Oude naam", "De Linde"]


CODED = f"{HEADER};previous_agb_code"


def know(agb_code: str = "01000001", name: str = "De Linde"):
    practice = make_practice(name, agb_code=agb_code)
    make_location(practice, street="Lindelaan  1")
    return practice


def test_a_practice_that_comes_back_under_another_code_is_asked_about():
    know(name="De linde")
    report = load(HEADER, LINDE)
    (problem,) = report.problems
    assert (problem.line, problem.column) == (2, "agb_code")
    assert "kennen wij met AGB-code 01000001" in problem.wrong
    assert "previous_agb_code" in problem.expected
    assert Practice.objects.count() == 1


@pytest.mark.parametrize("row", [EIK, LINDE.replace("Lindelaan 1", "Lindelaan 3"), LINDE.replace("De Linde", "Linde")])
def test_another_practice_is_not_taken_for_it(row):
    know()
    assert load(HEADER, row).count(Outcome.CREATED) == 1


def test_nor_when_the_file_has_both():
    know()
    report = load(HEADER, LINDE, LINDE.replace("01234567", "01000001"))
    assert (report.count(Outcome.CREATED), report.count(Outcome.CHANGED)) == (1, 1)


def test_with_its_previous_code_it_keeps_everything_else():
    practice = know()
    make_past_use(practice, ordered=600)
    report = load(CODED, f"{LINDE};01000001")
    assert report.differences[0].changes["agb_code"] == ("01000001", "01234567")
    practice.refresh_from_db()
    assert (practice.agb_code, practice.registered_count) == ("01234567", 2095)
    assert practice.past_use.get().ordered == 600
    assert AuditEvent.objects.get(practice=practice).subject == "practice:01234567"
    assert load(CODED, f"{LINDE};01000001").count(Outcome.UNCHANGED) == 1


def test_an_answer_says_that_it_is_another_practice():
    know()
    assert load(CODED, f"{LINDE};nieuw").count(Outcome.CREATED) == 1
    assert Practice.objects.count() == 2


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([f"{LINDE};01000009"], "kennen wij niet"),
        ([f"{LINDE};1000001"], "voorloopnul"),
        ([f"{EIK};01000001", f"{LINDE};01000001"], "ook op regel 3 als oude code"),
        ([f"{LINDE};01000001", f"{EIK.replace('01999999', '01000001')};"], "ook als AGB-code"),
        ([f"{LINDE.replace('01234567', '01000002')};01000001"], "zijn bij ons twee praktijken"),
    ],
)
def test_a_previous_code_that_cannot_be_is_refused(rows, says):
    know()
    know("01000002", "De Beuk")
    report = load(CODED, *rows)
    assert [problem.column for problem in report.problems] == ["previous_agb_code"]
    assert says in f"{report.problems[0].wrong} {report.problems[0].expected}"


def test_the_documentation_names_every_column(pytestconfig):
    described = (pytestconfig.rootpath / "docs/import-practices.md").read_text()
    assert [name for name in COLUMNS if f"`{name}`" not in described] == []


def write_file(folder, *lines: str):
    file = folder / "praktijken.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_the_command_tries_first_and_writes_when_told(tmp_path, capsys):
    file = write_file(tmp_path, HEADER, LINDE)
    assert import_practices(file, yes=False) == 0
    said = capsys.readouterr().out
    assert "1 nieuw, 0 gewijzigd, 0 gelijk" in said
    assert "er is niets veranderd" in said
    assert Practice.objects.count() == 0
    assert import_practices(file, yes=True) == 0
    assert "Alles is opgeslagen." in capsys.readouterr().out
    assert Practice.objects.count() == 1


def test_the_command_shows_what_changes(tmp_path, capsys):
    make_practice("Oude naam", agb_code="01234567")
    assert import_practices(write_file(tmp_path, HEADER, LINDE), yes=False) == 0
    said = capsys.readouterr().out
    assert "Oude naam" in said
    assert "0 nieuw, 1 gewijzigd" in said


def test_the_command_refuses_a_large_file_unread(tmp_path, capsys):
    file = tmp_path / "praktijken.csv"
    with file.open("wb") as large:
        large.truncate(200 * 1024**2)
    assert import_practices(file, yes=True) == 1
    assert "groter dan 20 MB" in " ".join(capsys.readouterr().out.split())


def test_the_command_reads_workbooks(tmp_path, capsys):
    file = tmp_path / "praktijken.xlsx"
    file.write_bytes(make_workbook(workbooks.HEADER, workbooks.LINDE))
    assert import_practices(file, yes=True) == 0
    assert "1 nieuw" in capsys.readouterr().out


def test_the_command_lists_what_to_repair_and_fails(tmp_path, capsys):
    lines = [
        LINDE.replace("01234567", "1234567").replace("De Linde", "[bold]De Linde"),
        *[EIK.replace("3000", "-1")] * 200,
    ]
    assert import_practices(write_file(tmp_path, HEADER, *lines), yes=True) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "voorloopnul" in said
    assert "fouten in 201 regels. Er is niets veranderd." in said
    assert Practice.objects.count() == 0


@pytest.mark.parametrize("content", [b"", None])
def test_the_command_fails_where_there_is_no_table(tmp_path, capsys, content):
    file = tmp_path / "praktijken.csv"
    if content is not None:
        file.write_bytes(content)
    assert import_practices(file, yes=True) == 1
    assert capsys.readouterr().out.strip()
