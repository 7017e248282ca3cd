"""The demo's gateway for text messages: whatever `balie work` hands it becomes a line of a file beside the mails."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import time

from balie.sms.numbers import show_mobile

PATH = "/texts"


@dataclass(frozen=True)
class ShownText:
    """A text message in the list."""

    arrived_at: datetime
    recipient: str
    words: str


def file_beside(maildir: Path) -> Path:
    """Where the texts are, for the folder of the mails."""
    return maildir.with_name("texts.jsonl")


def gateway_url(port: int) -> str:
    """What BALIE_SMS_URL is, for a sink whose switch of faults has this port."""
    return f"json://127.0.0.1:{port}{PATH}?:to={{to}}"


def keep_text(file: Path, said: dict[str, str]) -> None:
    """One more text, as Apprise's plain JSON has it; a title comes first."""
    words = ". ".join(part for part in (said.get("title"), said["message"]) if part)
    line = {"at": time(), "to": said["to"], "words": words}
    with file.open("a", encoding="utf-8") as kept:
        kept.write(json.dumps(line) + "\n")


def list_texts(file: Path, *, words: str) -> list[ShownText]:
    """Newest first; only those with all the words in their number or text."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    texts = [_text(line) for line in reversed(lines)]
    wanted = words.casefold().split()
    return [each for each in texts if all(word in f"{each.recipient} {each.words}".casefold() for word in wanted)]


def _text(line: str) -> ShownText:
    said = json.loads(line)
    return ShownText(datetime.fromtimestamp(said["at"], UTC), show_mobile(said["to"]), said["words"])
