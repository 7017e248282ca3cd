"""What our sources say in Dutch, and what the English catalogue makes of it. `scripts/texts` runs this as a program."""

import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract, extract_python
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tests.architecture.tree import ROOT, tracked

ENGLISH = ROOT / "balie" / "locale" / "en" / "LC_MESSAGES" / "django.po"
# Dates of making and names of tools would make every branch conflict with every other.
HEAD = """\
# What Balie says in English. The Dutch sentences are the message ids; `scripts/texts` brings them up to date.
msgid ""
msgstr ""
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
# Of one sentence: %(name)s, %s, %%, %H, <strong>, and the room around it.
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|%[a-zA-Z]|</?\w+>|^\s+|\s+$")


def sentences() -> Catalog:
    """Every text of the sources that people read, with the files it stands in."""
    catalog = Catalog(locale="en")
    for path in tracked("balie/*.py", "balie/*.html", "balie/*.txt"):
        if "tests" in path.parts:
            continue
        method: Any = "python" if path.suffix == ".py" else extract_template
        with path.open("rb") as source:
            for _line, words, _comments, context in extract(method, source, DEFAULT_KEYWORDS):
                catalog.add(words, None, [(str(path.relative_to(ROOT)), None)], context=context)
    return catalog


def extract_template(
    source: BinaryIO, keywords: dict[str, Any], comment_tags: list[str], options: dict[str, Any]
) -> Iterator[Any]:
    """Babel's hook. Django makes a template look like Python; only its indentation means nothing."""
    python = templatize(source.read().decode())
    flat = "\n".join(line.strip() for line in python.splitlines())
    return extract_python(io.BytesIO(flat.encode()), keywords, comment_tags, options)


def translations() -> Catalog:
    """The catalogue as it stands in the checkout."""
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def merged() -> str:
    """The catalogue as it should stand: the sentences of the sources, each with the English it has already."""
    catalog = translations()
    catalog.update(sentences(), no_fuzzy_matching=True)
    written = io.BytesIO()
    write_po(
        written, catalog, width=120, omit_header=True, sort_by_file=True, include_lineno=False, ignore_obsolete=True
    )
    return HEAD + written.getvalue().decode()


def wrongs(message: Message) -> list[str]:
    """What is wrong with the English of one sentence."""
    dutch, english = _forms(message.id), _forms(message.string)
    if message.fuzzy or not all(english) or len(dutch) != len(english):
        return [f"not translated: {dutch[0]!r}"]
    return [
        f"{original!r} and {translated!r} differ in what is filled in, or in the room around it"
        for original, translated in zip(dutch, english, strict=True)
        if _filled_in(original) != _filled_in(translated)
    ]


def _forms(words: str | list[str] | tuple[str, ...]) -> list[str]:
    return [words] if isinstance(words, str) else list(words)


def _filled_in(words: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(words))


if __name__ == "__main__":
    ENGLISH.write_text(merged())
    untold = [wrong for message in translations() if message.id for wrong in wrongs(message)]
    print("\n".join(untold) or "Every text has its English.")  # noqa: T201 - a command speaks by printing
