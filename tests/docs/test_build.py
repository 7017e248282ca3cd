"""What `scripts/docs` would refuse: each harm is done on purpose, under the real configuration."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

pytestmark = pytest.mark.slow  # each starts Sphinx anew
START = "# Start\n\n```{toctree}\nsecond\n```\n"
SECOND = "# Second\n\n[back](index.md#start)\n"


def build(source: Path, *pages: tuple[str, str]) -> subprocess.CompletedProcess[str]:
    (source / "docs").mkdir(parents=True)
    for name, text in pages:
        (source / "docs" / name).write_text(text)
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-c", ROOT / "docs", "-W", "--keep-going", "-q"]
    return subprocess.run([*command, source, source / "site"], capture_output=True, text=True, check=False)


def test_a_sound_page_is_built(tmp_path):
    done = build(tmp_path, ("index.md", START), ("second.md", SECOND))
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "site" / "docs" / "second.html").exists()


@pytest.fixture(scope="module")
def refused(tmp_path_factory) -> str:
    harm = "[a](nowhere.md)\n\n[b](index.md#no-such-heading)\n\n![c](no-such-picture.webp)\n"
    pages = [("index.md", START), ("second.md", SECOND + harm), ("alone.md", "# Alone\n")]
    done = build(tmp_path_factory.mktemp("harm"), *pages)
    assert done.returncode == 1
    return done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "target not found: 'nowhere.md'",
        "local id not found in doc 'docs/index': 'no-such-heading'",
        "image file not readable: docs/no-such-picture.webp",
        "alone.md: WARNING: document isn't included in any toctree",
    ],
)
def test_harm_is_seen(refused, words):
    assert words in refused
