"""The log of an incident in words, in the language of the moment."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from balie.ops.board import effect_words, said
from balie.ops.graph import Graph
from balie.ops.incidents.models import Happening

What = Happening.What


def happening_words(happening: Happening, graph: Graph, names: Mapping[str, str]) -> str:
    """What happened, in a few words; `names` are those of the team, by key."""
    about = happening.about
    told = {
        "effects": _effects(about.get("functions", {}), graph),
        "number": about.get("into") or about.get("update") or about.get("report") or "",
        "what": about.get("action", ""),
        "commander": _name(about.get("commander", ""), names),
        "communicator": _name(about.get("communicator", ""), names),
    }
    return _words()[What(happening.what)] % told


def _words() -> Mapping[Happening.What, str]:
    return {
        What.OPENED: _("Begonnen: %(effects)s"),
        What.CHANGED: _("Veranderd: %(effects)s"),
        What.RECOVERED: _("Alles werkt weer"),
        What.JOINED: _("Hoort bij %(number)s"),
        What.TOLD: _("Update %(number)s verteld"),
        What.CHASED: _("Gevraagd om de beloofde update"),
        What.MISSED: _("Beloofde update niet gehaald: iedereen gewaarschuwd"),
        What.CLOSED: _("Update %(number)s verteld, en gesloten"),
        What.ROLES: _("Rollen: %(commander)s leidt, %(communicator)s vertelt"),
        What.REPORTED: _("Verslag gepubliceerd, versie %(number)s"),
        What.AGREED: _("Afgesproken: %(what)s"),
        What.DONE: _("Klaar: %(what)s"),
    }


def _name(key: str, names: Mapping[str, str]) -> str:
    return names.get(key, key) or _("niemand")


def who_words(who: str) -> str:
    """Who did it: a person by their number, or whoever had a link; empty for the watch itself."""
    kind, _space, name = who.partition(" ")
    match kind:
        case "person":
            return _("persoon %(number)s") % {"number": name}
        case "link":
            return _("via een link (%(name)s)") % {"name": name}
    return who


def _effects(functions: dict[str, str], graph: Graph) -> str:
    words = effect_words()
    told = [
        f"{said(graph.functions[key].title) if key in graph.functions else key} ({words.get(effect, effect).lower()})"
        for key, effect in functions.items()
    ]
    return ", ".join(told) or _("niets bekends")
