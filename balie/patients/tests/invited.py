"""Inviting somebody by the pages, and what their mail holds."""

import re

from django.conf import settings
from django.test import Client

from balie.mail.models import OutboxMail
from balie.practices.models import Person

BORN = "17-05-1980"
PASSWORD = "drie groene fietsen 9"


def browser_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def register(client: Client, **fields: str):
    """POSTs the form of the page about patients."""
    typed = {"name": "Nadia Peters", "email": "nadia@voorbeeld.example", "birth_date": BORN, **fields}
    return client.post("/patienten/", {"do": "register", **typed})


def link(recipient: str = "nadia@voorbeeld.example") -> str:
    """The address in the last mail to them."""
    letter = OutboxMail.objects.filter(recipient=recipient).order_by("pk").last()
    assert letter is not None
    found = re.search(rf"{re.escape(settings.ORIGINS[0])}/uitnodiging/#\S+", letter.body["text"])
    assert found
    return found[0]


def token(recipient: str = "nadia@voorbeeld.example") -> str:
    return link(recipient).partition("#")[2]


def show(client: Client, secret: str, born: str = BORN):
    """What the page of the link sends."""
    return client.post("/uitnodiging/", {"token": secret, "birth_date": born})
