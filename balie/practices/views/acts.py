"""A page with several forms, each of which does one thing: which one, and what is said when it is refused."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from balie.practices.models import Person, Practice

Act = Callable[[Practice, Person, HttpRequest], str]
Page = Callable[[HttpRequest, Practice, ValidationError], HttpResponse]


def do_one(
    request: HttpRequest, practice: Practice, actor: Person, *, acts: Mapping[str, Act], to: str, refused: Page
) -> HttpResponse:
    """The act that the form's `do` names, and then to the page called `to`, which says what was done. Where it is
    refused, the page comes again by `refused`.
    """
    act = acts.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    try:
        done = act(practice, actor, request)
    except ValidationError as error:
        return refused(request, practice, error)
    messages.success(request, done)
    return redirect(to)


def refusal(request: HttpRequest, error: ValidationError | None) -> dict[str, Any]:
    """For the page: which act was refused, what is wrong by field, and all of that in one text."""
    errors = errors_by_field(error)
    return {
        "refused": request.POST.get("do", "") if error else "",
        "errors": errors,
        "fault": " ".join(errors.values()),
    }


def errors_by_field(error: ValidationError | None) -> dict[str, str]:
    """One sentence per field; what is about none of them is under `all`."""
    if error is None:
        return {}
    if hasattr(error, "error_dict"):
        return {field: " ".join(found) for field, found in error.message_dict.items()}
    return {"all": " ".join(error.messages)}
