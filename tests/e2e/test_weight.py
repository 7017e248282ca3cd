"""What a page costs somebody whose line is slow."""

import pytest
from playwright.async_api import expect

from tests.e2e.visitor import PHONE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

WAITING_ROOM_MOST = 60_000
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}


class Weight:
    """The bytes that came over the line for a visitor's page, headers and all, by address."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._address: dict[str, str] = {}
        self.bytes: dict[str, int] = {}

    async def begin(self, **network: object) -> None:
        """With an empty cache, and from now on."""
        session = await self._visitor.context.new_cdp_session(self._visitor.page)
        await session.send("Network.enable")
        await session.send("Network.clearBrowserCache")
        if network:
            await session.send("Network.emulateNetworkConditions", network)
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._came)

    def _asked(self, event: dict) -> None:
        self._address[event["requestId"]] = event["request"]["url"]

    def _came(self, event: dict) -> None:
        address = self._address.get(event["requestId"], "")
        if address.startswith("http"):
            self.bytes[address] = self.bytes.get(address, 0) + int(event["encodedDataLength"])

    def __str__(self) -> str:
        return "\n".join(
            f"{weight:>7} {address}" for address, weight in sorted(self.bytes.items(), key=lambda x: -x[1])
        )


async def test_the_waiting_room_comes_over_a_slow_line(open_house, visit):
    house = open_house(doors_in=-60, opens_in=600)
    anna = await visit(house, "anna", size=PHONE)
    await anna.log_in()
    weight = Weight(anna)
    await weight.begin(**SLOW_3G)
    await anna.go("wachtkamer")
    await expect(anna.heading("U bent binnen.")).to_be_visible()
    await anna.page.evaluate("() => document.fonts.ready")
    assert sum(weight.bytes.values()) < WAITING_ROOM_MOST, str(weight)
