"""The form of what came, as it was typed, so that nothing a person wrote is lost, whatever is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from balie.ordering.cold_chain import Cold
from balie.ordering.forms import read_count
from balie.ordering.queries.intakes import Taken
from balie.ordering.rules import Findings
from balie.ordering.services.intakes import Count, Said

TEXTS: Final = ("outcome", "indicator", "temperature", "warm_minutes", "fridge_minutes", "story", "reach", "reason")
_DEGREES: Final = re.compile(r"([-−]?\d{1,2})(?:[.,](\d))?")


@dataclass
class IntakeForm:
    """Every field as text, by its name; those of products end with its key."""

    values: dict[str, str]
    set_apart: bool

    @classmethod
    def stored(cls, taken: Taken) -> "IntakeForm":
        """What was said before; else what should have come, so that one changes only what differs."""
        intake, lines = taken.intake, {line.product_id: line for line in taken.lines}
        shown = dict.fromkeys(TEXTS, "")
        if intake is not None:
            shown |= {name: _show(getattr(intake, name)) for name in TEXTS}
        for one in taken.goods:
            line = lines.get(one.product.pk)
            came = line is not None and intake is not None and intake.outcome != "not_come"
            shown[f"received-{one.product.pk}"] = str(line.received if line and came else one.doses)
            shown[f"damaged-{one.product.pk}"] = str(line.damaged if line and came else 0)
            shown[f"batch-{one.product.pk}"] = line.batch_no if line else ""
        return cls(shown, intake.set_apart if intake else False)

    @classmethod
    def typed(cls, taken: Taken, post: Mapping[str, str]) -> "IntakeForm":
        """What was sent; a field that was not keeps what was stored."""
        form = cls.stored(taken)
        form.values = {name: post.get(name, value) for name, value in form.values.items()}
        form.set_apart = "set_apart" in post
        return form

    def said(self, taken: Taken, findings: Findings) -> Said:
        """As the service takes it; what cannot be read is noted."""
        typed = self.values
        counts = {}
        for one in taken.goods if typed["outcome"] != "not_come" else ():
            key = one.product.pk
            counts[key] = Count(
                received=read_count(typed[f"received-{key}"], f"received-{key}", findings),
                damaged=read_count(typed[f"damaged-{key}"].strip() or "0", f"damaged-{key}", findings),
                batch_no=typed[f"batch-{key}"],
            )
        return Said(
            outcome=typed["outcome"],
            counts=counts,
            cold=Cold(
                indicator=typed["indicator"],
                temperature=_degrees(typed["temperature"], findings),
                warm_minutes=_minutes(typed["warm_minutes"], "warm_minutes", findings),
                fridge_minutes=_minutes(typed["fridge_minutes"], "fridge_minutes", findings),
            ),
            story=typed["story"],
            reach=typed["reach"],
            set_apart=self.set_apart,
            reason=typed["reason"],
        )


def _show(value: object) -> str:
    return "" if value is None else str(value).replace(".", ",") if isinstance(value, Decimal) else str(value)


def _minutes(text: str, at: str, findings: Findings) -> int | None:
    return read_count(text, at, findings) if text.strip() else None


def _degrees(text: str, findings: Findings) -> Decimal | None:
    """Whole degrees, or with one place: `6`, `6,5`, `-0.5`."""
    if not text.strip():
        return None
    found = _DEGREES.fullmatch(text.strip().removesuffix("°C").removesuffix("C").strip())
    if not found:
        findings.add("temperature", "number", _("Schrijf een temperatuur zo: 6,5."))
        return None
    return Decimal(f"{found[1].replace('−', '-')}.{found[2] or 0}")
