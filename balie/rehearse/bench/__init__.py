"""`balie bench`: the hot paths beside hand-written SQL and a trivial app, in one run, rounds interleaved."""

from balie.rehearse.bench.command import bench

__all__ = ["bench"]
