"""Files that visitors keep, opened as whoever gets them would: with age, and with a parser of FHIR that is not ours."""

import asyncio
import json
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from fhirclient.models.bundle import Bundle
from playwright.async_api import Locator

from tests.e2e.age_tool import open_by_words
from tests.e2e.visitor import Visitor


@dataclass(frozen=True)
class TakenOut:
    """`page` is to read, `found` what the parser found, by type; `files` all that is in the archive."""

    page: str
    found: dict[str, list[Any]]
    files: dict[str, bytes]


async def kept_as_file(visitor: Visitor, button: Locator) -> bytes:
    async with visitor.page.expect_download() as download:
        await button.click()
    path = await (await download.value).path()
    return await asyncio.to_thread(path.read_bytes)


async def taken_out(visitor: Visitor, part: str) -> TakenOut:
    """The file that is made in this part of the page, opened with the words that it shows."""
    here = visitor.page.locator(part)
    file = await kept_as_file(visitor, here.locator("[data-export-act]"))
    words = await here.locator("[data-export-code]").inner_text()
    with zipfile.ZipFile(BytesIO(await asyncio.to_thread(open_by_words, file, words))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    found = defaultdict(list)
    bundle, page = (next(files[name] for name in files if name.endswith(end)) for end in (".fhir.json", ".html"))
    for entry in Bundle(json.loads(bundle)).entry:
        found[entry.resource.resource_type].append(entry.resource)
    return TakenOut(page.decode(), dict(found), files)
