"""An import as the organiser's staff does it, with the work done at once."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from balie.lib.sqlfiles import read_sql
from balie.practices.importing.jobs import run_import
from balie.practices.importing.progress import Tell, tell_nobody
from balie.practices.models import ImportJob

HEADER = "agb_code;name;registered_count;email;street;postcode;city"
LINDE = "01234567;De Linde;2095;info@delinde.example;Lindelaan 1;1234 AB;Ons Dorp"
EIK = "01999999;De Eik;3000;info@deeik.example;Eikenweg 2;5678 CD;Ginder"
UPLOAD = "/praktijken/importeren/"


def table(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def upload(client: Client, content: bytes, *, name: str = "praktijken.csv") -> str:
    """The address of the import's page."""
    answer = client.post(UPLOAD, {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def take(worker: str = "worker", *, lease_s: float = 60) -> tuple[int, int] | None:
    with connection.cursor() as cursor:
        cursor.execute(read_sql("practices", "import_take"), {"worker": worker, "lease_s": lease_s})
        return cursor.fetchone()


def work(tell: Tell = tell_nobody) -> ImportJob:
    """Do what a worker would do now."""
    taken = take()
    assert taken is not None
    run_import(pk=taken[0], attempt=taken[1], tell=tell)
    return ImportJob.objects.get(pk=taken[0])


def page(client: Client, address: str) -> str:
    """What the page says, on one line."""
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def confirm(client: Client, address: str) -> None:
    job = ImportJob.objects.latest("pk")
    assert client.post(address, {"do": "confirm", "seen": job.fingerprint}).url == address
