"""What the readers of text and of workbooks give: rows of words, and what is wrong with single cells."""

from dataclasses import dataclass, field

from balie.practices.importing.problems import CellError


@dataclass(frozen=True)
class Cells:
    """One row as it stands in its file, values without the space around them; `line` is where it begins.

    `wrong` holds, by place from the left, what cannot be used as it stands; None is the row as a whole.
    """

    line: int
    values: list[str]
    wrong: dict[int | None, CellError] = field(default_factory=dict)


def tidy(value: str) -> str:
    """Without the space around it; a space that may not break is a space."""
    return value.replace("\u00a0", " ").strip()
