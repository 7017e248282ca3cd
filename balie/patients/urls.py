"""Patients: invited by a practice, and their own pages."""

from django.urls import path

from balie.patients.views.invitation import invitation, invitation_account
from balie.patients.views.own import patient
from balie.patients.views.practice import patients

urlpatterns = [
    path("patienten/", patients, name="patients"),
    path("patient/", patient, name="patient"),
    path("uitnodiging/", invitation, name="invitation"),
    path("uitnodiging/account/", invitation_account, name="invitation_account"),
]
