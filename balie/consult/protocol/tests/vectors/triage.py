"""`econsults.md`: how urgent answers are, by the rules of a questionnaire."""

from copy import deepcopy
from typing import Any

from balie.consult.protocol.tests.vectors.maker import Cases

TITLE = "Triage of e-consults (econsults.md)"


def words(text: str) -> dict[str, str]:
    return {"nl": text, "en": text}


def question(code: str, *choices: str) -> dict[str, Any]:
    listed = [{"code": each, "label": words(each)} for each in choices]
    return {"code": code, "label": words(code), "choices": listed}


ASKED: dict[str, Any] = {
    "code": "voorbeeld",
    "version": 3,
    "questions": [question("breath", "gasping", "short", "fine"), question("since", "today", "week", "longer")],
    "story": [{"code": "story", "label": words("Vertel 🩺"), "most": 1000, "required": True}],
    "rules": [
        {"urgency": "U3", "when": {"since": ["today"]}},
        {"urgency": "U4", "when": {"since": ["week"]}},
        {"urgency": "U0", "when": {"breath": ["gasping"]}},
        {"urgency": "U1", "when": {"breath": ["short"], "since": ["today"]}},
        {"urgency": "U2", "when": {"breath": ["short", "gasping"]}},
    ],
    "otherwise": "U5",
    "within": {"U3": 240, "U4": 1440, "U5": 2880},
    "advice": words("Rust en drink genoeg."),
}
FINE = {"breath": "fine", "since": "longer"}
FAILED = {"urgency": None, "route": "phone"}


def make(cases: Cases) -> None:
    told = {
        ("gasping", "today"): ("U0", "112"),
        ("gasping", "longer"): ("U0", "112"),
        ("short", "today"): ("U1", "phone"),
        ("short", "longer"): ("U2", "phone"),
        ("fine", "today"): ("U3", "queue"),
        ("fine", "week"): ("U4", "queue"),
        ("fine", "longer"): ("U5", "self-care"),
    }
    for (breath, since), (urgency, route) in told.items():
        given = {"questionnaire": ASKED, "answers": {"breath": breath, "since": since}}
        cases.gives(f"{breath}, {since}", "triage", {"urgency": urgency, "route": route}, **given)
    broken_answers: dict[str, dict[str, Any]] = {
        "nothing answered": {},
        "a question that is not answered": {"breath": "fine"},
        "a question that is not asked": FINE | {"other": "fine"},
        "what one tells in one's own words among the choices": FINE | {"story": "fine"},
        "a choice that is not offered": FINE | {"breath": "never-heard"},
        "a choice of another question": FINE | {"breath": "today"},
        "a name that every object has": FINE | {"breath": "constructor"},
    }
    for what, answers in broken_answers.items():
        cases.gives(f"answers: {what}", "triage", FAILED, questionnaire=ASKED, answers=answers)
    for what, questionnaire in _broken().items():
        cases.gives(f"a questionnaire: {what}", "triage", FAILED, questionnaire=questionnaire, answers=FINE)


def _broken() -> dict[str, Any]:
    breath, since = ASKED["questions"]
    rule = ASKED["rules"][0]
    found: dict[str, Any] = {"none": None, "a list": [], "without rules": {**ASKED}}
    del found["without rules"]["rules"]
    bent: dict[str, dict[str, Any]] = {
        "a rule about what is not asked": {"rules": [{"urgency": "U5", "when": {"gone": ["fine"]}}]},
        "a rule about a choice that is not offered": {"rules": [{"urgency": "U5", "when": {"breath": ["gone"]}}]},
        "a rule about a name that every object has": {"rules": [{"urgency": "U5", "when": {"toString": ["fine"]}}]},
        "a rule that always holds": {"rules": [{"urgency": "U5", "when": {}}]},
        "a rule without choices": {"rules": [{"urgency": "U5", "when": {"breath": []}}]},
        "a rule of no urgency that there is": {"rules": [{"urgency": "U6", "when": {"breath": ["fine"]}}]},
        "a rule with a member more": {"rules": [rule | {"unless": {}}]},
        "a question twice": {"questions": [breath, breath, since]},
        "a choice twice": {"questions": [breath | {"choices": [*breath["choices"], breath["choices"][0]]}, since]},
        "a question with one choice": {"questions": [breath | {"choices": breath["choices"][2:]}, since], "rules": []},
        "a story with the code of a question": {"story": [ASKED["story"][0] | {"code": "since"}]},
        "a code in capitals": {"code": "Voorbeeld"},
        "version nought": {"version": 0},
        "no otherwise": {"otherwise": None},
        "a time that is missing": {"within": {"U3": 240, "U4": 1440}},
        "a time of nought": {"within": {"U3": 0, "U4": 1440, "U5": 2880}},
        "a time for what is phoned": {"within": ASKED["within"] | {"U2": 60}},
        "advice in one language": {"advice": {"nl": "Rust."}},
        "a label in a third language": {"questions": [breath | {"label": words("?") | {"de": "?"}}, since]},
        "an empty label": {"questions": [breath | {"label": words("")}, since]},
        "a member more": {"colour": "red"},
    }
    return found | {what: deepcopy(ASKED) | members for what, members in bent.items()}
