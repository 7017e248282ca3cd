"""A real disk; how full it is, is what the test asks for."""

import pytest

from balie.ops.probes import Unwell
from balie.ops.probes.disk import Disk


async def test_a_disk_with_room_is_well(tmp_path):
    assert "bytes free" in await Disk(folder=str(tmp_path), free=0).look()


async def test_one_with_too_little_is_not(tmp_path):
    with pytest.raises(Unwell, match="100 % are wanted"):
        await Disk(folder=str(tmp_path), free=100).look()


async def test_a_folder_that_is_gone_is_not(tmp_path):
    with pytest.raises(Unwell, match="No such file"):
        await Disk(folder=str(tmp_path / "gone")).look()
