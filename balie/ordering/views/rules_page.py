"""What the page of a campaign's rules shows: its fields, what is wrong with them, and what a change would do."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from balie.ordering.rules import Finding
from balie.ordering.rules_form import MOMENTS, MOST_ROWS, RulesForm, show_span, show_who
from balie.ordering.services.campaigns import CampaignRules
from balie.ordering.services.delivery_rules import DeliveryRules
from balie.ordering.services.preview import Preview
from balie.ordering.views.prepare_page import TextField
from balie.ordering.wastage_form import show_allowance
from balie.practices.templatetags.balie import day_and_year, moment, number, span


@dataclass(frozen=True)
class Row:
    """A vaccine or a group: its fields, what is wrong with all of it, and the button that takes it away."""

    title: str
    drop: str
    findings: Sequence[Finding]
    fields: Sequence[TextField]


@dataclass(frozen=True)
class Difference:
    """A rule that changes; empty where it is new, or goes."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class RulesPage:
    """Everything the template needs; sentences are made here so that it only places them."""

    form: RulesForm
    findings: Sequence[Finding] = ()
    preview: Preview | None = None
    after: CampaignRules | None = None

    def moments(self) -> list[TextField]:
        labels = {
            "doors_at": _("De wachtkamer gaat open"),
            "opens_at": _("Bestellen gaat open"),
            "closes_at": _("Bestellen sluit"),
        }
        return [self._field(name, labels[name], self.form.values[name], type_="datetime-local") for name in MOMENTS]

    def amounts(self) -> list[TextField]:
        labels = {
            "pace": (_("Praktijken per minuut"), _("Zoveel nummers roept de wachtkamer op.")),
            "window_s": (_("Hoe lang een beurt duurt, in seconden"), _("300 seconden is 5 minuten.")),
            "cap_percent": (
                _("Maximum"),
                _("Als percentage van wat een praktijk vorig jaar bestelde. Leeg: geen maximum."),
            ),
            "care_cap_percent": (
                _("Maximum voor zorgorganisaties"),
                _("Ook als percentage. Leeg: zoals voor iedereen."),
            ),
            "care_minimum": (_("Minimum voor zorgorganisaties"), _("Van elk vaccin. Leeg: zoals voor iedereen.")),
            "change_limit": (
                _("Kosteloos wijzigen tot zoveel dagen vóór de bezorging"),
                _("Daarna vraagt een praktijk het u."),
            ),
            "late_fee": (_("Wat later wijzigen kost, in euro’s"), _("De praktijk ziet dit voor zij het vraagt.")),
            "free_deliveries": (_("Gratis bezorgingen per praktijk"), _("Een voorlevering telt mee.")),
            "delivery_fee": (_("Wat elke bezorging daarna kost, in euro’s"), ""),
            "free_attempts": (_("Hoe vaak een bezorging gratis wordt aangeboden"), _("Als er niemand was.")),
            "attempt_fee": (_("Wat elke keer daarna kost, in euro’s"), ""),
            "offer_hours": (
                _("Zoveel uur blijft een aangeboden plaats vrij"),
                _("Voor wie op de wachtlijst staat. Uren in het weekend en op feestdagen tellen niet mee."),
            ),
            "help_phone": (_("Telefoonnummer voor hulp"), _("Praktijken zien dit nummer als er iets misgaat.")),
        }
        also = {name: (f"{name}_cents",) for name in ("late_fee", "delivery_fee", "attempt_fee")}
        return [
            self._field(name, label, self.form.values[name], hint=hint, also=also.get(name, ()))
            for name, (label, hint) in labels.items()
        ]

    def deliveries(self) -> list[TextField]:
        labels = {
            "alert_days": (
                _("Tijd mailen, zoveel werkdagen vóór de bezorging"),
                _("0: op de dag zelf. De distributeur geeft de tijden."),
            ),
            "report_hours": (
                _("Te weinig of kapot melden binnen zoveel uur"),
                _("Na de bezorging. Later kan met uitleg."),
            ),
            "fridge_minutes": (_("In de koelkast binnen zoveel minuten"), ""),
            "coldest": (_("Te koud: onder zoveel graden"), _("Dan is de koude keten onderbroken.")),
            "warm_from": (_("Warm: boven zoveel graden"), ""),
            "warm_minutes": (_("Zo lang mag het warm zijn, in minuten"), _("Langer: de koude keten is onderbroken.")),
            "warmest": (_("Te warm: boven zoveel graden"), _("Dan is de koude keten meteen onderbroken.")),
        }
        return [
            self._field(f"deliveries.{name}", label, self.form.deliveries[name], hint=hint)
            for name, (label, hint) in labels.items()
        ]

    def wastage(self) -> list[TextField]:
        due = _("Laatste dag om doses te verantwoorden")
        return [
            self._field(
                "wastage_due", due, self.form.values["wastage_due"], hint=_("Leeg: niemand hoeft het."), type_="date"
            ),
            self._field(
                "wastage_chase",
                _("Mail wie nog niets zei, zoveel dagen ervoor"),
                self.form.values["wastage_chase"],
                hint=_("Bijvoorbeeld 21, 7, 1. Leeg: geen mail."),
            ),
        ]

    def late_alerts(self) -> list[tuple[str, str]]:
        return [("no", _("nee")), ("yes", _("ja"))]

    def more(self) -> list[TextField]:
        """The rules of orders beside the first."""
        when = _("Leeg: deze campagne heeft ze niet.")
        labels = {
            "reorders_open_at": (_("Nabestellen gaat open"), when, "datetime-local"),
            "reorders_close_at": (_("Nabestellen sluit"), "", "datetime-local"),
            "reorders_most": (_("Hoeveel nabestellingen een praktijk hooguit doet"), "", "text"),
            "early_opens_at": (_("Voorleveringen bestellen gaat open"), when, "datetime-local"),
            "early_closes_at": (_("Voorleveringen bestellen sluit"), "", "datetime-local"),
            "early_until": (
                _("Laatste bezorgdag van voorleveringen"),
                _("Bezorgdagen tot en met deze dag zijn alleen voor voorleveringen."),
                "date",
            ),
            "early_most": (
                _("Hoeveel doses van een vaccin hooguit in een voorlevering"),
                _("Leeg: geen maximum."),
                "text",
            ),
        }
        return [
            self._field(name, label, self.form.values[name], hint=hint, type_=type_)
            for name, (label, hint, type_) in labels.items()
        ]

    def products(self) -> list[Row]:
        labels = {
            "code": (_("Code"), _("flu of pneumo: zo vindt Balie de aantallen van vorig jaar.")),
            "name": (_("Naam"), ""),
            "cohorts": (_("Geboortejaren"), _("Bijvoorbeeld 1965, 1953-1956, t/m 1947. Leeg: geen groep.")),
            "step": (_("Bestellen per"), ""),
            "minimum": (_("Minimum"), ""),
            "price": (_("Kostprijs van een dosis"), _("In euro’s. 0: verspilde doses kosten niets.")),
            "allowance": (_("Mag verspild worden"), _("5%, of per aantal: t/m 100: 30%; t/m 200: 20%; 5%.")),
            "care_allowance": (_("Voor zorgorganisaties"), _("Ook zo geschreven. Leeg: zoals voor iedereen.")),
            "until_expiry": (_("Pas verspild na de datum?"), _("ja: wat nog goed is, bewaart de praktijk.")),
        }
        return [
            self._row("products", at, row["name"] or _("Nieuw vaccin"), row, labels)
            for at, row in enumerate(self.form.products)
        ]

    def groups(self) -> list[Row]:
        labels = {
            "name": (_("Naam"), ""),
            "opens_at": (_("Bestellen gaat open"), ""),
            "who": (_("Wie"), _("De laatste groep is voor alle anderen: laat dit daar leeg.")),
        }
        return [
            self._row("groups", at, row["name"] or _("Nieuwe groep"), row, labels)
            for at, row in enumerate(self.form.groups)
        ]

    def units(self) -> list[tuple[str, str]]:
        return [("working_days", _("werkdagen")), ("days", _("dagen, ook in het weekend"))]

    def kinds(self) -> list[tuple[str, str]]:
        return [
            ("postcodes", _("Postcodes, bijvoorbeeld 1000-1999, 2500")),
            ("registered", _("Ingeschreven patiënten, bijvoorbeeld 0-2000")),
            ("agb_codes", _("AGB-codes, met een komma ertussen")),
        ]

    def may_add(self) -> dict[str, bool]:
        return {"products": len(self.form.products) < MOST_ROWS, "groups": len(self.form.groups) < MOST_ROWS}

    def differences(self) -> list[Difference]:
        """What changes, in the order of the page."""
        if self.after is None:
            return []
        before, after = _told(self.form.before), _told(self.after)
        return [
            Difference(label, before.get(label, ""), after.get(label, ""))
            for label in {**before, **after}
            if before.get(label) != after.get(label)
        ]

    def elsewhere(self) -> list[Finding]:
        """What is wrong and belongs to no field of the page."""
        fields = [*self.moments(), *self.amounts(), *self.more(), *self.deliveries(), *self.wastage()]
        shown = {field.name for field in fields} | {"reason", "name", "slug", "year"}
        shown |= {"late_fee_cents", "delivery_fee_cents", "attempt_fee_cents"}
        rows = [*self.products(), *self.groups()]
        shown |= {finding.at for row in rows for finding in row.findings}
        shown |= {finding.at for row in rows for field in row.fields for finding in field.findings}
        return [finding for finding in self.findings if finding.at not in shown]

    def about(self, *names: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.at in names]

    def _row(self, what: str, at: int, title: str, row: dict[str, str], labels: dict[str, tuple[str, str]]) -> Row:
        name = f"{what}[{at}]"
        return Row(
            title=title,
            drop=f"drop:{what}:{at}",
            findings=self.about(name),
            fields=[
                self._field(
                    f"{name}.{field}",
                    label,
                    row[field],
                    hint=hint,
                    type_="datetime-local" if field == "opens_at" else "text",
                    also=tuple(f"{name}.{kind}" for kind in ("postcodes", "registered", "agb_codes"))
                    if field == "who"
                    else (),
                )
                for field, (label, hint) in labels.items()
            ],
        )

    def _field(
        self, name: str, label: str, value: str, *, hint: str = "", type_: str = "text", also: tuple[str, ...] = ()
    ) -> TextField:
        return TextField(name, label, value, self.about(name, *also), type=type_, hint=hint)


