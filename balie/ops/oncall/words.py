"""What people are told, in their own language: short enough for a text message, the most important first."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from balie.ops.board import said, sentence
from balie.ops.graph import Graph
from balie.ops.oncall.links import make_link
from balie.ops.oncall.models import Notification, Page
from balie.ops.oncall.paging import RESOLVED
from balie.ops.oncall.team import Team


def headline(page: Page, graph: Graph, team: Team | None = None) -> str:
    """What is the matter, in one sentence."""
    match page.kind:
        case Page.Kind.NOBODY:
            key = page.about["rota"]
            title = said(team.titles[key]) if team and key in team.titles else key
            return _("Niemand heeft nu dienst: %(rota)s") % {"rota": title}
        case Page.Kind.MISSED:
            about = Page.objects.get(pk=page.about["page"])
            return _("Een waarschuwing ging niet op tijd uit: %(number)s") % {"number": about.number}
        case Page.Kind.PROMISE | Page.Kind.SYMPTOMS:
            return _of_incident(page)
        case Page.Kind.DIGEST:
            count = page.tickets.count()
            return ngettext("%(count)s punt voor vandaag", "%(count)s punten voor vandaag", count) % {"count": count}
        case Page.Kind.TEST:
            return _("Dit is een proef")
    return sentence(graph, page.culprits, page.word)


def _of_incident(page: Page) -> str:
    if page.kind == Page.Kind.SYMPTOMS:
        return _("Gebruikers melden een storing: %(number)s") % {"number": page.about["number"]}
    told = {"number": page.about["number"], "time": _clock(datetime.fromisoformat(page.about["due"]))}
    if page.about["how"] == "late":
        return _("De update over %(number)s, beloofd voor %(time)s, is er niet") % told
    return _("Voor %(time)s is een update beloofd over %(number)s") % told


def effects(page: Page, graph: Graph) -> list[str]:
    """What people notice of it, a sentence each; the worst first."""
    known = [(effect, graph.functions[key]) for key, effect in page.functions.items() if key in graph.functions]
    known.sort(key=lambda pair: pair[0] != "stopped")
    return [said(function.stopped if effect == "stopped" else function.degraded) for effect, function in known]


def message(notification: Notification, graph: Graph, team: Team) -> tuple[str, str]:
    """Its title and text, in the language of whoever gets it."""
    page = notification.escalation.page
    person = team.people[notification.person]
    with override(person.language):
        title, text = _resolved(page, graph, team) if notification.what == RESOLVED else _asked(page, graph, team)
        if notification.claims > 1:
            again = _("Herhaling %(turn)s") % {"turn": notification.claims}
            title = f"{again}: {title}"
        if notification.what != RESOLVED and page.kind != Page.Kind.DIGEST:
            text = f"{text}\n{make_link(page, person.key)}"
        return title, text


def _resolved(page: Page, graph: Graph, team: Team) -> tuple[str, str]:
    told = {"number": page.number, "headline": headline(page, graph, team)}
    if page.joined:
        title = _("Balie %(number)s hoort bij %(other)s") % {"number": page.number, "other": page.joined.number}
        return title, _("Het is dezelfde storing. Van %(other)s hoort u wanneer die over is.") % {
            "other": page.joined.number
        }
    assert page.resolved_at is not None
    at = _clock(page.resolved_at)
    if page.kind == Page.Kind.PROMISE:
        return _("Balie %(number)s is voorbij") % told, _(
            "%(headline)s: wij vragen er sinds %(at)s niet meer naar."
        ) % (told | {"at": at})
    return _("Balie %(number)s is opgelost") % told, _("%(headline)s: voorbij om %(at)s.") % (told | {"at": at})


def _asked(page: Page, graph: Graph, team: Team) -> tuple[str, str]:
    title = _("Balie %(number)s: %(headline)s") % {"number": page.number, "headline": headline(page, graph, team)}
    match page.kind:
        case Page.Kind.NOBODY:
            return title, _("Daarom hoort het hele team dit. Wie pakt het op?")
        case Page.Kind.MISSED:
            return title, _("Kijk zelf naar die storing, en of de bewaking het doet.")
        case Page.Kind.PROMISE | Page.Kind.SYMPTOMS:
            return title, _asked_of_incident(page)
        case Page.Kind.DIGEST:
            return title, "\n".join(_ticket(each, graph) for each in page.tickets.order_by("pk"))
        case Page.Kind.TEST:
            return title, _("Bevestig dat dit bericht u bereikt. Pas dan telt u mee in het rooster.")
    overran = [_("Het onderhoud duurt langer dan aangekondigd.")] if page.about.get("overran") else []
    return title, " ".join([*overran, *effects(page, graph), _("Pak het op:")])


def _asked_of_incident(page: Page) -> str:
    if page.kind == Page.Kind.SYMPTOMS:
        where = f"{settings.WATCH_URL}/watch/symptoms/"
        return _("Metingen zien niets. Lees wat zij melden: %(where)s Pak het op:") % {"where": where}
    where = f"{settings.WATCH_URL}/watch/incidents/{page.about['incident']}/"
    return _("Schrijf de update: %(where)s Of zeg hier dat u het doet:") % {"where": where}


def _ticket(page: Page, graph: Graph) -> str:
    told = {"number": page.number, "headline": headline(page, graph)}
    if page.resolved_at:
        return _("%(number)s: %(headline)s. Dat is voorbij; niemand merkte het.") % told
    return _("%(number)s: %(headline)s. Niemand merkt het nog, maar er is geen reserve meer.") % told


def _clock(at: datetime) -> str:
    return timezone.localtime(at).strftime(_("%H.%M uur"))
