"""What each refusal says to whoever builds or runs the record system beside the connector."""

from typing import Final

TITLES: Final = {
    "bad_request": "This request is not as the document at /openapi.json has it.",
    "no_key": "Show the key of this connector: Authorization: Bearer KEY.",
    "other_practice": "This is the connector of another practice.",
    "not_found": "There is no such thing, or the connector is not in it.",
    "not_allowed": "This cannot be asked here.",
    "slow": "The body did not come in time.",
    "taken": "Something else was given under this identifier.",
    "too_large": "This is longer than any message.",
    "other_kind": "Send this as the document at /openapi.json has it: application/fhir+json, or a form to search.",
    "away": "Balie cannot be reached now.",
}
