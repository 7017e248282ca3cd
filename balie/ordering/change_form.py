"""The form in which an order is changed, as typed: deliveries, each with a day, an address and doses per vaccine."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.http import QueryDict
from django.utils.translation import gettext as _

from balie.ordering.forms import read_whole
from balie.ordering.hot import Line
from balie.ordering.models import Order
from balie.ordering.rules import MOST_DOSES, Finding, Findings, grouped
from balie.practices.contact import Address
from balie.practices.models import Location

MOST_DELIVERIES = 20
KEY = re.compile(r"[1-9][0-9]{0,17}")
LINE = re.compile(r"lines\[(\d+)\](?:\.(\w+))?")


@dataclass
class DeliveryForm:
    """One delivery. `location` is the key of one of the practice's; doses are by product."""

    day: str
    location: str
    doses: dict[int, str]

    @property
    def is_empty(self) -> bool:
        return not any(text.strip().strip("0") for text in self.doses.values())


@dataclass
class ChangeForm:
    """Everything on the page that can be changed; `revision` says what the person saw. Addresses are by location."""

    revision: str
    deliveries: list[DeliveryForm]
    addresses: dict[int, Address] = field(default_factory=dict)

    @classmethod
    def stored(cls, order: Order, locations: Sequence[Location]) -> "ChangeForm":
        """The order as it stands."""
        products = [product.pk for product in order.campaign.products.all()]
        deliveries = []
        lines = order.lines.order_by("day", "location_id", "address", "pk")
        for (day, location), group in groupby(lines, key=lambda line: (line.day, line.location_id)):
            doses = {line.product_id: str(line.doses) for line in group}
            row = {product: doses.get(product, "0") for product in products}
            deliveries.append(DeliveryForm(day.isoformat(), str(location or ""), row))
        addresses = {spot.pk: Address(street=spot.street, postcode=spot.postcode, city=spot.city) for spot in locations}
        return cls(revision=str(order.revision), deliveries=deliveries, addresses=addresses)

    @classmethod
    def typed(cls, post: QueryDict, order: Order, locations: Sequence[Location]) -> "ChangeForm":
        """What was sent; of what was left out, nothing."""
        form = cls.stored(order, locations)
        products = [product.pk for product in order.campaign.products.all()]
        numbers = [n for n in range(MOST_DELIVERIES) if f"day-{n}" in post]
        form.revision = post.get("revision", "")
        form.deliveries = [
            DeliveryForm(
                day=str(post[f"day-{n}"]),
                location=post.get(f"location-{n}", ""),
                doses={product: post.get(f"doses-{n}-{product}", "0") for product in products},
            )
            for n in numbers
        ]
        form.addresses = {
            spot: Address(**{part: post.get(f"address-{spot}-{part}", was) for part, was in vars(address).items()})
            for spot, address in form.addresses.items()
        }
        return form

    def press(self, button: str) -> bool:
        """Do what a button says: one more delivery, or another day for one. Whether there is such a button."""
        verb, _colon, rest = button.partition(":")
        number, _colon, day = rest.partition(":")
        if verb == "add" and len(self.deliveries) < MOST_DELIVERIES:
            last = self.deliveries[-1] if self.deliveries else DeliveryForm("", "", {})
            self.deliveries.append(DeliveryForm(last.day, last.location, dict.fromkeys(last.doses, "0")))
        elif verb == "day" and number in {str(n) for n in range(len(self.deliveries))}:
            self.deliveries[int(number)].day = day
        else:
            return False
        return True

    def lines(self, findings: Findings) -> list[Line]:
        """Those with doses, in the order of the form. What is no number, day or key is noted and left out."""
        return [line for line, _at in self._placed(findings)]

    def at(self, finding: Finding) -> str:
        """The field that a finding about `lines` is about; itself where it is about none of them."""
        match = LINE.fullmatch(finding.at)
        placed = self._placed(Findings())
        if match is None or int(match[1]) >= len(placed):
            return finding.at
        number, product = placed[int(match[1])][1]
        return {"doses": f"doses-{number}-{product}", "product": f"doses-{number}-{product}"}.get(
            match[2] or "", f"{match[2]}-{number}" if match[2] else f"delivery-{number}"
        )

    def numbers_on(self, day: str) -> list[int]:
        """The deliveries of that day."""
        return [n for n, delivery in enumerate(self.deliveries) if delivery.day == day]

    def _placed(self, findings: Findings) -> list[tuple[Line, tuple[int, int]]]:
        found = []
        for number, delivery in enumerate(self.deliveries):
            if delivery.is_empty:
                continue
            day, location = _read_day(delivery.day, number, findings), _read_key(delivery.location, number, findings)
            for product, text in delivery.doses.items():
                doses = _read_doses(text, f"doses-{number}-{product}", findings)
                if doses and day and location:
                    found.append((Line(product, location, doses, day), (number, product)))
        return found


def _read_day(text: str, number: int, findings: Findings) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        findings.add(f"day-{number}", "format", _("Kies een bezorgdag."))
        return None


def _read_key(text: str, number: int, findings: Findings) -> int | None:
    if KEY.fullmatch(text):
        return int(text)
    findings.add(f"location-{number}", "format", _("Kies een afleveradres."))
    return None


def _read_doses(text: str, at: str, findings: Findings) -> int:
    doses = read_whole(text) if text.strip() else 0
    if doses is None:
        findings.add(at, "number", _("‘%(text)s’ is geen heel getal.") % {"text": text.strip()[:40]})
    elif not 0 <= doses <= MOST_DOSES:
        findings.add(at, "range", _("Vul een getal in van 0 tot %(most)s.") % {"most": grouped(MOST_DOSES)})
    else:
        return doses
    return 0
