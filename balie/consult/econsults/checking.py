"""Why a questionnaire does not hold, for whoever writes one: pure. What has no fault here is what triage takes."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from balie.consult.econsults.triage import LANGUAGES, QUEUED, Questionnaire, Rule

Kind = Literal["json", "form", "twice", "language", "within", "rule"]


@dataclass(frozen=True)
class Fault:
    """`at`: where, in the words of the data: `rules[2]`; empty for all of it."""

    kind: Kind
    at: str


def check_questionnaire(stored: bytes) -> tuple[Questionnaire | None, list[Fault]]:
    """The questionnaire, where it has the form of one; and all that is wrong with it."""
    try:
        asked = msgspec.json.decode(stored, type=Questionnaire)
    except msgspec.ValidationError as fault:
        return None, [Fault("form", str(fault).rpartition("$")[2].strip("`.") or str(fault))]
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None, [Fault("json", "")]
    return asked, [*_twice(asked), *_languages(asked), *_rules(asked), *_within(asked)]


def _twice(asked: Questionnaire) -> Iterator[Fault]:
    codes = Counter([each.code for each in asked.questions] + [each.code for each in asked.story])
    yield from (Fault("twice", code) for code, count in codes.items() if count > 1)
    for at, question in enumerate(asked.questions):
        choices = Counter(choice.code for choice in question.choices)
        yield from (Fault("twice", f"questions[{at}].{code}") for code, count in choices.items() if count > 1)


def _languages(asked: Questionnaire) -> Iterator[Fault]:
    words = {"advice": set(asked.advice)}
    words |= {f"questions[{at}].label": set(each.label) for at, each in enumerate(asked.questions)}
    words |= {f"story[{at}].label": set(each.label) for at, each in enumerate(asked.story)}
    for at, question in enumerate(asked.questions):
        words |= {
            f"questions[{at}].choices[{place}].label": set(each.label) for place, each in enumerate(question.choices)
        }
    yield from (Fault("language", at) for at, said in words.items() if said != LANGUAGES)


def _rules(asked: Questionnaire) -> Iterator[Fault]:
    choices = {each.code: {choice.code for choice in each.choices} for each in asked.questions}

    def fits(rule: Rule) -> bool:
        return bool(rule.when) and all(set(given) <= choices.get(code, set()) for code, given in rule.when.items())

    yield from (Fault("rule", f"rules[{at}]") for at, rule in enumerate(asked.rules) if not fits(rule))


def _within(asked: Questionnaire) -> Iterator[Fault]:
    if set(asked.within) != set(QUEUED):
        yield Fault("within", "within")
