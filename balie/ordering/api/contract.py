"""What goes in and out by the API. These types read the bodies, write the answers and are the document's schemas."""

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from balie.ordering.bodies import LINES_MOST, RANKING_MOST
from balie.ordering.hot import Id, Line, MyAuto, MyHold, MyOrder, MyTicket, Slot

PAGE_MOST: Final = 100
LONGEST_REASON: Final = 300

Moment = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0)]
Next = Annotated[str | None, Meta(description="where the rest is; null on the last page")]
# What a database can keep.
Text = Annotated[str, Meta(max_length=LONGEST_REASON, pattern=r"^[^\u0000]*$")]


class Place(msgspec.Struct, frozen=True):
    """A location of the practice, where the lorry may deliver."""

    id: Id
    name: str
    street: str
    postcode: str
    city: str


class Practice(msgspec.Struct, frozen=True):
    """The practice that the token is of."""

    agb_code: Annotated[str, Meta(pattern="^[0-9]{8}$")]
    name: str
    registered_count: Annotated[int, Meta(ge=0, description="registered patients")]
    locations: list[Place]


class CampaignBrief(msgspec.Struct, frozen=True):
    """A campaign in a list. In a trial everything works, and nothing is delivered."""

    id: Id
    slug: str
    name: str
    year: int
    trial: bool
    opens_at: Moment
    closes_at: Moment


class Campaigns(msgspec.Struct, frozen=True):
    campaigns: list[CampaignBrief]
    next: Next


class Product(msgspec.Struct, frozen=True):
    """A vaccine as asked of this practice: in steps, from a minimum, up to a cap in all (null: none).

    Last year's numbers are null where they are not known.
    """

    id: Id
    code: str
    name: str
    step: int
    minimum: int
    cap: int | None
    ordered_last_year: int | None
    administered_last_year: int | None


class Reorders(msgspec.Struct, frozen=True):
    """Re-orders beside a first order, slots 2 to `most` + 1. They come on the same days."""

    opens_at: Moment
    closes_at: Moment
    most: Count


class PreDelivery(msgspec.Struct, frozen=True):
    """A pre-delivery beside a first order, slot 1: on days of its own, of so many doses a product (null: no limit)."""

    opens_at: Moment
    closes_at: Moment
    most_doses: Count | None
    days: list[date]


class Campaign(CampaignBrief, frozen=True, kw_only=True):
    """A campaign with its rules. `opens_at` is of the practice's own group. Null: it has no such orders."""

    window_s: Annotated[int, Meta(description="how long something is held, in seconds")]
    change_limit: Annotated[int, Meta(description="cancelled for nothing until so long before delivery")]
    change_unit: Literal["days", "working_days"]
    late_fee_cents: Count
    days: list[date]
    products: list[Product]
    reorders: Reorders | None
    pre_delivery: PreDelivery | None


class PreparedItem(msgspec.Struct, frozen=True):
    """Doses of one product for one location."""

    product: Id
    location: Id
    doses: Annotated[int, Meta(ge=0, le=100_000)]


class PreparedBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to put ready, instead of what was. With `auto` Balie orders it when the practice's number is called."""

    lines: Annotated[list[PreparedItem], Meta(max_length=LINES_MOST)]
    ranking: Annotated[list[date], Meta(max_length=RANKING_MOST, description="delivery days, best first")]
    auto: Literal["off", "one_day", "parts"] = "off"


class Prepared(msgspec.Struct, frozen=True):
    """What the practice put ready; `saved_at` is null where it did not yet."""

    lines: list[PreparedItem]
    ranking: list[date]
    auto: Literal["off", "one_day", "parts"]
    saved_at: Moment | None


class OrderLine(msgspec.Struct, frozen=True):
    """So many doses to an address on a day. `location` is null where the location exists no more."""

    product: Id
    location: Id | None
    doses: int
    day: date
    address: str


