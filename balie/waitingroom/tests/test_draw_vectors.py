"""The draw against vectors that were made from the specification alone; the browser's code passes the same ones."""

import json
from pathlib import Path

import pytest

from balie.waitingroom.draw import verify_draw

CASES = json.loads((Path(__file__).parents[3] / "docs/spec/vectors/draw.json").read_text(encoding="utf-8"))["cases"]
FAULTS = {
    "seal": "does not fit the seal",
    "list": "does not fit its hash",
    "order": "is not in order",
    "version": "version is 2",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_vector(case):
    fault = case["fault"]
    if fault == "form":
        with pytest.raises(ValueError, match="not a published draw"):
            verify_draw(case["draw"])
        return
    report = verify_draw(case["draw"])
    if fault is None:
        assert report.faults == []
        assert report.numbers == case["numbers"]
    elif fault in FAULTS:
        assert any(FAULTS[fault] in found for found in report.faults)
    else:
        assert report.faults == []
        assert report.numbers.get(case["claim"]["ticket"]) != case["claim"]["number"]
