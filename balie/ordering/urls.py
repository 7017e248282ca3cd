"""Addresses of the pages about ordering."""

from django.urls import path, re_path, register_converter

from balie.ordering.api import views as api
from balie.ordering.slots import InAddress
from balie.ordering.views.alerts import delivery_times, delivery_times_csv
from balie.ordering.views.calendar import calendar
from balie.ordering.views.campaigns import campaigns, new_campaign
from balie.ordering.views.cancel import cancel
from balie.ordering.views.change import change
from balie.ordering.views.closing import night_closing
from balie.ordering.views.days import days
from balie.ordering.views.deliveries import (
    delivery_campaigns,
    delivery_csv,
    delivery_day,
    delivery_days,
    delivery_file,
    delivery_keys,
    delivery_signature,
)
from balie.ordering.views.fees import fees, fees_csv, night_fees, night_fees_csv
from balie.ordering.views.home import home, night_of_practice, nights
from balie.ordering.views.intakes import intake, intakes
from balie.ordering.views.late_requests import late_requests
from balie.ordering.views.line import night_line
from balie.ordering.views.logbook import (
    logbook,
    logbook_csv,
    logbook_jsonl,
    whole_logbook,
    whole_logbook_csv,
    whole_logbook_jsonl,
)
from balie.ordering.views.mails import lost_mails, lost_mails_csv
from balie.ordering.views.more import more
from balie.ordering.views.night import night, night_fairness, night_log
from balie.ordering.views.night_practices import (
    night_practice,
    night_practice_csv,
    night_practices,
    night_practices_csv,
)
from balie.ordering.views.orders import orders
from balie.ordering.views.placed import placed, placed_calendar, placed_mail, placed_receipt
from balie.ordering.views.prepare import prepare
from balie.ordering.views.report import night_report, night_report_csv, night_report_part, night_report_pdf
from balie.ordering.views.rules import rules
from balie.ordering.views.taken import delivery_intakes, delivery_intakes_csv
from balie.ordering.views.trial import trial, try_again
from balie.ordering.views.waiting import draw, order_self, waiting
from balie.ordering.views.waitlist import waitlist
from balie.ordering.views.wastage import wastage, wastage_csv, wastage_overview

register_converter(InAddress, "slot")

