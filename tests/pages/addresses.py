"""Where the pages of docs/pages.md are."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from balie.ordering.models import Campaign, Consignment
from balie.ordering.tests.desk import MONDAY
from balie.practices.models import ImportJob, Practice


def address(page: str, campaign: Campaign | None) -> str:
    """The path of a page: about this campaign, the first practice, or the last import, where it is about one."""
    pattern = next(p for p in flat(get_resolver().url_patterns) if p.name == page)
    known = {
        "function": "conversations",
        "slug": campaign and campaign.slug,
        "day": MONDAY,
        "slot": 2,
        "version": 1,
        "key": Consignment.objects.order_by("pk").values_list("pk", flat=True).first() or 1,
        "part": "regios",
        "pk": ImportJob.objects.values_list("pk", flat=True).last(),
        "agb_code": Practice.objects.order_by("pk").values_list("agb_code", flat=True).first(),
    }
    return reverse(page, kwargs={name: known[name] for name in pattern.pattern.converters})


def flat(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from flat(pattern.url_patterns)
        else:
            yield pattern
