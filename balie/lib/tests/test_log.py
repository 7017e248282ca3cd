"""What is counted of what is logged."""

import logging

import pytest
import structlog
from prometheus_client import REGISTRY

from balie.lib.log import set_up_logging


def faults(event: str) -> float:
    return REGISTRY.get_sample_value("balie_faults_total", {"event": event}) or 0


@pytest.fixture(autouse=True)
def _as_it_was():
    """A test that sets up logging leaves other tests what they had."""
    configuration, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up_logging()
    yield
    structlog.configure(**configuration)
    root.handlers[:], root.level = handlers, level


def test_errors_of_ours_are_counted_by_name():
    before = faults("kettle_boiled_over")
    log = structlog.get_logger()
    log.error("kettle_boiled_over", kettle=1)
    log.error("kettle_boiled_over", exc_info=ValueError())
    log.warning("kettle_boiled_over", kettle=3)
    assert faults("kettle_boiled_over") == before + 2


def test_the_words_of_libraries_are_not():
    logging.getLogger("library").error("the kettle %s boiled over", "of somebody")
    assert faults("the kettle of somebody boiled over") == 0
