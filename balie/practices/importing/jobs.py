"""Uploaded files of practices, from arriving to being carried out. `duty.py` does the work that takes long."""

import structlog
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from balie.lib.references import make_reference
from balie.practices.importing.comparing import Outcome
from balie.practices.importing.problems import FileError
from balie.practices.importing.progress import StoppedError, Tell
from balie.practices.importing.reading import MOST_BYTES, too_large
from balie.practices.importing.report import keep_report
from balie.practices.importing.services import ChangedMeanwhileError, Report, examine_file, import_file
from balie.practices.models import ImportJob, ImportState, Person
from balie.practices.services import record

log = structlog.get_logger()

MOST_LOSSES = 3
CANCELLABLE = (ImportState.WAITING, ImportState.CHECKING, ImportState.READY, ImportState.WANTED)
MOST_LISTED = 20
UNDER_WAY = (ImportState.WAITING, ImportState.CHECKING, ImportState.WANTED, ImportState.WRITING)


def latest_imports() -> list[ImportJob]:
    """The last ones, the latest first, without their content."""
    return list(ImportJob.objects.select_related("uploaded_by").defer("content").order_by("-pk")[:MOST_LISTED])


def upload_import(*, content: bytes, file_name: str, actor: Person) -> ImportJob:
    """Keep the file and let it be checked. Raises ValidationError when it is empty or too large."""
    if not content:
        raise ValidationError(_("Dit bestand is leeg. Kies een ander bestand."), code="empty")
    if len(content) > MOST_BYTES:
        raise ValidationError(str(too_large()), code="too_large")
    return ImportJob.objects.create(
        uploaded_by=actor, file_name=file_name, content=content, language=get_language() or "nl"
    )


@transaction.atomic
def confirm_import(*, job: ImportJob, seen: str, actor: Person) -> None:
    """Let the file be carried out as it was reported, in the report with the fingerprint that was `seen`.

    Raises ValidationError when that cannot be (any more).
    """
    ready = ImportJob.objects.filter(pk=job.pk, state=ImportState.READY, fingerprint=seen)
    if not ready.update(state=ImportState.WANTED, confirmed_by=actor, changed_meanwhile=False, rows_written=0):
        raise ValidationError(_("Dit bestand kan niet (meer) worden doorgevoerd. Kijk hieronder hoe het staat."))


@transaction.atomic
def cancel_import(*, job: ImportJob, actor: Person) -> None:
    """Nothing will come of the file. Raises ValidationError when it is being written, or is over."""
    open_still = ImportJob.objects.filter(pk=job.pk, state__in=CANCELLABLE)
    if not open_still.update(state=ImportState.CANCELLED, content=None, finished_at=timezone.now()):
        raise ValidationError(_("Dit bestand kan niet meer worden geannuleerd. Kijk hieronder hoe het staat."))
    record(actor=actor, practice=None, action="import.cancelled", subject=f"file:{job.file_name}")


def run_import(*, pk: int, attempt: int, tell: Tell) -> None:
    """Do the work of one attempt. What comes of it counts only if the import is still ours by then.

    Raises StoppedError when it is not, or when `tell` does; then nothing has changed.
    """
    job = ImportJob.objects.select_related("confirmed_by").get(pk=pk)
    if job.attempts != attempt or job.state not in {ImportState.CHECKING, ImportState.WRITING}:
        raise StoppedError
    with override(job.language):
        try:
            if job.losses > MOST_LOSSES:
                _fail(job, make_reference())
            elif job.state == ImportState.CHECKING:
                _check(job, tell)
            else:
                _carry_out(job, tell)
        except (StoppedError, OperationalError):  # the database will be back: then again, by whoever takes it
            raise
        except Exception:
            reference = make_reference()
            log.exception("import_failed", reference=reference, job=pk)
            _fail(job, reference)


@transaction.atomic
def _check(job: ImportJob, tell: Tell) -> None:
    try:
        report = examine_file(_content(job), tell=tell)
    except FileError as error:
        _end(job, state=ImportState.REFUSED, fault=str(error), checked_at=timezone.now())
        return
    _keep(job, report)


def _carry_out(job: ImportJob, tell: Tell) -> None:
    try:
        with transaction.atomic():
            report = import_file(
                _content(job), name=job.file_name, write=True, actor=job.confirmed_by, seen=job.fingerprint, tell=tell
            )
            written = report.count(Outcome.CREATED) + report.count(Outcome.CHANGED)
            _end(job, state=ImportState.DONE, rows_written=written)
    except ChangedMeanwhileError as changed:
        with transaction.atomic():
            _keep(job, changed.report, changed_meanwhile=True, confirmed_by=None)


def _keep(job: ImportJob, report: Report, **fields: object) -> None:
    """The report, and what can be done with the file now."""
    keep_report(job, report)
    counts = {str(outcome): report.count(outcome) for outcome in Outcome}
    found = {
        "sheet": report.sheet,
        "rows": report.rows,
        "problems": len(report.problems),
        "fingerprint": report.fingerprint,
        "checked_at": timezone.now(),
        **counts,
        **fields,
    }
    if report.problems:
        _end(job, state=ImportState.REFUSED, **found)
    elif counts["created"] or counts["changed"]:
        _settle(job, state=ImportState.READY, **found)
    else:
        _end(job, state=ImportState.DONE, **found)


def _fail(job: ImportJob, reference: str) -> None:
    """Through no fault of the file, as far as we know."""
    log.warning("import_given_up", reference=reference, job=job.pk, losses=job.losses)
    say = _("Er ging bij ons iets mis; er is niets veranderd. Probeer het opnieuw, of bel met referentie %(name)s.")
    _end(job, state=ImportState.FAILED, fault=say % {"name": reference})


def _end(job: ImportJob, **fields: object) -> None:
    """The file is not needed any more."""
    _settle(job, content=None, finished_at=timezone.now(), **fields)


def _settle(job: ImportJob, **fields: object) -> None:
    """A guarded update: whoever cancelled the import, or took it over from us, was first."""
    ours = ImportJob.objects.filter(pk=job.pk, state=job.state, attempts=job.attempts)
    if not ours.update(losses=0, taken_until=None, **fields):
        raise StoppedError


def _content(job: ImportJob) -> bytes:
    assert job.content is not None
    return bytes(job.content)
