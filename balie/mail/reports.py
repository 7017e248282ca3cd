"""What comes to a bounce address, read: delivery status notifications (RFC 3464), and whatever else people send.

Strangers write these. Nothing in here trusts a word of them, and nothing raises for what they wrote.
"""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from enum import Enum

import structlog

log = structlog.get_logger()

LONGEST_ANSWER = 500


class Action(Enum):
    """What a mail server reports that we act upon; that it delivered or relayed a mail is no news."""

    FAILED = "failed"
    DELAYED = "delayed"


@dataclass(frozen=True)
class Report:
    """`answer` is the status code and the other server's words."""

    action: Action
    answer: str


def read_report(content: bytes) -> Report | None:
    """What the notification says of the one mail it is about; None for replies of people and machines, and noise.

    A notification about several recipients, which a bounce address cannot cause, counts by its worst.
    """
    try:
        reports = _reports(message_from_bytes(content))
    except Exception as error:  # noqa: BLE001 - a parser of mail is given anything here, nested without end
        log.warning("bounce_unreadable", error=type(error).__name__)
        return None
    return next((report for action in Action for report in reports if report.action is action), None)


def _reports(message: Message) -> list[Report]:
    """One for each recipient of whom the notification says something that we act upon."""
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return []
    found = []
    for part in message.get_payload():
        if isinstance(part, Message) and part.get_content_type() == "message/delivery-status":
            groups = part.get_payload()
            found += [_report(group) for group in groups if isinstance(group, Message)]
    return [report for report in found if report]


def _report(fields: Message) -> Report | None:
    """From one group of fields; the first group, about the message as a whole, has no action."""
    try:
        action = Action(_plain(fields["Action"]).lower())
    except ValueError:
        return None
    status = _plain(fields["Status"]).partition(" ")[0] or {Action.FAILED: "5.0.0", Action.DELAYED: "4.0.0"}[action]
    kind, _, words = _plain(fields["Diagnostic-Code"]).partition(";")
    return Report(action, f"{status} {(words or kind).strip()}".strip()[:LONGEST_ANSWER])


def _plain(value: object) -> str:
    """A header on one line, without bytes that are no text."""
    text = " ".join(str(value or "").split())
    return text.encode("utf-8", "replace").decode().replace("\0", "")
