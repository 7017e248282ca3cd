"""Mails to somebody about their account, written into the outbox by whoever causes them."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from balie.mail.rendering import Rendered
from balie.mail.services import ACCOUNT_MESSAGE, enqueue
from balie.practices.models import Person


def write_letter(name: str, person: Person, about: Mapping[str, Any]) -> None:
    """The letter `practices/letters/NAME.txt` in the person's language, in the caller's transaction.

    Its first line is the subject.
    """
    language = person.language or settings.LANGUAGE_CODE
    context = {"person": person, "origin": settings.ORIGINS[0], "login": address_of("account_login"), **about}
    with override(language):
        written = render_to_string(f"practices/letters/{name}.txt", context)
    subject, _, text = written.lstrip().partition("\n")
    enqueue(
        kind=ACCOUNT_MESSAGE,
        reference=f"person:{person.pk}",
        recipient=person.email,
        body=Rendered(subject=subject.strip(), text=text.lstrip("\n"), html="", language=language),
    )


def address_of(page: str, **parts: str) -> str:
    """A page's address as a mail tells it: on our canonical origin, whatever address somebody came by."""
    return settings.ORIGINS[0] + reverse(page, kwargs=parts)
