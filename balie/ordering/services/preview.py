"""What a change of rules would do: it is made, looked at, and undone, so that the rules are judged in one place."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction

from balie.lib.sqlfiles import read_sql
from balie.ordering.models import Campaign
from balie.ordering.services.campaigns import CampaignRules, change_rules


@dataclass(frozen=True)
class Misfit:
    """A practice that asks what a rule does not allow; `code` names the rule (docs/spec/live.md)."""

    agb_code: str
    name: str
    code: str


@dataclass(frozen=True)
class Preview:
    """Who would no longer fit the rules: practices that put an order ready, and those whose order stands anyway."""

    prepared: tuple[Misfit, ...]
    placed: tuple[Misfit, ...]


def preview_rules(*, campaign: Campaign, rules: CampaignRules) -> Preview:
    """What `change_rules` would do to what practices have asked already. Nothing is changed.

    Raises RulesError where that does. It holds the locks of that for as long as it looks; the draw waits for it.
    """
    with transaction.atomic():
        before = _misfits(campaign)
        change_rules(campaign=campaign, rules=rules, actor=None, reason="preview")
        after = _misfits(campaign)
        transaction.set_rollback(True)
    return Preview(prepared=_new(before, after, "prepared"), placed=_new(before, after, "placed"))


Found = dict[tuple[str, str], Misfit]


def _misfits(campaign: Campaign) -> Found:
    with connection.cursor() as cursor:
        cursor.execute(read_sql("ordering", "misfits"), {"campaign": campaign.pk})
        return {(what, agb_code): Misfit(agb_code, name, code) for what, agb_code, name, code in cursor.fetchall()}


def _new(before: Found, after: Found, what: str) -> tuple[Misfit, ...]:
    found: Iterable[tuple[str, str]] = after.keys() - before.keys()
    return tuple(misfit for key, misfit in after.items() if key in found and key[0] == what)
