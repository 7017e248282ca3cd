"""The page on which a practice says where its programs are told, and sees what they were told."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.practices.access import LONGEST_KEY, access_delivery, access_staff, access_webhook
from balie.practices.models import Person, Practice
from balie.practices.views.acts import refusal
from balie.practices.webhooks.services import (
    add_webhook,
    deliveries_of,
    end_webhook,
    rotate_secret,
    send_again,
    webhooks_of,
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def webhooks(request: HttpRequest) -> HttpResponse:
    """A secret stands on the page that answers, and nowhere else: so making one does not lead on."""
    practice, actor = access_staff(request)
    if request.method != "POST":
        return _page(request, practice)
    act = request.POST.get("do", "")
    try:
        if act in {"add", "rotate"}:
            return _page(request, practice, secret=_make_secret(act, practice, actor, request))
        messages.success(request, _do(act, practice, actor, request))
    except ValidationError as error:
        return _page(request, practice, error)
    return redirect("webhooks")


def _make_secret(act: str, practice: Practice, actor: Person, request: HttpRequest) -> str:
    if act == "add":
        return add_webhook(practice=practice, url=request.POST.get("url", ""), actor=actor)
    return rotate_secret(webhook=access_webhook(practice, request.POST.get("webhook", "")), actor=actor)


def _do(act: str, practice: Practice, actor: Person, request: HttpRequest) -> str:
    if act == "end":
        end_webhook(webhook=access_webhook(practice, request.POST.get("webhook", "")), actor=actor)
        return _("Dit adres krijgt niets meer.")
    if act == "again":
        send_again(delivery=access_delivery(practice, request.POST.get("delivery", "")), actor=actor)
        return _("Het bericht gaat nog een keer.")
    raise Http404


def _page(
    request: HttpRequest, practice: Practice, error: ValidationError | None = None, *, secret: str = ""
) -> HttpResponse:
    before = request.GET.get("voor", "")
    if before and (not before.isdecimal() or len(before) > LONGEST_KEY):
        raise Http404
    deliveries, rest = deliveries_of(practice, before=int(before) if before else None)
    context = {
        "section": "staff",
        "practice": practice,
        "webhooks": webhooks_of(practice),
        "deliveries": deliveries,
        "rest": rest,
        "now": timezone.now(),
        "secret": secret,
        "typed": request.POST,
        **refusal(request, error),
    }
    return render(request, "practices/webhooks.html", context, status=422 if error else 200)
