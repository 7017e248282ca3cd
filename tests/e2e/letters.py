"""Conversations by the thousand: what clients of others would have posted to somebody, taken in as the server does."""

from dataclasses import dataclass, field

from balie.consult import hot
from balie.consult.hot import StoreRequest
from balie.consult.intake.post import read_known
from balie.consult.intake.posts import take_post
from balie.consult.protocol import devices
from balie.consult.protocol.group_keys import key_name
from balie.consult.protocol.messages import Content, Message, seal_message
from balie.consult.protocol.persons import Person
from balie.consult.protocol.statements import public_of
from balie.consult.testing import new_id
from balie.consult.tests.keyholders import Keyholder, bodies, named, seed, stated
from balie.runtime.hot import Connection, connect

AT_ONCE = 32  # conversations, whose messages come together
WORDS = (
    "Mevrouw heeft sinds gisteren last van haar pols na een val in de gang.",
    "Kunt u de uitslag van het laboratorium met de patiënt bespreken?",
    "De wond ziet er rustig uit. Wij controleren over een week opnieuw.",
    "Graag uw advies over de dosering bij een verminderde nierfunctie.",
    "Meneer is vanmiddag gebeld en komt morgen om kwart over negen langs.",
)


@dataclass
class Writer(Keyholder):
    """A keyholder whose device signs messages that hold."""

    device_seed: bytes = field(default_factory=seed)

    def introduce(self) -> list[dict]:
        """Their key and their device."""
        key = self.new_key()
        said = {"person": self.id, "generation": self.generation, "device": self.device, "at": 1}
        signed = devices.certify_device(**said, public=public_of(self.device_seed), sign_seed=self.sign)
        return [key, stated(devices.TYP, signed)]

    def message(self, group: str, key: bytes, text: str) -> StoreRequest:
        name = key_name("conversation", group, key)
        content = Content(kind="text", text=text)
        said = {"conversation": group, "id": new_id(), "person": self.id, "device": self.device, "acting": self.member}
        message = Message(**said, key=name, seen=(), heads=(group,), at=1, content=content)
        envelope = seal_message(message, device_seed=self.device_seed, key=key)
        return StoreRequest(group, self.person, self.device, message.id, name, envelope)


async def write_letters(dsn: str, *, to: str, writers: list[int], conversations: int) -> None:
    """Each conversation, of one of `writers` (rows of people) with who has the address `to`, gets two messages. The
    last one's say which they are: `brief 1`, `brief 2`, …
    """
    async with await connect(dsn, name="letters") as conn:
        reader = await _reader(conn, to)
        authors = [Writer(each) for each in writers]
        for each in authors:
            await take_post(conn, each.person, bodies(*each.introduce()))
        for first in range(1, conversations + 1, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, conversations + 1))
            await _begin(conn, reader, {number: authors[number % len(authors)] for number in numbers})


async def _begin(conn: Connection, reader: Person, authors: dict[int, Writer]) -> None:
    """Conversations by their numbers. A post has one author, so each has a post of its own; messages come together."""
    messages = []
    for number, author in authors.items():
        member = f"person:{reader.person}"
        act = author.create("conversation", member)
        to = {author.member: author.public, member: reader.kem}
        keyed, key = author.key("conversation", named(act), [named(act)], to)
        await take_post(conn, author.person, bodies(act, keyed))
        messages.append(author.message(named(act), key, WORDS[number % len(WORDS)]))
        messages.append(author.message(named(act), key, f"Dit is brief {number}. {WORDS[(number + 1) % len(WORDS)]}"))
    assert {each.outcome for each in await hot.store_batch(conn, messages)} == {"stored"}


async def _reader(conn: Connection, email: str) -> Person:
    found = await (
        await conn.execute(
            "select i.known from consult_identity i join practices_person p on p.id = i.person_id where p.email = %s",
            (email,),
        )
    ).fetchone()
    assert found is not None
    known = read_known(found[0])
    assert known is not None
    return known
