"""What somebody reads out finds its line in the log of the key server that refused."""

import re

from structlog.testing import capture_logs

from balie.consult.protocol.tests.vectors.cast import ANNA
from balie.keyserver.releases import Rules
from balie.keyserver.tests.house import ORIGIN, call

GIVEN = "0b9e3f6c6a7d4f1e8c2a5d7e9f104b3c"


async def test_a_refusal_stands_in_the_log_under_the_number_of_its_answer(servers):
    with capture_logs() as lines:
        answer = await servers.ask("north", "held", b"{}", token="none")
    number = answer.headers["x-request-id"]
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", number)
    assert lines == [
        {"event": "refused", "request": number, "what": "held", "status": 401, "error": "token", "log_level": "info"}
    ]
    assert answer.headers["access-control-expose-headers"] == "x-request-id"


async def test_a_fault_is_told_and_logged_without_the_person(servers, monkeypatch):
    monkeypatch.setattr(Rules, "nonce", lambda *_: 1 // 0)
    with capture_logs() as lines:
        answer = await servers.ask("north", "nonce")
    assert (answer.status, answer.json) == (500, {"error": "fault"})
    assert {line["request"] for line in lines} == {answer.headers["x-request-id"]}
    assert ANNA.id not in str(lines)


async def test_a_number_that_was_given_is_kept_and_a_harmful_one_is_not(servers):
    for given, kept in ((GIVEN, True), ("x" * 37, False), ('"}{', False)):
        answer = await call(
            servers.apps["north"], "GET", "/v1/server", headers={"origin": ORIGIN, "x-request-id": given}
        )
        assert (answer.headers["x-request-id"] == given) is kept
