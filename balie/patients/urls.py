"""Patients: invited by a practice, and their own pages."""

from django.urls import path

from balie.patients.views.invitation import invitation, invitation_account
from balie.patients.views.oidc import come_back, log_in_with_oidc
from balie.patients.views.own import patient
from balie.patients.views.practice import patients

urlpatterns = [
    path("patienten/", patients, name="patients"),
    path("patient/", patient, name="patient"),
    path("account/oidc/<str:provider_id>/login/", log_in_with_oidc, name="openid_connect_login"),
    path("account/oidc/<str:provider_id>/login/callback/", come_back, name="openid_connect_callback"),
    path("uitnodiging/", invitation, name="invitation"),
    path("uitnodiging/account/", invitation_account, name="invitation_account"),
]
