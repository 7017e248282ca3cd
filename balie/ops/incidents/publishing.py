"""The public status page: plain files in a folder, without script, that any web server can serve when nothing else of
Balie lives. Each is replaced as a whole, so that nobody reads half of one.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings
from django.db.models import Max
from django.template.loader import render_to_string
from django.utils.translation import override

from balie.ops.graph import Graph
from balie.ops.incidents import feed, status
from balie.ops.incidents.models import Happening
from balie.ops.incidents.planning import planned_in
from balie.ops.incidents.reports import publishing as reports
from balie.ops.maintenance.models import MaintenanceAct

AGAIN: Final = timedelta(seconds=30)
BUILT: Final = Path(settings.BASE_DIR) / "static" / "built"
SHEETS: Final = ("src/entries/base.ts", "src/entries/watch.ts")
ENDINGS: Final = {"nl": "", "en": "-en"}
_ASSET: Final = re.compile(r"/static/built/(?:assets/)?([\w.-]+)")


class StatusPage:
    """Written when something happened, and every half minute, so that its readers see that it is kept."""

    def __init__(self, graph: Graph, folder: Path) -> None:
        self._graph, self._folder = graph, folder
        self._written: tuple[datetime, int] | None = None

    def keep(self, now: datetime) -> None:
        """Write it where it is due. Raises OSError where the folder does not take it."""
        last = sum(model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in (Happening, MaintenanceAct))
        if self._written and self._written[1] == last and now - self._written[0] < AGAIN:
            return
        self.write(now)
        self._written = (now, last)

    def write(self, now: datetime) -> None:
        """All of it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        sheets = self._copy_sheets()
        for language, ending in ENDINGS.items():
            with override(language):
                for name, content in self._pages(sheets, ending, now):
                    self._replace(name, content.encode())

    def _pages(self, sheets: list[str], ending: str, now: datetime) -> Iterator[tuple[str, str]]:
        shown = {"sheets": sheets, "ending": ending, "status": status.status(self._graph, now), "now": now}
        shown["watch"] = settings.WATCH_URL
        yield f"index{ending}.html", render_to_string("ops/status.html", shown | {"page": "index"})
        for year in status.years(now):
            told = {"year": year, "cases": status.of(self._graph, year, now), "page": str(year)}
            told["planned"] = planned_in(year, self._graph, now)
            told["consulting"] = status.consulting(self._graph, year, now)
            yield f"{year}{ending}.html", render_to_string("ops/status_year.html", shown | told)
        yield from reports.pages(shown, ending, now)
        yield f"feed{ending}.xml", feed.atom(ending, now)

    def _copy_sheets(self) -> list[str]:
        """Style sheets and what they load, under the names that they were built with."""
        manifest = msgspec.json.decode((BUILT / "manifest.json").read_bytes())
        names = [name for entry in SHEETS for name in manifest[entry].get("css", ())]
        (self._folder / "assets").mkdir(exist_ok=True)
        for name in names:
            if not (self._folder / name).exists():
                self._copy_sheet(name)
        return names

    def _copy_sheet(self, name: str) -> None:
        sheet = (BUILT / name).read_text(encoding="utf-8")
        for asset in sorted(set(_ASSET.findall(sheet))):
            self._replace(f"assets/{asset}", (BUILT / "assets" / asset).read_bytes())
        self._replace(name, _ASSET.sub(r"\1", sheet).encode())

    def _replace(self, name: str, content: bytes) -> None:
        path = self._folder / name
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_bytes(content)
        fresh.replace(path)
