"""Acts of other contexts on a practice, in words: the log of a practice tells of all of them."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OTHERS: Final[dict[str, Promise]] = {
    "bsn.kept": _("BSN van een patiënt bewaard"),
    "bsn.recognised": _("Gezocht op BSN"),
    "bsn.taken_out": _("BSN van een patiënt meegegeven"),
    "bsn.shown": _("BSN van een patiënt getoond"),
    "record.held": _("Gesprek vastgehouden: het mag niet weg"),
    "record.released": _("Gesprek niet langer vastgehouden"),
    "econsult.takes_over": _("Afgesproken dat een andere post e-consulten overneemt"),
    "econsult.takes_over_not": _("Afspraak over overnemen van e-consulten beëindigd"),
    "econsult.chosen": _("E-consulten ingesteld"),
    "function.closed": _("Dichtgezet"),
    "function.hours_set": _("Uren gewijzigd waarop iets open is"),
    "function.opened": _("Opengezet"),
    "invitation.locked": _("Uitnodiging van een patiënt gesloten na te veel pogingen"),
    "invitation.refused": _("Uitnodiging van een patiënt: verkeerde code"),
    "invitation.sent": _("Patiënt uitgenodigd"),
    "invitation.sent_again": _("Patiënt opnieuw uitgenodigd"),
    "invitation.withdrawn": _("Uitnodiging van een patiënt ingetrokken"),
    "mail.called": _("Gebeld over een mail die niet aankwam"),
    "mail.readdressed": _("Bevestiging naar andere adressen gestuurd"),
    "mail.resent": _("Bevestiging opnieuw gestuurd"),
    "mail.solved": _("Mail die niet aankwam: opgelost"),
    "order.placed": _("Bestelling geplaatst"),
    "patient.accepted": _("Patiënt nam de uitnodiging aan"),
    "patient.ended": _("Patiënt van de lijst gehaald"),
    "patient.registered": _("Patiënt toegevoegd"),
    "practice.changed": _("Gegevens van de praktijk gewijzigd"),
    "practice.created": _("Praktijk toegevoegd"),
    "practice.kind_changed": _("Vastgelegd of dit een huisartsenpraktijk of zorgorganisatie is"),
    "practice.phone_changed": _("Telefoonnummer van de praktijk gewijzigd"),
    "questionnaire.published": _("Vragenlijst voor e-consulten gepubliceerd"),
    "questionnaire.withdrawn": _("Eigen vragenlijst voor e-consulten ingetrokken"),
    "record.years": _("Bewaartermijn van gesprekken gewijzigd"),
    "relation.ended": _("Einde van wie voor een patiënt mag meelezen"),
    "relation.stated": _("Vastgelegd wie voor een patiënt mag meelezen"),
    "webhook.added": _("Adres toegevoegd voor meldingen aan uw HIS"),
    "webhook.ended": _("Adres weggehaald voor meldingen aan uw HIS"),
    "webhook.secret_rotated": _("Nieuw geheim gemaakt voor meldingen aan uw HIS"),
    "webhook.sent_again": _("Melding aan uw HIS opnieuw verstuurd"),
}
