"""What is loaded is neither looked through meanwhile nor afterwards, and garbage is collected as before."""

import gc

import pytest

from balie.lib.loading import loading


@pytest.fixture(autouse=True)
def _as_it_was():
    """This process has frozen what it collected; a test leaves it so."""
    yield
    gc.enable()


def test_nothing_is_collected_meanwhile_and_what_came_stays_out_of_it():
    frozen = gc.get_freeze_count()
    with loading():
        assert not gc.isenabled()
        came = [[each] for each in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen + len(came)


def test_it_collects_again_when_loading_failed():
    with pytest.raises(ModuleNotFoundError), loading():
        import no_such_module  # noqa: F401, PLC0415
    assert gc.isenabled()
