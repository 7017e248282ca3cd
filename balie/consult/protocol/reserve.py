"""The reserve: a team's keys sealed to one more, of which three people hold parts on paper (`reserve.md`)."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final

import msgspec
import pyshamir
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from balie.consult.protocol import suite
from balie.consult.protocol.boxes import KEY_BYTES
from balie.consult.protocol.encoding import ID_BYTES, b64, info, name, unb64
from balie.consult.protocol.group_keys import suite_of_key
from balie.consult.protocol.payloads import Id, Member, Name, Payload, Public, Time, decode
from balie.consult.protocol.persons import KnownKey
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.shares import SERVERS, THRESHOLD, split
from balie.consult.protocol.statements import Statement, kid_of, sign, verify
from balie.consult.protocol.statements import public_of as signing_public
from balie.consult.protocol.suite import FIRST, public_name, public_of, seal, unseal

TYP: Final = "balie-reserve+jws"
VERSION: Final = 1
PARTS: Final = SERVERS  # as many as there are shares
SHARE_BYTES: Final = KEY_BYTES + 1
BODY_BYTES: Final = 2 + ID_BYTES + 2 * SHARE_BYTES
LINES: Final = 6
LINE_BYTES: Final = BODY_BYTES // LINES
PART_BYTES: Final = BODY_BYTES + LINES
LINE_LETTERS: Final = 24
LETTERS: Final = LINES * LINE_LETTERS
_ALIKE: Final = str.maketrans("018", "OIB", " \t\r\n-")


class Reserve(Payload, frozen=True, kw_only=True):
    """What an administrator of a team states when they make its reserve; `parts` are names, by number."""

    suite: int
    team: Name
    set: Id
    kem: Public
    sign: Name
    drill: Name
    parts: Annotated[tuple[Name, ...], msgspec.Meta(min_length=PARTS, max_length=PARTS)]
    by: Id
    acting: Member = msgspec.field(name="as")
    at: Time


@dataclass(frozen=True)
class Part:
    """What one holder has; `data` is all of it."""

    number: int
    set: str
    key_share: bytes
    drill_share: bytes
    data: bytes


def make_parts(*, set_id: str, seed: bytes, drill: bytes) -> list[bytes]:
    """Three parts of a reserve key and its drill secret."""
    shares = zip(split(seed), split(drill), strict=True)
    return [part_of(number, set_id, *each) for number, each in enumerate(shares, start=1)]


def part_of(number: int, set_id: str, key_share: bytes, drill_share: bytes) -> bytes:
    body = bytes([VERSION, number]) + unb64(set_id, ID_BYTES) + key_share + drill_share
    return b"".join(_line(at, body[(at - 1) * LINE_BYTES : at * LINE_BYTES]) for at in range(1, LINES + 1))


def _line(at: int, data: bytes) -> bytes:
    """With its check: of 256 ways to mistype a line one goes unseen, until the whole part is compared."""
    return data + sha256(info("reserve-line", bytes([at]), data)).digest()[:1]


def write_part(part: bytes) -> str:
    """As it stands on paper, on lines of six groups of four letters."""
    text = base64.b32encode(part).decode()
    lines = [text[at : at + LINE_LETTERS] for at in range(0, LETTERS, LINE_LETTERS)]
    return "\n".join(" ".join(line[at : at + 4] for at in range(0, LINE_LETTERS, 4)) for line in lines)


def read_part(text: str) -> Part:
    """A part as somebody types it, or a camera reads it."""
    letters = text.upper().translate(_ALIKE)
    if len(letters) != LETTERS or not letters.isascii():
        reject(Reason.MALFORMED, "part")
    try:
        data = base64.b32decode(letters)
    except binascii.Error:
        reject(Reason.MALFORMED, "part")
    lines = [data[at : at + LINE_BYTES + 1] for at in range(0, PART_BYTES, LINE_BYTES + 1)]
    body = b"".join(line[:-1] for line in lines)
    whole = all(line == _line(at, line[:-1]) for at, line in enumerate(lines, start=1))
    if not whole or body[0] != VERSION or not 1 <= body[1] <= PARTS:
        reject(Reason.MALFORMED, "part")
    shares = body[2 + ID_BYTES :]
    return Part(body[1], b64(body[2 : 2 + ID_BYTES]), shares[:SHARE_BYTES], shares[SHARE_BYTES:], data)


def sign_seed_of(seed: bytes) -> bytes:
    """With which a reserve key vouches for members who lost theirs."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info("reserve-sign")).derive(seed)


