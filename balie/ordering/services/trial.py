"""The trial (oefencampagne): the whole way of a campaign before its night, mail included, with nothing delivered."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.ordering.models import Campaign, DeliveryDay
from balie.ordering.rules import Findings
from balie.ordering.services.campaigns import change_rules, create_campaign, rules_of
from balie.practices.models import Person, Practice
from balie.practices.services import record
from balie.runtime.services import notify_after_commit

# One practises to learn the way, not to wait: whoever comes is called at once.
PACE = 600
# Nor orders beside the first, which come months later.
NO_MORE: Final[dict[str, Any]] = {
    "reorders_open_at": None,
    "reorders_close_at": None,
    "early_opens_at": None,
    "early_closes_at": None,
    "early_until": None,
}


@transaction.atomic
def open_trial(*, campaign: Campaign, until: datetime, actor: Person | None) -> Campaign:
    """Let every practice try the whole way of `campaign` from now until `until`; a trial that exists goes on.

    It has the campaign's rules and delivery days, with nothing taken of them. Raises RulesError, and changes nothing,
    where `until` is past, or after the opening of the campaign: that night nobody may mistake one for the other.
    """
    findings = Findings()
    findings.require(campaign.trial_of_id is None, "until", "trial", _("Dit is zelf een oefening."))
    findings.require(until > timezone.now(), "until", "past", _("Kies een tijdstip dat nog komt."))
    findings.require(
        until <= campaign.opens_at, "until", "too_late", _("De oefening sluit uiterlijk als het echte bestellen opent.")
    )
    findings.refuse()
    trial = Campaign.objects.select_related("room").filter(trial_of=campaign).first()
    if trial is not None:
        rules = replace(rules_of(trial), closes_at=until)
        return change_rules(
            campaign=trial, rules=rules, actor=actor, reason=_("De oefening sluit op een ander tijdstip")
        )
    now = timezone.now()
    trial = create_campaign(
        slug=f"{campaign.slug}-oefenen",
        name=_("Oefenen: %(name)s") % {"name": campaign.name},
        year=campaign.year,
        rules=replace(rules_of(campaign), doors_at=now, opens_at=now, closes_at=until, pace=PACE, **NO_MORE),
        actor=actor,
    )
    trial.trial_of = campaign
    trial.save(update_fields=["trial_of"])
    DeliveryDay.objects.bulk_create(
        DeliveryDay(campaign=trial, day=day, doses_limit=doses, addresses_limit=addresses)
        for day, doses, addresses in campaign.days.values_list("day", "doses_limit", "addresses_limit")
    )
    return trial


@transaction.atomic
def start_over(*, trial: Campaign, practice: Practice, actor: Person) -> None:
    """Take the practice's trial order away, capacity and all, so that it or a colleague can try once more."""
    with connection.cursor() as cursor:
        cursor.execute("select ordering_undo_trial_v1(%s, %s)", (trial.pk, practice.pk))
        (undone,) = cursor.fetchone()
    if undone:
        record(actor=actor, practice=practice, action="trial.started_over", subject=f"campaign:{trial.slug}")
        notify_after_commit(f"days:{trial.pk}")
