"""Three key servers, an identity provider, and a client that does what a browser will do."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from balie.consult.protocol import approvals, devices, passkeys, release, shares, statements, suite
from balie.consult.protocol.approvals import Approval
from balie.consult.protocol.authenticator import SoftwareAuthenticator
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.release import KeyServer, Offer
from balie.consult.protocol.shares import ShareSet
from balie.consult.protocol.statements import Statement
from balie.consult.protocol.tests.vectors.cast import ANNA, BEN, CORA, Actor
from balie.consult.protocol.tests.vectors.maker import secret
from balie.keyserver.asgi import create
from balie.keyserver.config import Config, Keys

NAMES = ("north", "east", "south")
ORIGIN, RP_ID, ISSUER = "https://balie.example", "balie.example", "https://login.example"
START = 1_800_000_000
IDP = OKPKey.generate_key("Ed25519", {"kid": "idp"})
STRANGER = OKPKey.generate_key("Ed25519", {"kid": "idp"})


def config(name: str, folder: Path, **members: Any) -> Config:
    (folder / name).mkdir(exist_ok=True)
    jwks = folder / "jwks.json"
    jwks.write_text(json.dumps(KeySet([IDP]).as_dict(private=False)))
    given: dict[str, Any] = {
        "name": name,
        "data": str(folder / name),
        "audience": f"https://{name}.example",
        "issuer": ISSUER,
        "jwks": str(jwks),
        "rp_id": RP_ID,
        "origins": [ORIGIN],
    }
    return Config(**given | members)


def keys(name: str) -> Keys:
    return Keys(secret(f"{name} kem"), secret(f"{name} sign"))


def known(name: str) -> KeyServer:
    return KeyServer(name, suite.public_of(keys(name).kem), statements.public_of(keys(name).sign))


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class House:
    """The servers that run, by name; `now` is everybody's clock."""

    apps: dict[str, Any]
    now: int = START

    def token(self, person: str, server: str, key: OKPKey = IDP, **claims: Any) -> str:
        found = {
            "iss": ISSUER,
            "aud": f"https://{server}.example",
            "exp": self.now + 300,
            "token_use": "access",
            "person": person,
        }
        return jwt.encode({"alg": "Ed25519", "kid": "idp"}, found | claims, key, algorithms=["Ed25519"])

    async def ask(
        self, server: str, what: str, content: Any = None, *, token: str | None = None, person: Actor = ANNA
    ) -> Answer:
        token = self.token(person.id, server) if token is None else token
        body = content if isinstance(content, bytes) else json.dumps(content or {}).encode()
        headers = {"authorization": f"Bearer {token}", "origin": ORIGIN}
        return await call(self.apps[server], "GET" if what == "log" else "POST", f"/v1/{what}", body, headers)


async def call(app: Any, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
    raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": raw, "http_version": "1.1"}
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], b"".join(each.get("body", b"") for each in sent[1:]), answered)


@asynccontextmanager
async def house(folder: Path, **members: Any) -> AsyncIterator[House]:
    found = House({})
    async with AsyncExitStack() as stack:
        for name in NAMES:
            app = create(config(name, folder, **members), keys(name), clock=lambda: found.now)
            await stack.enter_async_context(app.router.lifespan_context(app))
            found.apps[name] = app
        yield found


@dataclass
class Client:
    """Anna's client: it deposits shares, asks for them, and puts them together."""

    house: House
    shared: bytes = field(default_factory=lambda: secret("shared"))
    passkey: SoftwareAuthenticator = field(
        default_factory=lambda: SoftwareAuthenticator(secret("credential", 16), secret("passkey"), RP_ID, ORIGIN)
    )
    set_id: str = b64(secret("set", 16))
    at: int = START
    reply_seed: bytes = field(default_factory=lambda: secret("reply"))

    shares: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shares = self.shares or dict(zip(NAMES, shares.split(self.shared), strict=True))
        self.statement = shares.state_share_set(
            person=ANNA.id, generation=1, set_id=self.set_id, shares=self.shares, at=self.at, sign_seed=ANNA.sign_seed
        )
        self.stated: ShareSet = shares.accept_share_set(self.statement, ANNA.person())
        self.device_seed = secret("device")

    def later(self, seconds: int) -> "Client":
        """The same, stating the same shares again."""
        return replace(self, at=self.at + seconds)

    def by_anna(self, **members: Any) -> dict[str, Any]:
        return {"person": ANNA.id, "generation": 1, "at": START, "sign_seed": ANNA.sign_seed} | members

    def deposit(self, server: str, **members: Any) -> dict[str, Any]:
        credential = self.passkey.credential
        device = {"device": b64(secret("device id", 16)), "public": statements.public_of(self.device_seed)}
        trustees = [BEN.known_key(), CORA.known_key()]
        found = {
            "person_keys": [ANNA.states()],
            "share_set": self.statement,
            "sealed": b64(release.seal_deposit(self.stated, known(server), self.shares[server])),
            "passkeys": [passkeys.state_passkey(credential=credential, key=self.passkey.public_key, **self.by_anna())],
            "devices": [devices.certify_device(**self.by_anna(), **device)],
            "trustees": approvals.state_trustees(colleagues=trustees, **self.by_anna()),
            "keyset": "the keyset",
            "unlock": "the box of its key",
        }
        return found | members

    async def deposits(self) -> None:
        for server in NAMES:
            answer = await self.house.ask(server, "deposit", self.deposit(server))
            assert answer.status == 200, answer.body

    async def offers(self, *absent: str) -> list[Offer]:
        nonces = {
            name: None if name in absent else (await self.house.ask(name, "nonce")).json["nonce"] for name in NAMES
        }
        return [Offer(server=name, nonce=nonce) for name, nonce in nonces.items()]

    def challenge(self, offers: list[Offer]) -> bytes:
        return release.challenge(self.stated, suite.public_of(self.reply_seed), offers)

    def request(self, offers: list[Offer], **members: Any) -> dict[str, Any]:
        found = {
            "v": 1,
            "person": ANNA.id,
            "set": self.set_id,
            "reply": b64(suite.public_of(self.reply_seed)),
            "offers": [{"server": each.server, "nonce": each.nonce} for each in offers],
            "assertion": asdict(self.passkey.sign(self.challenge(offers))),
        }
        return found | members

    def approval(self, offers: list[Offer], *seeds: bytes) -> dict[str, Any]:
        approved = Approval(person=ANNA.id, set=self.set_id, challenge=b64(self.challenge(offers)), at=START)
        statement: Statement = approvals.state_approval(approved, *seeds)
        return self.request(offers, assertion=None, approval=statement)

    def opened(self, server: str, answer: Answer, offers: list[Offer]) -> bytes:
        text, asked = answer.json["reply"], self.challenge(offers)
        return release.open_reply(self.stated, known(server), self.reply_seed, text=text, challenge=asked)