urlpatterns = [
    path("", home, name="home"),
    path("bestellen/<slug:slug>/voorbereiden/", prepare, name="prepare"),
    path("bestellen/<slug:slug>/wachtkamer/", waiting, name="waiting"),
    path("bestellen/<slug:slug>/zelf/", order_self, name="order_self"),
    path("bestellen/<slug:slug>/loting/", draw, name="draw"),
    path("bestellen/<slug:slug>/kalender/", calendar, name="calendar"),
    path("bestellen/<slug:slug>/wachtlijst/", waitlist, name="waitlist"),
    path("bestellen/<slug:slug>/bestelling/", placed, name="placed"),
    path("bestellen/<slug:slug>/bestelling/mail.json", placed_mail, name="placed_mail"),
    path("bestellen/<slug:slug>/bestelling/bewijs.pdf", placed_receipt, name="placed_receipt"),
    path("bestellen/<slug:slug>/bestelling/bezorging.ics", placed_calendar, name="placed_calendar"),
    path("bestellen/<slug:slug>/bestelling/wijzigen/", change, name="change"),
    path("bestellen/<slug:slug>/bestelling/annuleren/", cancel, name="cancel"),
    path("bestellen/<slug:slug>/<slot:slot>/nieuw/", more, name="more"),
    path("bestellen/<slug:slug>/<slot:slot>/kalender/", calendar, name="calendar"),
    path("bestellen/<slug:slug>/<slot:slot>/", placed, name="placed"),
    path("bestellen/<slug:slug>/<slot:slot>/mail.json", placed_mail, name="placed_mail"),
    path("bestellen/<slug:slug>/<slot:slot>/bewijs.pdf", placed_receipt, name="placed_receipt"),
    path("bestellen/<slug:slug>/<slot:slot>/bezorging.ics", placed_calendar, name="placed_calendar"),
    path("bestellen/<slug:slug>/<slot:slot>/wijzigen/", change, name="change"),
    path("bestellen/<slug:slug>/<slot:slot>/annuleren/", cancel, name="cancel"),
    path("bestellen/<slug:slug>/bezorgingen/", intakes, name="intakes"),
    path("bestellen/<slug:slug>/bezorgingen/<int:key>/", intake, name="intake"),
    path("bestellen/<slug:slug>/kosten/", fees, name="fees"),
    path("bestellen/<slug:slug>/kosten.csv", fees_csv, name="fees_csv"),
    path("bestellen/<slug:slug>/verantwoording/", wastage, name="wastage"),
    path("bestellen/<slug:slug>/opnieuw/", try_again, name="try_again"),
    path("logboek/", logbook, name="logbook"),
    path("logboek.csv", logbook_csv, name="logbook_csv"),
    path("logboek.jsonl", logbook_jsonl, name="logbook_jsonl"),
    path("logboek/alles/", whole_logbook, name="whole_logbook"),
    path("logboek/alles.csv", whole_logbook_csv, name="whole_logbook_csv"),
    path("logboek/alles.jsonl", whole_logbook_jsonl, name="whole_logbook_jsonl"),
    path("api/v1/openapi.json", api.openapi, name="api_document"),
    path("api/v1/practice", api.practice, name="api_practice"),
    path("api/v1/campaigns", api.campaigns, name="api_campaigns"),
    path("api/v1/campaigns/<str:campaign>", api.campaign, name="api_campaign"),
    path("api/v1/campaigns/<str:campaign>/prepared", api.prepared, name="api_prepared"),
    path("api/v1/orders", api.orders, name="api_orders"),
    path("api/v1/orders/<str:number>", api.order, name="api_order"),
    path("api/v1/orders/<str:number>/change", api.change, name="api_change"),
    path("api/v1/orders/<str:number>/cancel", api.cancel, name="api_cancel"),
    re_path("^api/v1/", api.nowhere, name="api_nowhere"),
    path("regiekamer/", nights, name="nights"),
    path("regiekamer/praktijk/<str:agb_code>/", night_of_practice, name="night_of_practice"),
    path("regiekamer/campagnes/", campaigns, name="campaigns"),
    path("regiekamer/campagnes/nieuw/", new_campaign, name="new_campaign"),
    path("regiekamer/<slug:slug>/", night, name="night"),
    path("regiekamer/<slug:slug>/regels/", rules, name="rules"),
    path("regiekamer/<slug:slug>/bezorgdagen/", days, name="days"),
    path("regiekamer/<slug:slug>/oefenen/", trial, name="trial"),
    path("regiekamer/<slug:slug>/open-of-dicht/", night_closing, name="night_closing"),
    path("regiekamer/<slug:slug>/logboek/", night_log, name="night_log"),
    path("regiekamer/<slug:slug>/eerlijkheid/", night_fairness, name="night_fairness"),
    path("regiekamer/<slug:slug>/verslag/", night_report, name="night_report"),
    path("regiekamer/<slug:slug>/verslag.pdf", night_report_pdf, name="night_report_pdf"),
    path("regiekamer/<slug:slug>/verslag.csv", night_report_csv, name="night_report_csv"),
    path("regiekamer/<slug:slug>/verslag/<slug:part>.csv", night_report_part, name="night_report_part"),
    path("regiekamer/<slug:slug>/mails/", lost_mails, name="lost_mails"),
    path("regiekamer/<slug:slug>/mails.csv", lost_mails_csv, name="lost_mails_csv"),
    path("regiekamer/<slug:slug>/kosten/", night_fees, name="night_fees"),
    path("regiekamer/<slug:slug>/kosten.csv", night_fees_csv, name="night_fees_csv"),
    path("regiekamer/<slug:slug>/wachtlijst/", night_line, name="night_line"),
    path("regiekamer/<slug:slug>/verzoeken/", late_requests, name="late_requests"),
    path("regiekamer/<slug:slug>/verantwoording/", wastage_overview, name="wastage_overview"),
    path("regiekamer/<slug:slug>/verantwoording.csv", wastage_csv, name="wastage_csv"),
    path("regiekamer/<slug:slug>/praktijken/", night_practices, name="night_practices"),
    path("regiekamer/<slug:slug>/praktijken.csv", night_practices_csv, name="night_practices_csv"),
    path("regiekamer/<slug:slug>/praktijken/<str:agb_code>/", night_practice, name="night_practice"),
    path("regiekamer/<slug:slug>/praktijken/<str:agb_code>.csv", night_practice_csv, name="night_practice_csv"),
    path("bezorging/", delivery_campaigns, name="delivery_campaigns"),
    path("bezorging/sleutels.json", delivery_keys, name="delivery_keys"),
    path("bezorging/<slug:slug>/", delivery_days, name="delivery_days"),
    path("bezorging/<slug:slug>/<day:day>/", delivery_day, name="delivery_day"),
    path("bezorging/<slug:slug>/<day:day>/adressen.csv", delivery_csv, name="delivery_csv"),
    path("bezorging/<slug:slug>/<day:day>/tijden/", delivery_times, name="delivery_times"),
    path("bezorging/<slug:slug>/<day:day>/tijden.csv", delivery_times_csv, name="delivery_times_csv"),
    path("bezorging/<slug:slug>/<day:day>/ontvangst/", delivery_intakes, name="delivery_intakes"),
    path("bezorging/<slug:slug>/<day:day>/ontvangst.csv", delivery_intakes_csv, name="delivery_intakes_csv"),
    path("bezorging/<slug:slug>/<day:day>/v<int:version>.json", delivery_file, name="delivery_file"),
    path("bezorging/<slug:slug>/<day:day>/v<int:version>.jws", delivery_signature, name="delivery_signature"),
    path("bestellingen/", orders, name="orders"),
]
