"""Papers as PDF/UA-1: with their structure, for who has them read aloud.

Layouts are in `balie/ordering/typst/`, and in such a folder of whoever else has papers. Everything that people or
databases wrote goes there as data, never as markup.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

BALIE = Path(__file__).resolve().parents[2]
LAYOUTS = BALIE / "ordering" / "typst"


class NoPaperError(Exception):
    """The PDF could not be made; whoever wanted it goes on without."""


def typeset(layout: str, words: Mapping[str, Any], folder: Path | None = None) -> bytes:
    """The layout `<layout>.typ` with these words, which it reads as JSON in `sys.inputs.words`. Raises NoPaperError."""
    path = (folder or LAYOUTS) / f"{layout}.typ"
    try:
        return _compile(path, words, pdf_standards=["ua-1"])
    except RuntimeError:  # a letter that no font has is against the standard; a paper without it beats none
        try:
            return _compile(path, words)
        except RuntimeError as error:
            raise NoPaperError(str(error)) from error


def _compile(layout: Path, words: Mapping[str, Any], **options: Any) -> bytes:
    paper = typst.compile(
        str(layout),
        root=str(BALIE),
        font_paths=_fonts(),
        sys_inputs={"words": json.dumps(words)},
        **options,
    )
    assert isinstance(paper, bytes)
    return paper


@cache
def _fonts() -> typst.Fonts:
    """Ours, as the front-end build cut them, and those that typst brings for letters that ours lack."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(settings.BASE_DIR / "static" / "built" / "fonts")])
