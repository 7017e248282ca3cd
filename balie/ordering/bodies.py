"""Bodies of the ordering requests: what comes in, typed and bounded before anything looks at it, and what goes out."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from balie.lib.asgi import Reply, json_reply, moment, moment_or_none
from balie.lib.problems import Problem
from balie.ordering.hot import ConfirmAnswer, HoldAnswer, Id, Line, Mine, ReleaseAnswer, Slot
from balie.ordering.picture import CampaignPicture
from balie.ordering.rules import grouped

LINES_MOST = 40
RANKING_MOST = 60
LONGEST_SLOT = 3  # digits


class JoinBody(msgspec.Struct, frozen=True):
    """A request that says only for whom it is."""

    practice: Id


class KeyBody(msgspec.Struct, frozen=True):
    """A request about a hold: confirm, release."""

    practice: Id
    key: UUID
    slot: Slot = 0


class HoldBody(msgspec.Struct, frozen=True):
    """A request to hold: lines with their days, or lines without and days by preference.

    Which of these will do is for the rules of the campaign to say, in the SQL.
    """

    practice: Id
    key: UUID
    lines: Annotated[list[Line], msgspec.Meta(max_length=LINES_MOST)]
    ranking: Annotated[list[date], msgspec.Meta(max_length=RANKING_MOST)] = msgspec.field(default_factory=list)
    slot: Slot = 0


JOIN = msgspec.json.Decoder(JoinBody)
KEY = msgspec.json.Decoder(KeyBody)
HOLD = msgspec.json.Decoder(HoldBody)


def slot_in_query(query: bytes) -> int:
    """Which of the practice's orders a GET is about: the first where it does not say. Raises Problem."""
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        if name == b"slot":
            if not (value.isdigit() and len(value) <= LONGEST_SLOT):
                raise Problem("bad_request", errors=[{"at": "slot", "code": "wrong"}])
            return int(value)
    return 0


def held(answer: HoldAnswer) -> Reply:
    """The answer to a hold that succeeded."""
    assert answer.expires_at is not None
    content = {
        "outcome": "held",
        "key": answer.key,
        "lines": answer.lines,
        "expires_at": moment(answer.expires_at),
        "remaining_ms": answer.remaining_ms,
        "now": moment(answer.now),
    }
    return json_reply(200, content)


def not_held(answer: HoldAnswer, lines: Sequence[Line]) -> Problem:
    """Why a hold was refused, but for `full`, which needs the calendar."""
    detail = answer.detail
    if answer.outcome == "bad_lines":
        return Problem("bad_lines", errors=partial(broken_rules, detail["errors"], lines))
    if answer.outcome == "not_open":
        return Problem("not_open", opens_at=moment(datetime.fromisoformat(detail["opens_at"])))
    return Problem(answer.outcome, **detail)


def full(answer: HoldAnswer, asked: HoldBody, campaign: CampaignPicture) -> Problem:
    """There is no room for all of it: which days failed, and which are near that would do for what failed."""
    failed = [date.fromisoformat(day) for day in answer.detail["days"]]
    lines = asked.lines if asked.ranking else [line for line in asked.lines if line.day in failed]
    near = asked.ranking[0] if asked.ranking else min(failed, default=None)
    return Problem("full", days=failed, alternatives=campaign.alternatives(lines, failed, near, slot=asked.slot))


def confirmed(answer: ConfirmAnswer) -> Reply:
    """The answer to a confirmation that made the order, now or before."""
    assert answer.placed_at is not None
    return json_reply(200, {"outcome": "ordered", "number": answer.number, "placed_at": moment(answer.placed_at)})


def not_ordered(answer: ConfirmAnswer) -> Problem:
    """Why a confirmation made no order."""
    return Problem("replaced", key=answer.key) if answer.outcome == "replaced" else Problem(answer.outcome)


def released() -> Reply:
    """The answer to a release."""
    return json_reply(200, {"outcome": "released"})


def not_released(answer: ReleaseAnswer) -> Problem:
    """There is nothing to give back: the order exists."""
    return Problem(answer.outcome, number=answer.number)


def mine_content(mine: Mine) -> dict[str, Any]:
    """Where a practice stands."""
    content = msgspec.to_builtins(mine, builtin_types=(UUID, datetime, date))
    for about, at in (
        ("ticket", "arrived_at"),
        ("hold", "expires_at"),
        ("order", "placed_at"),
        ("auto", "failed_at"),
    ):
        if content[about]:
            content[about][at] = moment_or_none(content[about][at])
    return {**content, "now": moment(mine.now)}


def broken_rules(errors: Sequence[dict[str, Any]], lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The errors of the hold SQL with their sentences."""
    return [{**error, "say": _sentence(error, lines)} for error in errors]


def _sentence(error: dict[str, Any], lines: Sequence[Line]) -> str:
    code = error["code"]
    if code in {"minimum", "step", "cap"}:
        doses = grouped(lines[int(error["at"].split("[")[1].split("]")[0])].doses)
        return _about_doses(code, doses, error)
    sentences = {
        "product": _("Dit vaccin hoort niet bij deze ronde."),
        "location": _("Dit adres is niet van uw praktijk."),
        "day": _("Op deze dag wordt niet bezorgd."),
        "repeated": _("Deze regel staat er al."),
        "empty": _("Er staat nog niets in de bestelling."),
    }
    return sentences[code]


def _about_doses(code: str, doses: str, error: dict[str, Any]) -> str:
    if code == "minimum":
        words = {"doses": doses, "minimum": grouped(error["minimum"])}
        return _("%(doses)s is te weinig: het minimum is %(minimum)s.") % words
    if code == "cap" and "ordered" in error:
        words = {"cap": grouped(error["cap"]), "ordered": grouped(error["ordered"])}
        return _("In uw andere bestellingen staan er al %(ordered)s. Hier kunnen er hooguit %(cap)s bij.") % words
    if code == "cap":
        return _("Samen is dit te veel: het maximum is dit jaar %(cap)s.") % {"cap": grouped(error["cap"])}
    if not error["suggest"]:
        return _("%(doses)s kan niet: bestellen gaat per %(step)s.") % {"doses": doses, "step": error["step"]}
    choice = _(" of ").join(grouped(amount) for amount in error["suggest"])
    return _("%(doses)s kan niet: kies %(choice)s.") % {"doses": doses, "choice": choice}
