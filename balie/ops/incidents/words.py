"""What the watch tells the public by itself, in both languages: what people notice, and what still works."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from balie.ops.board import said
from balie.ops.graph import Graph


@dataclass(frozen=True, slots=True)
class Text:
    """The same in Dutch and English."""

    nl: str
    en: str


def in_both(say: Callable[[], str]) -> Text:
    """What `say` says in either language."""
    with override("nl"):
        dutch = say()
    with override("en"):
        return Text(dutch, say())


def noticed(graph: Graph, functions: Mapping[str, str]) -> list[str]:
    """What people notice, a sentence a function; the worst first. In the language of the moment."""
    known = [(effect, graph.functions[key]) for key, effect in functions.items() if key in graph.functions]
    known.sort(key=lambda pair: pair[0] != "stopped")
    return [said(function.stopped if effect == "stopped" else function.degraded) for effect, function in known]


def title(graph: Graph, functions: Mapping[str, str]) -> Text:
    """The worst of it in one sentence, without its full stop."""
    return in_both(lambda: next(iter(noticed(graph, functions)), _("Er is een storing")).partition(".")[0])


def begun(graph: Graph, functions: Mapping[str, str], *, somebody: bool, overran: bool = False) -> Text:
    """The first update, or that it became worse. `somebody` is on call; `overran`: it was announced as maintenance."""

    def say() -> str:
        well = [said(each.title) for key, each in graph.public.items() if key not in functions]
        works = _("Wel gewoon: %(functions)s.") % {"functions": ", ".join(well)} if well else ""
        doing = _("Onze dienst is gewaarschuwd en zoekt het uit.") if somebody else _("Wij zoeken het uit.")
        longer = _("Het onderhoud duurt langer dan aangekondigd.") if overran else ""
        return " ".join(filter(None, [longer, *noticed(graph, functions), works, doing]))

    return in_both(say)


def recovered(at: datetime) -> Text:
    """Nothing suffers any more."""
    return in_both(lambda: _("Sinds %(time)s werkt alles weer.") % {"time": _clock(at)})


def same_as(number: str) -> Text:
    """It turned out to be another's."""
    return in_both(lambda: _("Dit hoort bij storing %(number)s. Lees daar verder.") % {"number": number})


def _clock(at: datetime) -> str:
    return timezone.localtime(at).strftime(_("%H.%M uur"))
