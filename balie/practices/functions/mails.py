"""The mail to an organisation whose function was closed or opened out of the ordinary."""

from typing import Final

from django.conf import settings

from balie.mail.rendering import Rendered
from balie.practices.functions.models import Notice
from balie.practices.functions.words import FUNCTIONS, say_closed
from balie.practices.letters import address_of, render_letter
from balie.practices.models import Practice

FUNCTION_SWITCHED: Final = "function_switched"  # as sql/switch_v1.sql writes it


def render_function_switched(reference: str) -> Rendered:
    """To the practice in `reference`, which is NOTICE:PRACTICE. Raises DoesNotExist."""
    about, _, practice = reference.partition(":")
    notice = Notice.objects.select_related("switch", "actor").get(pk=about)
    function = notice.switch.function
    told = {
        "notice": notice,
        "practice": Practice.objects.get(pk=practice),
        "function": FUNCTIONS[function],
        "text": say_closed(function, notice.reason, notice.text) if notice.closed else "",
        "address": address_of("own_functions"),
    }
    return render_letter(template="practices/mail/function_switched.txt", language=settings.LANGUAGE_CODE, about=told)
