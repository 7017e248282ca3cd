"""Recomputes a published draw from its file alone, as docs/spec/live.md defines it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

VERSION = 2


def numbers_of(file: Mapping[str, Any]) -> dict[str, int]:
    """The number of every ticket in the draw of any round."""
    return {ticket: number for drawn in file["rounds"] for ticket, number in numbers_in(drawn).items()}


def numbers_in(drawn: Mapping[str, Any]) -> dict[str, int]:
    """The number of every ticket in the draw of one round."""
    beacon = drawn.get("beacon")
    key = hashlib.sha256(bytes.fromhex(drawn["seed"]) + bytes.fromhex(beacon["value"] if beacon else "")).digest()

    def rank(ticket: str) -> tuple[bytes, str]:
        return hmac.digest(key, ticket.encode("ascii"), "sha256"), ticket

    return {ticket: number for number, ticket in enumerate(sorted(drawn["tickets"], key=rank), start=drawn["first"])}


def faults_in_file(file: Mapping[str, Any], promised: Mapping[int, str]) -> list[str]:
    """What is wrong with the file by itself: rounds missing or out of order, and in each its seed, its list, its order.

    `promised` are the hashes of the seeds that hung there before the opening, by round.
    """
    faults = []
    if file["version"] != VERSION or not file["complete"]:
        faults.append("the file is of another version, or a round is still to come")
    if [drawn["round"] for drawn in file["rounds"]] != sorted(promised):
        faults.append("the rounds are not those that were promised")
    next_number, seen = 1, set[str]()
    for drawn in file["rounds"]:
        faults += [f"round {drawn['round']}: {fault}" for fault in _faults_in(drawn, promised.get(drawn["round"]))]
        if drawn["first"] < next_number:
            faults.append(f"round {drawn['round']}: numbers are given out twice")
        if seen & set(drawn["tickets"]):
            faults.append(f"round {drawn['round']}: a ticket was drawn before")
        next_number = drawn["first"] + len(drawn["tickets"])
        seen |= set(drawn["tickets"])
    return faults


def _faults_in(drawn: Mapping[str, Any], promised_seed_hash: str | None) -> list[str]:
    tickets = drawn["tickets"]
    faults = []
    if hashlib.sha256(bytes.fromhex(drawn["seed"])).hexdigest() != drawn["seed_hash"]:
        faults.append("the seed is not the one of seed_hash")
    if promised_seed_hash != drawn["seed_hash"]:
        faults.append("the seed is not the one that was sealed before the opening")
    if tickets != sorted(set(tickets)):
        faults.append("the list is not in ascending order, each ticket once")
    if hashlib.sha256("\n".join(tickets).encode("ascii")).hexdigest() != drawn["list_hash"]:
        faults.append("list_hash is not the hash of the list")
    return faults
