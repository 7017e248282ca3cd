"""What the page of a delivery shows: its fields, and what is wrong with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from balie.ordering.intake_form import IntakeForm
from balie.ordering.models import Product
from balie.ordering.queries.intakes import Standing, Taken
from balie.ordering.rules import Finding
from balie.ordering.views.prepare_page import TextField

BADGES = {
    Standing.BROKEN: "error",
    Standing.NOT_COME: "error",
    Standing.DIFFERS: "warning",
    Standing.UNSAID: "warning",
    Standing.OPEN: "neutral",
    Standing.COMING: "neutral",
    Standing.WHOLE: "success",
}


def name_standing(standing: Standing) -> str:
    """As people say it."""
    return {
        Standing.BROKEN: _("koude keten onderbroken"),
        Standing.NOT_COME: _("niets gekomen"),
        Standing.DIFFERS: _("te weinig of kapot"),
        Standing.UNSAID: _("te lang niets gemeld"),
        Standing.OPEN: _("nog niets gemeld"),
        Standing.COMING: _("komt nog"),
        Standing.WHOLE: _("alles is er"),
    }[standing]


@dataclass(frozen=True)
class Choice:
    """One of a few answers."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class ProductFields:
    """A vaccine that should have come, with what one may say of it."""

    product: Product
    expected: int
    fields: Sequence[TextField]
    batch: TextField


@dataclass(frozen=True)
class IntakePage:
    """Everything the template needs; sentences are made here so that it only places them."""

    taken: Taken
    form: IntakeForm
    findings: Sequence[Finding] = ()

    def outcomes(self) -> list[Choice]:
        labels = {
            "whole": _("Ja, alles is er en niets is kapot"),
            "differs": _("Ja, maar er is te weinig, te veel of iets kapot"),
            "not_come": _("Nee, er is niets gekomen"),
        }
        return self._choices("outcome", labels)

    def indicators(self) -> list[Choice]:
        labels = {
            "good": _("De indicator is goed"),
            "tripped": _("De indicator is verkleurd of geeft alarm"),
            "absent": _("Er zit geen indicator bij"),
        }
        return self._choices("indicator", labels)

    def products(self) -> list[ProductFields]:
        return [
            ProductFields(
                product=one.product,
                expected=one.doses,
                fields=[
                    self._number(f"received-{one.product.pk}", _("Doses gekomen")),
                    self._number(f"damaged-{one.product.pk}", _("Waarvan kapot")),
                ],
                batch=self._field(
                    f"batch-{one.product.pk}", _("Batchnummer van %(name)s") % {"name": one.product.name}
                ),
            )
            for one in self.taken.goods
        ]

    def measured(self) -> list[TextField]:
        campaign = self.taken.consignment.campaign
        return [
            self._number("fridge_minutes", _("Na hoeveel minuten lag alles in de koelkast?")),
            self._field(
                "temperature",
                _("Temperatuur in graden, als u die mat"),
                hint=_("Bijvoorbeeld 5 of 6,5. Zag u meer dan één, geef dan de slechtste."),
            ),
            self._number(
                "warm_minutes",
                _("Hoeveel minuten was het warmer dan %(degrees)s graden?") % {"degrees": campaign.warm_from},
                hint=_("Alleen als u zo’n temperatuur mat."),
            ),
        ]

    def broken(self) -> list[TextField]:
        return [
            self._field("story", _("Wat is er gebeurd, en met welke doosjes?")),
            self._field("reach", _("Wie kunnen wij bellen, en op welk nummer?")),
        ]

    def reason(self) -> TextField:
        return self._field("reason", _("Waarom meldt u het nu pas?"))

    def asks_broken(self) -> bool:
        """Whether the part about a broken chain is open: it was refused for want of it, or was said before."""
        stored = self.taken.standing is Standing.BROKEN
        return stored or any(finding.code == "broken" for finding in self.findings)

    def about(self, *names: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.at in names]

    def outcome_errors(self) -> list[Finding]:
        return self.about("outcome")

    def indicator_errors(self) -> list[Finding]:
        return self.about("indicator")

    def apart_errors(self) -> list[Finding]:
        return self.about("set_apart")

    def elsewhere(self) -> list[Finding]:
        """What is wrong with no field."""
        return self.about("intake")

    def has_batches(self) -> bool:
        return any(self.form.values[f"batch-{one.product.pk}"] for one in self.taken.goods) or any(
            finding.at.startswith("batch-") for finding in self.findings
        )

    def revision(self) -> str:
        return "" if self.taken.intake is None else str(self.taken.intake.revision)

    def _choices(self, name: str, labels: dict[str, str]) -> list[Choice]:
        return [Choice(value, label, self.form.values[name] == value) for value, label in labels.items()]

    def _field(self, name: str, label: str, *, hint: str = "") -> TextField:
        return TextField(name, label, self.form.values[name], self.about(name), hint=hint)

    def _number(self, name: str, label: str, *, hint: str = "") -> TextField:
        return TextField(name, label, self.form.values[name], self.about(name), hint=hint, inputmode="numeric")
