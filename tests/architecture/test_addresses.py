"""Which registry serves our packages is the business of the machine that installs them."""

import re

from tests.architecture.tree import ROOT, tracked

REGISTRY = re.compile(
    r"https?://[a-z0-9.-]*(?:pypi|pythonhosted|npmjs|npmmirror|debian|yarnpkg)\.[a-z]+", re.IGNORECASE
)
BINARY = {".png", ".webp", ".woff2", ".mp3", ".ogg", ".ico"}


def test_no_file_names_a_registry():
    texts = [path for path in tracked() if path.suffix not in BINARY]
    assert len(texts) > 100
    assert [str(path.relative_to(ROOT)) for path in texts if REGISTRY.search(path.read_text())] == []


def test_lock_files_carry_hashes():
    for lock in tracked("requirements/*.txt"):
        pinned = re.findall(r"^[a-z0-9][\w.\-\[\]]*==", lock.read_text(), re.MULTILINE | re.IGNORECASE)
        assert pinned
        assert lock.read_text().count("--hash=sha256:") >= len(pinned)


def test_an_address_is_seen():
    assert REGISTRY.search("https://files." + "pythonhosted.org/packages/a")
