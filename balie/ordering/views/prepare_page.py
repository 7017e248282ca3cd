"""What the page of the prepared order shows: its form, what is wrong with it and where, and whether it is complete."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from balie.ordering.forms import PreparedForm, doses_field
from balie.ordering.models import PreparedOrder
from balie.ordering.queries.prepared import Asked, Preparation
from balie.ordering.rules import Finding, Findings, fit, grouped
from balie.ordering.services.prepared import advise, missing_for_balie
from balie.practices.contact import Address
from balie.practices.models import Location
from balie.practices.templatetags.balie import clock, moment
from balie.practices.templatetags.balie import day as day_name

# So many wishes are hardly ever all full when nobody is there to choose another day.
SURE_WITH = 12


@dataclass(frozen=True)
class DosesField:
    """A stepper: one product at one location."""

    name: str
    asked: Asked
    value: str
    findings: Sequence[Finding]


@dataclass(frozen=True)
class TextField:
    """A line of text with its label."""

    name: str
    label: str
    value: str
    findings: Sequence[Finding]
    type: str = "text"
    hint: str = ""
    inputmode: str = "text"


@dataclass(frozen=True)
class Place:
    """A location, its doses per product, and its address as typed."""

    location: Location
    fields: Sequence[DosesField]
    address: Address
    address_fields: Sequence[TextField]


@dataclass(frozen=True)
class ProductNote:
    """What is known of a product for this practice, and whether the amount fits it."""

    asked: Asked
    total: int
    fit: str


@dataclass(frozen=True)
class Wish:
    """A date on the list. `day` is None where what was sent is no date."""

    text: str
    day: date | None
    first: bool
    last: bool

    @property
    def name(self) -> str:
        """`Dinsdag 28 september`."""
        return capfirst(day_name(self.day)) if self.day else self.text


@dataclass(frozen=True)
class Check:
    """A line of "Klaar voor de nacht?"."""

    done: bool
    say: str
    note: str = ""


@dataclass(frozen=True)
class Choice:
    """Somebody who could press the button."""

    value: str
    label: str
    hint: str
    chosen: bool


@dataclass(frozen=True)
class PreparePage:
    """Everything the template needs; sentences are made here so that it only places them."""

    preparation: Preparation
    form: PreparedForm
    findings: Sequence[Finding]

    @cached_property
    def amounts(self) -> dict[tuple[int, int], int]:
        """What was typed, as far as it is numbers that can be."""
        return {place: max(0, amount) for place, amount in self.form.amounts(Findings()).items()}

    @cached_property
    def said(self) -> dict[str, list[Finding]]:
        """Findings by the part of the form they are about: what was refused, else the first advice."""
        said: dict[str, list[Finding]] = {}
        for finding in self.findings:
            said.setdefault(finding.at, []).append(finding)
        for finding in advise(self.preparation.products, self.amounts):
            said.setdefault(finding.at, [finding])
        return said

    @cached_property
    def places(self) -> list[Place]:
        said = self.said
        return [
            Place(
                location=location,
                fields=[
                    DosesField(name, asked, self.form.doses[asked.rule.product, location.pk], said.get(name, ()))
                    for asked in self.preparation.products
                    for name in [doses_field(asked.rule.product, location.pk)]
                ],
                address=self.form.addresses[location.pk],
                address_fields=self._address_fields(location),
            )
            for location in self.preparation.locations
        ]

    def _address_fields(self, location: Location) -> list[TextField]:
        labels = {"street": _("Straat en huisnummer"), "postcode": _("Postcode"), "city": _("Plaats")}
        return [
            TextField(name, labels[part], value, self.said.get(name, ()))
            for part, value in vars(self.form.addresses[location.pk]).items()
            for name in [f"address-{location.pk}-{part}"]
        ]

    @cached_property
    def email_fields(self) -> list[TextField]:
        said = self.said
        return [
            TextField("email", _("Bevestiging naar"), self.form.email, said.get("email", ()), "email"),
            TextField("second_email", _("En ook naar"), self.form.second_email, said.get("second_email", ()), "email"),
        ]

    @property
    def mobile_field(self) -> TextField | None:
        """Where text messages are sent at all."""
        if self.form.mobile is None:
            return None
        return TextField(
            "mobile",
            _("Ook een sms naar (mag leeg blijven)"),
            self.form.mobile,
            self.said.get("mobile", ()),
            "tel",
            _("Een mobiel nummer. Als Balie voor u bestelt, leest u daar hoe het afliep."),
        )

    @property
    def contact_is_wrong(self) -> bool:
        return any(field.findings for field in self.email_fields) or any(
            field.findings for place in self.places for field in place.address_fields
        )

    @cached_property
    def notes(self) -> list[ProductNote]:
        amounts, registered = self.amounts, self.preparation.practice.registered_count
        notes = []
        for asked in self.preparation.products:
            total = sum(doses for (product, _location), doses in amounts.items() if product == asked.rule.product)
            say = fit(asked.rule, total, ordered_last_year=asked.ordered, registered=registered)
            notes.append(ProductNote(asked, total, say))
        return notes

    @property
    def steps(self) -> str:
        """`Per 10 doses.`, or nothing where products differ."""
        steps = {asked.rule.step for asked in self.preparation.products}
        return _("Per %(step)s doses.") % {"step": grouped(steps.pop())} if len(steps) == 1 else ""

    @cached_property
    def wishes(self) -> list[Wish]:
        last = len(self.form.ranking) - 1
        return [Wish(text, _as_day(text), at == 0, at == last) for at, text in enumerate(self.form.ranking)]

    @property
    def weeks_to_add(self) -> list[tuple[int, list[date]]]:
        """Delivery days that are not on the list yet, by week."""
        open_days = (day for day in self.preparation.days if day.isoformat() not in self.form.ranking)
        return [(week, list(days)) for week, days in groupby(open_days, key=lambda day: day.isocalendar().week)]

    @property
    def is_empty(self) -> bool:
        """Nothing put ready yet, and last year could be taken over."""
        return not any(self.amounts.values()) and any(asked.ordered for asked in self.preparation.products)

    @property
    def last_year(self) -> str:
        """`640 griep en 90 pneumokokken`."""
        parts = [
            f"{grouped(asked.ordered)} {asked.rule.name.lower()}"
            for asked in self.preparation.products
            if asked.ordered
        ]
        return _(" en ").join(parts)

    @property
    def checks(self) -> list[Check]:
        return [self._doses_check(), self._wishes_check(), self._addresses_check(), self._emails_check()]

    @property
    def choices(self) -> list[Choice]:
        """Who presses the button, see `PreparedOrder.Auto`."""
        words = {
            PreparedOrder.Auto.OFF: (
                _("Wij bestellen zelf"),
                _("U krijgt een melding als u aan de beurt bent."),
            ),
            PreparedOrder.Auto.ONE_DAY: (
                _("Bestel voor mij"),
                _("Balie plaatst uw bestelling op uw beurt, op de eerste vrije datum van uw lijst. U kunt slapen."),
            ),
            PreparedOrder.Auto.PARTS: (
                _("Bestel voor mij, zo nodig in delen"),
                _("Past niet alles op één dag? Dan krijgt elk adres, en als het moet elk vaccin, een eigen datum."),
            ),
        }
        return [Choice(value, *words[value], chosen=value == self.form.auto) for value in words]

    @property
    def by_balie(self) -> bool:
        return self.form.auto in {PreparedOrder.Auto.ONE_DAY, PreparedOrder.Auto.PARTS}

    @cached_property
    def missing_for_balie(self) -> list[str]:
        """What to do before "Bestel voor mij" can be chosen; or to do still, where rules changed since it was."""
        return missing_for_balie(self.preparation.products, self.amounts, wishes=len(self.form.ranking))

    @property
    def list_is_short(self) -> bool:
        """Balie orders, and there are later days that would make it surer that it can."""
        latest = max(self.form.ranking, default="")
        later = any(day.isoformat() > latest for day in self.preparation.days)
        return self.by_balie and later and 0 < len(self.form.ranking) < SURE_WITH

    def _doses_check(self) -> Check:
        total = sum(self.amounts.values())
        vaccines = sum(1 for note in self.notes if note.total)
        wrong = any(at.startswith("doses-") for at in self.said)
        if not total:
            return Check(done=False, say=_("Nog geen doses"))
        say = ngettext("%(doses)s doses, %(count)s vaccin", "%(doses)s doses, %(count)s vaccins", vaccines)
        note = _("Een aantal kan zo niet. Kijk bij 1.") if wrong else ""
        return Check(done=not wrong, say=say % {"doses": grouped(total), "count": vaccines}, note=note)

    def _wishes_check(self) -> Check:
        count = len(self.form.ranking)
        if not count:
            return Check(
                done=False, say=_("Nog geen data op uw lijst"), note=_("U kiest dan in de nacht in de kalender.")
            )
        say = ngettext("%(count)s datum op uw lijst", "%(count)s data op uw lijst", count) % {"count": count}
        return Check(done="ranking" not in self.said, say=say, note=_("Meer data geven meer kans."))

    def _addresses_check(self) -> Check:
        used = {location for (_product, location), doses in self.amounts.items() if doses}
        count = len(used) or min(1, len(self.preparation.locations))
        if not count:
            return Check(done=False, say=_("Geen afleveradres"), note=_("Bel ons; wij zetten het erbij."))
        return Check(
            done=True, say=ngettext("%(count)s afleveradres", "%(count)s afleveradressen", count) % {"count": count}
        )

    def _emails_check(self) -> Check:
        if self.form.second_email.strip():
            return Check(done=True, say=_("2 e-mailadressen"))
        return Check(done=True, say=_("1 e-mailadres"), note=_("Met een tweede adres mist u de bevestiging niet."))

    @property
    def saved(self) -> str:
        """`vandaag 16.42 uur`, or with the day; empty when nothing was saved yet."""
        at = self.preparation.saved_at
        if at is None:
            return ""
        today = timezone.localdate(at) == timezone.localdate()
        return _("vandaag %(time)s") % {"time": clock(at)} if today else moment(at)

    @property
    def elsewhere(self) -> list[Finding]:
        """Findings that belong to no field on the page; they stand at its head."""
        shown = {"ranking", "auto", "mobile"} | {field.name for field in self.email_fields}
        for place in self.places:
            shown |= {doses.name for doses in place.fields} | {part.name for part in place.address_fields}
        return [finding for finding in self.findings if finding.at not in shown]


def _as_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
