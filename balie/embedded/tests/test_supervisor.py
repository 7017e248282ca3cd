"""Child processes: nothing is left behind, whoever dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from balie.embedded.processes import spawn
from balie.embedded.supervisor import Part, StopAsked, Supervisor

pytestmark = pytest.mark.slow  # each starts processes

WAIT = "import time\nwhile True: time.sleep(1)"
STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\n" + WAIT
PARENT = (
    "import subprocess, sys\n"
    f"child = subprocess.Popen([sys.executable, '-c', {WAIT!r}])\n"
    "print(child.pid, flush=True)\n"
    "child.wait()"
)


def python(name: str, program: str, **options) -> Part:
    return Part(name, [sys.executable, "-c", program], **options)


def eventually(what: Callable[[], object], *, within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def supervisor(tmp_path):
    with Supervisor(tmp_path) as supervisor:
        yield supervisor


def test_it_starts_a_part_again_that_was_killed(supervisor):
    child = supervisor.start(python("patient", WAIT))
    first = child.pid
    os.kill(first, signal.SIGKILL)
    eventually(lambda: supervisor.unwell() == [child])
    assert supervisor.tend() == [child]
    assert supervisor.tend() == []
    assert child.alive()
    assert child.pid != first
    assert child.restarts == 1


def test_it_gives_up_a_part_that_keeps_ending_and_shows_its_last_words(supervisor):
    child = supervisor.start(python("broken", "raise SystemExit('no luck')"))

    def given_up() -> bool:
        supervisor.tend()
        return child.gave_up

    eventually(given_up, within_s=30)
    assert supervisor.unwell() == [child]
    assert child.last_words(1) == "no luck"


def test_it_lets_a_part_end_well_that_may(supervisor):
    child = supervisor.start(python("errand", "pass", lasting=False))
    eventually(lambda: not child.alive())
    assert supervisor.tend() == []
    assert supervisor.unwell() == []
    assert child.restarts == 0


def test_it_stops_in_opposite_order(supervisor, tmp_path):
    ended = tmp_path / "ended"
    told = (
        "import signal, sys, time\n"
        f"def end(*_): open({str(ended)!r}, 'a').write(sys.argv[1]); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\nprint('up', flush=True)\n" + WAIT
    )
    children = [supervisor.start(Part(name, [sys.executable, "-c", told, name])) for name in "ab"]
    eventually(lambda: all(child.last_words() == "up" for child in children))
    supervisor.stop()
    assert ended.read_text() == "ba"


def test_it_kills_what_does_not_listen_and_what_that_started(supervisor):
    child = supervisor.start(python("stubborn", STUBBORN, patience_s=0.1))
    parent = supervisor.start(python("parent", PARENT))
    eventually(lambda: child.last_words() and parent.last_words())
    pids = [child.pid, parent.pid, int(parent.last_words())]
    supervisor.stop()
    eventually(lambda: not any(runs(pid) for pid in pids))


def test_children_end_when_their_parent_is_killed(tmp_path):
    program = (
        "import signal, subprocess, time\n"
        "from balie.embedded.processes import spawn\n"
        "child = spawn(['sleep', '600'], log=subprocess.DEVNULL, dies_with=signal.SIGTERM)\n"
        "print(child.pid, flush=True)\n" + WAIT
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        assert runs(child)
        parent.kill()
    eventually(lambda: not runs(child))


def test_without_the_tether_they_would_stay():
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "print(child.pid, flush=True)\n" + WAIT
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
    try:
        assert runs(child)
    finally:
        os.kill(child, signal.SIGKILL)


def test_it_hears_that_it_shall_stop():
    before = signal.getsignal(signal.SIGTERM)
    with StopAsked() as asked:
        assert not asked
        os.kill(os.getpid(), signal.SIGTERM)
        eventually(lambda: asked)
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_spawned_process_has_no_input_and_a_session_of_its_own(tmp_path):
    log = tmp_path / "log"
    program = "import os, sys; print(os.getsid(0) == os.getpid(), repr(sys.stdin.read()))"
    with log.open("ab") as output:
        assert spawn([sys.executable, "-c", program], log=output, dies_with=signal.SIGTERM).wait() == 0
    assert log.read_text() == "True ''\n"
