"""The operations of the API that nobody hurries for."""

from typing import Final

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from balie.lib.problems import Problem
from balie.ordering.access import access_campaign_by_key, access_order_by_number
from balie.ordering.api import contract, reading
from balie.ordering.api.answering import Asked, endpoint, refuse, told_as_problem
from balie.ordering.api.document import document
from balie.ordering.hot import Line
from balie.ordering.models import Campaign, Order
from balie.ordering.rules import RulesError
from balie.ordering.services.changes import Change, change_order
from balie.ordering.services.orders import NoOrderError, cancel_order
from balie.ordering.services.prepared import Contact, save_prepared_order

PREPARED: Final = msgspec.json.Decoder(contract.PreparedBody)
CANCEL: Final = msgspec.json.Decoder(contract.CancelBody)
CHANGE: Final = msgspec.json.Decoder(contract.ChangeBody)


def _practice(asked: Asked) -> contract.Practice:
    return reading.practice(asked.connection.practice)


def _campaigns(asked: Asked) -> contract.Campaigns:
    return reading.campaigns(asked.page())


def _campaign(asked: Asked, campaign: str) -> contract.Campaign:
    return reading.campaign(access_campaign_by_key(campaign), asked.connection.practice)


def _prepared(asked: Asked, campaign: str) -> contract.Prepared:
    return reading.prepared(_real(campaign), asked.connection.practice)


def _prepare(asked: Asked, campaign: str) -> contract.Prepared:
    row, practice = _real(campaign), asked.connection.practice
    body = asked.body(PREPARED)
    doses: dict[tuple[int, int], int] = {}
    for index, item in enumerate(body.lines):
        if (item.product, item.location) in doses:
            raise Problem("bad_lines", errors=[{"at": f"lines[{index}]", "code": "repeated"}])
        doses[item.product, item.location] = item.doses
    with told_as_problem():
        save_prepared_order(
            campaign=row,
            practice=practice,
            doses=doses,
            ranking=body.ranking,
            auto=body.auto,
            contact=Contact(practice.email, practice.second_email),
            actor=asked.connection.person,
        )
    return reading.prepared(row, practice)


def _orders(asked: Asked) -> contract.Orders:
    return reading.orders(asked.connection.practice, asked.page())


def _order(asked: Asked, number: str) -> contract.Order:
    return reading.order(access_order_by_number(asked.connection.practice, number))


def _change(asked: Asked, number: str) -> contract.Order:
    at = timezone.now()
    practice = asked.connection.practice
    order = access_order_by_number(practice, number)
    if order.campaign.trial_of_id or not isinstance(order, Order):
        raise Problem("not_found")
    body = asked.body(CHANGE)
    lines = [Line(line.product, line.location, line.doses, line.day) for line in body.lines]
    with told_as_problem():
        try:
            change_order(
                campaign=order.campaign,
                practice=practice,
                change=Change(order.number, body.revision, lines),
                actor=asked.connection.person,
                at=at,
                reason=body.reason.strip(),
            )
        except NoOrderError:
            raise Http404 from None
        except RulesError as error:
            if error.findings[0].code != "same":  # it is so already
                raise
    return reading.order(access_order_by_number(practice, number))


def _cancel(asked: Asked, number: str) -> contract.Cancelled:
    at = timezone.now()
    practice = asked.connection.practice
    order = access_order_by_number(practice, number)
    if order.campaign.trial_of_id:  # one starts a trial over, on its page
        raise Problem("not_found")
    body = asked.body(CANCEL)
    with told_as_problem():
        try:
            cancelled_at = cancel_order(
                campaign=order.campaign,
                practice=practice,
                number=order.number,
                actor=asked.connection.person,
                at=at,
                reason=body.reason.strip(),
            )
        except NoOrderError:
            raise Http404 from None
    return contract.Cancelled(order.number, cancelled_at)


def _real(key: str) -> Campaign:
    """A campaign that is no trial: that uses what is ready for the real night. Raises Http404."""
    found = access_campaign_by_key(key)
    if found.trial_of_id:
        raise Http404
    return found


practice = endpoint(practice=_practice)
campaigns = endpoint(campaigns=_campaigns)
campaign = endpoint(campaign=_campaign)
prepared = endpoint(prepared=_prepared, prepare=_prepare)
orders = endpoint(orders=_orders)
order = endpoint(order=_order)
change = endpoint(change=_change)
cancel = endpoint(cancel=_cancel)


def openapi(_request: HttpRequest) -> HttpResponse:
    """The document, for everybody."""
    return HttpResponse(document(), content_type="application/json", headers={"Cache-Control": "public, max-age=300"})


@csrf_exempt
def nowhere(request: HttpRequest) -> HttpResponse:
    """Whatever else is asked below the API's root."""
    return refuse(request, Problem("not_found"))
