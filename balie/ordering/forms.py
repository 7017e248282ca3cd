"""The form of the prepared order as it was typed, so that nothing a person wrote is lost, whatever is wrong with it."""

import re
from dataclasses import dataclass, field
from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext as _

from balie.ordering.queries.prepared import Preparation
from balie.ordering.rules import MOST_DOSES, Findings, allowed_near
from balie.ordering.services.prepared import MOST_WISHES, Contact
from balie.practices.contact import Address
from balie.sms.numbers import show_mobile
from balie.sms.services import has_gateway

# A dot or a space between thousands, as people write large numbers.
WHOLE_NUMBER = re.compile(r"-?(?:\d{1,3}(?:[. ]\d{3}){1,5}|\d{1,18})")
MOST_COUNT = 10**9 - 1
DOSES_FIELD = re.compile(r"doses-(\d{1,18})-(\d{1,18})")
Place = tuple[int, int]


def read_whole(text: str) -> int | None:
    """A whole number as people write it; None for anything else."""
    text = text.strip()
    return int(re.sub(r"[. ]", "", text)) if WHOLE_NUMBER.fullmatch(text) else None


def read_count(text: str, at: str, findings: Findings) -> int:
    """A whole number that is not negative and that the database can hold; what is none is noted, and counts as 0."""
    number = read_whole(text)
    if number is None or not 0 <= number <= MOST_COUNT:
        findings.add(at, "number", _("‘%(text)s’ is geen heel getal.") % {"text": text.strip()[:40]})
        return 0
    return number


def doses_field(product: int, location: int) -> str:
    """The name of the field for doses of a product at a location."""
    return f"doses-{product}-{location}"


@dataclass
class PreparedForm:
    """Everything on the page that can be changed. Doses are by product and location, days best first.

    `mobile` is None where no text messages are sent.
    """

    doses: dict[Place, str]
    ranking: list[str]
    auto: str
    email: str
    second_email: str
    mobile: str | None
    addresses: dict[int, Address]
    missing: list[str] = field(default_factory=list)

    @classmethod
    def stored(cls, preparation: Preparation) -> "PreparedForm":
        """What the page shows before anything is typed."""
        places = [(asked.rule.product, spot.pk) for asked in preparation.products for spot in preparation.locations]
        return cls(
            doses={place: str(preparation.doses.get(place, 0)) for place in places},
            ranking=[day.isoformat() for day in preparation.ranking],
            auto=preparation.auto,
            email=preparation.practice.email,
            second_email=preparation.practice.second_email,
            mobile=show_mobile(preparation.practice.mobile) if has_gateway() else None,
            addresses={
                spot.pk: Address(street=spot.street, postcode=spot.postcode, city=spot.city)
                for spot in preparation.locations
            },
        )

    @classmethod
    def typed(cls, preparation: Preparation, post: QueryDict) -> "PreparedForm":
        """What was sent; a field that should be there and is not keeps what was stored, and is noted as missing."""
        form = cls.stored(preparation)

        def sent(name: str, before: str) -> str:
            if name not in post:
                form.missing.append(name)
            return post.get(name, before)

        form.doses = {place: sent(doses_field(*place), before) for place, before in form.doses.items()}
        form.doses |= {_place(name): str(post[name]) for name in post if DOSES_FIELD.fullmatch(name)}
        form.ranking = post.getlist("day")
        form.auto = sent("auto", form.auto)
        form.email, form.second_email = sent("email", form.email), sent("second_email", form.second_email)
        if form.mobile is not None:
            form.mobile = sent("mobile", form.mobile)
        form.addresses = {
            spot: Address(**{part: sent(f"address-{spot}-{part}", before) for part, before in vars(address).items()})
            for spot, address in form.addresses.items()
        }
        return form

    def amounts(self, findings: Findings) -> dict[Place, int]:
        """Doses as numbers; an empty field is none. What is no whole number is noted and left out."""
        found: dict[Place, int] = {}
        for place, text in self.doses.items():
            number = read_whole(text) if text.strip() else 0
            if number is None:
                say = _("‘%(text)s’ is geen heel getal.") % {"text": text.strip()[:40]}
                findings.add(doses_field(*place), "number", say)
                continue
            found[place] = number
        return found

    def wishes(self, findings: Findings) -> list[date]:
        """The ranked days; what is no date is noted and left out."""
        found: list[date] = []
        for text in self.ranking:
            try:
                found.append(date.fromisoformat(text))
            except ValueError:
                findings.add("ranking", "format", _("‘%(text)s’ is geen datum.") % {"text": text[:40]})
        return found

    def contact(self) -> Contact:
        return Contact(email=self.email, second_email=self.second_email, mobile=self.mobile, addresses=self.addresses)


def _place(name: str) -> Place:
    product, location = name.split("-")[1:]
    return int(product), int(location)


def press(form: PreparedForm, preparation: Preparation, button: str) -> None:
    """Do to the form what a button of the page says, e.g. ``up:2027-09-28``; an unknown button does nothing."""
    verb, _colon, rest = button.partition(":")
    if verb in {"up", "down", "drop"} and rest in form.ranking:
        _move(form.ranking, rest, verb)
    elif verb == "add" and rest not in form.ranking:
        form.ranking.append(rest)
    elif verb == "add-later":
        _add_later(form, preparation)
    elif verb == "last-year":
        _take_last_year(form, preparation)
    elif verb in {"more", "less", "set"} and DOSES_FIELD.fullmatch(rest.partition("=")[0]):
        _step(form, preparation, verb, rest)


def _move(ranking: list[str], day: str, verb: str) -> None:
    at = ranking.index(day)
    ranking.pop(at)
    if verb != "drop":
        ranking.insert(max(0, at + (-1 if verb == "up" else 1)), day)


def _add_later(form: PreparedForm, preparation: Preparation) -> None:
    """All delivery days after the last one on the list, as far as it may be long."""
    latest = max(form.ranking, default="")
    later = [day.isoformat() for day in preparation.days if day.isoformat() > latest]
    form.ranking += later[: max(0, MOST_WISHES - len(form.ranking))]


def _step(form: PreparedForm, preparation: Preparation, verb: str, rest: str) -> None:
    name, _equals, amount = rest.partition("=")
    place = _place(name)
    steps = {asked.rule.product: asked.rule.step for asked in preparation.products}
    if place not in form.doses or place[0] not in steps:
        return
    if verb == "set":
        form.doses[place] = amount
        return
    now, step = form.amounts(Findings()).get(place), steps[place[0]]
    if now is not None:
        after = (now // step + 1) * step if verb == "more" else (-(-now // step) - 1) * step
        form.doses[place] = str(min(max(after, 0), MOST_DOSES))


def _take_last_year(form: PreparedForm, preparation: Preparation) -> None:
    """Last year's order at the first location, as near as this year's rules allow."""
    for asked in preparation.products:
        if asked.ordered and preparation.locations:
            near = allowed_near(asked.rule, asked.ordered)
            place = (asked.rule.product, preparation.locations[0].pk)
            form.doses[place] = str(min(near, key=lambda amount: abs(amount - (asked.ordered or 0)), default=0))
