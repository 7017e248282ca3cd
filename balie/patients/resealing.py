"""`balie reseal-bsn`: what another key sealed is sealed under the first of `BALIE_BSN_KEY`, while people work on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from django.db import transaction

from balie.patients.bsn import open_bsn, seal_bsn, sealing_key
from balie.patients.models import SealedBsn
from balie.practices.services import record

AT_ONCE: Final = 200


@dataclass(frozen=True)
class Progress:
    """`unopened`: subjects whose BSN none of the keys opens, so far."""

    done: int
    left: int
    unopened: tuple[str, ...]


def reseal_bsns(at_once: int = AT_ONCE) -> Iterator[Progress]:
    """How far it is, after each few: what is done stays done. Each few are a transaction, and audited."""
    current = sealing_key()
    done, unopened, after = 0, [], 0
    while True:
        with transaction.atomic():
            others = SealedBsn.objects.exclude(key_id=current).filter(pk__gt=after).order_by("pk")
            rows = list(others.select_for_update(of=("self",))[:at_once])
            renewed = []
            for row in rows:
                try:
                    renewed.append(seal_bsn(row, open_bsn(row)))
                except InvalidTag:
                    unopened.append(f"patient:{row.pk}")
            SealedBsn.objects.bulk_update(renewed, ["fingerprint", "sealed", "key_id"])
            if renewed:
                detail = {"count": len(renewed), "key": current}
                record(actor=None, practice=None, action="bsn.resealed", subject="", detail=detail)
        done += len(renewed)
        after = rows[-1].pk if rows else after
        left = SealedBsn.objects.exclude(key_id=current).filter(pk__gt=after).count()
        yield Progress(done, left, tuple(unopened))
        if not left:
            return
