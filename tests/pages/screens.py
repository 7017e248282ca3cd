"""The pages of docs/pages.md that people look at, and what pictures of them are called."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.pages.table import rows

WIDTHS = ("wide", "phone")

# Answered by an address of their own, but part of another page or no page at all.
PARTS = {"admissions", "approval_request", "import_progress", "night_fairness", "night_log"}
FILES = {
    "delivery_csv",
    "delivery_file",
    "delivery_intakes_csv",
    "delivery_keys",
    "delivery_signature",
    "delivery_times_csv",
    "import_example",
    "import_report",
    "consultation_figures_csv",
    "fees_csv",
    "logbook_csv",
    "logbook_jsonl",
    "lost_mails_csv",
    "night_fees_csv",
    "night_practice_csv",
    "night_practices_csv",
    "night_report_csv",
    "night_report_part",
    "night_report_pdf",
    "whole_logbook_csv",
    "whole_logbook_jsonl",
    "placed_calendar",
    "placed_mail",
    "placed_receipt",
    "wastage_csv",
}
# Whose eyes: of those who may see a page, the first.
ROLES = ("owner", "outsider", "organiser", "newcomer", "nobody")
# The story that makes the pictures ends with the owner's order; what others see then is in these states.
OF_OTHERS = {"closed": ("outsider", "organiser")}


@dataclass(frozen=True)
class Screen:
    """A page in a state of the campaign, as somebody of this role sees it."""

    page: str
    state: str
    role: str

    @property
    def name(self) -> str:
        return name_of(self.page, self.state)


def screens() -> Iterator[Screen]:
    """In the order of the table."""
    for row in rows():
        seen_by = [role for role in OF_OTHERS.get(row.state, ROLES) if row.answers[role] == "200"]
        if row.method == "GET" and seen_by and row.page not in PARTS | FILES:
            yield Screen(row.page, row.state, seen_by[0])


def name_of(page: str, state: str) -> str:
    """Of its pictures, without their width."""
    return f"{page}-{state}".replace("_", "-").replace(" ", "-").lower()
