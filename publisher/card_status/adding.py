"""From the register's table to a base of the month and a delta of the day.

The table is the complete state of today, so nothing depends on what was added before. Published is a base, about once
a month, and the delta from it to today's list: whoever has the base fetches a few kilobytes a day.
"""

import json
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.signer import Key

from appliance.lists.catalogue import CARD_STATUS_BASE, CARD_STATUS_DELTA, CARD_STATUS_KEY
from publisher.card_status.difference import Difference, difference
from publisher.card_status.known_list import KnownList, next_list
from publisher.desk_folder import DeskFolder
from publisher.errors import DeskError
from publisher.files import read_regular, write_durably
from publisher.founding import CARD_STATUS
from publisher.keyring import Keyring, RandomBytes
from publisher.moments import whole_seconds
from publisher.settings import Settings
from verifier.sdk.card_status import CardStatusList
from verifier.sdk.errors import TrustMaterialError
from verifier.sdk.publishing import (
    CardStatusEntry,
    build_card_status_list,
    make_card_status_delta,
    read_card_status_csv,
)

BASE_PERIOD = timedelta(days=30)
"""After that a new base is due."""
_LARGEST_PART = 4
"""A delta longer than this part of its base makes a new base cheaper."""
_SMALL = 4096
"""Bytes: below that a delta always pays, for a base that is hardly longer."""
_LONGEST_STATE = 1024


@dataclass(frozen=True, slots=True)
class CardStatusChange:
    """What will be published of the card status list."""

    sequence: int
    cards: int
    """Cards that are listed."""
    states: dict[str, int]
    """How many are revoked, suspended, lost."""
    difference: Difference
    """From the list before, staged or published."""
    is_new_base: bool
    why: str
    length: int
    """Bytes of the whole list."""
    delta_length: int | None
    """Bytes that an appliance with the base fetches; ``None`` with a new base."""


def add_card_status(
    desk: DeskFolder,
    keyring: Keyring,
    table: Path,
    *,
    at: datetime,
    next_update_days: int | None = None,
    new_base: bool = False,
    no_longer_listed: int | None = None,
) -> CardStatusChange:
    """Stage the list of today, as a new base or as a delta.

    ``next_update_days`` is when the next list will have come at the latest; without, the period of the timestamp.
    ``no_longer_listed`` is how many cards leave the list, where these are many. Raises ``TableIncomplete``, the SDK's
    ``FaultyTable`` and ``InvalidInput``, ``KeyMissing``, ``KeyUnusable``, ``DeskError``, ``OSError``.
    """
    desk.require_central()
    settings, moment = desk.settings(), whole_seconds(at)
    key, before = _key(settings), next_list(desk)
    private = keyring.private_key(key)
    sequence = max(_last_sequence(desk), 0 if before is None else before.sequence) + 1
    days = settings.periods.timestamp if next_update_days is None else next_update_days
    encoded, states = _built(table, moment, moment + timedelta(days=days), sequence, private)
    found = difference(before, encoded, states.total())
    found.require_meant(no_longer_listed)
    base = None if new_base else _base(before, key)
    delta, why = (None, "asked for" if new_base else "the first") if base is None else _delta(base, encoded, moment)
    write_durably(desk.card_status_path, json.dumps({"sequence": sequence}).encode())
    _put(desk, key, encoded, delta)
    length = None if delta is None else len(delta)
    return CardStatusChange(sequence, states.total(), dict(states), found, delta is None, why, len(encoded), length)


def renew_card_status_key(desk: DeskFolder, keyring: Keyring, *, random: RandomBytes = secrets.token_bytes) -> Key:
    """Make another key for card status lists; the next list is a new base, signed with it. Return its public half."""
    desk.require_central()
    key = keyring.make(CARD_STATUS, random=random)
    desk.settings().with_card_status_key(key).write(desk.settings_path)
    return key


def _built(
    table: Path, issued_at: datetime, next_update: datetime, sequence: int, private: Ed25519PrivateKey
) -> tuple[bytes, Counter[str]]:
    states: Counter[str] = Counter()
    with table.open(encoding="utf-8-sig", newline="") as lines:
        entries = _counted(read_card_status_csv(lines), states)
        return build_card_status_list(entries, issued_at, next_update, sequence, private), states


def _put(desk: DeskFolder, key: Key, encoded: bytes, delta: bytes | None) -> None:
    if delta is not None:
        desk.staged.put(CARD_STATUS_DELTA, delta)
        return
    desk.staged.put(CARD_STATUS_KEY, f"{key.keyval['public']}\n".encode())
    desk.staged.put(CARD_STATUS_BASE, encoded)
    if CARD_STATUS_DELTA in desk.published().target_files():
        desk.staged.remove(CARD_STATUS_DELTA)
    else:
        desk.staged.forget(CARD_STATUS_DELTA)


@dataclass(frozen=True, slots=True)
class _Base:
    path: Path
    issued_at: datetime


def _delta(base: _Base, encoded: bytes, at: datetime) -> tuple[bytes | None, str]:
    """Return the delta to today's list and what it is, or ``None`` and why a new base is better."""
    if at - base.issued_at >= BASE_PERIOD:
        return None, f"the base is {(at - base.issued_at).days} days old"
    delta = make_card_status_delta(base.path, encoded)
    if len(delta) > max(_SMALL, base.path.stat().st_size // _LARGEST_PART):
        return None, "so much changed that a delta would not pay"
    return delta, f"a delta to the base of {base.issued_at:%Y-%m-%d}"


def _base(before: KnownList | None, key: Key) -> _Base | None:
    """The base of the list before, if it is signed with today's key."""
    if before is None:
        return None
    issuer = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.keyval["public"]))
    try:
        with CardStatusList.open(before.base, issuer) as base:
            return _Base(before.base, base.issued_at)
    except TrustMaterialError:
        return None


def _key(settings: Settings) -> Key:
    if settings.card_status_key is None:
        msg = "this desk has no key for card status lists"
        raise DeskError(msg)
    return settings.card_status_key


def _last_sequence(desk: DeskFolder) -> int:
    try:
        return int(json.loads(read_regular(desk.card_status_path, _LONGEST_STATE))["sequence"])
    except FileNotFoundError:
        return 0
    except (ValueError, KeyError, TypeError) as error:
        msg = f"{desk.card_status_path.name} is damaged; restore it, for no sequence number may come twice"
        raise DeskError(msg) from error


def _counted(entries: Iterator[CardStatusEntry], states: Counter[str]) -> Iterator[CardStatusEntry]:
    for entry in entries:
        states[entry.state.name.lower()] += 1
        yield entry
