"""Keyholders' browsers: they ask over HTTP."""

from balie.consult.protocol.boxes import lock
from balie.consult.protocol.group_keys import key_name
from balie.consult.protocol.messages import BOX_TYP
from balie.consult.testing import new_id
from balie.consult.tests.keyholders import Keyholder, named
from balie.ordering.tests.web import Answer, Browser
from balie.practices.passes import make_pass

ROOT = "/live/consult/"


class Client:
    """One browser of a keyholder."""

    def __init__(self, site, holder: Keyholder) -> None:
        self.holder = holder
        self.browser = Browser(site, make_pass(person=holder.person, practice=None, role="gp", organiser=False))

    async def post(self, *statements) -> Answer:
        return await self.browser.post(f"{ROOT}statements", {"statements": list(statements)})

    async def refused(self, *statements):
        """Status, code, and where and why, of a post that is refused."""
        answer = await self.post(*statements)
        assert answer.status != 200, answer.json
        [error] = answer.json["errors"]
        return answer.status, answer.code, error["at"], error["code"]

    async def why(self, statement) -> str:
        """Why this one statement is refused."""
        return (await self.refused(statement))[3]

    async def get(self, what: str):
        return (await self.browser.get(f"{ROOT}{what}")).json

    async def feed(self, after: int = 0):
        return (await self.get(f"feed?after={after}"))["events"]

    async def cursor(self) -> int:
        return (await self.get("groups"))["feed"]

    async def belongs_to(self) -> set[str]:
        return {each["group"] for each in (await self.get("groups"))["groups"]}

    async def send(self, conversation: str, key: str, **more: str) -> Answer:
        envelope = lock(BOX_TYP, bytes(32), b"hello", kid=key)
        body = {"conversation": conversation, "device": self.holder.device, "id": new_id(), "envelope": envelope}
        return await self.browser.post(f"{ROOT}messages", body | more)

    async def begin(self, kind: str, *members: Keyholder) -> tuple[str, str]:
        """A group of these and oneself, with its key: the names of both."""
        holder = self.holder
        act = holder.create(kind, *(each.member for each in members))
        to = {each.member: each.public for each in (holder, *members)}
        keyed, key = holder.key(kind, named(act), [named(act)], to)
        answer = await self.post(act, keyed)
        assert answer.status == 200, answer.json
        return named(act), key_name(kind, named(act), key)


def names(events) -> list[str]:
    """What the statements among these events are called."""
    return [event["statement"]["name"] for event in events if "statement" in event]