class Order(msgspec.Struct, frozen=True):
    """An order that stands, or that was cancelled, with what that cost. `slot`: 0 is the first order of the practice in
    the campaign, 1 its pre-delivery, and from 2 on come its re-orders.
    """

    number: str
    campaign: Id
    trial: bool
    state: Literal["placed", "cancelled"]
    placed_at: Moment
    lines: list[OrderLine]
    kind: Literal["first", "pre_delivery", "reorder"]
    slot: Slot
    revision: Annotated[int, Meta(ge=0, description="how often it was changed")] = 0
    cancelled_at: Moment | None = None
    fee_cents: Count | None = None


class Orders(msgspec.Struct, frozen=True):
    orders: list[Order]
    next: Next


class WantedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many doses of a product to a location, on a day."""

    product: Id
    location: Id
    doses: Annotated[int, Meta(ge=1, le=100_000)]
    day: date


class ChangeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the whole order becomes, for whoever saw it at `revision`. What it has on a day it keeps until all fits."""

    revision: Annotated[int, Meta(ge=0, le=1_000_000)]
    lines: Annotated[list[WantedLine], Meta(min_length=1, max_length=LINES_MOST)]
    reason: Text = ""


class CancelBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why, for the log; it may be empty."""

    reason: Text = ""


class Cancelled(msgspec.Struct, frozen=True):
    number: str
    cancelled_at: Moment


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`after`: the key of the last row that was seen; `limit`: how many at most."""

    after: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    limit: Annotated[int, Meta(ge=1, le=PAGE_MOST)] = 50


class Amount(msgspec.Struct, frozen=True):
    """Of doses or of addresses. What is held may come back."""

    limit: int
    free: int
    held: int


class Day(msgspec.Struct, frozen=True):
    day: date
    doses: Amount
    addresses: Amount


class Availability(msgspec.Struct, frozen=True):
    """How full each delivery day is, as of when, and how long ago that is. `still`: the service's clock stands."""

    campaign: Id
    as_of: Moment
    age_ms: Count
    still: bool
    days: list[Day]


class Ticket(msgspec.Struct, frozen=True):
    """The practice's one place in the queue. `number` is null until the draw."""

    ticket: UUID
    round: int
    arrived_at: Moment
    number: int | None
    called: bool


class Queue(msgspec.Struct, frozen=True):
    """The queue, and the practice's own place in it; without one `ticket` is null. Ask again after `poll_after_ms`."""

    phase: Literal["before", "waiting", "drawing", "drawn", "closed"]
    doors_at: Moment
    opens_at: Moment
    closes_at: Moment
    waiting: int
    called: Annotated[int, Meta(description="numbers up to here may order")]
    poll_after_ms: int
    ticket: Ticket | None


class Standing(msgspec.Struct, frozen=True):
    """Where the practice stands: in the queue, what it holds, what it ordered, and whether Balie orders for it."""

    now: Moment
    still: bool
    window_s: int
    version: int
    blocked: bool
    ticket: MyTicket | None
    hold: MyHold | None
    order: MyOrder | None
    auto: MyAuto | None


class HoldBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to hold. Lines with their days go there; lines without go to the first day of the ranking that has room for
    all of them.
    """

    lines: Annotated[list[Line], Meta(min_length=1, max_length=LINES_MOST)]
    ranking: Annotated[list[date], Meta(max_length=RANKING_MOST)] = msgspec.field(default_factory=list)
    slot: Annotated[Slot, Meta(description="0 the first order, 1 the pre-delivery, from 2 on re-orders, in turn")] = 0


class Held(msgspec.Struct, frozen=True):
    """What is held, until when by the service's clock, and how long that still is."""

    key: UUID
    lines: list[Line]
    expires_at: Moment
    remaining_ms: Count
    now: Moment


class Placed(msgspec.Struct, frozen=True):
    """The order is final."""

    number: str
    placed_at: Moment


class Released(msgspec.Struct, frozen=True):
    """Nothing is held under that key any more."""

    outcome: Literal["released"]


class Fault(msgspec.Struct, frozen=True):
    """What is wrong, where, in a code and, for people, in a sentence."""

    at: str
    code: str
    say: str | msgspec.UnsetType = msgspec.UNSET


class Problem(msgspec.Struct, frozen=True):
    """A refusal (RFC 9457). `title` is for people; `request` is the number under which our log knows more."""

    code: str
    title: str
    request: str
    errors: list[Fault] | msgspec.UnsetType = msgspec.UNSET
