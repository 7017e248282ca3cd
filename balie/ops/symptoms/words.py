"""What the watch says of what users told it, in both languages."""

from django.utils.translation import gettext as _

from balie.ops.board import said
from balie.ops.graph import Graph
from balie.ops.incidents.words import Text, in_both


def title(graph: Graph, what: str) -> Text:
    """The incident's."""

    def say() -> str:
        if what not in graph.functions:
            return _("Gebruikers melden een storing")
        return _("Gebruikers melden een storing: %(function)s") % {"function": said(graph.functions[what].title)}

    return in_both(say)


def begun(*, somebody: bool) -> Text:
    """Its first update. `somebody` is on call."""

    def say() -> str:
        doing = _("Onze dienst is gewaarschuwd en zoekt het uit.") if somebody else _("Wij zoeken het uit.")
        return _(
            "Meerdere praktijken melden dit. Onze eigen metingen zien nog niets, dus de oorzaak is nog onbekend."
        ) + (f" {doing}")

    return in_both(say)
