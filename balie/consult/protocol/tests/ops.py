"""What each `op` of the vectors asks of us. `frontend/src/crypto/ops.ts` answers the same."""

from collections.abc import Callable
from typing import Any

from balie.consult.protocol import encoding, suite
from balie.consult.protocol.encoding import b64, unb64

OPS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "info": lambda v: b64(encoding.info(v["label"], *map(unb64, v["fields"]))),
    "name": lambda v: encoding.name(v["label"], *map(unb64, v["fields"])),
    "unb64": lambda v: unb64(v["text"], v["length"]).hex(),
    "public_of": lambda v: b64(suite.public_of(unb64(v["seed"]))),
    "public_name": lambda v: suite.public_name(unb64(v["public"])),
    "seal": lambda v: b64(suite.seal(unb64(v["public"]), unb64(v["info"]), unb64(v["plaintext"]))),
    "unseal": lambda v: b64(suite.unseal(unb64(v["seed"]), unb64(v["info"]), unb64(v["sealed"]))),
}
