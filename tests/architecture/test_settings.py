"""Every setting is documented, and nothing that is documented has gone."""

import re

from tests.architecture.tree import ROOT, tracked

DOCUMENTED = ROOT / "docs" / "settings.md"
READS = re.compile(r"""(?:\benv(?:_list|_int)?\(|environ(?:\.get\(|\[)|getenv\()\s*["']([A-Z][A-Z0-9_]+)["']""")
# Read as every program reads them; not ours to explain.
OF_THE_SYSTEM = {"HOME", "XDG_DATA_HOME", "PATH", "PYTHONPATH"}


def settings_read() -> set[str]:
    code = [path for path in tracked("balie/*.py") if "/tests/" not in str(path) and path.name != "testing.py"]
    return {name for path in code for name in READS.findall(path.read_text())} - OF_THE_SYSTEM


def test_every_setting_is_documented():
    documented = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", DOCUMENTED.read_text()))
    read = settings_read()
    assert {"DATABASE_URL", "BALIE_SECRET_KEY"} <= read
    assert read - documented == set()
    assert {name for name in documented if name.startswith("BALIE_") and not name.endswith("_FILE")} - read == set()
