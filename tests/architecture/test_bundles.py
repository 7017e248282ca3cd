"""What the night's pages load: not a byte of the cryptography that consulting needs."""

import re

from tests.architecture.tree import ROOT, tracked

IMPORTS_CRYPTO = re.compile(r"""from\s+["'][./]*/crypto/|import\(\s*["'][./]*/crypto/""")
MAY = ("frontend/src/crypto/", "frontend/src/consult/", "frontend/src/entries/consult")


def importers(files: dict[str, str]) -> list[str]:
    return [name for name, text in files.items() if IMPORTS_CRYPTO.search(text) and not name.startswith(MAY)]


def test_only_consulting_imports_the_cryptography():
    scripts = tracked("frontend/src/**.ts")
    assert len(scripts) > 50
    assert importers({str(path.relative_to(ROOT)): path.read_text() for path in scripts}) == []


def test_a_page_of_the_night_that_did_is_seen():
    imports = 'import { seal } from "../crypto/suite.ts";'
    files = {"frontend/src/entries/waiting.ts": imports, "frontend/src/consult/thread.ts": imports}
    assert importers(files) == ["frontend/src/entries/waiting.ts"]
