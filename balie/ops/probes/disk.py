"""Is there room on a disk: bytes, and files?"""

import asyncio
import os
from typing import Annotated, ClassVar

import msgspec

from balie.ops.probes.looking import Probe, Steps, Unwell

Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]


class Disk(Probe, frozen=True):
    """Of the disk that `folder` is on, at least `free` percent of bytes and of inodes. A
    file system that counts no inodes has enough of them.
    """

    kind: ClassVar[str] = "disk"

    folder: str
    free: Percent = 10

    async def walk(self, steps: Steps) -> str:
        found = await steps.take(f"asking the disk of {self.folder}", asyncio.to_thread(os.statvfs, self.folder))
        room = {"bytes": (found.f_bavail, found.f_blocks), "files": (found.f_favail, found.f_files)}
        shares = {name: 100 * free / all_ if all_ else 100.0 for name, (free, all_) in room.items()}
        said = f"{self.folder}: " + " and ".join(f"{share:.1f} % of {name} free" for name, share in shares.items())
        if min(shares.values()) < self.free:
            raise Unwell(f"{said}; {self.free:g} % are wanted")
        return said
