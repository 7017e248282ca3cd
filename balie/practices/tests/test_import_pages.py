"""Importing in the browser: upload, look, carry out; for the organiser only, and never half."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from balie.practices.importing import jobs, report
from balie.practices.importing.reading import MOST_BYTES
from balie.practices.models import AuditEvent, ImportJob, ImportState, Practice
from balie.practices.testing import Cast, make_cast, make_location, make_person, make_practice
from balie.practices.tests.imports import EIK, HEADER, LINDE, UPLOAD, confirm, page, table, take, upload, work
from balie.practices.tests.workbooks import make_workbook

pytestmark = [pytest.mark.django_db, pytest.mark.urls("balie.urls")]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def client(cast) -> Client:
    client = Client()
    client.force_login(cast.organiser)
    return client


def practices() -> set[str]:
    """Those that are not of the cast."""
    return set(Practice.objects.filter(agb_code__in=["01234567", "01999999"]).values_list("name", flat=True))


# The whole way.


def test_a_file_is_checked_looked_at_and_carried_out(client, cast):
    address = upload(client, table(HEADER, LINDE, EIK))
    assert "Wij controleren uw bestand" in page(client, address)
    assert work().state == ImportState.READY
    seen = page(client, address)
    assert "Voer door: 2 nieuw, 0 gewijzigd" in seen
    assert "registered_count: 2095" in seen
    assert practices() == set()
    confirm(client, address)
    assert "Uw bestand wordt doorgevoerd" in page(client, address)
    assert practices() == set()
    job = work()
    assert (job.state, job.content, job.rows_written) == (ImportState.DONE, None, 2)
    assert "Alles is doorgevoerd" in page(client, address)
    assert practices() == {"De Linde", "De Eik"}
    event = AuditEvent.objects.get(action="practices.imported")
    assert (event.actor, event.subject) == (cast.organiser, "file:praktijken.csv")
    assert event.detail == {
        "rows": 2, "bytes": len(table(HEADER, LINDE, EIK)), "created": 2, "changed": 0, "unchanged": 0,
    }  # fmt: skip
    assert AuditEvent.objects.filter(action="practice.created", actor=cast.organiser).count() == 2


def test_a_workbook_says_which_sheet_was_read(client):
    address = upload(client, make_workbook(HEADER.split(";"), LINDE.split(";")), name="praktijken.xlsx")
    work()
    assert "blad “Sheet”" in page(client, address)


def test_what_changes_is_shown_with_what_was(client):
    make_location(make_practice("De Oude Linde", agb_code="01234567"), street="Lindelaan 1")
    make_practice("De Eik", agb_code="01999999")
    address = upload(client, table(HEADER, LINDE, EIK))
    work()
    seen = page(client, address)
    for words in ("De Oude Linde", "Wordt", "info@delinde.example", "locatie Hoofdlocatie"):
        assert words in seen
    assert "Geen regels." in page(client, f"{address}?toon=created")
    assert "Was" in page(client, f"{address}?toon=onzin")


def test_a_file_that_changes_nothing_is_done_at_once(client):
    upload(client, table(HEADER, LINDE))
    confirm(client, f"{UPLOAD}{work().pk}/")
    work()
    address = upload(client, table(HEADER, LINDE))
    assert work().state == ImportState.DONE
    assert "Dit bestand verandert niets" in page(client, address)
    assert AuditEvent.objects.filter(action="practices.imported").count() == 1


def test_problems_are_listed_filtered_and_downloaded(client, monkeypatch):
    monkeypatch.setattr(report, "MOST_SHOWN", 2)
    wrong = LINDE.replace("01234567", "1234567").replace("2095", "=1+1")
    address = upload(client, table(HEADER, wrong, EIK.replace("3000", "2.095,0"), EIK.replace("5678 CD", "x"), EIK))
    job = work()
    assert (job.state, job.content, job.problems) == (ImportState.REFUSED, None, 6)
    seen = page(client, address)
    assert "6 fouten in 4 regels" in seen
    assert "Nog 4 regels; die staan in het hele verslag." in seen
    assert "Voer door" not in seen
    assert "misschien 01234567" in page(client, f"{address}?toon=agb_code")
    assert "voegt niets toe" in page(client, f"{address}?toon=regel")
    answer = client.get(f"{address}rapport.csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert answer["Content-Disposition"].startswith("attachment")
    assert len(lines) == 7
    assert lines[0].startswith("regel;soort;AGB-code")
    assert any(";'=1+1;" in line for line in lines)  # for a spreadsheet that is no formula
    assert practices() == set()


def test_a_file_that_is_no_table_says_why(client):
    address = upload(client, b"%PDF-1.4", name="praktijken.pdf")
    work()
    seen = page(client, address)
    assert "Dit bestand kunnen wij niet gebruiken" in seen
    assert "Dit is een PDF" in seen
    assert "Verslag" not in seen


# Between the report and carrying it out.


def test_what_changed_meanwhile_is_reported_again_instead_of_written_over(client):
    make_practice("De Oude Linde", agb_code="01234567")
    address = upload(client, table(HEADER, LINDE))
    work()
    Practice.objects.filter(agb_code="01234567").update(name="De Nieuwe Linde")
    confirm(client, address)
    assert work().state == ImportState.READY
    seen = page(client, address)
    assert "Er is nog niets doorgevoerd" in seen
    assert "De Nieuwe Linde" in seen
    assert practices() == {"De Nieuwe Linde"}
    assert not AuditEvent.objects.filter(action="practices.imported").exists()
    confirm(client, address)
    assert work().state == ImportState.DONE
    assert practices() == {"De Linde"}


def test_what_changed_elsewhere_does_not_matter(client, cast):
    address = upload(client, table(HEADER, LINDE))
    work()
    Practice.objects.filter(pk=cast.practice.pk).update(name="Heel anders")
    confirm(client, address)
    assert work().state == ImportState.DONE


def test_only_the_report_that_was_seen_is_carried_out(client):
    address = upload(client, table(HEADER, LINDE))
    work()
    answer = client.post(address, {"do": "confirm", "seen": "een ander verslag"}, follow=True)
    assert "kan niet (meer) worden doorgevoerd" in answer.content.decode()
    assert take() is None


def test_a_file_is_carried_out_once(client):
    address = upload(client, table(HEADER, LINDE))
    work()
    confirm(client, address)
    answer = client.post(address, {"do": "confirm", "seen": ImportJob.objects.get().fingerprint}, follow=True)
    assert "kan niet (meer) worden doorgevoerd" in answer.content.decode()
    work()
    assert take() is None


def test_until_it_is_written_it_can_be_cancelled(client, cast):
    address = upload(client, table(HEADER, LINDE))
    work()
    confirm(client, address)
    assert client.post(address, {"do": "cancel"}).url == address
    assert take() is None
    assert (ImportJob.objects.get().state, ImportJob.objects.get().content) == (ImportState.CANCELLED, None)
    assert "Geannuleerd" in page(client, address)
    assert practices() == set()
    assert AuditEvent.objects.get(action="import.cancelled").actor == cast.organiser


def test_what_is_being_written_cannot_be_cancelled(client):
    address = upload(client, table(HEADER, LINDE))
    work()
    confirm(client, address)
    take()
    assert "kan niet meer worden geannuleerd" in client.post(address, {"do": "cancel"}, follow=True).content.decode()
    assert ImportJob.objects.get().state == ImportState.WRITING


def test_progress_is_told_until_there_is_something_to_look_at(client):
    address = upload(client, table(HEADER, LINDE))
    assert "zo aan de beurt" in page(client, f"{address}voortgang/")
    ImportJob.objects.update(state=ImportState.CHECKING, rows_read=500)
    assert "Gelezen: 500 regels" in page(client, f"{address}voortgang/")
    ImportJob.objects.update(rows_checked=500, rows=20_000)
    assert "Gecontroleerd: 500 van 20.000 regels" in page(client, f"{address}voortgang/")
    ImportJob.objects.update(state=ImportState.WRITING, rows_written=2000, created=4000, changed=1)
    assert "Opgeslagen: 2.000 van 4.001 praktijken" in page(client, f"{address}voortgang/")
    ImportJob.objects.update(state=ImportState.READY)
    assert client.get(f"{address}voortgang/").status_code == 204


def test_a_fault_of_ours_is_told_as_ours(client, monkeypatch):
    def fail(*_args: object, **_kwargs: object):
        raise ZeroDivisionError

    monkeypatch.setattr(jobs, "examine_file", fail)
    address = upload(client, table(HEADER, LINDE))
    assert work().state == ImportState.FAILED
    seen = page(client, address)
    assert "Het lukte ons niet" in seen
    assert "bel met referentie" in seen


# What may be uploaded.


@pytest.mark.parametrize(
    ("file", "status", "says"),
    [
        (None, 422, "Kies eerst een bestand."),
        (SimpleUploadedFile("leeg.csv", b""), 422, "Dit bestand is leeg."),
        (SimpleUploadedFile("groot.csv", b"x" * (MOST_BYTES + 1)), 413, "groter dan 20 MB"),
        (SimpleUploadedFile("groter.csv", b"x" * (MOST_BYTES + 100_000)), 413, "groter dan 20 MB"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(client, file, status, says):
    answer = client.post(UPLOAD, {"file": file} if file else {})
    assert answer.status_code == status
    assert says in answer.content.decode()
    assert not ImportJob.objects.exists()


def test_the_page_explains_the_columns_and_gives_an_example_that_works(client):
    assert "verplicht" in page(client, UPLOAD)
    address = upload(client, client.get(f"{UPLOAD}voorbeeld.csv").content)
    assert work().state == ImportState.READY
    assert "1 nieuw" in page(client, address)


# Who may.

EVERYTHING = [
    ("get", UPLOAD),
    ("post", UPLOAD),
    ("get", f"{UPLOAD}voorbeeld.csv"),
    *[("get", f"{UPLOAD}PK/{part}") for part in ("", "voortgang/", "rapport.csv")],
    ("post", f"{UPLOAD}PK/"),
]


@pytest.mark.parametrize(("method", "address"), EVERYTHING)
def test_nobody_but_the_organiser_can_tell_that_it_exists(client, cast, method, address):
    upload(client, table(HEADER, LINDE))
    address = address.replace("PK", str(work().pk))
    for person in (cast.owner, cast.colleague, cast.outsider, make_person()):
        visitor = Client()
        visitor.force_login(person)
        assert getattr(visitor, method)(address, {"do": "cancel"}).status_code == 404
    assert getattr(Client(), method)(address).url.startswith("/account/login/")
    assert ImportJob.objects.get().state == ImportState.READY


@pytest.mark.parametrize("part", ["", "voortgang/", "rapport.csv"])
@pytest.mark.parametrize("pk", [0, 10**30])
def test_an_import_that_does_not_exist_is_not_found(client, pk, part):
    assert client.get(f"{UPLOAD}{pk}/{part}").status_code == 404


def test_forms_of_other_sites_are_refused(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.organiser)
    assert client.post(UPLOAD, {"file": SimpleUploadedFile("x.csv", table(HEADER, LINDE))}).status_code == 403
    assert not ImportJob.objects.exists()
    with_token = {"csrfmiddlewaretoken": client.get(UPLOAD).context["csrf_token"]}
    answer = client.post(UPLOAD, {**with_token, "file": SimpleUploadedFile("x.csv", table(HEADER, LINDE))})
    assert answer.status_code == 302
    assert client.post(answer.url, {"do": "cancel"}).status_code == 403


def test_unknown_acts_do_nothing(client):
    address = upload(client, table(HEADER, LINDE))
    assert client.post(address, {"do": "iets"}).status_code == 404
