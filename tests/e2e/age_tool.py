"""Opening an age file by its words with the `age` tool, where there is one: it asks for them on a terminal.

`scripts/test` installs it. Without it pyrage opens the file, which is not what the browser wrote it with either.
"""

import os
import pty
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pyrage

WITHIN_S = 60.0
# A session of its own, with this terminal: age asks there and nowhere else.
ON_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


def open_by_words(file: bytes, words: str) -> bytes:
    """What is in it. Raises ValueError, with what the tool said, when it does not open."""
    tool = shutil.which("age")
    if tool is None:
        opened: bytes = pyrage.passphrase.decrypt(file, words)
        return opened
    with tempfile.TemporaryDirectory() as folder:
        sealed, plain = Path(folder) / "sealed.age", Path(folder) / "plain"
        sealed.write_bytes(file)
        said = _ask(words, tool, "--decrypt", "--output", str(plain), str(sealed))
        if not plain.exists():
            raise ValueError(said)
        return plain.read_bytes()


def _ask(words: str, *command: str) -> str:
    """Run it on a terminal of its own and type the words once it has asked; what it said besides."""
    ours, its = pty.openpty()
    try:
        begun = [sys.executable, "-c", ON_TERMINAL, *command]
        asking = subprocess.Popen(begun, stdin=its, stdout=its, stderr=its, start_new_session=True)
        os.close(its)
        said = os.read(ours, 1024)  # it asks
        os.write(ours, words.encode() + b"\n")
        asking.wait(WITHIN_S)
        return said.decode(errors="replace") + _rest(ours)
    finally:
        os.close(ours)


def _rest(terminal: int) -> str:
    """Until the other side is gone, which a terminal tells as an error."""
    said = b""
    try:
        while more := os.read(terminal, 1024):
            said += more
    except OSError:
        pass
    return said.decode(errors="replace")
