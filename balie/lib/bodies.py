"""Reading the bodies of the hot paths: typed and bounded before anything looks at what is in them."""

import re
from functools import partial
from typing import Final, TypeVar

import msgspec
from django.utils.translation import gettext as _

from balie.lib.problems import Problem

Body = TypeVar("Body")
NO_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises when something is no JSON, or not of the form that was asked."""

_WHERE = re.compile(r" - at `\$\.?(?P<path>.*)`$")
_MISSING = re.compile(r"missing required field `(?P<field>\w+)`")


def read(decoder: msgspec.json.Decoder[Body], body: bytes) -> Body:
    """The body as its type. Raises Problem when it is not JSON, or says where it does not fit."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as fault:
        raise Problem("bad_request", errors=partial(_what_does_not_fit, str(fault))) from None
    except NO_JSON:
        raise Problem("bad_request", errors=_not_json) from None


def _not_json() -> list[dict[str, str]]:
    return [{"at": "", "code": "json", "say": _("Dit is geen JSON.")}]


def _what_does_not_fit(fault: str) -> list[dict[str, str]]:
    where = _WHERE.search(fault)
    path = where["path"] if where else ""
    if missing := _MISSING.search(fault):
        at = f"{path}.{missing['field']}" if path else missing["field"]
        return [{"at": at, "code": "missing", "say": _("Hier ontbreekt iets.")}]
    return [{"at": path, "code": "type", "say": _("Dit past hier niet.")}]
