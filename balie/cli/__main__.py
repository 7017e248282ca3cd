"""`python -m balie.cli`: the `balie` command where its script is not installed."""

from balie.cli import main

main()
