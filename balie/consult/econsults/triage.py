"""How urgent the answers of a patient are, by the rules of a questionnaire: pure. When it cannot tell, they phone.

`frontend/src/consult/econsults/triage.ts` tells the same, by the vectors of `docs/spec/vectors/consult/triage.json`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec

Urgency = Literal["U0", "U1", "U2", "U3", "U4", "U5"]
Queued = Literal["U3", "U4", "U5"]
Route = Literal["112", "phone", "queue", "self-care"]
Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,32}\Z")]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Advice = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Labels = dict[Literal["nl", "en"], Label]
Advices = dict[Literal["nl", "en"], Advice]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=7 * 24 * 60)]
Codes = Annotated[list[Code], msgspec.Meta(min_length=1)]
LANGUAGES: Final = {"nl", "en"}

ROUTES: Final[dict[Urgency, Route]] = {
    "U0": "112",
    "U1": "phone",
    "U2": "phone",
    "U3": "queue",
    "U4": "queue",
    "U5": "self-care",
}
QUEUED: Final[tuple[Queued, ...]] = ("U3", "U4", "U5")


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: Code
    label: Labels


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One that triage asks: exactly one choice answers it."""

    code: Code
    label: Labels
    choices: Annotated[list[Choice], msgspec.Meta(min_length=2, max_length=20)]


class Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the patient tells in their own words, which triage does not read. `most`: characters."""

    code: Code
    label: Labels
    most: Annotated[int, msgspec.Meta(ge=1, le=4000)]
    required: bool


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`urgency` holds when each question in `when` has one of the answers beside it."""

    urgency: Urgency
    when: dict[Code, Codes]


class Questionnaire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`otherwise`: when no rule holds. `within`: minutes in which each urgency that can wait is answered. `advice`:
    what one can do oneself, for U5.
    """

    code: Code
    version: Annotated[int, msgspec.Meta(ge=1, le=32767)]
    questions: Annotated[list[Question], msgspec.Meta(min_length=1, max_length=35)]
    story: Annotated[list[Story], msgspec.Meta(max_length=5)]
    rules: Annotated[list[Rule], msgspec.Meta(max_length=100)]
    otherwise: Urgency
    within: dict[Queued, Minutes]
    advice: Advices


@dataclass(frozen=True)
class Outcome:
    """`urgency` is None when triage failed: then `route` is the phone."""

    urgency: Urgency | None
    route: Route


FAILED: Final = Outcome(None, "phone")


def read_questionnaire(stored: bytes | None) -> Questionnaire | None:
    """A questionnaire as it is stored; None when there is none, or any part of it does not hold."""
    if stored is None:
        return None
    try:
        asked = msgspec.json.decode(stored, type=Questionnaire)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return asked if _holds(asked) else None


def triage(asked: Questionnaire | None, answers: Mapping[str, str]) -> Outcome:
    """The most urgent rule that holds counts. `answers`: by the code of each question, that of the choice."""
    if asked is None:
        return FAILED
    choices = _choices(asked)
    if choices.keys() != answers.keys() or any(answers[code] not in known for code, known in choices.items()):
        return FAILED
    urgency: Urgency = asked.otherwise
    holding = [rule.urgency for rule in asked.rules if all(answers[code] in given for code, given in rule.when.items())]
    if holding:
        urgency = min(holding)
    return Outcome(urgency, ROUTES[urgency])


def _choices(asked: Questionnaire) -> dict[str, set[str]]:
    return {each.code: {choice.code for choice in each.choices} for each in asked.questions}


def _holds(asked: Questionnaire) -> bool:
    """Codes are there once, rules name what is asked, and everything is there in both languages."""
    choices = _choices(asked)
    codes = [each.code for each in asked.questions] + [each.code for each in asked.story]
    words = [each.label for each in asked.questions] + [each.label for each in asked.story]
    words += [choice.label for each in asked.questions for choice in each.choices]
    return (
        len(set(codes)) == len(codes)
        and all(len(choices[each.code]) == len(each.choices) for each in asked.questions)
        and all(set(each) == LANGUAGES for each in [*words, asked.advice])
        and set(asked.within) == set(QUEUED)
        and all(rule.when and _names_what_is_asked(rule, choices) for rule in asked.rules)
    )


def _names_what_is_asked(rule: Rule, choices: Mapping[str, set[str]]) -> bool:
    return all(set(given) <= choices.get(code, set()) for code, given in rule.when.items())
