"""People who talk through the real application: each with keys, a device and a client of their own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from balie.consult.client.application import Application
from balie.consult.client.device import DeviceSecrets, make_device
from balie.consult.client.enrolment import state_keys
from balie.consult.client.keyrings import Keyring, make_keyring
from balie.consult.client.talk import Talk
from balie.consult.client.transport import Response, UnreachableError
from balie.consult.client.world import PERSON, World
from balie.consult.protocol import suite
from balie.ordering.tests.web import Browser

Trouble = Callable[[str, str], str]


# With other parts of HPKE than the first suite. It is here alone: nothing that runs knows it.
SECOND = suite.XWing(Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA512, AEAD.CHACHA20_POLY1305))


class EndedError(Exception):
    """The process ended here."""


@dataclass
class Someone:
    """`trouble` says, for a method and a path, what goes wrong: nothing, `lost` (the answer), `gone` (the request), or
    the process itself, which `ends` before or has `ended` after the server had it.
    """

    browser: Browser
    trouble: Trouble = lambda _method, _path: ""
    keyring: Keyring = field(default_factory=lambda: make_keyring(at=1))
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.device: DeviceSecrets = make_device(self.keyring.person)
        self.application = Application("", self.browser.cookie or "", self.transport, self.pause)
        self.world = World(self.application, self.keyring)
        self.talk = Talk(self.world, self.device, wall=lambda: 1)

    @property
    def id(self) -> str:
        return self.keyring.person

    @property
    def member(self) -> str:
        return PERSON + self.id

    async def transport(self, method: str, url: str, body: bytes, _headers: Mapping[str, str]) -> Response:
        trouble = self.trouble(method, url)
        if trouble == "gone":
            raise UnreachableError("refused")
        if trouble == "ends":
            raise EndedError
        answer = await (self.browser.post(url, body) if method == "POST" else self.browser.get(url))
        if trouble == "lost":
            raise UnreachableError("cut off")
        if trouble == "ended":
            raise EndedError
        return Response(answer.status, answer.body)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def enrol(self) -> None:
        await state_keys(self.application, self.keyring, self.device, at=1)
        await self.world.begin()

    def reads(self, group: str) -> list[str]:
        return [each.message.content.text for each in self.world.groups[group].said()]

    async def heard(self, group: str) -> list[str]:
        await self.world.catch_up()
        return self.reads(group)

    def again(self) -> "Someone":
        """The same person and device, who has forgotten everything else."""
        found = Someone(self.browser, keyring=self.keyring)
        found.device = found.talk.device = self.device
        return found


def once(what: str, *, ending: str) -> Trouble:
    """This trouble for the first request whose path ends so."""
    left: list[Any] = [what]

    def trouble(_method: str, path: str) -> str:
        return left.pop() if left and path.partition("?")[0].endswith(ending) else ""

    return trouble
