"""Every operation of the API: what it asks, what it may answer, and which scope it takes."""

from dataclasses import dataclass
from typing import Any, Final

from balie.lib.problems import PROBLEMS
from balie.ordering.api import contract

PAGES: Final = "/api/v1"
LIVE: Final = "/live/api/v1"
_ANYWHERE: Final = ("no_token", "no_scope", "too_many", "fault", "try_again")
_WITH_BODY: Final = ("bad_request", "too_large", "other_kind")


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path. `problems` are those of its own, beside what any request may be refused for."""

    id: str
    method: str
    path: str
    summary: str
    scope: str
    answer: type[Any]
    body: type[Any] | None = None
    paged: bool = False
    keyed: bool = False
    slotted: bool = False
    problems: tuple[str, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        """Everything that it may be refused for."""
        found = {*_ANYWHERE, *self.problems, *(_WITH_BODY if self.body else ())}
        if self.paged or self.keyed or self.slotted:
            found.add("bad_request")
        if "{" in self.path:
            found.add("not_found")
        return frozenset(found)

    @property
    def refusals(self) -> dict[int, list[str]]:
        """Codes by status."""
        found: dict[int, list[str]] = {}
        for code in sorted(self.codes):
            found.setdefault(PROBLEMS[code][0], []).append(code)
        return dict(sorted(found.items()))


_CAMPAIGN: Final = PAGES + "/campaigns/{campaign}"
_NIGHT: Final = LIVE + "/campaigns/{campaign}"

OPERATIONS: Final = (
    Operation(
        id="practice",
        method="GET",
        path=PAGES + "/practice",
        summary="The practice, and where it can have doses delivered",
        scope="read",
        answer=contract.Practice,
    ),
    Operation(
        id="campaigns",
        method="GET",
        path=PAGES + "/campaigns",
        summary="Campaigns, the oldest first",
        scope="read",
        paged=True,
        answer=contract.Campaigns,
    ),
    Operation(
        id="campaign",
        method="GET",
        path=_CAMPAIGN,
        summary="A campaign: its rules, days and products, as asked of the practice",
        scope="read",
        answer=contract.Campaign,
    ),
    Operation(
        id="prepared",
        method="GET",
        path=_CAMPAIGN + "/prepared",
        summary="What the practice put ready",
        scope="read",
        answer=contract.Prepared,
    ),
    Operation(
        id="prepare",
        method="PUT",
        path=_CAMPAIGN + "/prepared",
        summary="Put this ready, instead of what was",
        scope="prepare",
        body=contract.PreparedBody,
        answer=contract.Prepared,
        problems=("closed", "already_ordered", "bad_lines"),
    ),
    Operation(
        id="availability",
        method="GET",
        path=_NIGHT + "/availability",
        summary="How full each delivery day is; at most a second old",
        scope="read",
        answer=contract.Availability,
    ),
    Operation(
        id="queue",
        method="GET",
        path=_NIGHT + "/queue",
        summary="The queue, and the practice's place in it",
        scope="read",
        answer=contract.Queue,
    ),
    Operation(
        id="join",
        method="POST",
        path=_NIGHT + "/queue/join",
        summary="Take the practice's one place in the queue; once more gives the same",
        scope="order",
        answer=contract.Ticket,
        problems=("not_open", "closed"),
    ),
    Operation(
        id="standing",
        method="GET",
        path=_NIGHT + "/standing",
        summary="Where the practice stands: its place, what it holds, its order",
        scope="read",
        slotted=True,
        answer=contract.Standing,
    ),
    Operation(
        id="hold",
        method="POST",
        path=_NIGHT + "/hold",
        summary="Hold these doses for a while, once the practice's number is called; instead of what it held",
        scope="order",
        keyed=True,
        body=contract.HoldBody,
        answer=contract.Held,
        problems=(
            "not_open",
            "closed",
            "no_ticket",
            "not_called",
            "no_first",
            "not_offered",
            "blocked",
            "already_ordered",
            "full",
            "bad_lines",
            "function_closed",
            "key_reused",
        ),
    ),
    Operation(
        id="confirm",
        method="POST",
        path=_NIGHT + "/hold/{key}/confirm",
        summary="Order what is held under this key; once more gives the same order",
        scope="order",
        slotted=True,
        answer=contract.Placed,
        problems=("no_hold", "replaced", "lapsed", "blocked", "full"),
    ),
    Operation(
        id="release",
        method="POST",
        path=_NIGHT + "/hold/{key}/release",
        summary="Give back what is held under this key; once more changes nothing",
        scope="order",
        slotted=True,
        answer=contract.Released,
        problems=("already_ordered",),
    ),
    Operation(
        id="orders",
        method="GET",
        path=PAGES + "/orders",
        summary="Orders of the practice, those that were cancelled too, the oldest first",
        scope="read",
        paged=True,
        answer=contract.Orders,
    ),
    Operation(
        id="order",
        method="GET",
        path=PAGES + "/orders/{number}",
        summary="An order of the practice",
        scope="read",
        answer=contract.Order,
    ),
    Operation(
        id="change",
        method="POST",
        path=PAGES + "/orders/{number}/change",
        summary="Change an order while that is free: say what all of it becomes; once more gives the same",
        scope="change",
        body=contract.ChangeBody,
        answer=contract.Order,
        problems=("late", "delivered", "full", "outdated", "bad_lines"),
    ),
    Operation(
        id="cancel",
        method="POST",
        path=PAGES + "/orders/{number}/cancel",
        summary="Cancel a whole order while that is free; once more gives the same moment",
        scope="change",
        body=contract.CancelBody,
        answer=contract.Cancelled,
        problems=("late", "delivered"),
    ),
)
