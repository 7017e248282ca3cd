"""What one takes out, for people: HTML that needs nothing and may load nothing, as `page.ts` makes it."""

from collections.abc import Mapping
from html import escape
from typing import Final

import msgspec

from balie.consult.client.extract import OWN, UNKNOWN, WHOLE, Asked, Extract, Logged, Said, When
from balie.consult.client.fhir import File

STYLE: Final = (
    "body{font:1rem/1.5 sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem}"
    "article{border-top:1px solid;padding:.5rem 0;break-inside:avoid}"
    "h3{font-size:1rem;margin:0}.said{white-space:pre-wrap;overflow-wrap:anywhere}"
)
ALLOWED: Final = "default-src 'none'; style-src 'unsafe-inline'"


def page(extract: Extract, words: Mapping[str, str], when: When) -> str:
    """`words`: those of `export.md`, and `lang`."""
    reader = _Reader(extract, words, when)
    title = escape(words["own_title" if extract.own else "title"])
    sections = [
        _section(words["messages"], [reader.article(each) for each in extract.messages]),
        _section(words["consultations"], [reader.asked(each) for each in extract.asked]),
        _section(words["own_log" if extract.own else "log"], [reader.line(each) for each in extract.log]),
    ]
    return (
        f'<!doctype html>\n<html lang="{escape(words["lang"])}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{ALLOWED}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{title}</h1>{_said(reader.members())}"
        f"<p>{escape(words['taken'])} {escape(when(extract.at))}</p>{''.join(sections)}</main></body></html>\n"
    )


class _Reader:
    """Knows what everybody is called."""

    def __init__(self, extract: Extract, words: Mapping[str, str], when: When) -> None:
        self._extract, self._words, self._when = extract, words, when
        self._parties = {each.member: each for each in extract.parties}
        self._practices = {each.agb: each.name for each in extract.practices}

    def members(self) -> str:
        """A line for each."""
        return "\n".join(self._member(each) for each in self._extract.members)

    def _member(self, member: str) -> str:
        party = self._parties.get(member)
        told = [self._name(member)]
        if party and party.practice:
            told += [self._practices.get(party.practice, ""), f"AGB {party.practice}"]
        if party and party.bsn:
            told.append(f"BSN {party.bsn}")
        return " · ".join(filter(None, told))

    def _name(self, member: str) -> str:
        party = self._parties.get(member)
        return party.name if party else UNKNOWN

    def article(self, said: Said) -> str:
        words = self._words
        marks = [self._name(said.sender), self._when(said.sent), words.get(said.kind, ""), words.get(said.state, "")]
        files = "".join(_file(each) for each in said.files)
        head = escape(" · ".join(filter(None, marks)))
        text = _said(said.text) if said.text else ""
        return f"<article><h3>{head}</h3>{text}{f'<ul>{files}</ul>' if files else ''}</article>"

    def asked(self, asked: Asked) -> str:
        words, when = self._words, self._when
        told = {
            "asked_by": self._name(asked.asked_by),
            "asked_of": self._name(asked.asked_of),
            "urgency": asked.urgency,
            "asked_at": when(asked.asked_at),
            "due_at": when(asked.due_at),
            "holder": asked.holder and self._name(asked.holder),
            "picked_up_at": asked.picked_up_at and when(asked.picked_up_at),
            "concluded_at": asked.concluded_at and when(asked.concluded_at),
            "withdrawn_at": asked.withdrawn_at and when(asked.withdrawn_at),
            "billing_code": asked.billing_code,
        }
        lines = [f"{words[name]}: {value}" for name, value in told.items() if value]
        kind = words.get(asked.kind, asked.kind)
        return f"<article><h3>{escape(kind)}</h3>{_said(chr(10).join([*lines, *self._moved(asked)]))}</article>"

    def _moved(self, asked: Asked) -> list[str]:
        return [self._words["moved"]] if asked.moved else []

    def line(self, logged: Logged) -> str:
        who = "" if self._extract.own else self._name(logged.who)
        return _said(" · ".join(filter(None, [self._when(logged.at), who, self._act(logged)])))

    def _act(self, logged: Logged) -> str:
        noted = logged.what == "exported" and msgspec.json.decode(logged.detail).get("note")
        name = "whole" if noted == WHOLE else "own" if noted == OWN else logged.what
        return self._words.get(name, logged.what)


def _said(text: str) -> str:
    return f'<p class="said">{escape(text)}</p>'


def _section(title: str, parts: list[str]) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>" if parts else ""


def _file(file: File) -> str:
    name = escape(file.name)
    return f'<li><a href="{escape(file.path)}">{name}</a></li>' if file.path else f"<li>{name}</li>"
