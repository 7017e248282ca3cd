"""Every file of vectors, by its name."""

import json

from balie.consult.protocol.tests.vectors import (
    envelope,
    export,
    keylog,
    keys,
    membership,
    message,
    release,
    reserve,
    statements,
    teams,
    triage,
    unlocking,
)
from balie.consult.protocol.tests.vectors.maker import KEPT, Cases, Kept

MAKERS = {
    "envelope.json": (envelope.TITLE, envelope.make),
    "statements.json": (statements.TITLE, statements.make),
    "keys.json": (keys.TITLE, keys.make),
    "unlocking.json": (unlocking.TITLE, unlocking.make),
    "membership.json": (membership.TITLE, membership.make),
    "message.json": (message.TITLE, message.make),
    "release.json": (release.TITLE, release.make),
    "teams.json": (teams.TITLE, teams.make),
    "reserve.json": (reserve.TITLE, reserve.make),
    "triage.json": (triage.TITLE, triage.make),
    "export.json": (export.TITLE, export.make),
    "keylog.json": (keylog.TITLE, keylog.make),
}


def files() -> dict[str, str]:
    kept = Kept()
    texts = {}
    for name, (title, make) in MAKERS.items():
        cases = Cases(title, kept)
        make(cases)
        texts[name] = cases.json()
    texts[KEPT] = json.dumps(kept.new, indent=1, sort_keys=True) + "\n"
    return texts
