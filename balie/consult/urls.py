"""Conversations, and one's own keys. Messages and statements never come here: see `balie/consult/live.py`."""

from django.urls import path

from balie.consult.views.admissions import admissions
from balie.consult.views.approvals import approval_request
from balie.consult.views.connected import connected_patient
from balie.consult.views.consultations import consultation_figures, consultation_figures_csv
from balie.consult.views.econsults import econsult_choices
from balie.consult.views.numbers import conversation_bsns
from balie.consult.views.pages import conversations, own_keys, reserve
from balie.consult.views.questionnaires import econsult_questionnaire
from balie.consult.views.record import certificate, certificate_file, record

urlpatterns = [
    path("gesprekken/", conversations, name="conversations"),
    path("gesprekken/consultaties/", consultation_figures, name="consultation_figures"),
    path("gesprekken/consultaties/cijfers.csv", consultation_figures_csv, name="consultation_figures_csv"),
    path("gesprekken/e-consulten/vragenlijst/", econsult_questionnaire, name="econsult_questionnaire"),
    path("gesprekken/e-consulten/", econsult_choices, name="econsult_choices"),
    path("gesprekken/bsn/", conversation_bsns, name="conversation_bsns"),
    path("gesprekken/bewaren/", record, name="record"),
    path("gesprekken/bewaren/bewijs/<int:pk>/", certificate, name="destruction"),
    path("gesprekken/bewaren/bewijs/<int:pk>/bestand.json", certificate_file, name="destruction_file"),
    path("gesprekken/reserve/", reserve, name="reserve"),
    path("gesprekken/sleutel/", own_keys, name="own_keys"),
    path("gesprekken/sleutel/verzoek/", approval_request, name="approval_request"),
    path("gesprekken/sleutel/toelating/", admissions, name="admissions"),
    path("koppeling/patient/", connected_patient, name="connected_patient"),
]
