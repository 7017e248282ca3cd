"""Everything that a request on the hot paths can be refused for: one code, one status, one sentence.

`docs/spec/live.md` says when each is given. Code that finds a problem raises `Problem`; one place answers with it.
"""

from functools import cache
from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from balie.lib.asgi import PRIVATE, Header, Reply, reply
from balie.lib.numbers import asked_number

PROBLEM: Header = (b"content-type", b"application/problem+json")  # RFC 9457
RETRY_SOON: Header = (b"retry-after", b"1")

PROBLEMS: dict[str, tuple[int, Any]] = {
    # anyone, anywhere
    "bad_request": (400, _("Wij begrijpen deze vraag niet.")),
    "no_pass": (401, _("U bent niet (meer) ingelogd. Log opnieuw in; uw plaats blijft van u.")),
    "bad_origin": (403, _("Deze vraag komt van een andere website.")),
    "not_found": (404, _("Dit bestaat niet, of het is niet voor u.")),
    "other_practice": (409, _("In dit venster staat een andere praktijk dan waarvoor u nu werkt.")),
    "too_large": (413, _("Deze vraag is te groot.")),
    "too_many": (429, _("U vraagt te vaak. Probeer het over een paar tellen weer.")),
    "fault": (500, _("Er ging bij ons iets mis. U deed niets verkeerd, en er is niets veranderd.")),
    "try_again": (503, _("Wij zijn er even niet. Er is niets verloren; probeer het zo weer.")),
    "too_many_streams": (503, _("Deze verbinding zit vol; uw scherm vraagt zelf om de stand.")),
    "function_closed": (409, _("Dit is nu dicht. Wat u al begon, is niet verloren.")),
    # the API, to programs
    "no_token": (401, _("Deze code opent niets (meer). Maak een nieuwe koppeling.")),
    "no_scope": (403, _("Dit mag deze koppeling niet.")),
    "not_allowed": (405, _("Dit kan op dit adres niet.")),
    "other_kind": (415, _("Stuur de inhoud als application/json.")),
    "key_reused": (422, _("Onder deze Idempotency-Key is eerder iets anders gevraagd.")),
    "late": (409, _("Dit kan niet meer gratis. U kunt het nog aan de organisatie vragen.")),
    "delivered": (409, _("Dit kan niet meer: de bezorging is vandaag of was al.")),
    "outdated": (409, _("De bestelling is intussen gewijzigd. Kijk wat er nu staat, en wijzig het dan opnieuw.")),
    # waiting room
    "not_open": (409, _("Het is nog niet zover.")),
    "closed": (409, _("Bestellen kan niet meer.")),
    "no_ticket": (409, _("Uw praktijk heeft nog geen plaats in de wachtkamer.")),
    "no_draw": (404, _("Er is nog niet geloot.")),
    "no_seal": (404, _("Er is nog geen zegel.")),
    "no_forecast": (404, _("Er is nog geen verwachting.")),
    # ordering
    "full": (409, _("Een andere praktijk was iets eerder.")),
    "blocked": (409, _("Uw praktijk kan nu niet bestellen. Bel ons; wij zoeken het samen uit.")),
    "not_called": (409, _("Uw nummer is nog niet aan de beurt.")),
    "already_ordered": (409, _("Uw bestelling staat al vast.")),
    "bad_lines": (422, _("Er klopt iets niet in de bestelling.")),
    "lapsed": (409, _("Uw tijd was voorbij. Er is niets besteld; u kunt opnieuw beginnen.")),
    "no_first": (409, _("Uw praktijk heeft nog geen gewone bestelling.")),
    "not_offered": (409, _("Dit kan in deze campagne niet, of niet vaker.")),
    "no_hold": (409, _("Er wordt niets voor u vastgehouden.")),
    "replaced": (409, _("Uw praktijk houdt nu iets anders vast, op een ander scherm.")),
    # consulting
    "no_device": (409, _("Dit apparaat is niet (meer) van u. Ontgrendel uw gesprekken opnieuw.")),
    "key_retired": (409, _("Wie meeleest is intussen veranderd. Uw bericht wordt opnieuw versleuteld.")),
    "taken": (409, _("Dit bericht heeft een nummer dat al bestaat.")),
    "no_keys": (409, _("U hebt hier nog geen sleutels. Maak ze eerst aan.")),
    "behind": (409, _("Er is intussen iets veranderd. Haal eerst op wat nieuw is.")),
    "limit": (409, _("Hiervan zijn er al zoveel als er kunnen zijn.")),
    "picked_up": (409, _("Een collega was iets eerder: dit is al opgepakt.")),
    "not_first": (409, _("Er wacht iemand met meer haast.")),
    "moved": (409, _("Dit e-consult is naar een andere post gegaan.")),
    "withdrawn": (409, _("Deze vraag is ingetrokken door wie haar stelde.")),
    "concluded": (409, _("Dit is al afgerond.")),
    "still_open": (409, _("In dit gesprek loopt al een consultatie. Rond die eerst af.")),
    "call": (409, _("Bel uw praktijk. Uw vraag is niet verstuurd.")),
    "econsult_closed": (409, _("Dit e-consult is afgesloten. Begin een nieuw e-consult, of bel uw praktijk.")),
    "rejected": (422, _("Deze verklaring klopt niet, of u mag dit niet.")),
}


class Problem(Exception):  # noqa: N818 - the protocol's word
    """A refusal with one of the codes above; `extra` goes into the body beside code and title.

    What is a function among it is called when the reader's language is known, and must have its sentences by then.
    """

    def __init__(self, code: str, *, status: int | None = None, headers: tuple[Header, ...] = (), **extra: Any) -> None:
        super().__init__(code)
        self.code, self.status, self.headers, self.extra = code, status, headers, extra

    def reply(self, language: str) -> Reply:
        """The answer, with its sentences in one of our languages and the number of the request."""
        if not (self.extra or self.headers or self.status):
            return _plain(self.code, language, asked_number())
        status, title = PROBLEMS[self.code]
        # Nothing is awaited in here: the language would be that of whoever runs meanwhile.
        with override(language):
            extra = {name: value() if callable(value) else value for name, value in self.extra.items()}
            content = {"code": self.code, "title": str(title), "request": asked_number(), **extra}
        return reply(self.status or status, msgspec.json.encode(content), PROBLEM, PRIVATE, *self.headers)


def _plain(code: str, language: str, number: str) -> Reply:
    status = PROBLEMS[code][0]
    headers = (PROBLEM, PRIVATE, RETRY_SOON) if status in {429, 503} else (PROBLEM, PRIVATE)
    return reply(status, b'%b,"request":"%b"}' % (_beginning(code, language), number.encode()), *headers)


@cache
def _beginning(code: str, language: str) -> bytes:
    """What is the same for everybody who is refused so."""
    with override(language):
        return msgspec.json.encode({"code": code, "title": str(PROBLEMS[code][1])}).removesuffix(b"}")
