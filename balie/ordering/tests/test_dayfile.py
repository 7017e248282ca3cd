"""The file of a delivery day: what the specification shows is what is written and read, and nothing else is read."""

import json
import re
from datetime import UTC, date, datetime

import pytest

from balie.lib.checksums import StrangeFileError, public_keys, sign_file
from balie.ordering.dayfile import Goods, Stop, about, check_file, make_file, read_file, schema
from tests.architecture.tree import ROOT

SPEC = ROOT / "docs" / "spec" / "deliveries.md"
STOP = Stop(
    12,
    "B27-01198",
    "first",
    "01000001",
    "Huisartsenpraktijk De Linde",
    "088 123 45 67",
    "Lindelaan 1, 1234 AB Ons Dorp",
    (Goods("flu", "Griepvaccin", 300),),
)
AT = datetime(2027, 9, 23, 6, 12, tzinfo=UTC)


def make(*stops: Stop, version: int = 1, withdrawn=()) -> bytes:
    return make_file(
        campaign="2027", day=date(2027, 10, 4), version=version, made_at=AT, stops=stops, withdrawn=withdrawn
    )


def test_the_specification_shows_a_file_as_it_is():
    example = re.findall(r"```json\n(\{\n.*?\n\})\n```", SPEC.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert make(STOP).decode() == example + "\n"
    assert read_file(example.encode()).stops == (STOP,)


def test_its_schema_is_the_published_one():
    published = json.loads((SPEC.parent / "deliveries.schema.json").read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(schema()))


def test_every_field_is_in_the_specification():
    words = SPEC.read_text(encoding="utf-8")
    for name, kind in schema()["$defs"].items():
        for field in kind["properties"]:
            assert f"`{field}`" in words or f"[].{field}`" in words or f"`{field}` " in words, (name, field)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"balie-deliveries/1"', '"balie-deliveries/2"'),
        ('"version": 1', '"version": 0'),
        ('"version": 1', '"version": 1, "more": 1'),
        ('"01000001"', '"1000001"'),
        ('"doses": 300', '"doses": 0'),
        ('"flu": 300', '"flu": 299'),
        ('"withdrawn": []', '"withdrawn": [12]'),
        ('"day": "2027-10-04"', '"day": "morgen"'),
        ("{", "["),
    ],
)
def test_what_is_no_such_file_is_refused(before, after):
    content = make(STOP).decode()
    assert before in content
    with pytest.raises(StrangeFileError):
        read_file(content.replace(before, after, 1).encode())


def test_a_delivery_stands_in_a_file_once():
    with pytest.raises(StrangeFileError, match="twice"):
        read_file(make(STOP, STOP))


def test_a_signature_of_another_version_does_not_do():
    first, second = make(STOP), make(STOP, version=2)
    keys, said = public_keys(["geheim"]), about(read_file(first))
    assert check_file(first, sign_file(first, said, secret="geheim"), keys=keys).version == 1
    with pytest.raises(StrangeFileError, match="another file"):
        check_file(second, sign_file(second, said, secret="geheim"), keys=keys)
