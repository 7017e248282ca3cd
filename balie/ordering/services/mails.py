"""What people do about the mails of an order: ask for one again, mend an address, note that somebody was called."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from balie.mail.services import MailState, MailStatus, enqueue, lock_mails, send_again
from balie.ordering.models import MailMark, Order
from balie.ordering.rules import Findings
from balie.ordering.services.receipts import confirmation_message_id
from balie.practices.contact import change_emails, clean_email, recipients
from balie.practices.models import AuditEvent, Person
from balie.practices.services import record

# A mail server that gets the same mail again and again takes us for a nuisance, and so does whoever reads it.
RESEND_PAUSE = timedelta(minutes=1)
MOST_A_DAY = 5
LONGEST_NOTE = 300


@transaction.atomic
def resend_confirmation(*, order: Order, recipient: str, actor: Person) -> None:
    """Send the confirmation to one of the practice's addresses once more: the same message, with its Message-ID.

    Raises RulesError where that mail is on its way anyway, was asked for too often, or never went to this address.
    """
    findings = Findings()
    mails = {mail.recipient: mail for mail in lock_mails(reference=order.mail_reference)}
    mail = mails.get(recipient) if recipient in recipients(order.practice) else None
    findings.require(mail, "resend", "recipient", _("Naar dit adres ging geen bevestiging."))
    on_its_way = mail is not None and mail.state is MailState.QUEUED
    findings.require(not on_its_way, "resend", "on_its_way", _("Deze mail is al onderweg. U hoeft niets te doen."))
    findings.refuse()
    _check_pace(order, findings)
    findings.refuse()
    send_again(reference=order.mail_reference, recipient=recipient)
    _record(order, actor, "mail.resent", [recipient])


@transaction.atomic
def mend_addresses(*, order: Order, email: str, second_email: str, actor: Person) -> list[str]:
    """Change where the practice gets its mail, and send the confirmation to what is new; returns those addresses.

    Raises RulesError, and changes nothing, where one is no address or they were changed too often today.
    """
    findings = Findings()
    for at, address in (("email", email), ("second_email", second_email)):
        if at == "email" or address.strip():
            _check_address(at, address, findings)
    findings.refuse()
    mails = {mail.recipient.lower(): mail for mail in lock_mails(reference=order.mail_reference)}
    before = {address.lower() for address in recipients(order.practice)}
    after = {address.strip().lower(): address.strip() for address in (second_email, email)}
    fresh = [address for key, address in after.items() if key and key not in before]
    if fresh:
        _check_daily(order, "mail.readdressed", "email", findings)
        findings.refuse()
        _record(order, actor, "mail.readdressed", fresh)
    change_emails(practice=order.practice, email=email, second_email=second_email, actor=actor)
    for address in fresh:
        _send(order, address, mails.get(address.lower()))
    return fresh


@transaction.atomic
def mark_mail(*, order: Order, mail: MailStatus, outcome: MailMark.Outcome, note: str, actor: Person) -> None:
    """Note what staff did about a mail that did not arrive. Raises RulesError where it is no longer in trouble."""
    findings = Findings()
    now = {each.id: each for each in lock_mails(reference=order.mail_reference)}[mail.id]
    same = now.undelivered_at is not None and now.round == mail.round
    findings.require(same, "mail", "changed", _("Er is intussen opnieuw gemaild. Kijk eerst hoe dat afloopt."))
    note = note.strip()
    say = _("Schrijf hooguit %(most)s letters.") % {"most": LONGEST_NOTE}
    findings.require(len(note) <= LONGEST_NOTE and "\0" not in note, "note", "too_long", say)
    findings.refuse()
    said = {"outcome": outcome, "note": note, "at": timezone.now(), "by": actor}
    MailMark.objects.update_or_create(mail_id=mail.id, round=mail.round, defaults=said)
    record(
        actor=actor,
        practice=order.practice,
        action=f"mail.{outcome.value}",
        subject=order.number,
        reason=note,
        detail={"recipient": mail.recipient, "mail": mail.id, "round": mail.round},
    )


def _send(order: Order, address: str, known: MailStatus | None) -> None:
    """To an address that is new; one that was known before gets what it missed."""
    if known is None:
        enqueue(
            kind=order.mail_kind,
            reference=order.mail_reference,
            recipient=address,
            message_id=confirmation_message_id(order),
        )
    elif known.undelivered_at:
        send_again(reference=order.mail_reference, recipient=known.recipient)


def _check_address(at: str, address: str, findings: Findings) -> None:
    try:
        clean_email(address)
    except ValidationError as error:
        findings.add(at, "format", error.messages[0])


def _check_pace(order: Order, findings: Findings) -> None:
    earlier = AuditEvent.objects.filter(subject=order.number, action="mail.resent").order_by("-at").first()
    if earlier and (wait := earlier.at + RESEND_PAUSE - timezone.now()) > timedelta():
        seconds = max(1, round(wait.total_seconds()))
        say = ngettext(
            "U vroeg net al om een mail. Over %(count)s seconde kan het weer.",
            "U vroeg net al om een mail. Over %(count)s seconden kan het weer.",
            seconds,
        )
        findings.add("resend", "too_soon", say % {"count": seconds})
        return
    _check_daily(order, "mail.resent", "resend", findings)


def _check_daily(order: Order, action: str, at: str, findings: Findings) -> None:
    today = AuditEvent.objects.filter(
        subject=order.number, action=action, at__gt=timezone.now() - timedelta(days=1)
    ).count()
    phone = order.campaign.help_phone
    say = _("Dit is vandaag al %(most)s keer gedaan. Morgen kan het weer.") % {"most": MOST_A_DAY}
    if phone:
        say = _("Dit is vandaag al %(most)s keer gedaan. Bel ons: %(phone)s.") % {"most": MOST_A_DAY, "phone": phone}
    findings.require(today < MOST_A_DAY, at, "too_often", say)


def _record(order: Order, actor: Person, action: str, addresses: list[str]) -> None:
    record(
        actor=actor,
        practice=order.practice,
        action=action,
        subject=order.number,
        detail={"recipients": addresses},
    )
