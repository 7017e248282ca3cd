"""What Lighthouse thinks of the pages of the night; scripts/lighthouse runs it, on a machine that does nothing else."""

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import FLAGS, WITH_FRAME
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.lighthouse, pytest.mark.timeout(300)]

LEAST = 95
CATEGORIES = ("performance", "accessibility", "best-practices")
PROGRAM = Path(__file__).parents[1] / "lighthouse/node_modules/.bin/lighthouse"


async def scores(visitor: Visitor, address: str, folder: Path) -> dict[str, int]:
    """Of a page as a phone on a mobile line sees it, in points of a hundred."""
    cookies = await visitor.context.cookies()
    headers = {"Cookie": "; ".join(f"{each['name']}={each['value']}" for each in cookies)}
    report = folder / "lighthouse.json"
    words = [address, "--quiet", "--output=json", f"--output-path={report}", f"--extra-headers={json.dumps(headers)}"]
    words += [f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags=--headless=new {' '.join(FLAGS)}"]
    chromium = next(filter(None, map(shutil.which, WITH_FRAME)))
    process = await asyncio.create_subprocess_exec(PROGRAM, *words, env={**os.environ, "CHROME_PATH": chromium})
    assert await process.wait() == 0
    result = json.loads(report.read_text())
    assert result["finalDisplayedUrl"] == address, "the page sent Lighthouse elsewhere"
    found = {name: round(100 * result["categories"][name]["score"]) for name in CATEGORIES}
    print(address, found, *_losses(result), sep="\n  ")
    return found


def _losses(result: dict) -> list[str]:
    """What cost points."""
    counted = {each["id"] for name in CATEGORIES for each in result["categories"][name]["auditRefs"] if each["weight"]}
    audits = [result["audits"][name] for name in counted]
    lost = [each for each in audits if each["score"] is not None and each["score"] < 1]
    return [f"{each['score']:.2f} {each['title']} {each.get('displayValue', '')}" for each in lost]


async def test_the_pages_of_the_night(open_house, visit, tmp_path):
    house = open_house()
    house.order(2, doses=210, day=house.days[5], emails=["bilal@proef.example"])
    anna, bilal = await visit(house, "anna"), await visit(house, "bilal")
    await anna.log_in()
    await expect(anna.heading("U bent aan de beurt")).to_be_visible()
    await bilal.log_in()
    await bilal.arrives_at("bestelling")
    judged = {
        "wachtkamer": await scores(anna, anna.address("wachtkamer"), tmp_path),
        "kalender": await scores(anna, anna.address("kalender"), tmp_path),
        "bestelling": await scores(bilal, bilal.address("bestelling"), tmp_path),
    }
    assert all(points >= LEAST for each in judged.values() for points in each.values()), judged
