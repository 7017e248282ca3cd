"""Messages: signed by a device, locked under the conversation's key, padded (`message.md`)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec

from balie.consult.protocol.attachments import ATTACHMENTS_MAX, Attachment
from balie.consult.protocol.boxes import lock, unlock
from balie.consult.protocol.devices import Device
from balie.consult.protocol.encoding import name
from balie.consult.protocol.group_keys import key_name
from balie.consult.protocol.payloads import Count, Id, Member, Name, Payload, Time, decode, encode
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.statements import kid_of, sign_compact, verify_compact

TYP: Final = "balie-message+jws"
BOX_TYP: Final = "balie-message+jwe"
STEP: Final = 256  # bytes
LENGTH_BYTES: Final = 4
ENVELOPE_MAX: Final = 160 * 1024
TEXT_MAX: Final = 10_000
SEEN_MAX: Final = 16
ANSWERS_MAX: Final = 40
LABEL_MAX: Final = 200  # characters
VALUE_MAX: Final = 4_000

FormCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,32}\Z")]
Names = Annotated[tuple[Name, ...], msgspec.Meta(max_length=SEEN_MAX)]


class Answer(msgspec.Struct, frozen=True):
    """What was asked on a form, in the words of the form, and what somebody filled in."""

    label: Annotated[str, msgspec.Meta(min_length=1, max_length=LABEL_MAX)]
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=VALUE_MAX)]


class Question(msgspec.Struct, frozen=True):
    """A form that was filled in; it can be read without the form."""

    form: FormCode
    version: Count
    answers: Annotated[tuple[Answer, ...], msgspec.Meta(min_length=1, max_length=ANSWERS_MAX)]


class IntakeAnswer(Answer, frozen=True, kw_only=True):
    """To which question of the questionnaire, and which choice it was: null in one's own words."""

    question: FormCode
    choice: FormCode | None = None


class Intake(msgspec.Struct, frozen=True):
    """A questionnaire that a patient filled in, and the urgency that followed from it."""

    form: FormCode
    version: Count
    urgency: Literal["U0", "U1", "U2", "U3", "U4", "U5"]
    answers: Annotated[tuple[IntakeAnswer, ...], msgspec.Meta(min_length=1, max_length=ANSWERS_MAX)]


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says. Unknown members are skipped, an unknown `kind` is kept: people update at different times."""

    kind: Annotated[str, msgspec.Meta(pattern=r"^[a-z-]{1,32}\Z")]
    text: Annotated[str, msgspec.Meta(max_length=TEXT_MAX)] = ""
    to: Id | None = None
    attachments: Annotated[tuple[Attachment, ...], msgspec.Meta(max_length=ATTACHMENTS_MAX)] = ()
    question: Question | msgspec.UnsetType = msgspec.UNSET
    intake: Intake | msgspec.UnsetType = msgspec.UNSET


class Message(Payload, frozen=True, kw_only=True):
    """`seen`: messages its author had that no other they had follows. `heads`: the membership they knew."""

    conversation: Name
    id: Id
    person: Id
    device: Id
    acting: Member = msgspec.field(name="as")
    key: Name
    seen: Names
    heads: Names
    at: Time
    content: Content


@dataclass(frozen=True)
class Opened:
    """A message that was opened and verified. `revoked`: its device was revoked since."""

    message: Message
    name: str
    revoked: bool


def padded(data: bytes) -> bytes:
    """Length in four bytes, `data`, zeros up to a multiple of 256 bytes."""
    framed = len(data).to_bytes(LENGTH_BYTES, "big") + data
    return framed + bytes(-len(framed) % STEP)


def unpadded(data: bytes) -> bytes:
    """What was padded; there is one way to pad it."""
    length = int.from_bytes(data[:LENGTH_BYTES], "big")
    content = data[LENGTH_BYTES : LENGTH_BYTES + length]
    if not data or padded(content) != data:
        reject(Reason.MALFORMED, "padding")
    return content


def seal_message(message: Message, *, device_seed: bytes, key: bytes) -> str:
    """The envelope of `message`, whose `key` is the name of `key`."""
    if not _ascending(message):
        reject(Reason.MALFORMED, TYP)
    signed = sign_compact(TYP, encode(message), device_seed).encode()
    return lock(BOX_TYP, key, padded(signed), kid=message.key)


def open_message(
    envelope: str,
    *,
    conversation: str,
    message_id: str,
    key: bytes,
    devices: Collection[Device],
    writers: Mapping[str, Collection[str]],
) -> Opened:
    """What is in `envelope`, which came as `message_id` of `conversation`.

    `writers`: for each who is or was a member, the people who may write as that member.
    """
    if len(envelope) > ENVELOPE_MAX:
        reject(Reason.MALFORMED, BOX_TYP)
    named = key_name("conversation", conversation, key)
    signed = unpadded(unlock(BOX_TYP, key, envelope, kid=named))
    by_kid = {kid_of(each.sign): each for each in devices}
    payload, kid = verify_compact(TYP, _ascii(signed), {kid: each.sign for kid, each in by_kid.items()})
    message, device = decode(payload, Message), by_kid[kid]
    if (message.person, message.device) != (device.person, device.device):
        reject(Reason.WRONG_PERSON, TYP)
    if message.conversation != conversation:
        reject(Reason.WRONG_CONVERSATION, TYP)
    if message.key != named:
        reject(Reason.WRONG_KEY, TYP)
    if message.id != message_id:
        reject(Reason.WRONG_MESSAGE, TYP)
    if message.person not in writers.get(message.acting, ()):
        reject(Reason.NOT_ALLOWED, TYP)
    if not _ascending(message) or not _fits(message.content):
        reject(Reason.MALFORMED, TYP)
    return Opened(message=message, name=name("message", signed), revoked=device.revoked)


def _ascii(data: bytes) -> str:
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        reject(Reason.MALFORMED, TYP)


def _ascending(message: Message) -> bool:
    return all(list(names) == sorted(set(names)) for names in (message.seen, message.heads))


def _fits(content: Content) -> bool:
    """Each kind has what it needs; of a kind that is not known yet nothing is asked."""
    match content.kind:
        case "text":
            return bool(content.text or content.attachments)
        case "edit":
            return bool(content.text) and content.to is not None
        case "recall":
            return content.to is not None and not content.text and not content.attachments
        case "question" | "econsult":
            filled_in = content.question if content.kind == "question" else content.intake
            return filled_in is not msgspec.UNSET
        case "conclusion":
            return bool(content.text)
        case _:
            return True


def is_new(opened: Opened, known: Mapping[str, str]) -> bool:
    """Whether a message is new; `known`: id to name. An honest client never sends two under one id."""
    before = known.get(opened.message.id)
    if before not in {None, opened.name}:
        reject(Reason.REPLAYED, TYP)
    return before is None


def missing(opened: Opened, known: Collection[str]) -> list[str]:
    """Messages that its author had seen and we have not: to be fetched, or somebody withholds them."""
    return [each for each in opened.message.seen if each not in known]
