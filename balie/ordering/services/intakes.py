"""What a practice says of a delivery: whole, short, damaged or not come, and whether it stayed cold."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.ordering.cold_chain import Cold, is_broken, is_warm
from balie.ordering.models import Campaign, Consignment, Intake, IntakeLine, PreAlert
from balie.ordering.queries.intakes import due_of
from balie.ordering.rules import MOST_DOSES, Findings
from balie.ordering.services.delivery_rules import DeliveryRules, delivery_rules_of
from balie.practices.models import Person
from balie.practices.services import record

LONGEST_TEXT = 500
LONGEST_BATCH = 60
LONGEST_MINUTES = 30 * 24 * 60
NUL = "\0"  # which PostgreSQL cannot store


@dataclass(frozen=True)
class Count:
    """Of one product: doses that came, how many of those are damaged, and what stands on the box."""

    received: int
    damaged: int = 0
    batch_no: str = ""


NOTHING_SEEN = Cold("", None, None, None)


@dataclass(frozen=True)
class Said:
    """What somebody says of a consignment; `counts` by product. The last four are asked when the chain is broken, and
    when it is late.
    """

    outcome: str
    counts: Mapping[int, Count] = field(default_factory=dict)
    cold: Cold = NOTHING_SEEN
    story: str = ""
    reach: str = ""
    set_apart: bool = False
    reason: str = ""


@transaction.atomic
def report_intake(
    *, consignment: Consignment, said: Said, revision: int | None, actor: Person, at: datetime, by_phone: bool = False
) -> Intake:
    """Keep what was said; `revision` is that of what the person saw, None where they saw nothing yet.

    The consignment is locked, so of two who say something one is first; the same once more changes nothing. After the
    time a first word needs a reason, and only staff who were phoned (`by_phone`) correct one. Raises RulesError.
    """
    consignment = (
        Consignment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("campaign", "practice")
        .get(pk=consignment.pk)
    )
    campaign, before = consignment.campaign, Intake.objects.filter(consignment=consignment).first()
    rules, said = delivery_rules_of(campaign), _tidy(said, consignment)
    if before is not None and _fields(said, rules).items() <= vars(before).items() and _lines(before) == said.counts:
        return before
    due_at = before.due_at if before else due(consignment, rules)
    findings = Findings()
    _check_moment(consignment, before, revision, findings)
    findings.refuse()
    _check_time(before, due_at, said, at, findings, by_phone=by_phone)
    _check_said(said, consignment, rules, findings)
    findings.refuse()
    if said.outcome == Intake.Outcome.NOT_COME:
        due_at = max(due_at, again(campaign, at, rules))
    values = _fields(said, rules) | {"rules_version": campaign.version, "due_at": due_at}
    intake = _write(consignment, before, values, actor=actor, at=at)
    _write_lines(consignment, intake, said)
    record(
        actor=actor,
        practice=consignment.practice,
        action="delivery.report_changed" if before else "delivery.reported",
        subject=consignment.number,
        reason=said.reason,
        detail=_told(consignment, intake),
    )
    return intake


def due(consignment: Consignment, rules: DeliveryRules) -> datetime:
    """Until when something wrong is said in time: so many hours after its window, or else after its day."""
    alert = PreAlert.objects.filter(consignment=consignment).first()
    return due_of(consignment.day, alert.ends if alert else None, rules.report_hours)


def again(campaign: Campaign, at: datetime, rules: DeliveryRules) -> datetime:
    """As above, of what did not come and is offered again on the next working day."""
    day = timezone.localdate(at) + timedelta(days=1)
    while day.isoweekday() > 5 or day in campaign.holidays:
        day += timedelta(days=1)
    return due_of(day, None, rules.report_hours)


def _tidy(said: Said, consignment: Consignment) -> Said:
    """Without spaces around it. What is whole has what should have come; what did not come has nothing."""
    said = replace(said, story=said.story.strip(), reach=said.reach.strip(), reason=said.reason.strip())
    expected = dict(zip(consignment.line_product, consignment.line_doses, strict=True))
    given = {product: said.counts.get(product, Count(0)) for product in expected}
    if said.outcome == Intake.Outcome.NOT_COME:
        nothing = {product: Count(0) for product in expected}
        return replace(said, counts=nothing, cold=NOTHING_SEEN, story="", reach="", set_apart=False)
    if said.outcome == Intake.Outcome.WHOLE:
        given = {product: Count(doses, 0, given[product].batch_no.strip()) for product, doses in expected.items()}
    return replace(
        said, counts={product: replace(each, batch_no=each.batch_no.strip()) for product, each in given.items()}
    )


def _fields(said: Said, rules: DeliveryRules) -> dict[str, Any]:
    """Columns of the row; what was asked only because the chain was broken is dropped when it was not."""
    cold, broken = said.cold, is_broken(said.cold, rules)
    judged = Intake.Cold.BROKEN if broken else Intake.Cold.KEPT
    return {
        "outcome": said.outcome,
        "cold": Intake.Cold.NONE if said.outcome == Intake.Outcome.NOT_COME else judged,
        "indicator": cold.indicator,
        "temperature": cold.temperature,
        "warm_minutes": cold.warm_minutes,
        "fridge_minutes": cold.fridge_minutes,
        "story": said.story if broken else "",
        "reach": said.reach if broken else "",
        "set_apart": said.set_apart and broken,
        "reason": said.reason,
    }


def _lines(intake: Intake) -> dict[int, Count]:
    return {line.product_id: Count(line.received, line.damaged, line.batch_no) for line in intake.lines.all()}


def _check_moment(consignment: Consignment, before: Intake | None, revision: int | None, findings: Findings) -> None:
    findings.require(not consignment.withdrawn, "intake", "withdrawn", _("Deze bezorging komt niet meer."))
    early = timezone.localdate() < consignment.day
    findings.require(not early, "intake", "early", _("U kunt dit melden vanaf de dag van de bezorging."))
    say = _("Een collega meldde intussen iets anders. Kijk eerst wat er nu staat.")
    findings.require((before.revision if before else None) == revision, "intake", "overtaken", say)


def _check_time(
    before: Intake | None, due_at: datetime, said: Said, at: datetime, findings: Findings, *, by_phone: bool
) -> None:
    if at <= due_at:
        return
    say = _("De tijd om te verbeteren is voorbij. Bel de organisatie: zij kan het voor u wijzigen.")
    findings.require(before is None or by_phone, "intake", "over", say)
    findings.require(
        said.reason, "reason", "late", _("De tijd om te melden is voorbij. Schrijf op waarom u het nu pas meldt.")
    )


def _check_said(said: Said, consignment: Consignment, rules: DeliveryRules, findings: Findings) -> None:
    findings.require(said.outcome in Intake.Outcome.values, "outcome", "empty", _("Kies wat u aantrof."))
    for name, text in (("story", said.story), ("reach", said.reach), ("reason", said.reason)):
        say = _("Schrijf hooguit %(most)s letters.") % {"most": LONGEST_TEXT}
        findings.require(len(text) <= LONGEST_TEXT and NUL not in text, name, "too_long", say)
    if said.outcome in {Intake.Outcome.WHOLE, Intake.Outcome.DIFFERS}:
        _check_counts(said, consignment, findings)
        _check_cold(said, rules, findings)


def _check_counts(said: Said, consignment: Consignment, findings: Findings) -> None:
    expected = dict(zip(consignment.line_product, consignment.line_doses, strict=True))
    for product, each in said.counts.items():
        most = _("Dat kan niet kloppen: kies een getal van 0 tot %(most)s.") % {"most": MOST_DOSES}
        findings.require(0 <= each.received <= MOST_DOSES, f"received-{product}", "range", most)
        say = _("Er kan niet meer kapot zijn dan er kwam.")
        findings.require(0 <= each.damaged <= max(each.received, 0), f"damaged-{product}", "range", say)
        say = _("Schrijf hooguit %(most)s letters.") % {"most": LONGEST_BATCH}
        findings.require(
            len(each.batch_no) <= LONGEST_BATCH and NUL not in each.batch_no, f"batch-{product}", "too_long", say
        )
    right = all(each == Count(expected[product], 0, each.batch_no) for product, each in said.counts.items())
    say = _("Met deze aantallen klopt alles. Vul in wat er te weinig of kapot is, of kies dat alles er is.")
    findings.require(said.outcome == Intake.Outcome.WHOLE or not right, "outcome", "whole", say)


def _check_cold(said: Said, rules: DeliveryRules, findings: Findings) -> None:
    cold = said.cold
    findings.require(
        cold.indicator in Intake.Indicator.values, "indicator", "empty", _("Kies wat u op de indicator ziet.")
    )
    unmeasured = cold.indicator == Intake.Indicator.ABSENT and cold.temperature is None
    say = _("Zonder indicator heeft Balie een temperatuur nodig. Meet tussen de doosjes.")
    findings.require(not unmeasured, "temperature", "empty", say)
    say = _("Hoeveel minuten was het warmer dan %(degrees)s graden?") % {"degrees": rules.warm_from}
    findings.require(not is_warm(cold, rules) or cold.warm_minutes is not None, "warm_minutes", "empty", say)
    say = _("Na hoeveel minuten lag alles in de koelkast?")
    findings.require(cold.fridge_minutes is not None, "fridge_minutes", "empty", say)
    for name in ("warm_minutes", "fridge_minutes"):
        say = _("Kies een getal van 0 tot %(most)s.") % {"most": LONGEST_MINUTES}
        findings.require(0 <= (getattr(cold, name) or 0) <= LONGEST_MINUTES, name, "range", say)
    if findings.found or not is_broken(cold, rules):
        return
    findings.require(said.story, "story", "broken", _("Schrijf op wat er is gebeurd, en met welke doosjes."))
    findings.require(said.reach, "reach", "broken", _("Vul in wie wij kunnen bellen, en op welk nummer."))
    say = _("Leg de doses apart in de koelkast, met ‘niet gebruiken’ erop, en kruis dit dan aan.")
    findings.require(said.set_apart, "set_apart", "broken", say)


def _write(
    consignment: Consignment, before: Intake | None, values: dict[str, Any], *, actor: Person, at: datetime
) -> Intake:
    if before is None:
        return Intake.objects.create(consignment=consignment, said_at=at, said_by=actor, **values)
    for name, value in values.items():
        setattr(before, name, value)
    before.revision, before.changed_at, before.changed_by = before.revision + 1, at, actor
    before.save()
    return before


def _write_lines(consignment: Consignment, intake: Intake, said: Said) -> None:
    intake.lines.all().delete()
    expected = dict(zip(consignment.line_product, consignment.line_doses, strict=True))
    IntakeLine.objects.bulk_create(
        IntakeLine(intake=intake, product_id=product, expected=expected[product], **vars(each))
        for product, each in said.counts.items()
    )


def _told(consignment: Consignment, intake: Intake) -> dict[str, Any]:
    lines = intake.lines.select_related("product")
    return {
        "campaign": consignment.campaign.slug,
        "day": consignment.day.isoformat(),
        "address": consignment.address,
        "outcome": intake.outcome,
        "cold": intake.cold,
        "temperature": None if intake.temperature is None else str(intake.temperature),
        "warm_minutes": intake.warm_minutes,
        "late": bool(intake.reason),
        "lines": [
            {
                "product": line.product.code,
                "expected": line.expected,
                "received": line.received,
                "damaged": line.damaged,
            }
            for line in lines
        ],
    }
