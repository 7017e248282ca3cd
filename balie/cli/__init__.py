"""The `balie` command: one line per verb. Each verb lives in its context and is imported when it is asked for.

Exit status: 0 done, 1 it failed or found something wrong, 2 asked in the wrong way or not configured.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer

from balie.cli.faults import advice
from balie.lib.loading import loading

VERBS = {
    "demo": ("balie.embedded.demo:demo", "Run the whole product on this machine, with a campaign that opens soon."),
    "init": ("balie.cli.install:init", "Make the tables of a new installation, and its first organiser."),
    "migrate": ("balie.cli.install:migrate", "Bring the tables up to this version."),
    "serve": ("balie.cli.run:serve", "The web: pages, hot paths and streams."),
    "work": (
        "balie.cli.run:work",
        "What nobody waits for: clock, draw, calling of numbers, mail. Any number of these.",
    ),
    "bounces": ("balie.cli.run:bounces", "Listen for mails that come back, where a mail server brings them by LMTP."),
    "watch": ("balie.cli.watching:watch", "Look at every part, and name what is at fault."),
    "keyserver": ("balie.keyserver.command:keyserver", "Keep shares of people's keys: one of three key servers."),
    "connector": (
        "balie.connector.command:connector",
        "Stand between a practice's record system and its conversations.",
    ),
    "token-keys": ("balie.cli.files:token_keys", "Print the public keys of our tokens, which key servers pin."),
    "check": ("balie.cli.install:check", "Look for mistakes in the configuration."),
    "reseal-bsn": ("balie.cli.install:reseal_bsn", "Seal every BSN under the first key of BALIE_BSN_KEY."),
    "import-practices": (
        "balie.cli.files:import_practices",
        "Read practices from a workbook or CSV: all of it or nothing.",
    ),
    "verify-draw": ("balie.cli.files:verify_draw", "Recompute every number of a published draw."),
    "verify-deliveries": (
        "balie.cli.files:verify_deliveries",
        "Check that a day's file of deliveries is ours and whole.",
    ),
    "verify-destruction": (
        "balie.cli.files:verify_destruction",
        "Check the certificate of a conversation that was destroyed.",
    ),
    "verify-log": (
        "balie.cli.files:verify_log",
        "Check that the log of who did what is the one whose roots key servers cosigned.",
    ),
    "away-page": ("balie.cli.files:away_page", "Write the page that a proxy shows when everything is down."),
    "rehearse": ("balie.rehearse.command:rehearse", "Play a whole night on loopback, with faults, and judge it."),
    "bench": ("balie.rehearse.bench:bench", "Measure the hot paths beside hand-written SQL."),
}


def main() -> None:
    """The entry point of the `balie` script."""
    app = typer.Typer(
        help="The front desk of Dutch primary care.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    with loading():
        for verb, (where, what) in VERBS.items():
            app.command(verb, help=what)(_load(where) if verb == asked else _later)
    try:
        app(prog_name="balie")
    except Exception as error:
        words = advice(error)
        if words is None:
            raise
        print(f"balie: {words}", file=sys.stderr)
        sys.exit(2)


def _load(where: str) -> Callable[..., Any]:
    module, name = where.split(":")
    verb: Callable[..., Any] = getattr(import_module(module), name)
    return verb


def _later() -> None:
    """Stands for a verb that was not asked for."""
