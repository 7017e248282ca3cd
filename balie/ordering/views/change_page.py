"""What the page of changing an order shows: its form with what is wrong where, or what the change would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from balie.ordering.change_form import MOST_DELIVERIES, ChangeForm, DeliveryForm
from balie.ordering.models import Order
from balie.ordering.queries.room import DayRoom, read_room
from balie.ordering.rules import Finding, Findings, grouped
from balie.ordering.services.changes import Preview
from balie.ordering.views.prepare_page import TextField
from balie.practices.models import Location
from balie.practices.templatetags.balie import day as day_name
from balie.practices.templatetags.balie import day_and_year

MOST_SUGGESTIONS = 3


@dataclass(frozen=True)
class Option:
    """One thing that can be chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Doses:
    """The doses of one vaccine in one delivery."""

    name: str
    label: str
    value: str
    findings: Sequence[Finding]


@dataclass(frozen=True)
class Card:
    """One delivery; `fixed` where it has come already, or comes today."""

    number: int
    fixed: bool
    day: str
    location: str
    where: str
    days: Sequence[Option]
    locations: Sequence[Option]
    doses: Sequence[Doses]
    findings: Sequence[Finding]
    suggestions: Sequence[Option]

    @property
    def title(self) -> str:
        return _("Bezorging %(number)s") % {"number": self.number + 1}


@dataclass(frozen=True)
class ChangePage:
    """Everything the template needs; sentences are made here so that it only places them."""

    order: Order
    form: ChangeForm
    locations: Sequence[Location]
    today: date
    findings: Sequence[Finding] = ()
    preview: Preview | None = None
    late: bool = False

    @cached_property
    def cards(self) -> list[Card]:
        return [self._card(number, delivery) for number, delivery in enumerate(self.form.deliveries)]

    @cached_property
    def elsewhere(self) -> list[Finding]:
        """Findings that no field shows."""
        shown = {field.name for card in self.cards for field in card.doses}
        shown |= {f"{part}-{card.number}" for card in self.cards for part in ("day", "location", "delivery")}
        shown |= {field.name for _location, fields in self.address_fields for field in fields} | {"reason"}
        return [finding for at, findings in self._said.items() if at not in shown for finding in findings]

    @property
    def reason_findings(self) -> list[Finding]:
        return self._said.get("reason", [])

    @cached_property
    def address_fields(self) -> list[tuple[Location, list[TextField]]]:
        labels = {"street": _("Straat en huisnummer"), "postcode": _("Postcode"), "city": _("Plaats")}
        return [
            (
                spot,
                [
                    TextField(name, labels[part], value, self._said.get(name, ()))
                    for part, value in vars(self.form.addresses[spot.pk]).items()
                    for name in [f"address-{spot.pk}-{part}"]
                ],
            )
            for spot in self.locations
        ]

    @property
    def addresses_are_wrong(self) -> bool:
        return any(field.findings for _spot, fields in self.address_fields for field in fields)

    @property
    def may_add(self) -> bool:
        return len(self.form.deliveries) < MOST_DELIVERIES

    @property
    def is_full(self) -> bool:
        return any(finding.code == "full" for finding in self.findings)

    @property
    def lost_days(self) -> list[str]:
        return [day_and_year(day) for day in self.preview.lost] if self.preview else []

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The form once more, to confirm what was looked at."""
        fields = [("revision", self.form.revision)]
        for number, delivery in enumerate(self.form.deliveries):
            fields += [(f"day-{number}", delivery.day), (f"location-{number}", delivery.location)]
            fields += [(f"doses-{number}-{product}", text) for product, text in delivery.doses.items()]
        for spot, address in self.form.addresses.items():
            fields += [(f"address-{spot}-{part}", text) for part, text in vars(address).items()]
        return fields

    @cached_property
    def _said(self) -> dict[str, list[Finding]]:
        said: dict[str, list[Finding]] = {}
        for finding in self.findings:
            said.setdefault(self.form.at(finding), []).append(finding)
        return said

    @cached_property
    def _room(self) -> dict[date, DayRoom]:
        return {room.day: room for room in read_room(self.order)}

    def _card(self, number: int, delivery: DeliveryForm) -> Card:
        day = _as_day(delivery.day)
        said = [self._said.get(f"{part}-{number}", ()) for part in ("delivery", "day", "location")]
        where = {str(spot.pk): f"{spot.name}, {spot.address}" for spot in self.locations}
        return Card(
            number=number,
            fixed=day is not None and day <= self.today,
            day=delivery.day,
            location=delivery.location,
            where=where.get(delivery.location, ""),
            days=self._days(delivery.day),
            locations=[Option(key, label, chosen=key == delivery.location) for key, label in where.items()],
            doses=self._doses(number, delivery),
            findings=[finding for findings in said for finding in findings],
            suggestions=self._suggestions(number, day),
        )

    def _doses(self, number: int, delivery: DeliveryForm) -> list[Doses]:
        products = {product.pk: product.name for product in self.order.campaign.products.all()}
        return [
            Doses(name, products[product], text, self._said.get(name, ()))
            for product, text in delivery.doses.items()
            for name in [f"doses-{number}-{product}"]
        ]

    def _days(self, chosen: str) -> list[Option]:
        options = [
            Option(day.isoformat(), self._day_label(room), chosen=day.isoformat() == chosen)
            for day, room in self._room.items()
            if day > self.today
        ]
        if not any(option.chosen for option in options):
            day = _as_day(chosen)
            options.insert(0, Option(chosen, day_and_year(day) if day else chosen, chosen=True))
        return options

    def _day_label(self, room: DayRoom) -> str:
        about = {"day": day_and_year(room.day), "doses": grouped(room.doses)}
        if room.last_free < self.today:
            return _("%(day)s: alleen op verzoek") % about
        if room.doses <= 0 or room.addresses <= 0:
            return _("%(day)s: vol") % about
        return _("%(day)s: plaats voor %(doses)s doses") % about

    def _suggestions(self, number: int, day: date | None) -> list[Option]:
        """Where a day is full: the nearest days that have room for all that is asked of it."""
        if day is None or not self.is_full or day <= self.today:
            return []
        there = [line for line in self.form.lines(Findings()) if line.day == day]
        doses, stops = sum(line.doses for line in there), len({line.location for line in there})
        if not there or self._has_room(day, doses, stops):
            return []
        fits = [other for other in self._room if self._is_open(other) and self._has_room(other, doses, stops)]
        nearest = sorted(sorted(fits, key=lambda other: abs(other - day))[:MOST_SUGGESTIONS])
        return [Option(f"day:{number}:{each.isoformat()}", capfirst(day_name(each)), chosen=False) for each in nearest]

    def _has_room(self, day: date, doses: int, stops: int) -> bool:
        room = self._room.get(day)
        return room is not None and room.doses >= doses and room.addresses >= stops

    def _is_open(self, day: date) -> bool:
        return day > self.today and (self.late or self.today <= self._room[day].last_free)


def _as_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
