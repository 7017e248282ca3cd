"""The form of a campaign's rules as it was typed, so that nothing a person wrote is lost, whatever is wrong with it.

A field is called as the finding about it: ``products[0].step``. Whoever belongs in a group is one text, of which `kind`
says what it means: postcodes, numbers of registered patients, or AGB codes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.ordering.forms import read_count, read_whole
from balie.ordering.rules import Findings
from balie.ordering.services.campaigns import CampaignRules, ProductRules, Years
from balie.ordering.services.delivery_rules import DeliveryRules
from balie.ordering.services.groups import GroupRules
from balie.ordering.wastage_form import read_allowance, show_allowance
from balie.ordering.wastage_rules import Band

MOST_ROWS: Final = 20
MOMENTS: Final = ("doors_at", "opens_at", "closes_at")
AMOUNTS: Final = (
    "pace",
    "window_s",
    "change_limit",
    "reorders_most",
    "free_deliveries",
    "free_attempts",
    "offer_hours",
)
# These may stay empty.
MORE_MOMENTS: Final = ("reorders_open_at", "reorders_close_at", "early_opens_at", "early_closes_at")
UNITS: Final = ("working_days", "days")
DELIVERIES: Final = tuple(each.name for each in fields(DeliveryRules) if each.name != "late_without_alert")
HOTTEST: Final = 99
LATE_ALERT: Final = ("no", "yes")  # whether who changed late hears a time
PRODUCT: Final = ("code", "name", "cohorts", "step", "minimum", "price", "allowance", "care_allowance", "until_expiry")
YES: Final = ("ja", "yes", "j", "y")
NO: Final = ("", "nee", "no", "n")
GROUP: Final = ("name", "opens_at", "who")
KINDS: Final = ("postcodes", "registered", "agb_codes")

_ROW: Final = re.compile(r"(products|groups)\[(\d{1,2})\]\.(\w+)")
_UNTIL: Final = re.compile(r"(?:t/m|tot en met|until)\s*(\d{1,9})")
_FROM: Final = re.compile(r"(?:vanaf|from)\s*(\d{1,9})")
_SPAN: Final = re.compile(r"(\d{1,9})(?:\s*(?:-|–|t/m|to)\s*(\d{1,9}))?")
_EUROS: Final = re.compile(r"(\d{1,6})(?:[,.](\d{1,2}))?")

Row = dict[str, str]
Ends = tuple[int | None, int | None]


@dataclass
class RulesForm:
    """Every field as text; `before` are the rules that the page began with."""

    before: CampaignRules
    values: Row
    products: list[Row]
    groups: list[Row]
    kind: str
    deliveries: Row

    @classmethod
    def stored(cls, rules: CampaignRules) -> "RulesForm":
        """What the page shows before anything is typed."""
        kind = next((name for group in rules.groups for name in group.criteria), KINDS[0])
        return cls(
            before=rules,
            values={name: show_moment(getattr(rules, name)) for name in MOMENTS}
            | {name: str(getattr(rules, name)) for name in AMOUNTS}
            | {name: show_moment(at) if at else "" for name in MORE_MOMENTS for at in [getattr(rules, name)]}
            | {
                name: "" if value is None else str(value)
                for name in ("cap_percent", "care_cap_percent", "care_minimum", "early_until", "early_most")
                for value in [getattr(rules, name)]
            }
            | {
                "help_phone": rules.help_phone,
                "change_unit": rules.change_unit,
                "late_fee": show_cents(rules.late_fee_cents),
            }
            | {
                "delivery_fee": show_cents(rules.delivery_fee_cents),
                "attempt_fee": show_cents(rules.attempt_fee_cents),
            }
            | {
                "wastage_due": rules.wastage_due.isoformat() if rules.wastage_due else "",
                "wastage_chase": ", ".join(map(str, rules.wastage_chase)),
            },
            products=[
                {name: str(getattr(product, name)) for name in ("code", "name", "step", "minimum")}
                | {"price": show_cents(product.price_cents), "allowance": show_allowance(product.allowance)}
                | {"care_allowance": show_allowance(product.care_allowance)}
                | {"until_expiry": _("ja") if product.until_expiry else _("nee")}
                | {"cohorts": ", ".join(show_span(years) for years in product.cohorts)}
                for product in rules.products
            ],
            groups=[
                {"name": group.name, "opens_at": show_moment(group.opens_at), "who": show_who(group)}
                for group in rules.groups
            ],
            kind=kind,
            deliveries={name: str(getattr(rules.deliveries, name)) for name in DELIVERIES}
            | {"late_alert": LATE_ALERT[not rules.deliveries.late_without_alert]},
        )

    @classmethod
    def typed(cls, rules: CampaignRules, post: Mapping[str, str]) -> "RulesForm":
        """What was sent; a field that was not keeps what was stored."""
        form = cls.stored(rules)
        form.values = {name: post.get(name, value) for name, value in form.values.items()}
        if form.values["change_unit"] not in UNITS:
            form.values["change_unit"] = rules.change_unit
        form.deliveries = {name: post.get(f"deliveries.{name}", value) for name, value in form.deliveries.items()}
        form.products = _rows(post, "products", PRODUCT)
        form.groups = _rows(post, "groups", GROUP)
        form.kind = post["kind"] if post.get("kind") in KINDS else form.kind
        return form

    def press(self, button: str) -> bool:
        """Do what a button that changes the form says, e.g. ``drop:products:1``; whether it was one."""
        verb, _colon, rest = button.partition(":")
        what, _colon, at = rest.partition(":")
        rows = {"products": self.products, "groups": self.groups}.get(what)
        if rows is None or verb not in {"add", "drop"}:
            return False
        if verb == "add" and len(rows) < MOST_ROWS:
            rows.append(_new_product() if what == "products" else dict.fromkeys(GROUP, ""))
        elif verb == "drop" and at.isdecimal() and int(at) < len(rows):
            rows.pop(int(at))
        return True

    def rules(self) -> CampaignRules:
        """What was typed, as rules. Raises RulesError for what cannot be read."""
        findings = Findings()
        read = _Reader(findings, self.before)
        typed = self.values
        rules = replace(
            self.before,
            doors_at=read.moment(typed["doors_at"], "doors_at"),
            opens_at=read.moment(typed["opens_at"], "opens_at"),
            closes_at=read.moment(typed["closes_at"], "closes_at"),
            pace=read.whole(typed["pace"], "pace"),
            window_s=read.whole(typed["window_s"], "window_s"),
            cap_percent=read.whole_or_none(typed["cap_percent"], "cap_percent"),
            change_limit=read.whole(typed["change_limit"], "change_limit"),
            change_unit=typed["change_unit"],
            late_fee_cents=read.cents(typed["late_fee"], "late_fee"),
            care_cap_percent=read.whole_or_none(typed["care_cap_percent"], "care_cap_percent"),
            care_minimum=read.whole_or_none(typed["care_minimum"], "care_minimum"),
            free_deliveries=read.whole(typed["free_deliveries"], "free_deliveries"),
            delivery_fee_cents=read.cents(typed["delivery_fee"], "delivery_fee"),
            free_attempts=read.whole(typed["free_attempts"], "free_attempts"),
            attempt_fee_cents=read.cents(typed["attempt_fee"], "attempt_fee"),
            **{name: read.moment(typed[name], name) if typed[name].strip() else None for name in MORE_MOMENTS},
            reorders_most=read.whole(typed["reorders_most"], "reorders_most"),
            early_until=read.day(typed["early_until"], "early_until") if typed["early_until"].strip() else None,
            early_most=read.whole_or_none(typed["early_most"], "early_most"),
            offer_hours=read.whole(typed["offer_hours"], "offer_hours"),
            help_phone=typed["help_phone"].strip(),
            products=tuple(read.product(row, f"products[{at}]") for at, row in enumerate(self.products)),
            groups=tuple(read.group(row, f"groups[{at}]", self.kind) for at, row in enumerate(self.groups)),
            deliveries=read.deliveries(self.deliveries),
            wastage_due=read.day(typed["wastage_due"], "wastage_due") if typed["wastage_due"].strip() else None,
            wastage_chase=read.chase(typed["wastage_chase"]),
        )
        findings.refuse()
        return rules


class _Reader:
    """Reads texts, and notes what cannot be read."""

    def __init__(self, findings: Findings, before: CampaignRules) -> None:
        self._findings = findings
        moments = [getattr(before, name) for name in (*MOMENTS, *MORE_MOMENTS)]
        moments += [group.opens_at for group in before.groups]
        self._known: dict[str, datetime] = {
            show_moment(at): at for at in moments if at
        }  # a field does not show parts of a second

    def moment(self, text: str, at: str) -> datetime:
        if text in self._known:
            return self._known[text]
        try:
            found: datetime = forms.DateTimeField().clean(text)
        except ValidationError:
            say = _("Kies een datum en een tijd, bijvoorbeeld 2027-05-31T22:00.")
            self._findings.add(at, "moment", say)
            return timezone.now()
        return found

    def day(self, text: str, at: str) -> date | None:
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            self._findings.add(at, "day", _("Kies een datum, bijvoorbeeld 2027-09-24."))
            return None

    def whole(self, text: str, at: str) -> int:
        return read_count(text, at, self._findings)

    def whole_or_none(self, text: str, at: str) -> int | None:
        return self.whole(text, at) if text.strip() else None

    def cents(self, text: str, at: str) -> int:
        found = _EUROS.fullmatch(text.strip())
        if not found:
            self._findings.add(at, "euros", _("Schrijf een bedrag zo: 40,00."))
            return 0
        return 100 * int(found[1]) + int((found[2] or "0").ljust(2, "0"))

    def deliveries(self, typed: Row) -> DeliveryRules:
        degrees = {"coldest", "warm_from", "warmest"}
        amounts: dict[str, Any] = {
            name: (self.degrees if name in degrees else self.whole)(typed[name], f"deliveries.{name}")
            for name in DELIVERIES
        }
        return DeliveryRules(late_without_alert=typed["late_alert"] != "yes", **amounts)

    def degrees(self, text: str, at: str) -> int:
        found = read_whole(text)
        if found is None or abs(found) > HOTTEST:
            self._findings.add(at, "number", _("Schrijf hele graden, bijvoorbeeld 8."))
            return 0
        return found

    def product(self, row: Row, at: str) -> ProductRules:
        say = _("Schrijf geboortejaren zo: 1965, of 1953-1956, of t/m 1947, met een komma ertussen.")
        cohorts: list[Years] = self.spans(row["cohorts"], f"{at}.cohorts", say)
        return ProductRules(
            code=row["code"].strip(),
            name=row["name"].strip(),
            cohorts=tuple(cohorts),
            step=self.whole(row["step"], f"{at}.step"),
            minimum=self.whole(row["minimum"], f"{at}.minimum"),
            price_cents=self.cents(row["price"] or "0", f"{at}.price"),
            allowance=self.allowance(row["allowance"], f"{at}.allowance"),
            care_allowance=self.allowance(row["care_allowance"], f"{at}.care_allowance"),
            until_expiry=self.is_yes(row["until_expiry"], f"{at}.until_expiry"),
        )

    def allowance(self, text: str, at: str) -> tuple[Band, ...]:
        found = read_allowance(text)
        if found is None:
            self._findings.add(at, "format", _("Schrijf dit zo: 5%, of t/m 100: 30%; t/m 200: 20%; 5%."))
        return found or ()

    def is_yes(self, text: str, at: str) -> bool:
        said = text.strip().lower()
        self._findings.require(said in (*YES, *NO), at, "format", _("Schrijf ja of nee."))
        return said in YES

    def chase(self, text: str) -> tuple[int, ...]:
        days = [self.whole(part, "wastage_chase") for part in filter(None, re.split(r"[\s,;]+", text))]
        return tuple(sorted(set(days), reverse=True))

    def group(self, row: Row, at: str, kind: str) -> GroupRules:
        return GroupRules(
            name=row["name"].strip(),
            opens_at=self.moment(row["opens_at"], f"{at}.opens_at"),
            **self._who(row["who"], f"{at}.who", kind),
        )

    def _who(self, text: str, at: str, kind: str) -> dict[str, Any]:
        if not text.strip():
            return {}
        if kind == "agb_codes":
            return {kind: tuple(re.split(r"[\s,;]+", text.strip(" ,;\n")))}
        if kind == "registered":
            spans = self.spans(text, at, _("Schrijf een aantal zo: 0-2000, of vanaf 2001."))
            if len(spans) > 1:
                self._findings.add(at, "format", _("Geef één groep aantallen, bijvoorbeeld 0-2000."))
            return {kind: spans[0]} if spans else {}
        spans = self.spans(text, at, _("Schrijf postcodes zo: 1000-1999, of 2500, met een komma ertussen."))
        return {kind: tuple((first or 0, last or 0) for first, last in spans)}

    def spans(self, text: str, at: str, say: str) -> list[Ends]:
        found: list[Ends] = []
        for part in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
            if until := _UNTIL.fullmatch(part):
                found.append((None, int(until[1])))
            elif since := _FROM.fullmatch(part):
                found.append((int(since[1]), None))
            elif span := _SPAN.fullmatch(part):
                found.append((int(span[1]), int(span[2] or span[1])))
            else:
                self._findings.add(at, "format", say)
        return found


def _rows(post: Mapping[str, str], what: str, fields: tuple[str, ...]) -> list[Row]:
    """The rows that were sent, in the order of their numbers, each with all its fields."""
    sent = {int(found[2]) for found in map(_ROW.fullmatch, post) if found and found[1] == what}
    return [{name: post.get(f"{what}[{at}].{name}", "") for name in fields} for at in sorted(sent)[:MOST_ROWS]]


def _new_product() -> Row:
    return dict.fromkeys(PRODUCT, "") | {"step": "10", "minimum": "10", "until_expiry": _("nee")}


def show_cents(cents: int) -> str:
    """In euros, as it may be typed: `6,90`."""
    return f"{cents // 100},{cents % 100:02}"


def show_moment(at: datetime) -> str:
    """As a field of type datetime-local wants it, in Dutch time."""
    local = timezone.localtime(at).replace(tzinfo=None)
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def show_span(ends: Ends) -> str:
    """As it may be typed: `1953-1956`, `t/m 1947`."""
    first, last = ends
    if first is None:
        return _("t/m %(last)s") % {"last": last}
    if last is None:
        return _("vanaf %(first)s") % {"first": first}
    return str(first) if first == last else f"{first}-{last}"


def show_who(group: GroupRules) -> str:
    """Who belongs in a group, as it may be typed; empty for the last, which takes all others."""
    if group.registered:
        return show_span(group.registered)
    return ", ".join([*map(show_span, group.postcodes), *group.agb_codes])
