"""The processes of an installation on one machine, as commands of ours."""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from balie.embedded.supervisor import Child, Part

_SINK_READY_S = 20.0


def command(module: str, *words: object) -> list[str]:
    """Run `module` of this installation, whatever is on the PATH."""
    return [sys.executable, "-m", module, *map(str, words)]


def sink(maildir: Path, *, accepted_log: Path, bounces: int | None = None, watch: Path | None = None) -> Part:
    """The mail server that keeps every mail, on ports of its own choice (`Mailroom`); some come back to `bounces`, and
    that of the watch goes to a Maildir of its own.
    """
    back = () if bounces is None else ("--bounces", bounces)
    apart = () if watch is None else ("--watch", watch)
    words = ("--port", 0, "--control", 0, "--maildir", maildir, "--accepted-log", accepted_log, *back, *apart)
    return Part("mail", command("balie.embedded.sink", *words))


def serve(environment: Mapping[str, str], *, port: int, role: str = "all", name: str = "serve") -> Part:
    return Part(name, command("balie.cli", "serve", "--role", role, "--port", port), environment)


def work(environment: Mapping[str, str], *, name: str = "work") -> Part:
    return Part(name, command("balie.cli", "work"), environment)


def bounces(environment: Mapping[str, str], *, port: int) -> Part:
    return Part("bounces", command("balie.cli", "bounces"), {**environment, "BALIE_LMTP_BIND": f"127.0.0.1:{port}"})


def watch(environment: Mapping[str, str], *, port: int) -> Part:
    return Part("watch", command("balie.cli", "watch", "--port", port), environment)


def crowd(environment: Mapping[str, str], *, url: str, campaign: int, cast: Path, practices: int) -> Part:
    """Virtual practices that order like people; the part ends when all have."""
    words = ("--url", url, "--campaign", campaign, "--cast", cast, "--practices", practices)
    return Part("crowd", command("balie.rehearse.crowd", *words), environment, lasting=False)


@dataclass(frozen=True)
class Mailroom:
    """Where a started sink listens."""

    smtp: int
    control: int

    @classmethod
    def opened(cls, child: Child) -> "Mailroom":
        """Wait for the line in which the sink tells its ports. Raises TimeoutError with its last words."""
        deadline = time.monotonic() + _SINK_READY_S
        while time.monotonic() < deadline and child.alive():
            first = child.log.read_text(encoding="utf-8").partition("\n")
            if first[1]:
                ports = json.loads(first[0])
                return cls(smtp=ports["smtp"], control=ports["control"])
            time.sleep(0.02)
        raise TimeoutError(f"the mail server does not start: {child.last_words()}")
