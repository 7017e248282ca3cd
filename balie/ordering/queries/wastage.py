"""Doses of practices that came, were given and went to waste, and what that costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils import timezone

from balie.ordering.models import Campaign, Product, WastageLine
from balie.ordering.queries.rows import read_rows
from balie.ordering.wastage_rules import Band, Bill, Doses, WastageRule, bill_of_silence
from balie.practices.models import Practice

DOSES = ("received", "apart", "carried", "administered", "left", "expired")
JUDGED = ("wasted", "allowed", "charged", "price_cents")


@dataclass(frozen=True)
class Accounted:
    """One product of a practice; `doses` and `bill` are as they were accounted for, None where they were not."""

    product: Product
    received: int
    apart: int
    rule: WastageRule
    doses: Doses | None
    bill: Bill | None


@dataclass(frozen=True)
class Account:
    """What became of the doses of a practice. `sent_at` is None where it said nothing; `silence` is what that costs."""

    practice: int
    name: str
    agb_code: str
    phone: str
    sent_at: datetime | None
    products: Sequence[Accounted]

    @property
    def cents(self) -> int:
        """As accounted for."""
        return sum(each.bill.cents for each in self.products if each.bill)

    @property
    def silence(self) -> int:
        return sum(bill_of_silence(each.received, each.rule) for each in self.products)

    @property
    def received(self) -> int:
        return sum(each.received for each in self.products)

    @property
    def administered(self) -> int:
        return sum(each.doses.administered for each in self.products if each.doses)

    @property
    def wasted(self) -> int:
        return sum(each.bill.wasted for each in self.products if each.bill)


def rule_of(product: Product, *, kind: str) -> WastageRule:
    """The rule in force for a product, of practices of this kind."""
    own = bands_of(product.care_allowance_upto, product.care_allowance_permille)
    bands = own if own and kind == Practice.Kind.CARE_ORG else None
    everybody = bands_of(product.allowance_upto, product.allowance_permille)
    return WastageRule(product.price_cents, bands or everybody, product.until_expiry)


def bands_of(upto: Sequence[int], permille: Sequence[int]) -> tuple[Band, ...]:
    """As rules have them, of the columns."""
    return tuple(zip([*upto, None], permille, strict=False))


def read_accounts(campaign: Campaign) -> list[Account]:
    """Of every practice to which something came, in order of name. One query, and one for the products."""
    return _read(campaign, None)


def read_account(campaign: Campaign, practice: Practice) -> Account | None:
    """Of one; None where nothing has come."""
    return next(iter(_read(campaign, practice.pk)), None)


def _read(campaign: Campaign, practice: int | None) -> list[Account]:
    products = {product.pk: product for product in campaign.products.all()}
    rows = read_rows("wastage", campaign=campaign.pk, today=timezone.localdate(), practice=practice)
    return [_account(list(group), products) for _key, group in groupby(rows, key=lambda row: row["practice"])]


def _account(rows: list[dict[str, Any]], products: dict[int, Product]) -> Account:
    about = {name: rows[0][name] for name in ("practice", "name", "agb_code", "phone", "sent_at")}
    return Account(**about, products=[_product(row, products[row["product"]]) for row in rows])


def _product(row: dict[str, Any], product: Product) -> Accounted:
    """What came is what was said then, where something was."""
    rule = rule_of(product, kind=row["kind"])
    if row["administered"] is None:
        return Accounted(product, row["received"], row["apart"], rule, None, None)
    line = WastageLine(**{name: row[name] for name in (*DOSES, *JUDGED)})
    doses = Doses(*(getattr(line, name) for name in DOSES))
    bill = Bill(line.wasted, line.allowed, line.charged, line.cents)
    return Accounted(product, row["received"], row["apart"], rule, doses, bill)
