"""The organiser's pages of practices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from balie.lib.keyset import read_place
from balie.practices.access import access_any_practice, access_organiser
from balie.practices.contact import Address
from balie.practices.context import role_names
from balie.practices.directory.correcting import Contact, address_field, change_kind, contact_of, correct_contact
from balie.practices.directory.queries import Known, read_known, search_practices
from balie.practices.models import Location, PastUse, Person, Practice

KINDS = {
    Practice.Kind.GP.value: gettext_lazy("huisartsenpraktijk"),
    Practice.Kind.CARE_ORG.value: gettext_lazy("zorgorganisatie"),
}


@dataclass(frozen=True)
class Field:
    """A line of text with its label, and what is wrong with it."""

    name: str
    label: str
    value: str
    error: str = ""
    type: str = "text"


@login_required
@require_safe
@never_cache
def practices(request: HttpRequest) -> HttpResponse:
    """All of them, or those that were searched for."""
    access_organiser(request)
    words, place = request.GET.get("zoek", ""), read_place(request.GET)
    if place is None:
        raise Http404
    context = {
        "section": "practices",
        "listed": "practices",
        "words": words,
        "page": search_practices(words, place),
        "asked": urlencode({"zoek": words}) if words else "",
    }
    return render(request, "practices/practices.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def practice_page(request: HttpRequest, agb_code: str) -> HttpResponse:
    """What is known of one practice. A POST corrects how it is reached."""
    person, practice = access_organiser(request), access_any_practice(request, agb_code)
    known = read_known(practice)
    before = contact_of(practice, known.locations)
    if request.method != "POST":
        return _page(request, practice, known, before)
    if request.POST.get("do") == "kind":
        return _change_kind(request, practice, known, person)
    typed = _typed(before, request.POST)
    try:
        correct_contact(
            practice=practice,
            contact=typed,
            seen=request.POST.get("seen", ""),
            actor=person,
            reason=request.POST.get("reason", ""),
        )
    except ValidationError as error:
        return _page(request, practice, known, typed, errors=error.message_dict)
    messages.success(request, _("De gegevens zijn bijgewerkt."))
    return redirect("practice", agb_code=agb_code)


def _change_kind(request: HttpRequest, practice: Practice, known: Known, person: Person) -> HttpResponse:
    kind, reason = request.POST.get("kind", ""), request.POST.get("kind_reason", "")
    try:
        change_kind(practice=practice, kind=kind, actor=person, reason=reason)
    except ValidationError as error:
        return _page(request, practice, known, contact_of(practice, known.locations), errors=error.message_dict)
    messages.success(request, _("De gegevens zijn bijgewerkt."))
    return redirect("practice", agb_code=practice.agb_code)


def _typed(before: Contact, post: QueryDict) -> Contact:
    """What was sent; a field that is missing keeps what is there."""
    return Contact(
        email=post.get("email", before.email),
        second_email=post.get("second_email", before.second_email),
        phone=post.get("phone", before.phone),
        mobile=post.get("mobile", before.mobile),
        addresses={
            pk: Address(**{part: post.get(address_field(pk, part), value) for part, value in vars(address).items()})
            for pk, address in before.addresses.items()
        },
    )


def _page(
    request: HttpRequest,
    practice: Practice,
    known: Known,
    contact: Contact,
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> HttpResponse:
    wrong = {name: found[0] for name, found in (errors or {}).items()}
    names = role_names()
    context = {
        "section": "practices",
        "subject": practice,
        "known": known,
        "people": [(each.person, names[each.role]) for each in known.people],
        "past": _past(known),
        "seen": contact_of(practice, known.locations).mark,
        "mobile": contact_of(practice, ()).mobile,
        "fields": _fields(contact, wrong),
        "addresses": [(location, _address_fields(location, contact, wrong)) for location in known.locations],
        "reason": Field("reason", _("Reden"), request.POST.get("reason", ""), wrong.get("reason", "")),
        "kinds": KINDS.items(),
        "kind_wrong": [wrong[name] for name in ("kind", "kind_reason") if name in wrong],
        "kind_reason": request.POST.get("kind_reason", ""),
        "refused": _refusal({name: say for name, say in wrong.items() if name not in {"kind", "kind_reason"}}),
    }
    return render(request, "practices/practice.html", context, status=422 if wrong else 200)


def _refusal(wrong: Mapping[str, str]) -> str:
    return wrong.get(NON_FIELD_ERRORS, "") or (_("Er is nog niets veranderd.") if wrong else "")


def _past(known: Known) -> list[tuple[PastUse, str]]:
    """With the name of the product. Campaigns name theirs; earlier years have only a code."""
    names = {"flu": _("griep"), "pneumo": _("pneumokokken")}
    return [(past, names.get(past.product_code, past.product_code)) for past in known.past]


def _fields(contact: Contact, wrong: Mapping[str, str]) -> list[Field]:
    labels = [
        ("email", _("E-mail voor bevestigingen"), contact.email, "email"),
        ("second_email", _("Tweede e-mailadres"), contact.second_email, "email"),
        ("phone", _("Telefoon"), contact.phone, "tel"),
        ("mobile", _("Mobiel, voor sms"), contact.mobile, "tel"),
    ]
    return [Field(name, label, value, wrong.get(name, ""), kind) for name, label, value, kind in labels]


def _address_fields(location: Location, contact: Contact, wrong: Mapping[str, str]) -> list[Field]:
    labels = {"street": _("Straat en huisnummer"), "postcode": _("Postcode"), "city": _("Plaats")}
    address = vars(contact.addresses[location.pk])
    names = {part: address_field(location.pk, part) for part in labels}
    return [Field(names[part], label, address[part], wrong.get(names[part], "")) for part, label in labels.items()]
