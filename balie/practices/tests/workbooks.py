"""Workbooks as spreadsheets make them, and as nobody should."""

import io
import zipfile
from collections.abc import Callable, Sequence

from openpyxl import Workbook

HEADER = ["agb_code", "name", "registered_count", "email", "street", "postcode", "city"]
LINDE = ["01234567", "De Linde", 2095, "info@delinde.example", "Lindelaan 1", "1234 AB", "Ons Dorp"]
EIK = ["01999999", "De Eik", 3000, "info@deeik.example", "Eikenweg 2", "5678 CD", "Ginder"]


def make_workbook(*rows: Sequence[object], change: Callable[[Workbook], None] = lambda _book: None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def replace_part(content: bytes, name: str, part: bytes | None) -> bytes:
    """The same package with another file in place of one of its own, or without it."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as after:
        for each in before.namelist():
            if each != name:
                after.writestr(each, before.read(each))
        if part is not None:
            after.writestr(name, part)
    return result.getvalue()


def read_part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read(name)


def sheet_with(rows: str) -> bytes:
    """The XML of a sheet with these rows."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()
