"""Forms of structured questions, as data: one file for each version. What was filled in carries the words with it, so
that an old version may go.
"""

from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import msgspec

Words = dict[Literal["nl", "en"], Annotated[str, msgspec.Meta(min_length=1, max_length=200)]]


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`rows`: how tall it stands in the form. `most`: characters."""

    label: Words
    rows: Annotated[int, msgspec.Meta(ge=1, le=20)]
    most: Annotated[int, msgspec.Meta(ge=1, le=4000)]
    required: bool


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which questions are asked for these kinds of consultaties."""

    form: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,32}\Z")]
    version: Annotated[int, msgspec.Meta(ge=1)]
    kinds: list[Literal["consultation", "advice-consult"]]
    name: Words
    fields: Annotated[list[Field], msgspec.Meta(min_length=1, max_length=40)]


@cache
def all_forms() -> tuple[Form, ...]:
    """The newest version of each, by name."""
    found: dict[str, Form] = {}
    for file in files(__name__).iterdir():
        if file.name.endswith(".json"):
            form = msgspec.json.decode(file.read_bytes(), type=Form)
            if form.form not in found or found[form.form].version < form.version:
                found[form.form] = form
    return tuple(found[name] for name in sorted(found))


def forms_in(language: str) -> list[dict[str, Any]]:
    """As the page shows them, in Dutch or English."""

    def say(words: Words) -> str:
        return words["en"] if language == "en" else words["nl"]

    return [
        {
            "form": each.form,
            "version": each.version,
            "kinds": each.kinds,
            "name": say(each.name),
            "fields": [
                {"label": say(field.label), "rows": field.rows, "most": field.most, "required": field.required}
                for field in each.fields
            ],
        }
        for each in all_forms()
    ]
