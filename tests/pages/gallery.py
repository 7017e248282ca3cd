"""Writes docs/schermen.md: every page that people see, in every state, at both widths.

python -m tests.pages.gallery
"""

from tests.architecture.tree import ROOT
from tests.pages.screens import WIDTHS, Screen, screens

GALLERY = ROOT / "docs" / "schermen.md"
START = """# Alle schermen

Elke pagina die mensen zien, in elke stand van een campagne: breed, en op een telefoon. Wie welke pagina wanneer ziet,
staat in [pages.md](pages.md) (Engels). Van lange pagina’s ziet u het begin. Alles hier is verzonnen.

<!-- Written by scripts/screenshots. -->
"""
STATES = {
    "nothing to order": "Er is niets te bestellen",
    "before the doors": "Vóór de wachtkamer opengaat",
    "doors open": "De wachtkamer is open",
    "called": "Aan de beurt",
    "holding": "Een datum wordt vastgehouden",
    "waiting for a day": "Op de wachtlijst",
    "offered a day": "Er is plaats voor wie wachtte",
    "ordered": "Er is besteld",
    "handed over": "Een bezorgdag is overgedragen",
    "re-ordering": "Nabestellen is open",
    "accounting": "Doses worden verantwoord",
    "cancelled": "De bestelling is geannuleerd",
    "closed": "Bestellen is gesloten",
    "trial": "In de oefening",
    "any": "Altijd",
    "an import": "Een bestand is geüpload",
    "a patient": "Een patiënt is erbij",
}
PAGES = {
    "account_login": "Inloggen",
    "calendar": "Kalender",
    "campaigns": "Campagnes",
    "cancel": "Annuleren",
    "change": "Een bestelling wijzigen",
    "consultation_figures": "Cijfers over consultaties",
    "econsult_choices": "E-consulten instellen",
    "econsult_questionnaire": "Vragenlijst voor e-consulten",
    "conversations": "Gesprekken",
    "days": "Bezorgdagen",
    "delivery_campaigns": "Bezorging, van elke campagne",
    "delivery_day": "Een bezorgdag, voor de distributeur",
    "delivery_days": "Bezorging",
    "delivery_intakes": "Wat er aankwam",
    "delivery_times": "Tijden van een bezorgdag",
    "draw": "De loting",
    "function": "Een functie, voor iedereen",
    "function_of_practice": "Een functie van een praktijk",
    "functions": "Open of dicht",
    "fees": "Kosten van een praktijk",
    "home": "Bestellen",
    "whole_logbook": "Logboek van alles",
    "import": "Verslag van een bestand",
    "imports": "Praktijken importeren",
    "intake": "Melden wat er kwam",
    "intakes": "Bezorgingen van een praktijk",
    "invitation": "Uitnodiging van een patiënt",
    "late_requests": "Verzoeken achteraf",
    "lost_mails": "Mails die niet aankwamen",
    "more": "Nabestellen",
    "new_campaign": "Nieuwe campagne",
    "night": "Regiekamer",
    "night_closing": "Eén campagne, open of dicht",
    "night_fees": "Kosten van alle praktijken",
    "night_line": "De wachtlijst, voor de organisatie",
    "night_practice": "Wat een praktijk meemaakte",
    "night_practices": "Praktijken in de nacht",
    "night_report": "Verslag van de nacht",
    "nights": "Regiekamer, zonder campagne",
    "orders": "Bestellingen zoeken",
    "own_functions": "Chat met patiënten, open of dicht",
    "own_keys": "Uw sleutel",
    "patient": "Mijn praktijk, voor een patiënt",
    "patients": "Patiënten",
    "people": "Mensen",
    "placed": "De bestelling",
    "practice": "Een praktijk",
    "practices": "Praktijken",
    "prepare": "Klaarzetten",
    "record": "Bewaren van gesprekken",
    "reserve": "Reserve van uw gesprekken",
    "rules": "Regels van een campagne",
    "staff": "Medewerkers",
    "suggestions": "Suggesties",
    "switch_practice": "Voor welke praktijk",
    "trial": "Oefenen",
    "logbook": "Logboek",
    "webhooks": "Meldingen aan uw HIS",
    "waiting": "Wachtkamer",
    "waitlist": "Wachtlijst",
    "wastage": "Doses verantwoorden",
    "wastage_overview": "Verantwoording van alle praktijken",
}


def write() -> str:
    """The whole page."""
    shown = list(screens())
    parts = [START]
    for state in dict.fromkeys(screen.state for screen in shown):
        parts.append(f"## {STATES[state]}\n")
        parts += [entry(screen) for screen in shown if screen.state == state]
    return "\n".join(parts)


def entry(screen: Screen) -> str:
    title = PAGES[screen.page]
    about = f"{title} ({STATES[screen.state].lower()})"
    wide, phone = (f"images/{screen.name}-{width}.webp" for width in WIDTHS)
    pictures = f"| ![{about}]({wide}) | ![Hetzelfde op een telefoon]({phone}) |"
    return f"### {title}\n\n| breed | telefoon |\n|---|---|\n{pictures}\n"


if __name__ == "__main__":
    GALLERY.write_text(write(), encoding="utf-8")
