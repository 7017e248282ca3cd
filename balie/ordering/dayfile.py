"""The file of a delivery day, for the distributor: `docs/spec/deliveries.md`. Pure: no database, clock or settings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from balie.lib.checksums import StrangeFileError, verify_file

SCHEMA: Final = "balie-deliveries/1"


class Goods(Struct, frozen=True, forbid_unknown_fields=True):
    """So many doses of one vaccine."""

    product: str
    name: str
    doses: Annotated[int, Meta(gt=0)]


class Stop(Struct, frozen=True, forbid_unknown_fields=True):
    """One stop of the lorry. `delivery` stays the same in every version of the file."""

    delivery: int
    order: str
    kind: Literal["first", "pre_delivery", "reorder"]
    agb_code: Annotated[str, Meta(pattern=r"^[0-9]{8}$")]
    practice: str
    phone: str
    address: str
    goods: Annotated[tuple[Goods, ...], Meta(min_length=1)]


class DayFile(Struct, frozen=True, forbid_unknown_fields=True, rename={"schema_": "schema"}):
    """All stops of one day. `version` counts from 1; a later one replaces an earlier one whole. `withdrawn` are
    deliveries of an earlier version that no longer come; `doses` are the totals by vaccine.
    """

    schema_: Literal["balie-deliveries/1"]
    campaign: str
    day: date
    version: Annotated[int, Meta(ge=1)]
    made_at: datetime
    stops: tuple[Stop, ...]
    withdrawn: tuple[int, ...]
    doses: dict[str, int]


def make_file(
    *, campaign: str, day: date, version: int, made_at: datetime, stops: Sequence[Stop], withdrawn: Sequence[int]
) -> bytes:
    """As it is handed out."""
    doses = Counter[str]()
    for stop in stops:
        for goods in stop.goods:
            doses[goods.product] += goods.doses
    content = DayFile(
        schema_=SCHEMA,
        campaign=campaign,
        day=day,
        version=version,
        made_at=made_at,
        stops=tuple(stops),
        withdrawn=tuple(withdrawn),
        doses=dict(sorted(doses.items())),
    )
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def about(content: DayFile) -> dict[str, Any]:
    """What its signature repeats of the file, so that one day's cannot pass for another's."""
    return {
        "schema": content.schema_,
        "campaign": content.campaign,
        "day": content.day.isoformat(),
        "version": content.version,
    }


def read_file(content: bytes) -> DayFile:
    """Raises StrangeFileError for what is no such file, or does not add up."""
    try:
        found = msgspec.json.decode(content, type=DayFile)
    except msgspec.DecodeError as fault:
        raise StrangeFileError(f"Not a file of deliveries as {SCHEMA} has it: {fault}.") from fault
    keys = [stop.delivery for stop in found.stops]
    if len(keys) != len(set(keys)) or set(keys) & set(found.withdrawn):
        raise StrangeFileError("A delivery is in the file twice.")
    doses = Counter[str]()
    for stop in found.stops:
        for goods in stop.goods:
            doses[goods.product] += goods.doses
    if doses != Counter(found.doses):
        raise StrangeFileError("The doses do not add up to the totals of the file.")
    return found


def check_file(content: bytes, signature: str, *, keys: Mapping[str, Any]) -> DayFile:
    """The file, once it is certain that we made it so. Raises StrangeFileError."""
    said, found = verify_file(content, signature, keys=keys), read_file(content)
    if said != about(found):
        raise StrangeFileError("The signature is that of another file.")
    return found


def verify_paths(file: Path, signature: Path, keys: Path) -> DayFile:
    """As above, of files on a disk. Raises StrangeFileError, also for what cannot be read."""
    try:
        known = msgspec.json.decode(keys.read_bytes(), type=dict[str, Any])
        return check_file(file.read_bytes(), signature.read_text(encoding="ascii"), keys=known)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise StrangeFileError(str(fault)) from fault


def schema() -> dict[str, Any]:
    """The JSON Schema of the file."""
    return msgspec.json.schema(DayFile)
