"""Asking for what is no longer free, and deciding on it. The hold row of the practice is the lock of both."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.mail.services import enqueue
from balie.ordering.models import REQUEST_REFUSED, Campaign, Hold, LateRequest, Order
from balie.ordering.queries.free_limit import read_free_limit
from balie.ordering.rules import Findings, RulesError
from balie.ordering.services.orders import NoOrderError, cancel_order
from balie.practices.contact import recipients
from balie.practices.models import Person, Practice
from balie.practices.services import record

LONGEST_REASON = 300
NUL = "\0"  # which PostgreSQL cannot store


@transaction.atomic
def ask_to_cancel(
    *, campaign: Campaign, practice: Practice, number: str, reason: str, fee_cents: int, actor: Person, at: datetime
) -> LateRequest:
    """Ask the organiser to cancel the order although it is late; `fee_cents` is what the person was shown.

    Who asks twice has one request. Raises NoOrderError, and RulesError where it can be done without asking, or no
    longer at all, where no reason is given, and where the fee is another by now.
    """
    _lock(campaign, practice)
    order = Order.objects.filter(campaign=campaign, practice=practice, number=number).first()
    if order is None:
        raise NoOrderError(number)
    asked = LateRequest.objects.filter(number=number, state=LateRequest.State.OPEN).first()
    if asked is not None:
        return asked
    findings, limit = Findings(), read_free_limit(order, at=at)
    free, gone = _("Dit kan nog gratis, zonder te vragen."), _("Dat kan niet meer: de bezorging is vandaag of was al.")
    findings.require(not limit.is_free, "cancel", "free", free)
    findings.require(not limit.is_delivered, "cancel", "delivered", gone)
    say = _("De kosten zijn intussen veranderd. Kijk nog eens, en vraag het dan opnieuw.")
    findings.require(fee_cents == campaign.late_fee_cents, "cancel", "fee", say)
    findings.require(reason.strip(), "reason", "empty", _("Schrijf op waarom. De organisatie leest het."))
    _check_text(reason, "reason", findings)
    findings.refuse()
    request = LateRequest.objects.create(
        campaign=campaign,
        practice=practice,
        number=number,
        kind=LateRequest.Kind.CANCEL,
        fee_cents=fee_cents,
        reason=reason.strip(),
        asked_at=timezone.now(),
        asked_by=actor,
    )
    record(
        actor=actor,
        practice=practice,
        action="order.cancel_asked",
        subject=number,
        reason=request.reason,
        detail={"request": request.pk, "fee_cents": fee_cents},
    )
    return request


@transaction.atomic
def withdraw_request(*, campaign: Campaign, practice: Practice, request: LateRequest, actor: Person) -> None:
    """The practice asks no longer. Raises RulesError where the organiser was first."""
    _lock(campaign, practice)
    _settle(request, LateRequest.State.WITHDRAWN, actor=actor, answer="")
    record(
        actor=actor,
        practice=practice,
        action="order.request_withdrawn",
        subject=request.number,
        detail={"request": request.pk},
    )


@transaction.atomic
def grant_request(*, request: LateRequest, answer: str, actor: Person, at: datetime) -> None:
    """Do what was asked, at the fee that was shown, all in one transaction.

    Raises RulesError where somebody decided before, or where it can no longer be done.
    """
    findings = Findings()
    _check_text(answer, "answer", findings)
    findings.refuse()
    _lock(request.campaign, request.practice)
    _settle(request, LateRequest.State.GRANTED, actor=actor, answer=answer.strip())
    _record_decision(request, "order.request_granted", answer, actor)
    cancel_order(
        campaign=request.campaign,
        practice=request.practice,
        number=request.number,
        actor=actor,
        at=at,
        granted=True,
        fee_cents=request.fee_cents,
        reason=request.reason,
    )


@transaction.atomic
def refuse_request(*, request: LateRequest, answer: str, actor: Person) -> None:
    """Say no, with the reason that the practice reads in a mail. Raises RulesError without one, and as above."""
    findings = Findings()
    findings.require(answer.strip(), "answer", "empty", _("Schrijf op waarom niet. De praktijk leest het."))
    _check_text(answer, "answer", findings)
    findings.refuse()
    _lock(request.campaign, request.practice)
    _settle(request, LateRequest.State.REFUSED, actor=actor, answer=answer.strip())
    _record_decision(request, "order.request_refused", answer, actor)
    for recipient in recipients(request.practice):
        enqueue(kind=REQUEST_REFUSED, reference=f"request:{request.pk}", recipient=recipient)


def _lock(campaign: Campaign, practice: Practice) -> None:
    """Whoever changes, cancels or decides has this row; see Locks in ARCHITECTURE.md."""
    list(Hold.objects.filter(campaign=campaign, practice=practice).select_for_update(no_key=True).values_list("state"))


def _settle(request: LateRequest, state: LateRequest.State, *, actor: Person, answer: str) -> None:
    still_open = LateRequest.objects.filter(pk=request.pk, state=LateRequest.State.OPEN)
    settled = still_open.update(state=state, decided_at=timezone.now(), decided_by=actor, answer=answer)
    if not settled:
        findings = Findings()
        findings.add("request", "decided", _("Hierover is intussen al beslist, of het is ingetrokken."))
        raise RulesError(findings.found)


def _check_text(text: str, at: str, findings: Findings) -> None:
    say = _("Schrijf hooguit %(most)s letters.") % {"most": LONGEST_REASON}
    findings.require(len(text.strip()) <= LONGEST_REASON and NUL not in text, at, "too_long", say)


def _record_decision(request: LateRequest, action: str, answer: str, actor: Person) -> None:
    record(
        actor=actor,
        practice=request.practice,
        action=action,
        subject=request.number,
        reason=answer.strip(),
        detail={"request": request.pk, "fee_cents": request.fee_cents},
    )