def _told_wastage(rules: CampaignRules) -> dict[str, str]:
    told = {
        _("Laatste dag om doses te verantwoorden"): day_and_year(rules.wastage_due) if rules.wastage_due else _("geen"),
        _("Mail wie nog niets zei, zoveel dagen ervoor"): ", ".join(map(str, rules.wastage_chase)) or _("geen"),
    }
    for product in rules.products:
        words = {
            "price": number_format(product.price_cents / 100, decimal_pos=2),
            "allowed": show_allowance(product.allowance) or _("niets"),
            "care": show_allowance(product.care_allowance) or _("zoals voor iedereen"),
            "expiry": _("ja") if product.until_expiry else _("nee"),
        }
        say = _(
            "%(price)s euro per dosis; mag verspild worden: %(allowed)s, zorgorganisaties: %(care)s; "
            "pas na de datum: %(expiry)s"
        )
        told[_("Verspilling van %(code)s") % {"code": product.code}] = say % words
    return told


def _told_deliveries(rules: DeliveryRules) -> dict[str, str]:
    degrees = {name: f"{getattr(rules, name)} °C" for name in ("coldest", "warm_from", "warmest")}
    return {
        _("Tijd mailen, zoveel werkdagen vóór de bezorging"): number(rules.alert_days),
        _("Ook wie laat wijzigde, hoort een tijd"): _("nee") if rules.late_without_alert else _("ja"),
        _("Te weinig of kapot melden binnen zoveel uur"): number(rules.report_hours),
        _("In de koelkast binnen zoveel minuten"): number(rules.fridge_minutes),
        _("Te koud: onder zoveel graden"): degrees["coldest"],
        _("Warm: boven zoveel graden"): degrees["warm_from"],
        _("Zo lang mag het warm zijn, in minuten"): number(rules.warm_minutes),
        _("Te warm: boven zoveel graden"): degrees["warmest"],
    }


