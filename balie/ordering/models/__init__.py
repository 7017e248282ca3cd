"""Campaigns, what can be ordered when, and who holds or ordered what."""

from balie.ordering.models.alerts import PRE_ALERT, PreAlert
from balie.ordering.models.calendar import DeliveryDay, Stop
from balie.ordering.models.campaigns import Campaign, CampaignVersion, ChangeUnit, Group, Product
from balie.ordering.models.consignments import Consignment, DayFile, MissedDelivery
from balie.ordering.models.holds import Hold, HoldLog
from balie.ordering.models.intakes import Intake, IntakeLine
from balie.ordering.models.mails import MailMark
from balie.ordering.models.orders import (
    FIRST,
    ORDER_CANCELLED,
    ORDER_CHANGED,
    ORDER_CONFIRMATION,
    ORDER_PLACED,
    PRE_DELIVERY,
    REORDERS,
    CancelledOrder,
    Kind,
    Order,
    OrderLine,
    kind_of,
    slot_name,
)
from balie.ordering.models.prepared import MISSED, NOT_PLACED, PreparedLine, PreparedOrder, RankedDay
from balie.ordering.models.requests import REQUEST_REFUSED, LateRequest
from balie.ordering.models.swaps import OFFER_LAPSED, SWAP_LAPSED, WISH_LAPSED, WISH_OFFERED, Swap, SwapNeed
from balie.ordering.models.wastage import WastageAccount, WastageLine

__all__ = [
    "FIRST",
    "MISSED",
    "NOT_PLACED",
    "OFFER_LAPSED",
    "ORDER_CANCELLED",
    "ORDER_CHANGED",
    "ORDER_CONFIRMATION",
    "ORDER_PLACED",
    "PRE_ALERT",
    "PRE_DELIVERY",
    "REORDERS",
    "REQUEST_REFUSED",
    "SWAP_LAPSED",
    "WISH_LAPSED",
    "WISH_OFFERED",
    "Campaign",
    "CampaignVersion",
    "CancelledOrder",
    "ChangeUnit",
    "Consignment",
    "DayFile",
    "DeliveryDay",
    "Group",
    "Hold",
    "HoldLog",
    "Intake",
    "IntakeLine",
    "Kind",
    "LateRequest",
    "MailMark",
    "MissedDelivery",
    "Order",
    "OrderLine",
    "PreAlert",
    "PreparedLine",
    "PreparedOrder",
    "Product",
    "RankedDay",
    "Stop",
    "Swap",
    "SwapNeed",
    "WastageAccount",
    "WastageLine",
    "kind_of",
    "slot_name",
]
