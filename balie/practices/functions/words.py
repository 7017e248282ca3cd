"""What people read about a function that is closed."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from balie.practices.functions.models import Function, Reason

FUNCTIONS: dict[str, Promise] = {
    Function.ORDERING: gettext_lazy("Bestellen"),
    Function.CONVERSATIONS: gettext_lazy("Chat met patiënten"),
    Function.ECONSULT: gettext_lazy("E-consult"),
}
REASONS: dict[str, Promise] = {
    Reason.OUTAGE: gettext_lazy("Een storing"),
    Reason.MAINTENANCE: gettext_lazy("Onderhoud"),
    Reason.BUSY: gettext_lazy("Te druk"),
    Reason.HOURS: gettext_lazy("Buiten de openingstijden"),
    Reason.OTHER: gettext_lazy("Iets anders"),
}


def say_closed(function: str, reason: str, text: str = "") -> str:
    """The text for patients, or practices where it is ordering; the usual one where nobody wrote another."""
    if text:
        return text
    if function == Function.ORDERING:
        return {
            Reason.OUTAGE: _("Door een storing kunt u nu geen datum vasthouden. Wat u al vasthoudt, blijft van u."),
            Reason.MAINTENANCE: _("Wij werken aan het systeem. Wat u al vasthoudt, blijft van u."),
        }.get(Reason(reason), _("Bestellen kan nu even niet. Wat u al vasthoudt, blijft van u."))
    return {
        Reason.OUTAGE: _("Door een storing kunnen wij uw vraag niet veilig ontvangen."),
        Reason.MAINTENANCE: _("Wij werken aan het systeem en kunnen uw vraag nu niet ontvangen."),
        Reason.BUSY: _("Het is nu zo druk dat wij u in de chat niet op tijd kunnen antwoorden."),
        Reason.HOURS: _("Op dit moment leest niemand de chat."),
    }.get(Reason(reason), _("Wij kunnen uw vraag nu niet in de chat beantwoorden."))


def title_of(function: str, name: str) -> str:
    """What is closed, of whom; `name` is empty for everybody."""
    if function == Function.ORDERING:
        return _("Bestellen is nu dicht")
    return _("De chat van %(name)s is nu dicht") % {"name": name} if name else _("De chat is nu dicht")
