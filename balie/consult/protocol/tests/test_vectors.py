"""The vectors: they are made again byte for byte, and we answer each case as they say."""

import json

import pytest

from balie.consult.protocol.reasons import Reason, Rejected
from balie.consult.protocol.tests.ops import OPS
from balie.consult.protocol.tests.vectors.all import files
from balie.consult.protocol.tests.vectors.maker import FOLDER, KEPT

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted(FOLDER.glob("*.json"))
    if path.name != KEPT
    for case in json.loads(path.read_text(encoding="utf-8"))["cases"]
]


@pytest.mark.parametrize("case", CASES)
def test_a_case(case):
    if "reject" in case:
        with pytest.raises(Rejected) as rejected:
            OPS[case["op"]](case["in"])
        assert rejected.value.reason == case["reject"]
    else:
        assert OPS[case["op"]](case["in"]) == case["out"]


def test_the_files_are_what_their_maker_writes():
    made = files()
    assert {name: (FOLDER / name).read_text(encoding="utf-8") == text for name, text in made.items()} == dict.fromkeys(
        made, True
    )


# Given by who follows logs over time, which no case can show: see consult/keylog/tests/test_rooting.py.
BY_FOLLOWING = {Reason.LOG_REWRITTEN}


def test_every_reason_has_a_case_that_gives_it():
    given = {case.values[0].get("reject") for case in CASES} - {None}
    assert {str(reason) for reason in Reason} - given == BY_FOLLOWING
