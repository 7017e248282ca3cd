"""The product's pages, and the demo's logins and mailbox; only demo, rehearsal and tests serve these."""

from django.urls import path

from balie import urls
from balie.embedded import design, guide, views

urlpatterns = [
    path("demo/", guide.show_logins, name="demo"),
    path("demo/stijl/", design.show_design, name="design"),
    path("postvak/", views.list_mails, name="mailbox"),
    path("postvak/<str:key>/", views.show_mail, name="mail"),
    path("postvak/<str:key>/html/", views.show_html, name="mail_html"),
    path("postvak/<str:key>/bijlage/<int:number>/", views.download_file, name="mail_file"),
    *urls.urlpatterns,
]

handler400 = guide.lead_to_origin
handler500 = urls.handler500
