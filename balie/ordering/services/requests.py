"""Asking for what is no longer free, and deciding on it. The hold row of the practice is the lock of both."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from balie.mail.services import enqueue
from balie.ordering.hot import Line
from balie.ordering.models import REQUEST_REFUSED, Campaign, Hold, LateRequest, Order
from balie.ordering.queries.free_limit import read_free_limit
from balie.ordering.rules import Findings, RulesError
from balie.ordering.services.changes import Change, change_addresses, change_order, columns_of, preview_change
from balie.ordering.services.orders import NoOrderError, cancel_order
from balie.practices.contact import recipients
from balie.practices.models import Person, Practice
from balie.practices.services import record

LONGEST_REASON = 300
FREE = gettext_noop("Dit kan nog gratis, zonder te vragen.")
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
    if asked := _open_request(number):
        return asked
    findings, limit = Findings(), read_free_limit(order, at=at)
    gone = _("Dat kan niet meer: de bezorging is vandaag of was al.")
    findings.require(not limit.is_free, "cancel", "free", _(FREE))
    findings.require(not limit.is_delivered, "cancel", "delivered", gone)
    _check_plea(campaign, reason, fee_cents, findings)
    findings.refuse()
    request = LateRequest(
        campaign=campaign, practice=practice, number=number, kind=LateRequest.Kind.CANCEL, fee_cents=fee_cents
    )
    return _asked(request, "order.cancel_asked", reason, actor)


@transaction.atomic
def ask_to_change(
    *, campaign: Campaign, practice: Practice, change: Change, reason: str, fee_cents: int, actor: Person, at: datetime
) -> LateRequest:
    """As `ask_to_cancel`, for a change that fits and is late. Addresses that come with it are corrected at once."""
    _lock(campaign, practice)
    if not Order.objects.filter(campaign=campaign, practice=practice, number=change.number).exists():
        raise NoOrderError(change.number)
    if asked := _open_request(change.number):
        return asked
    findings = Findings()
    findings.require(
        is_late(campaign=campaign, practice=practice, change=change, actor=actor, at=at), "change", "free", _(FREE)
    )
    _check_plea(campaign, reason, fee_cents, findings)
    findings.refuse()
    preview_change(campaign=campaign, practice=practice, change=change, actor=actor, at=at, granted=True)
    change_addresses(campaign=campaign, practice=practice, addresses=change.addresses, actor=actor)
    products, locations, doses, days = columns_of(change.lines)
    request = LateRequest(
        campaign=campaign,
        practice=practice,
        number=change.number,
        kind=LateRequest.Kind.CHANGE,
        fee_cents=fee_cents,
        revision=change.revision,
        line_product=products,
        line_location=locations,
        line_doses=doses,
        line_day=[day for day in days if day],
    )
    return _asked(request, "order.change_asked", reason, actor)


def is_late(*, campaign: Campaign, practice: Practice, change: Change, actor: Person, at: datetime) -> bool:
    """Whether the change needs the organiser. Raises RulesError where it cannot be made for another reason."""
    try:
        preview_change(campaign=campaign, practice=practice, change=change, actor=actor, at=at)
    except RulesError as error:
        if error.findings[0].code == "late":
            return True
        raise
    return False


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
    if request.kind == LateRequest.Kind.CHANGE:
        change_order(
            campaign=request.campaign,
            practice=request.practice,
            change=change_of(request),
            actor=actor,
            at=at,
            granted=True,
            fee_cents=request.fee_cents,
            reason=request.reason,
        )
        return
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


def change_of(request: LateRequest) -> Change:
    """What a request asks to make of the order."""
    columns = zip(request.line_product, request.line_location, request.line_doses, request.line_day, strict=True)
    return Change(request.number, request.revision, [Line(*column) for column in columns])


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
    """Whoever changes, cancels or decides has these rows; see Locks in ARCHITECTURE.md."""
    rows = Hold.objects.filter(campaign=campaign, practice=practice).order_by("slot")
    list(rows.select_for_update(no_key=True).values_list("state"))


def _open_request(number: str) -> LateRequest | None:
    return LateRequest.objects.filter(number=number, state=LateRequest.State.OPEN).first()


def _check_plea(campaign: Campaign, reason: str, fee_cents: int, findings: Findings) -> None:
    say = _("De kosten zijn intussen veranderd. Kijk nog eens, en vraag het dan opnieuw.")
    findings.require(fee_cents == campaign.late_fee_cents, "fee", "fee", say)
    findings.require(reason.strip(), "reason", "empty", _("Schrijf op waarom. De organisatie leest het."))
    _check_text(reason, "reason", findings)


def _asked(request: LateRequest, action: str, reason: str, actor: Person) -> LateRequest:
    request.reason, request.asked_at, request.asked_by = reason.strip(), timezone.now(), actor
    request.save()
    record(
        actor=actor,
        practice=request.practice,
        action=action,
        subject=request.number,
        reason=request.reason,
        detail={"request": request.pk, "fee_cents": request.fee_cents},
    )
    return request


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
