"""The facts of an incident as Markdown, in the language of the moment. What people wrote comes in as text, never as
markup.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from balie.ops.incidents.reports.facts import Facts, Promised
from balie.practices.templatetags.balie import clock, clock_seconds, day_and_year, moment, number

_MEANS_SOMETHING: Final = re.compile(r"[\\`*_\[\]<>|&~]")


def headline(number: str, title: str) -> str:
    """Of the whole report; plain text."""
    return _("Verslag van %(number)s: %(title)s") % {"number": number, "title": title}


def markdown(facts: Facts) -> str:
    """What was computed, without a headline: chapters of the second level."""
    chapters = (_in_minutes(facts), _promises(facts), _suffered(facts), _norm(facts))
    return "\n".join(line for chapter in chapters for line in chapter)


def plain(text: str) -> str:
    """One line, in which nothing means anything to Markdown."""
    return _MEANS_SOMETHING.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))


def _in_minutes(facts: Facts) -> Iterator[str]:
    yield "## " + _("Wat er gebeurde, in minuten")
    yield ""
    yield _("| Wat | Wanneer | Minuten sinds het begin |")
    yield "|---|---|---:|"
    day = None
    for step in facts.steps:
        if step.at is None or step.minutes is None:
            yield _("| %(what)s | niet | – |") % {"what": plain(step.words)}
        else:
            when = clock_seconds(step.at)
            if (local := timezone.localtime(step.at).date()) != day:
                when, day = f"{day_and_year(timezone.localtime(step.at))}, {when}", local
            yield f"| {plain(step.words)} | {when} | {_minutes(step.minutes, 2)} |"
    yield ""


def _promises(facts: Facts) -> Iterator[str]:
    yield "## " + _("Wat wij beloofden")
    yield ""
    for each in facts.promises:
        yield f"- {_promise(each)}"
    if not facts.promises:
        yield _("Wij beloofden geen volgend bericht.")
    yield ""


def _promise(promised: Promised) -> str:
    told = {"due": moment(promised.due_at), "at": _told_at(promised.answered_at)}
    if promised.word == "kept":
        return _("Een bericht uiterlijk %(due)s: gehouden, het kwam om %(at)s.") % told
    if promised.word == "open":
        return _("Een bericht uiterlijk %(due)s: dat kan nog komen.") % told
    if promised.answered_at is None:
        return _("Een bericht uiterlijk %(due)s: niet gehouden, het is er nog niet.") % told
    return _("Een bericht uiterlijk %(due)s: niet gehouden, het kwam pas om %(at)s.") % told


def _told_at(at: datetime | None) -> str:
    return clock(at) if at else ""


def _suffered(facts: Facts) -> Iterator[str]:
    if facts.suffered:
        yield "## " + _("Wat mensen ervan merkten")
        yield ""
        for each in facts.suffered:
            told = {"function": plain(each.function), "effect": each.effect, "minutes": _minutes(each.minutes, 1)}
            yield "- " + _("%(function)s: %(effect)s, %(minutes)s minuten.") % told
        yield ""


def _norm(facts: Facts) -> Iterator[str]:
    """NTA 7516: what was used, of what is allowed, so that everybody can add it up."""
    if facts.spells is None or facts.year is None:
        return
    yield "## " + _("Beschikbaarheid (NTA 7516)")
    yield ""
    used, sums = sum(facts.spells), " + ".join(map(number, facts.spells))
    if len(facts.spells) > 1:
        sums = f"{sums} = {number(used)}"
    yield ngettext(
        "Gesprekken, consultaties en e-consulten lagen hierdoor %(sums)s minuut stil. Elke begonnen minuut telt heel.",
        "Gesprekken, consultaties en e-consulten lagen hierdoor %(sums)s minuten stil. Elke begonnen minuut telt heel.",
        used,
    ) % {"sums": sums or "0"}
    yield ""
    year = facts.year
    yield _(
        "De norm is 99,8%% per jaar: 0,2%% van %(length)s minuten is %(allowed)s minuten. In %(year)s waren daarvan, "
        "deze storing meegeteld, %(used)s gebruikt en %(left)s over."
    ) % {
        "length": number(year.length),
        "allowed": number(year.allowed),
        "year": year.year,
        "used": number(year.used),
        "left": number(year.allowed - year.used),
    }
    yield ""


def _minutes(minutes: float, places: int) -> str:
    return number_format(round(minutes, places), places, use_l10n=True, force_grouping=True)
