"""Lists as CSV that a Dutch spreadsheet opens by itself: semicolons, UTF-8 with its mark."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from django.http import HttpResponse, StreamingHttpResponse

CHUNK = 64 * 1024  # characters
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def csv_reply(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A download with this file name."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(header)
    writer.writerows([harmless("" if value is None else str(value)) for value in row] for row in rows)
    response = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def csv_stream(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """As `csv_reply`, for what is too long to hold: rows are written as they are read."""

    def lines() -> Iterator[bytes]:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";")
        yield codecs.BOM_UTF8
        writer.writerow(header)
        for row in rows:
            writer.writerow([harmless("" if value is None else str(value)) for value in row])
            if text.tell() > CHUNK:
                yield _taken(text)
        yield _taken(text)

    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8", headers=headers)


def _taken(text: io.StringIO) -> bytes:
    """What was written so far; the next begins anew."""
    chunk = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return chunk


def harmless(cell: str) -> str:
    """A spreadsheet must not take for a formula what somebody typed."""
    return f"'{cell}" if cell.startswith(FORMULAS) else cell
