"""The text messages about an order in words, as rows beside its mails (`mail_words.py`)."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from balie.ordering.models import ORDER_PLACED, Order
from balie.practices.templatetags.balie import clock, clock_seconds
from balie.sms.numbers import show_mobile
from balie.sms.services import TextState, TextStatus, text_states


def read_texts(order: Order) -> list[TextStatus]:
    return text_states(kinds=(ORDER_PLACED,), reference=order.number)


def describe_texts(texts: Sequence[TextStatus]) -> list[dict[str, Any]]:
    """With the keys of `mail_words.describe`."""
    words = {TextState.QUEUED: _queued, TextState.SENT: _sent, TextState.FAILED: _failed}
    return [
        {
            "recipient": show_mobile(text.recipient),
            "state": text.state.value,
            "again": False,
            "lost": False,
            **words[text.state](text),
        }
        for text in texts
    ]


def _queued(text: TextStatus) -> dict[str, str]:
    if not text.answer:
        return {"time": "", "say": _("Sms onderweg"), "icon": "hourglass", "mark": "wait"}
    time = _("volgende poging om %(time)s") % {"time": clock(text.next_attempt_at)}
    say = _("De sms komt later. Uw bestelling staat vast. U hoeft niets te doen.")
    return {"time": time, "say": say, "icon": "hourglass", "mark": "wait"}


def _sent(text: TextStatus) -> dict[str, str]:
    return {"time": _at(text), "say": _("Sms verstuurd"), "icon": "check", "mark": ""}


def _failed(text: TextStatus) -> dict[str, str]:
    say = _("De sms kon niet worden verstuurd. Uw bestelling staat vast. U hoeft niets te doen.")
    return {"time": _at(text), "say": say, "icon": "triangle-alert", "mark": "todo"}


def _at(text: TextStatus) -> str:
    return clock_seconds(text.settled_at) if text.settled_at else ""
