"""Who works for the practice, seen by everybody there; GPs and managers change it."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from balie.practices.access import access_colleague, access_practice, access_staff
from balie.practices.connections import connect, scope_words
from balie.practices.context import role_names
from balie.practices.models import Connection, Person, Practice
from balie.practices.staff import DECIDES, OF_PEOPLE, change_role, end_membership, invite, staff_of
from balie.practices.standing import standing_of
from balie.practices.views.acts import Act, do_one, refusal


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def staff(request: HttpRequest) -> HttpResponse:
    """A POST does one of `ACTS`; where it is refused, the page comes again with what was typed and what is wrong."""
    if request.method != "POST":
        return _page(request, access_practice(request))
    return do_one(request, *access_staff(request), acts=ACTS, to="staff", refused=_page)


@login_required
@require_POST
@never_cache
def connection(request: HttpRequest) -> HttpResponse:
    """A new connection. Its code stands on the page that answers, and nowhere else: so this does not lead on."""
    practice, actor = access_staff(request)
    try:
        scopes = request.POST.getlist("scopes")
        code = connect(practice=practice, name=request.POST.get("name", ""), scopes=scopes, actor=actor)
    except ValidationError as error:
        return _page(request, practice, error)
    return _page(request, practice, code=code)


def _invite(practice: Practice, actor: Person, request: HttpRequest) -> str:
    email, name, role = (request.POST.get(field, "") for field in ("email", "name", "role"))
    member = invite(practice=practice, email=email, name=name, role=role, actor=actor)
    return _("%(name)s kan nu voor uw praktijk werken en krijgt een mail.") % {"name": member.person.name}


def _change_role(practice: Practice, actor: Person, request: HttpRequest) -> str:
    member = access_colleague(practice, request.POST.get("member", ""))
    change_role(membership=member, role=request.POST.get("role", ""), actor=actor)
    return _("%(name)s is nu %(role)s.") % {"name": member.person.name, "role": role_names()[member.role].lower()}


def _end(practice: Practice, actor: Person, request: HttpRequest) -> str:
    member = access_colleague(practice, request.POST.get("member", ""))
    end_membership(membership=member, actor=actor, reason=request.POST.get("reason", ""))
    return _("%(name)s werkt niet meer voor uw praktijk en is overal uitgelogd.") % {"name": member.person.name}


ACTS: dict[str, Act] = {"invite": _invite, "role": _change_role, "end": _end}


def _page(
    request: HttpRequest, practice: Practice, error: ValidationError | None = None, *, code: str = ""
) -> HttpResponse:
    standing = standing_of(request)
    assert standing is not None
    names = role_names()
    context = {
        "section": "staff",
        "practice": practice,
        "members": [(member, names[member.role]) for member in staff_of(practice)],
        "roles": {role: names[role] for role in OF_PEOPLE},
        "scopes": scope_words(),
        "chosen": request.POST.getlist("scopes") or [Connection.Scope.CONSULT],
        "code": code,
        "decides": standing.role in DECIDES,
        "typed": request.POST,
        **refusal(request, error),
    }
    return render(request, "practices/staff.html", context, status=422 if error else 200)