def _told_of_more(rules: CampaignRules) -> dict[str, str]:
    told = {_("Nabestellen"): _("niet"), _("Voorleveringen"): _("niet")}
    if rules.reorders_open_at and rules.reorders_close_at:
        words = {
            "opens": moment(rules.reorders_open_at),
            "closes": moment(rules.reorders_close_at),
            "most": number(rules.reorders_most),
        }
        told[_("Nabestellen")] = _("van %(opens)s tot %(closes)s, hooguit %(most)s keer") % words
    if rules.early_opens_at and rules.early_closes_at and rules.early_until:
        words = {
            "opens": moment(rules.early_opens_at),
            "closes": moment(rules.early_closes_at),
            "until": day_and_year(rules.early_until),
            "most": number(rules.early_most) if rules.early_most else _("geen maximum"),
        }
        say = _("van %(opens)s tot %(closes)s, op dagen tot en met %(until)s; doses per vaccin: %(most)s")
        told[_("Voorleveringen")] = say % words
    return told


def _told(rules: CampaignRules) -> dict[str, str]:
    """Every rule in words, by its label."""
    told = {
        _("De wachtkamer gaat open"): moment(rules.doors_at),
        _("Bestellen gaat open"): moment(rules.opens_at),
        _("Bestellen sluit"): moment(rules.closes_at),
        _("Praktijken per minuut"): number(rules.pace),
        _("Een beurt duurt"): span(rules.window_s),
        _("Maximum"): f"{rules.cap_percent} %" if rules.cap_percent else _("geen"),
        _("Maximum voor zorgorganisaties"): (
            f"{rules.care_cap_percent} %" if rules.care_cap_percent else _("zoals voor iedereen")
        ),
        _("Minimum voor zorgorganisaties"): (
            _("zoals voor iedereen") if rules.care_minimum is None else number(rules.care_minimum)
        ),
        _("Kosteloos wijzigen tot"): _("%(count)s %(unit)s vóór de bezorging")
        % {"count": rules.change_limit, "unit": _("werkdagen") if rules.change_unit == "working_days" else _("dagen")},
        _("Wat later wijzigen kost, in euro’s"): number_format(rules.late_fee_cents / 100, decimal_pos=2),
        _("Gratis bezorgingen per praktijk"): number(rules.free_deliveries),
        _("Wat elke bezorging daarna kost, in euro’s"): number_format(rules.delivery_fee_cents / 100, decimal_pos=2),
        _("Hoe vaak een bezorging gratis wordt aangeboden"): number(rules.free_attempts),
        _("Wat elke keer daarna kost, in euro’s"): number_format(rules.attempt_fee_cents / 100, decimal_pos=2),
        _("Zoveel uur blijft een aangeboden plaats vrij"): number(rules.offer_hours),
        **_told_of_more(rules),
        _("Telefoonnummer voor hulp"): rules.help_phone,
    }
    told |= _told_deliveries(rules.deliveries) | _told_wastage(rules)
    for product in rules.products:
        words = {
            "name": product.name,
            "years": ", ".join(map(show_span, product.cohorts)) or _("geen"),
            "step": number(product.step),
            "minimum": number(product.minimum),
        }
        say = _("%(name)s; geboortejaren: %(years)s; per %(step)s, minstens %(minimum)s")
        told[_("Vaccin %(code)s") % {"code": product.code}] = say % words
    for at, group in enumerate(rules.groups, start=1):
        words = {"name": group.name, "moment": moment(group.opens_at), "who": show_who(group) or _("alle anderen")}
        told[_("Groep %(at)s") % {"at": at}] = _("%(name)s, %(moment)s: %(who)s") % words
    return told
