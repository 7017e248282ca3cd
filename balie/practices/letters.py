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
    """The letter `practices/letters/NAME.txt` in the person's language, in the caller's transaction."""
    send_letter(
        template=f"practices/letters/{name}.txt",
        recipient=person.email,
        reference=f"person:{person.pk}",
        language=person.language or settings.LANGUAGE_CODE,
        about={"person": person, "login": address_of("account_login"), **about},
    )


def send_letter(*, template: str, recipient: str, reference: str, language: str, about: Mapping[str, Any]) -> None:
    """A letter to whatever address, in the caller's transaction."""
    body = render_letter(template=template, language=language, about=about)
    enqueue(kind=ACCOUNT_MESSAGE, reference=reference, recipient=recipient, body=body)


def render_letter(*, template: str, language: str, about: Mapping[str, Any]) -> Rendered:
    """Its first line is the subject; a paragraph of only an address of ours becomes a link."""
    with override(language):
        words = render_to_string(template, {"origin": settings.ORIGINS[0], **about})
        subject, _, text = words.strip().partition("\n")
        html = _in_the_house_look(subject.strip(), text)
    return Rendered(subject=subject.strip(), text=text.lstrip("\n"), html=html, language=language)


def _in_the_house_look(subject: str, text: str) -> str:
    paragraphs = [
        {"words": words, "is_address": words.startswith(settings.ORIGINS[0]) and len(words.split()) == 1}
        for words in text.strip().split("\n\n")
    ]
    return render_to_string("practices/letters/letter.html", {"subject": subject, "paragraphs": paragraphs})


def address_of(page: str, **parts: str) -> str:
    """A page's address as a mail tells it: on our canonical origin, whatever address somebody came by."""
    return settings.ORIGINS[0] + reverse(page, kwargs=parts)
