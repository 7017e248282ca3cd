"""Who stands back does so as a session too: niceness alone says nothing to others."""

import os
import subprocess
import sys

import pytest

from balie.lib.standing_back import OF_THE_SESSION, sessions_share

pytestmark = pytest.mark.slow  # each starts a process

SAY = "from balie.lib.standing_back import *; {}; print(os.nice(0), OF_THE_SESSION.read_text().split()[-1])"


@pytest.mark.skipif(not sessions_share(), reason="processes here do not share by session")
@pytest.mark.parametrize(
    ("act", "own", "expected"),
    [
        ("stand_back(3)", True, 3),
        pytest.param("os.nice(3)", True, 0, id="control: niceness alone"),
        pytest.param("stand_back(3)", False, None, id="the session is somebody else's"),
    ],
)
def test_the_session_stands_back_when_it_is_its_own(act, own, expected):
    words = [sys.executable, "-c", SAY.format(act)]
    niceness, session = map(int, subprocess.check_output(words, start_new_session=own, text=True).split())
    ours = int(OF_THE_SESSION.read_text(encoding="ascii").split()[-1])
    assert (niceness - os.nice(0), session) == (3, ours if expected is None else expected)


def test_where_nothing_is_shared_by_session_niceness_is_all_there_is(tmp_path):
    """As in a container: the file is there and empty, and takes nothing."""
    empty = tmp_path / "autogroup"
    empty.touch(mode=0o444)
    act = f"import balie.lib.standing_back as it; it.OF_THE_SESSION = it.Path({str(empty)!r}); it.stand_back(3)"
    words = [sys.executable, "-c", f"{act}; import os; print(os.nice(0))"]
    assert int(subprocess.check_output(words, start_new_session=True, text=True)) - os.nice(0) == 3
    assert not empty.read_bytes()
