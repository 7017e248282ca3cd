"""An organisation writes its own questionnaire: looked at, tried, published, and by nobody else."""

import json
from pathlib import Path

import pytest

from balie.consult.econsults.checking import check_questionnaire
from balie.consult.econsults.triage import read_questionnaire
from balie.consult.models import Questionnaire
from balie.practices.models import AuditEvent
from balie.practices.testing import logged_in, make_cast

PAGE = "/gesprekken/e-consulten/vragenlijst/"
PATH = Path(__file__).parents[4] / "docs" / "spec" / "vectors" / "consult" / "triage.json"
VECTORS = json.loads(PATH.read_text(encoding="utf-8"))
CALM = {"gevaar": "nee", "hinder": "matig", "koorts": "nee", "verloop": "gelijk"}


@pytest.fixture
def cast(db):
    return make_cast()


@pytest.fixture
def owner(cast):
    return logged_in(cast.owner)


def offered() -> dict:
    """As it is offered to all."""
    return json.loads(Questionnaire.objects.get(practice=None).body)


def typed(**other) -> str:
    return json.dumps(offered() | {"code": "eigen"} | other)


def test_it_is_looked_at_and_tried_and_nothing_is_kept(owner):
    look = owner.post(PAGE, {"do": "look", "body": typed()}).content.decode()
    assert "Zo ziet een patiënt het" in look
    answers = {f"antwoord-{code}": choice for code, choice in CALM.items()}
    tried = owner.post(PAGE, {"do": "try", "body": typed()} | answers).content.decode()
    assert "<strong>U4</strong>: de vraag komt in de rij" in tried
    assert "Geen urgentie" in owner.post(PAGE, {"do": "try", "body": typed()}).content.decode()
    assert Questionnaire.objects.count() == 1


def test_it_is_published_as_the_next_version_and_the_one_before_stays(cast, owner):
    for version in (1, 2):
        sent = {"do": "publish", "body": typed(version=7), "latest": version - 1}
        assert owner.post(PAGE, sent).status_code == 302
    found = Questionnaire.objects.filter(practice=cast.practice).order_by("version")
    assert [(each.code, each.version, each.offered) for each in found] == [("eigen", 1, False), ("eigen", 2, True)]
    assert json.loads(found[1].body)["version"] == 2
    assert read_questionnaire(found[1].body.encode()) is not None
    page = owner.get(PAGE, {"versie": "1"}).content.decode()
    assert "versie 2" in page
    assert "nu in gebruik" in page
    owner.post(PAGE, {"do": "withdraw"})
    assert not found.filter(offered=True).exists()
    acts = AuditEvent.objects.filter(action__startswith="questionnaire.").order_by("pk")
    expected = ["questionnaire.published", "questionnaire.published", "questionnaire.withdrawn"]
    assert [each.action for each in acts] == expected


def test_who_looked_at_an_older_version_publishes_nothing(cast, owner):
    sent = {"do": "publish", "body": typed(), "latest": 0}
    owner.post(PAGE, sent)
    late = owner.post(PAGE, sent)
    assert late.status_code == 422
    assert "publiceerde intussen versie 1" in late.content.decode()
    assert Questionnaire.objects.filter(practice=cast.practice).count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("{", "Dit is geen geldige JSON."),
        ({"questions": []}, "questions"),
        ({"more": 1}, "Hier klopt de vorm niet"),
        ({"advice": {"nl": "Rust."}}, "ontbreekt Nederlands (nl) of Engels (en): advice"),
        ({"within": {"U3": 1}}, "Vul bij within een tijd in"),
        ({"rules": [{"urgency": "U2", "when": {"weg": ["nee"]}}]}, "dat er niet is: rules[0]"),
    ],
)
def test_what_does_not_hold_is_named_and_kept_in_the_form(owner, wrong, said):
    body = wrong if isinstance(wrong, str) else typed(**wrong)
    for do in ("look", "publish"):
        answer = owner.post(PAGE, {"do": do, "body": body, "latest": 0})
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert Questionnaire.objects.count() == 1


def test_too_large_is_too_large(owner):
    assert owner.post(PAGE, {"do": "look", "body": "x" * 100_001}).status_code == 422


def test_who_does_not_decide_reads_it(cast):
    colleague = logged_in(cast.colleague)
    assert "readonly" in colleague.get(PAGE).content.decode()
    for do in ("look", "publish", "withdraw"):
        assert colleague.post(PAGE, {"do": do, "body": typed(), "latest": 0}).status_code == 403


def test_another_practice_has_its_own(cast, owner):
    owner.post(PAGE, {"do": "publish", "body": typed(), "latest": 0})
    page = logged_in(cast.outsider).get(PAGE, {"versie": "1"}).content.decode()
    assert "van Balie" in page
    assert "&quot;eigen&quot;" not in page


def test_what_has_no_fault_is_what_triage_takes():
    """Of every questionnaire of the vectors."""
    stored = [json.dumps(each["in"]["questionnaire"]).encode() for each in VECTORS["cases"]]
    assert stored
    for each in stored:
        asked, faults = check_questionnaire(each)
        assert (asked is not None and not faults) == (read_questionnaire(each) is not None)
