"""Verbs for processes that run until they are told to stop."""

import asyncio

from balie.cli.install import prepare


def work() -> None:
    prepare()
    from balie.lib.log import set_up_logging
    from balie.work import main

    set_up_logging()
    asyncio.run(main())