def part_name(team: str, part: bytes) -> str:
    return name("reserve-part", team.encode(), part)


def drill_name(set_id: str, drill: bytes) -> str:
    return name("reserve-drill", set_id.encode(), drill)


def state_reserve(reserve: Reserve, sign_seed: bytes) -> Statement:
    return sign(TYP, reserve, [sign_seed])


def accept_reserve(statement: Statement, known: Iterable[KnownKey]) -> Reserve:
    """What one of `known` states; that they administer the team is for the caller to see."""
    keys = {kid_of(each.sign): each for each in known}
    signed = verify(TYP, statement, {kid: each.sign for kid, each in keys.items()})
    reserve = decode(signed.payload, Reserve)
    suite.known(reserve.suite, TYP)
    if len(signed.kids) != 1 or len(set(reserve.parts)) != PARTS:
        reject(Reason.MALFORMED, TYP)
    author = keys[signed.kids[0]].person
    if reserve.by != author or reserve.acting != f"person:{author}":
        reject(Reason.WRONG_PERSON, TYP)
    return reserve


def check_part(reserve: Reserve, part: Part) -> None:
    """It is of this reserve, and as it was handed out."""
    if part.set != reserve.set:
        reject(Reason.WRONG_SET, str(part.number))
    if part_name(reserve.team, part.data) != reserve.parts[part.number - 1]:
        reject(Reason.BAD_SHARE, str(part.number))


def _enough(reserve: Reserve, parts: Sequence[Part]) -> list[Part]:
    for part in parts:
        check_part(reserve, part)
    different = list({part.number: part for part in parts}.values())
    if len(different) < THRESHOLD:
        reject(Reason.TOO_FEW_SHARES, reserve.set)
    return different


def drill(reserve: Reserve, parts: Sequence[Part]) -> None:
    """That these parts would give the reserve key back, without doing so."""
    secret = bytes(pyshamir.combine([bytearray(each.drill_share) for each in _enough(reserve, parts)]))
    if drill_name(reserve.set, secret) != reserve.drill:
        reject(Reason.WRONG_KEY, TYP)


def restore(reserve: Reserve, parts: Sequence[Part]) -> bytes:
    """The seed of the reserve key."""
    seed = bytes(pyshamir.combine([bytearray(each.key_share) for each in _enough(reserve, parts)]))
    if b64(public_of(seed, reserve.suite)) != reserve.kem or b64(signing_public(sign_seed_of(seed))) != reserve.sign:
        reject(Reason.WRONG_KEY, TYP)
    return seed


def _context(team: str, key: str, reserve_key: str) -> bytes:
    return info("reserve-copy", team.encode(), key.encode(), reserve_key.encode())


def seal_copy(team: str, named: str, seed: bytes, *, public: bytes, number: int = FIRST) -> bytes:
    """A team key, which is called `named`, sealed to the reserve key `public`, of suite `number`."""
    return seal(public, _context(team, named, public_name(public, number)), seed, number)


def open_copy(team: str, named: str, *, reserve_seed: bytes, sealed: bytes) -> bytes:
    """The team key called `named`."""
    number = suite.suite_of(sealed)
    suite.known(number, "sealed")
    seed = unseal(reserve_seed, _context(team, named, public_name(public_of(reserve_seed, number), number)), sealed)
    if len(seed) != KEY_BYTES or suite_of_key("team", team, seed, named) is None:
        reject(Reason.WRONG_KEY, TYP)
    return seed
