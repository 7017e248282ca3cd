"""When people work: for what need not wake anybody."""

from datetime import datetime, time
from typing import Final

from balie.lib.workdays import is_working_day
from balie.ops.oncall.rotas import AMSTERDAM

BEGIN: Final = time(8, 30)
END: Final = time(17, 0)


def office_hours(now: datetime) -> bool:
    """On a weekday that is no holiday in the Netherlands."""
    here = now.astimezone(AMSTERDAM)
    return is_working_day(here.date()) and BEGIN <= here.time() < END
