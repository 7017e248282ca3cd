"""The draw as `docs/spec/live.md` describes it."""

import hashlib
import hmac
import json
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balie.waitingroom.draw import draw_numbers, hash_list, verify_draw, verify_file

TICKETS = [str(UUID(int=number)) for number in range(1, 6)]
SEED, BEACON = bytes(range(32)), bytes.fromhex("c0ffee")


def document(**changes):
    """A published draw with one round; the changes are to that round."""
    drawn = {
        "round": 1,
        "name": "",
        "seed": SEED.hex(),
        "seed_hash": hashlib.sha256(SEED).hexdigest(),
        "list_hash": hash_list(TICKETS).hex(),
        "beacon": {"source": "drand", "round": 1, "value": BEACON.hex()},
        "first": 1,
        "tickets": TICKETS,
        **changes,
    }
    return {"version": 2, "campaign": 1, "complete": True, "rounds": [drawn]}


def test_numbers_follow_the_formula_of_the_specification():
    key = hashlib.sha256(SEED + BEACON).digest()
    expected = sorted(TICKETS, key=lambda ticket: hmac.new(key, ticket.encode(), hashlib.sha256).digest())
    assert draw_numbers(seed=SEED, beacon=BEACON, tickets=TICKETS) == expected
    assert verify_draw(document()).numbers == {ticket: place for place, ticket in enumerate(expected, 1)}
    assert verify_draw(document()).faults == []


def test_seed_and_beacon_both_decide():
    order = draw_numbers(seed=SEED, beacon=BEACON, tickets=TICKETS)
    assert draw_numbers(seed=SEED, beacon=b"", tickets=TICKETS) != order
    assert draw_numbers(seed=bytes(32), beacon=BEACON, tickets=TICKETS) != order


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"seed": bytes(32).hex()}, "seal"),
        ({"tickets": TICKETS[:-1]}, "hash"),
        ({"tickets": TICKETS[::-1]}, "order"),
        ({"tickets": [*TICKETS, TICKETS[-1]]}, "twice"),
        ({"first": 2}, "go on after"),
        ({"round": 2}, "stands where"),
    ],
)
def test_a_bent_draw_is_found(changes, fault):
    assert any(fault in text for text in verify_draw(document(**changes)).faults)


def test_a_file_of_another_version_is_not_judged_right():
    assert any("version" in text for text in verify_draw(document() | {"version": 1}).faults)
    assert verify_draw(document() | {"rounds": []}).faults == ["it has no round"]


@pytest.mark.parametrize(
    "broken", [{}, [], {"rounds": 3}, document() | {"rounds": 3}, document(seed="xyz"), document(beacon=3)]
)
def test_what_is_no_draw_is_refused(broken):
    with pytest.raises(ValueError, match="not a published draw"):
        verify_draw(broken)


def test_a_file_that_is_not_json_is_refused(tmp_path):
    file = tmp_path / "draw.json"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="not a JSON file"):
        verify_file(file)
    file.write_text(json.dumps(document()))
    assert verify_file(file).tickets == len(TICKETS)


@given(st.binary(min_size=32, max_size=32), st.sets(st.uuids(), max_size=50))
def test_every_ticket_gets_one_number_whatever_the_order_of_the_list(seed, tickets):
    listed = sorted(map(str, tickets))
    order = draw_numbers(seed=seed, beacon=b"", tickets=listed)
    assert sorted(order) == listed
    assert draw_numbers(seed=seed, beacon=b"", tickets=reversed(listed)) == order


def test_every_place_is_equally_likely_for_everyone():
    """5,000 draws of five tickets: each ticket is first in about 1,000 (six standard deviations, about 170)."""
    first = [draw_numbers(seed=n.to_bytes(32), beacon=b"", tickets=TICKETS)[0] for n in range(5000)]
    assert all(830 < first.count(ticket) < 1170 for ticket in TICKETS)


VECTORS = json.loads((Path(__file__).parents[3] / "docs/spec/vectors/draw.json").read_text(encoding="utf-8"))["cases"]


def holds(case):
    """Whether the draw, and the claim about one ticket where there is one, are right."""
    try:
        report = verify_draw(case["draw"])
    except ValueError:
        return False
    claim = case.get("claim")
    claimed = claim is None or report.numbers.get(claim["ticket"]) == claim["number"]
    return not report.faults and claimed and report.numbers == case.get("numbers", report.numbers)


@pytest.mark.parametrize("case", VECTORS, ids=[case["name"] for case in VECTORS])
def test_the_shared_vectors(case):
    assert holds(case) is (case["fault"] is None)
