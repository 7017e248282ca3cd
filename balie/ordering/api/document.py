"""The API's document, OpenAPI 3.1: made from the table of operations and the types that read and write."""

from functools import cache
from typing import Any, Final

import msgspec

from balie import __version__
from balie.ordering.api import contract
from balie.ordering.api.operations import OPERATIONS, PAGES, Operation
from balie.practices.tokens import POLICY

ADDRESS: Final = PAGES + "/openapi.json"
SCHEMAS: Final = "#/components/schemas/{name}"
PROBLEM: Final = "application/problem+json"
PARAMETERS: Final[dict[str, Any]] = {
    "campaign": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
    "key": {"type": "string", "format": "uuid"},
    "number": {"type": "string", "pattern": "^[A-Z0-9-]{1,20}$"},
}
ABOUT: Final = (
    "Orders of vaccines, for record systems of practices. A token is the code of a connection that the practice makes"
    " under Medewerkers; it says which practice is meant. What exists for another practice alone is not found."
    " Whoever orders here waits in the same queue as everybody else."
)


@cache
def document() -> bytes:
    """The whole of it, as it is served."""
    return msgspec.json.encode(describe())


def describe() -> dict[str, Any]:
    types = {each.answer for each in OPERATIONS} | {each.body for each in OPERATIONS if each.body} | {contract.Problem}
    ordered = sorted(types, key=lambda each: each.__name__)
    refs, schemas = msgspec.json.schema_components(ordered, ref_template=SCHEMAS)
    ref = dict(zip(ordered, refs, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _describe(operation, ref)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Balie",
            "version": __version__,
            "description": ABOUT,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas,
            "headers": {
                "policy": _text_header(f"How much may be asked, of each process of ours: {POLICY}"),
                "left": _text_header("What is left of that, and in how many seconds it is whole again"),
            },
        },
    }


def _describe(operation: Operation, ref: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": f"Scope: `{operation.scope}`.",
        "parameters": [*_in_path(operation), *_in_query(operation), *_in_header(operation)],
        "responses": {
            "200": {
                "description": "Done",
                "headers": _headers(),
                "content": {"application/json": {"schema": ref[operation.answer]}},
            },
            **{
                str(status): _refused(status, codes, ref[contract.Problem])
                for status, codes in operation.refusals.items()
            },
        },
    }
    if operation.body:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": ref[operation.body]}},
        }
    return described


def _refused(status: int, codes: list[str], problem: dict[str, Any]) -> dict[str, Any]:
    schema = {"allOf": [problem, {"type": "object", "properties": {"code": {"enum": codes}}}]}
    headers = {} if status in {401, 404, 500, 503} else _headers()  # some of these come before any token is looked at
    return {"description": "Refused: " + ", ".join(codes), "headers": headers, "content": {PROBLEM: {"schema": schema}}}


def _headers() -> dict[str, Any]:
    here = "#/components/headers/"
    return {"ratelimit-policy": {"$ref": here + "policy"}, "ratelimit": {"$ref": here + "left"}}


def _text_header(about: str) -> dict[str, Any]:
    return {"description": about, "required": True, "schema": {"type": "string"}}


def _in_path(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in PARAMETERS.items()
        if f"{{{name}}}" in operation.path
    ]


def _in_query(operation: Operation) -> list[dict[str, Any]]:
    if operation.slotted:
        about = "Which of the practice's orders: 0 the first, 1 the pre-delivery, from 2 on the re-orders"
        schema = {"type": "integer", "minimum": 0, "maximum": 999, "default": 0}
        return [{"name": "slot", "in": "query", "required": False, "description": about, "schema": schema}]
    if not operation.paged:
        return []
    read = msgspec.json.schema(contract.PageQuery)["$defs"]["PageQuery"]["properties"]
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in read.items()]


def _in_header(operation: Operation) -> list[dict[str, Any]]:
    if not operation.keyed:
        return []
    about = "Made up by whoever asks, anew for each wish; the same for each repetition. It becomes the key of the hold."
    schema = {"type": "string", "format": "uuid"}
    return [{"name": "Idempotency-Key", "in": "header", "required": True, "description": about, "schema": schema}]
