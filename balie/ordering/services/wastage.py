"""Accounting for doses at the end of a campaign: what became of them, and what the rules charge for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.ordering.models import Campaign, Hold, Product, WastageAccount, WastageLine
from balie.ordering.queries.wastage import Accounted, read_account
from balie.ordering.rules import MOST_DOSES, Findings
from balie.ordering.wastage_rules import Bill, Doses, bill_of
from balie.practices.models import Person, Practice
from balie.practices.services import record

LONGEST_REASON = 300
NUL = "\0"  # which PostgreSQL cannot store


@dataclass(frozen=True)
class Spent:
    """Of one product, what a practice says itself: carried over from before, given, still there, past its date."""

    carried: int = 0
    administered: int = 0
    left: int = 0
    expired: int = 0


@dataclass(frozen=True)
class Judged:
    """A product with what became of it, and what that costs."""

    product: Product
    doses: Doses
    bill: Bill


def judge_wastage(*, campaign: Campaign, practice: Practice, spent: Mapping[int, Spent]) -> list[Judged]:
    """What it would cost, by product. Nothing is kept. Raises RulesError where it cannot be, or nothing came."""
    account, findings = read_account(campaign, practice), Findings()
    findings.require(account, "wastage", "nothing", _("Er is nog niets bij u bezorgd."))
    findings.refuse()
    assert account is not None
    judged = [_judge(each, spent.get(each.product.pk, Spent())) for each in account.products]
    for each in judged:
        _check(each, findings)
    findings.refuse()
    return judged


@transaction.atomic
def account_for_wastage(
    *,
    campaign: Campaign,
    practice: Practice,
    spent: Mapping[int, Spent],
    revision: int | None,
    actor: Person,
    at: datetime,
    reason: str = "",
    by_phone: bool = False,
) -> WastageAccount:
    """Keep what was said and what it costs by the rules in force; `revision` is that of what the person saw.

    The practice's hold row is the lock, as of all that is done with its orders. The same once more changes nothing.
    After the last day only staff who were phoned (`by_phone`) do this, with a reason. Raises RulesError.
    """
    list(Hold.objects.filter(campaign=campaign, practice=practice).select_for_update(no_key=True).values_list("state"))
    campaign = Campaign.objects.get(pk=campaign.pk)
    before = WastageAccount.objects.filter(campaign=campaign, practice=practice).first()
    today, reason, findings = timezone.localdate(at), reason.strip(), Findings()
    _check_time(campaign, today, reason, findings, by_phone=by_phone)
    findings.refuse()
    assert campaign.wastage_due is not None
    judged = judge_wastage(campaign=campaign, practice=practice, spent=spent)
    if before is not None and _kept(before) == {each.product.pk: each.doses for each in judged}:
        return before
    say = _("Een collega vulde intussen iets anders in. Kijk eerst wat er nu staat.")
    findings.require((before.revision if before else None) == revision, "wastage", "overtaken", say)
    findings.refuse()
    values = {
        "rules_version": campaign.version,
        "due_on": campaign.wastage_due,
        "last_on": today,
        "sent_at": at,
        "sent_by": actor,
        "reason": reason,
        "revision": before.revision + 1 if before else 0,
    }
    account, _made = WastageAccount.objects.update_or_create(campaign=campaign, practice=practice, defaults=values)
    _write_lines(account, judged)
    record(
        actor=actor,
        practice=practice,
        action="wastage.corrected" if before else "wastage.accounted",
        subject=f"campaign:{campaign.slug}",
        reason=reason,
        detail=_told(judged),
    )
    return account


def _judge(each: Accounted, spent: Spent) -> Judged:
    rule = each.rule
    if not rule.until_expiry:  # what is left of it is destroyed, and of last year nothing is left
        spent = replace(spent, carried=0, expired=0)
    doses = Doses(received=each.received, apart=each.apart, **vars(spent))
    return Judged(each.product, doses, bill_of(doses, rule))


def _check(judged: Judged, findings: Findings) -> None:
    doses, key = judged.doses, judged.product.pk
    for name in ("carried", "administered", "left", "expired"):
        say = _("Dat kan niet kloppen: kies een getal van 0 tot %(most)s.") % {"most": MOST_DOSES}
        findings.require(0 <= getattr(doses, name) <= MOST_DOSES, f"{name}-{key}", "range", say)
    had = doses.received + doses.apart + doses.carried
    say = _("U had %(had)s doses. Gegeven en over is samen meer dan dat.") % {"had": had}
    findings.require(doses.administered + doses.left <= had, f"administered-{key}", "more", say)
    say = _("Er kan niet meer over de datum zijn dan er over is.")
    findings.require(doses.expired <= doses.left, f"expired-{key}", "more", say)


def _check_time(campaign: Campaign, today: Any, reason: str, findings: Findings, *, by_phone: bool) -> None:
    due = campaign.wastage_due
    findings.require(due, "wastage", "closed", _("Deze campagne vraagt geen verantwoording."))
    if due is None or today <= due:
        return
    say = _("De laatste dag is voorbij. Bel de organisatie: zij kan het voor u invullen.")
    findings.require(by_phone, "wastage", "over", say)
    findings.require(reason, "reason", "empty", _("Schrijf op waarom dit na de laatste dag gebeurt."))
    say = _("Schrijf hooguit %(most)s letters.") % {"most": LONGEST_REASON}
    findings.require(len(reason) <= LONGEST_REASON and NUL not in reason, "reason", "too_long", say)


def _kept(account: WastageAccount) -> dict[int, Doses]:
    names = ("received", "apart", "carried", "administered", "left", "expired")
    return {line.product_id: Doses(*(getattr(line, name) for name in names)) for line in account.lines.all()}


def _write_lines(account: WastageAccount, judged: Sequence[Judged]) -> None:
    account.lines.all().delete()
    WastageLine.objects.bulk_create(
        WastageLine(
            account=account,
            product=each.product,
            wasted=each.bill.wasted,
            allowed=each.bill.allowed,
            charged=each.bill.charged,
            price_cents=each.product.price_cents,
            **vars(each.doses),
        )
        for each in judged
    )


def _told(judged: Sequence[Judged]) -> dict[str, Any]:
    return {
        "cents": sum(each.bill.cents for each in judged),
        "lines": {each.product.code: vars(each.doses) | {"charged": each.bill.charged} for each in judged},
    }
