"""When people work: for what need not wake anybody."""

from datetime import datetime, time
from typing import Final

import holidays

from balie.ops.oncall.rotas import AMSTERDAM

BEGIN: Final = time(8, 30)
END: Final = time(17, 0)


def office_hours(now: datetime) -> bool:
    """On a weekday that is no holiday in the Netherlands."""
    here = now.astimezone(AMSTERDAM)
    free = here.weekday() >= 5 or here.date() in holidays.country_holidays("NL", years=here.year)
    return not free and BEGIN <= here.time() < END
