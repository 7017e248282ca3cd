"""The page of building blocks: what designers, writers and reviewers look at. In the demo only."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

_ALERTS = (("info", "info"), ("ok", "circle-check"), ("warning", "triangle-alert"), ("error", "circle-x"))
_STAGES = ("", "called", "turn", "done", "still")
_LEGEND = (("free", "vrij"), ("held", "even bezet"), ("taken", "besteld"), ("you", "van u"))
_WISHES = ("Dinsdag 28 september", "Donderdag 30 september", "Dinsdag 12 oktober")
_STATES = (
    ("ok", "circle-check", "werkt"),
    ("slow", "clock", "traag"),
    ("down", "circle-x", "stilgevallen"),
    ("quiet", "circle-minus", "gesloten"),
)
_REPAIRS = (650, 660)


@require_safe
def show_design(request: HttpRequest) -> HttpResponse:
    context = {
        "alerts": _ALERTS,
        "stages": _STAGES,
        "legend": _LEGEND,
        "wishes": _WISHES,
        "states": _STATES,
        "mails": _mails(),
        "repairs": _REPAIRS,
        "finding": _("%(doses)s kan niet: kies %(choice)s.")
        % {"doses": 655, "choice": _(" of ").join(map(str, _REPAIRS))},
    }
    return render(request, "embedded/design.html", context)


def _mails() -> list[dict[str, str]]:
    """As the page of a placed order has them."""
    return [
        {"icon": "hourglass", "mark": "wait", "say": _("Onderweg")},
        {
            "icon": "hourglass",
            "mark": "wait",
            "say": _("De mail komt later. Uw bestelling staat vast. U hoeft niets te doen."),
        },
        {
            "icon": "mail-warning",
            "mark": "wait",
            "say": _("Uw mailserver weigert dit adres. Uw bestelling staat vast. Klopt het adres?"),
        },
    ]
