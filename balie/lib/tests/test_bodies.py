"""Bodies of requests: whatever is no JSON, or not of its form, is refused."""

import msgspec
import pytest

from balie.lib.bodies import read
from balie.lib.problems import Problem


class Body(msgspec.Struct):
    name: str


DECODER = msgspec.json.Decoder(Body)


def test_what_fits_is_read():
    assert read(DECODER, '{"name": "Zoë"}'.encode()) == Body("Zoë")


@pytest.mark.parametrize("body", [b"", b"naam", b'{"name": "\xff"}', b"\xff", b'{"name": 7}', b"{}", b"[" * 100_000])
def test_what_does_not_is_refused(body):
    with pytest.raises(Problem) as refused:
        read(DECODER, body)
    assert refused.value.code == "bad_request"
