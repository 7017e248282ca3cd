"""A chapter of the report, whatever it tells."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from balie.ordering.services.report_fairness import Verdict
from balie.ordering.services.report_plots import Picture
from balie.ordering.services.report_tables import Table


@dataclass(frozen=True)
class Chapter:
    """`facts` are pairs of a label and a value; `link` is a sentence and the name of a page of the campaign; `file` is
    the part of `report_files` that has its figures.
    """

    slug: str
    title: str
    lead: Sequence[str] = ()
    verdict: Verdict | None = None
    facts: Sequence[tuple[str, str]] = ()
    pictures: Sequence[Picture] = ()
    tables: Sequence[Table] = ()
    link: tuple[str, str] | None = None
    file: str = ""
    parts: Sequence["Chapter"] = field(default=())
