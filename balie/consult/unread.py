"""A mail to who has not looked: there is a message, and nothing about it. One, until they have been back.

It is written beside the messages, by `balie work`, and never in their transaction; what it goes by is in
`sql/tell_unread.sql`.
"""

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from balie.consult.models import Identity, UnreadMail
from balie.lib.sqlfiles import read_sql
from balie.mail.rendering import Rendered
from balie.practices.models import Person
from balie.runtime.hot import Connection

log = structlog.get_logger()

UNREAD_MAIL = "consult_unread"
INTERVAL_S = 15.0
BATCH_MOST = 2000  # messages looked at in one turn


async def tell_unread(conn: Connection, *, quiet_s: float) -> None:
    """Mail whoever has a message that none of its readers looked at for so long. Any number of us may do this."""
    wanted = {"quiet_s": quiet_s, "most": BATCH_MOST, "kind": UNREAD_MAIL, "mail_domain": settings.MAIL_DOMAIN}
    row = await (await conn.execute(read_sql("consult", "tell_unread").encode(), wanted)).fetchone()
    if row and row[0]:
        log.info("unread_told", people=row[0])


def render_unread(reference: str) -> Rendered:
    """To the person of this identity. Raises DoesNotExist."""
    person = Identity.objects.select_related("person").get(pk=reference).person
    with override(person.language or settings.LANGUAGE_CODE):
        context = {
            "address": settings.ORIGINS[0] + reverse("conversations"),
            "choice": settings.ORIGINS[0] + reverse("own_keys"),
        }
        return Rendered(
            subject=_("Er is een nieuw bericht in Balie"),
            text=render_to_string("consult/mail/unread.txt", context),
            html=render_to_string("consult/mail/unread.html", context),
            language=person.language or settings.LANGUAGE_CODE,
        )


def wants_mail(person: Person) -> bool:
    """Whether they are told by mail; who never chose is."""
    return not UnreadMail.objects.filter(identity__person=person, wanted=False).exists()


def choose_mail(*, person: Person, wanted: bool) -> None:
    """For who has keys; who has none gets no messages either."""
    identity = Identity.objects.filter(person=person).first()
    if identity:
        UnreadMail.objects.update_or_create(identity=identity, defaults={"wanted": wanted})
