"""The connector's contract as OpenAPI 3.1, made from what reads the requests."""

import re
from typing import Any, Final

import msgspec

from balie import __version__
from balie.connector import fhir
from balie.consult.client.fhir import BSN

SCHEMAS: Final = "#/components/schemas/"
PAGE_MOST: Final = 100
_STRING: Final = {"type": "string"}
_OBJECT: Final = {"type": "object"}


def describe() -> dict[str, Any]:
    """The whole document."""
    ref, schemas = msgspec.json.schema_components([fhir.NewCommunication], ref_template=SCHEMAS + "{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Balie connector",
            "version": __version__,
            "description": "For the record system beside it. What is said in a conversation is in bodies alone.",
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "security": [{"key": []}],
        "paths": {
            "/fhir/Communication": {"get": _news(), "post": _give(ref[0])},
            "/fhir/Communication/{id}": {"get": _look()},
            "/fhir/Communication/{id}/$everything": {"get": _whole()},
            "/fhir/Communication/_search": {"post": _search()},
            "/health": {"get": _health()},
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                **schemas,
                "Problem": _problem(),
                "Communication": _communication(),
                "Bundle": _bundle(),
                "Whole": _collection(),
            },
        },
    }


def _news() -> dict[str, Any]:
    """What `api.NewsQuery` reads."""
    return {
        "operationId": "news",
        "summary": "Messages that others wrote, in the order in which they were heard",
        "parameters": [
            _tenant(),
            _in_query("after", {"type": "integer", "minimum": 0, "maximum": 2**53, "default": 0}),
            _in_query("_count", {"type": "integer", "minimum": 1, "maximum": PAGE_MOST, "default": PAGE_MOST}),
        ],
        "responses": {
            "200": _said("Bundle", "A page; `next` is where the rest is, or what comes later"),
            **_refusals(400),
        },
    }


def _give(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": "give",
        "summary": "Send a text into a conversation: kept now, sent as soon as Balie takes it, once",
        "parameters": [_tenant()],
        "requestBody": {"required": True, "content": {fhir.FHIR_JSON: {"schema": body}}},
        "responses": {
            "200": _kept("It was given before, under this identifier"),
            "202": _kept("It is kept, and will be sent"),
            **_refusals(400, 408, 409, 413, 415),
        },
    }


def _look() -> dict[str, Any]:
    return {
        "operationId": "look",
        "summary": "A conversation, a message, or what became of something that was given",
        "parameters": [_tenant(), _id()],
        "responses": {"200": _said("Communication", "As it is now"), **_refusals(400)},
    }


def _whole() -> dict[str, Any]:
    return {
        "operationId": "whole",
        "summary": "A conversation with its messages, consultaties, e-consults, log and practices; its log tells of it",
        "parameters": [_tenant(), _id()],
        "responses": {"200": _said("Whole", "All of it"), **_refusals(400, 503)},
    }


def _id() -> dict[str, Any]:
    ids = {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$"}
    return {"name": "id", "in": "path", "required": True, "schema": ids}


def _search() -> dict[str, Any]:
    subject = {"type": "string", "pattern": rf"^{re.escape(BSN)}\|[0-9]{{9}}$"}
    form = {"type": "object", "required": ["subject:identifier"], "properties": {"subject:identifier": subject}}
    return {
        "operationId": "search",
        "summary": "Conversations that a patient is in, by BSN: in the body, which nobody logs",
        "parameters": [_tenant()],
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": {"200": _said("Bundle", "They are"), **_refusals(400, 408, 413, 415, 503)},
    }


def _health() -> dict[str, Any]:
    shown = {"type": "object", "required": ["well", "why", "waiting"]}
    properties = {"well": {"type": "boolean"}, "why": _STRING, "waiting": {"type": "integer", "minimum": 0}}
    content = {"application/json": {"schema": shown | {"properties": properties}}}
    return {
        "operationId": "health",
        "summary": "Whether it hears Balie and its keys are its own, and how much is still to be sent",
        "security": [],
        "responses": {
            "200": {"description": "All is well", "content": content},
            "503": {"description": "It is not, and why", "content": content},
        },
    }


def _said(schema: str, what: str) -> dict[str, Any]:
    return {"description": what, "content": {fhir.FHIR_JSON: {"schema": {"$ref": SCHEMAS + schema}}}}


def _kept(what: str) -> dict[str, Any]:
    return _said("Communication", what) | {"headers": {"location": {"required": True, "schema": _STRING}}}


def _refusals(*statuses: int) -> dict[str, Any]:
    """These, and what everything may be refused with."""
    content = {"application/problem+json": {"schema": {"$ref": SCHEMAS + "Problem"}}}
    return {str(status): {"description": "Refused", "content": content} for status in sorted({401, 404, *statuses})}


def _tenant() -> dict[str, Any]:
    return {
        "name": "organisation_agb",
        "in": "header",
        "required": True,
        "description": "AGB code of the practice",
        "schema": {"type": "string", "pattern": "^[0-9]{8}$"},
    }


def _in_query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _problem() -> dict[str, Any]:
    error = {"type": "object", "required": ["at", "code"], "properties": {"at": _STRING, "code": _STRING}}
    return {
        "type": "object",
        "required": ["status", "code", "title"],
        "properties": {
            "status": {"type": "integer"},
            "code": _STRING,
            "title": _STRING,
            "errors": {"type": "array", "items": error},
        },
    }


def _communication() -> dict[str, Any]:
    """https://hl7.org/fhir/R4/communication.html has all of it."""
    return {
        "type": "object",
        "required": ["resourceType", "id", "status"],
        "properties": {
            "resourceType": {"const": "Communication"},
            "id": _STRING,
            "status": {"enum": ["in-progress", "completed", "not-done"]},
            "partOf": {"type": "array", "items": _OBJECT},
            "payload": {"type": "array", "items": _OBJECT},
        },
    }


def _bundle() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["resourceType", "type", "link"],
        "properties": {
            "resourceType": {"const": "Bundle"},
            "type": {"const": "searchset"},
            "link": {"type": "array", "items": _OBJECT},
            "entry": {"type": "array", "items": _OBJECT},
        },
    }


def _collection() -> dict[str, Any]:
    """As `docs/spec/consult/export.md` has it."""
    return {
        "type": "object",
        "required": ["resourceType", "type", "timestamp", "entry"],
        "properties": {
            "resourceType": {"const": "Bundle"},
            "type": {"const": "collection"},
            "timestamp": _STRING,
            "entry": {"type": "array", "items": _OBJECT},
        },
    }
