"""The form in which a practice accounts for its doses, as it was typed; and the allowance as it is written in rules."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from balie.ordering.forms import read_count
from balie.ordering.queries.wastage import Account
from balie.ordering.rules import Findings
from balie.ordering.services.wastage import Spent
from balie.ordering.wastage_rules import Band

FIELDS: Final = ("carried", "administered", "left", "expired")
_PERCENT: Final = r"(\d{1,3})(?:[.,](\d))?\s*%?"
_BAND: Final = re.compile(rf"(?:(?:t/m|until)\s*)?(\d{{1,6}})\s*:\s*{_PERCENT}")
_REST: Final = re.compile(_PERCENT)


@dataclass
class WastageForm:
    """Every field as text, called by what it holds and the key of its product."""

    values: dict[str, str]
    reason: str = ""

    @classmethod
    def stored(cls, account: Account) -> "WastageForm":
        """What was said before; else nothing but noughts where nobody has to count."""
        values = {}
        for each in account.products:
            for name in FIELDS:
                known = getattr(each.doses, name) if each.doses else None
                values[f"{name}-{each.product.pk}"] = _shown(name, known)
        return cls(values)

    @classmethod
    def typed(cls, account: Account, post: Mapping[str, str]) -> "WastageForm":
        """What was sent; a field that was not keeps what was stored."""
        form = cls.stored(account)
        return cls({name: post.get(name, value) for name, value in form.values.items()}, post.get("reason", ""))

    def spent(self, account: Account, findings: Findings) -> dict[int, Spent]:
        """As numbers; what cannot be read is noted."""
        found = {}
        for each in account.products:
            key = each.product.pk
            asked = FIELDS if each.product.until_expiry else ("administered", "left")
            read = {name: read_count(self.values[f"{name}-{key}"], f"{name}-{key}", findings) for name in asked}
            found[key] = Spent(**read)
        return found


def _shown(name: str, known: int | None) -> str:
    if known is not None:
        return str(known)
    return "0" if name in {"carried", "expired"} else ""


def show_allowance(bands: Sequence[Band]) -> str:
    """As it may be typed: `t/m 100: 30%; t/m 200: 20%; 5%`."""
    return "; ".join(_shown_band(*band) for band in bands)


def _shown_band(upto: int | None, permille: int) -> str:
    share = f"{permille // 10},{permille % 10}%" if permille % 10 else f"{permille // 10}%"
    return share if upto is None else _("t/m %(last)s") % {"last": upto} + f": {share}"


def read_allowance(text: str) -> tuple[Band, ...] | None:
    """None for what is no allowance: bands that go up, and at the end a share for any more."""
    parts = [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]
    found: list[Band] = []
    for at, part in enumerate(parts, start=1):
        band, rest = _BAND.fullmatch(part), _REST.fullmatch(part)
        if band and at < len(parts):
            found.append((int(band[1]), _permille(band[2], band[3])))
        elif rest and at == len(parts):
            found.append((None, _permille(rest[1], rest[2])))
        else:
            return None
    edges = [upto for upto, _permille in found if upto is not None]
    going_up = edges == sorted(set(edges))
    return tuple(found) if going_up and all(permille <= 1000 for _upto, permille in found) else None


def _permille(whole: str, tenth: str | None) -> int:
    return 10 * int(whole) + int(tenth or 0)
