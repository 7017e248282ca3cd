"""Recomputes a published draw from its file alone, as docs/spec/live.md defines it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any


def numbers_of(file: Mapping[str, Any]) -> dict[str, int]:
    """The number of every ticket in the draw."""
    beacon = file.get("beacon")
    key = hashlib.sha256(bytes.fromhex(file["seed"]) + bytes.fromhex(beacon["value"] if beacon else "")).digest()

    def rank(ticket: str) -> tuple[bytes, str]:
        return hmac.digest(key, ticket.encode("ascii"), "sha256"), ticket

    return {ticket: number for number, ticket in enumerate(sorted(file["tickets"], key=rank), start=1)}


def faults_in_file(file: Mapping[str, Any], promised_seed_hash: str | None) -> list[str]:
    """What is wrong with the file by itself: its seed, its list, its order."""
    tickets = file["tickets"]
    faults = []
    if hashlib.sha256(bytes.fromhex(file["seed"])).hexdigest() != file["seed_hash"]:
        faults.append("the seed is not the one of seed_hash")
    if promised_seed_hash != file["seed_hash"]:
        faults.append("the seed is not the one that was sealed before the opening")
    if tickets != sorted(set(tickets)):
        faults.append("the list is not in ascending order, each ticket once")
    if hashlib.sha256("\n".join(tickets).encode("ascii")).hexdigest() != file["list_hash"]:
        faults.append("list_hash is not the hash of the list")
    return faults
