"""Campaigns, what can be ordered when, and who holds or ordered what."""

from balie.ordering.models.calendar import DeliveryDay, Stop
from balie.ordering.models.campaigns import Campaign, CampaignVersion, Group, Product
from balie.ordering.models.holds import Hold, HoldLog
from balie.ordering.models.mails import MailMark
from balie.ordering.models.orders import ORDER_CONFIRMATION, ORDER_PLACED, Order, OrderLine
from balie.ordering.models.prepared import MISSED, NOT_PLACED, PreparedLine, PreparedOrder, RankedDay

__all__ = [
    "MISSED",
    "NOT_PLACED",
    "ORDER_CONFIRMATION",
    "ORDER_PLACED",
    "Campaign",
    "CampaignVersion",
    "DeliveryDay",
    "Group",
    "Hold",
    "HoldLog",
    "MailMark",
    "Order",
    "OrderLine",
    "PreparedLine",
    "PreparedOrder",
    "Product",
    "RankedDay",
    "Stop",
]
