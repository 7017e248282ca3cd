"""Who stands back does so as a session too: niceness alone says nothing to others."""

import os
import subprocess
import sys

import pytest

from balie.lib.standing_back import OF_THE_SESSION

SAY = "from balie.lib.standing_back import *; {}; print(os.nice(0), OF_THE_SESSION.read_text().split()[-1])"


@pytest.mark.skipif(not OF_THE_SESSION.exists(), reason="this kernel shares nothing between sessions")
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
