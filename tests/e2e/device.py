"""Something that keeps passkeys, as a telephone does; Chromium plays it."""

from dataclasses import dataclass

from playwright.async_api import CDPSession

from tests.e2e.visitor import Visitor


@dataclass
class Device:
    """Keeps passkeys and knows its owner's finger."""

    session: CDPSession
    key: str

    async def let_finger(self, *, fit: bool) -> None:
        await self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.key, "isUserVerified": fit})


async def give_a_device(visitor: Visitor, *, prf: bool = True) -> Device:
    """Whether its passkeys can open something by themselves (`prf`) differs in real life too.

    One that can, wants a code of its own once a finger did not fit; Chromium's has none.
    """
    session = await visitor.context.new_cdp_session(visitor.page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1" if prf else "ctap2_0",
        "hasPrf": prf,
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Device(session, added["authenticatorId"])
