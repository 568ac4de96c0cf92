"""Entries that prove themselves: each signed with our key, and nothing left out up to the end that was signed.

For what whoever can write the store, and has no key of this appliance, must not decide. It is quick however long the
ledger is, where it need be followed from a recent entry only.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, Select, select

from appliance.errors import KeyDamaged, RuleViolation
from appliance.ledger.bodies import Bodies
from appliance.ledger.entry import PublicEntry, Sequence, commit_to, head_bytes
from appliance.ledger.reading import Entry
from appliance.storage.base import utc_time
from appliance.storage.ledger import ABOUT_DEVICES, EntryKind, ledger_bodies, ledger_entries, ledger_head

_AT_ONCE: Final = 500
_NO_ENTRY: Final = (RuleViolation, TypeError, ValueError, AttributeError)
"""What values raise that this program never wrote."""


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """An entry that we signed, with the body that it commits to; its hash, 32 bytes, binds the next one to it."""

    entry: Entry
    entry_hash: bytes


@dataclass(frozen=True, slots=True)
class Prover:
    """Reads entries about other appliances, inside a caller's transaction, and believes the key alone."""

    bodies: Bodies
    public_key: Ed25519PublicKey

    def entries(self, reader: Connection, kinds: Collection[EntryKind]) -> dict[int, ProvenEntry | None]:
        """Return the entries of these kinds by their numbers, in order; None for one that is not what we wrote."""
        query = _about_devices(kinds).order_by(ledger_entries.c.sequence)
        return {row.sequence: self._proven(row) for row in reader.execute(query)}

    def newest(self, reader: Connection, kinds: Collection[EntryKind]) -> tuple[int, ProvenEntry | None]:
        """Return number and entry of the newest of these kinds; 0 where there is none."""
        query = _about_devices(kinds).order_by(ledger_entries.c.sequence.desc()).limit(1)
        row = reader.execute(query).one_or_none()
        return (0, None) if row is None else (row.sequence, self._proven(row))

    def is_whole_since(self, reader: Connection, start: ProvenEntry) -> bool:
        """Tell whether every entry that follows is there, as it was written, up to the end that was signed."""
        last, last_hash = int(start.entry.sequence), start.entry_hash
        query = select(ledger_entries).where(ledger_entries.c.sequence > last).order_by(ledger_entries.c.sequence)
        try:
            for row in reader.execute(query.execution_options(yield_per=_AT_ONCE)):
                if (row.sequence, row.previous_hash) != (last + 1, last_hash):
                    return False
                last, last_hash = row.sequence, hashlib.sha256(_public(row).signed_bytes()).digest()
            head = reader.execute(select(ledger_head)).one_or_none()
            if head is None or (head.sequence, head.entry_hash) != (last, last_hash):
                return False
            self.public_key.verify(head.signature, head_bytes(head.sequence, head.entry_hash))
        except (*_NO_ENTRY, InvalidSignature):
            return False
        return True

    def _proven(self, row: Row[Any]) -> ProvenEntry | None:
        try:
            signed = _public(row).signed_bytes()
            self.public_key.verify(row.signature, signed)
            salt, body = self.bodies.salt_and_body(row.sequence, row.sealed)
            if commit_to(salt, body) != row.commitment:
                return None
            entry = Entry(
                sequence=Sequence(row.sequence),
                at=utc_time(row.at),
                kind=EntryKind(row.kind),
                meeting_id=row.meeting_id,
                refers_to=row.refers_to,
                body=json.loads(body),
            )
        except (*_NO_ENTRY, InvalidSignature, KeyDamaged):
            return None
        return ProvenEntry(entry, hashlib.sha256(signed).digest())


def _public(row: Row[Any]) -> PublicEntry:
    return PublicEntry(
        sequence=row.sequence,
        at=row.at,
        kind=row.kind,
        meeting_id=row.meeting_id,
        refers_to=row.refers_to,
        commitment=row.commitment,
        previous_hash=row.previous_hash,
    )


def _about_devices(kinds: Collection[EntryKind]) -> Select[Any]:
    of_kinds = ledger_entries.c.kind.in_([kind.value for kind in kinds])
    its_body = ledger_bodies.c.sequence == ledger_entries.c.sequence
    return (
        select(ledger_entries, ledger_bodies.c.sealed).outerjoin(ledger_bodies, its_body).where(ABOUT_DEVICES, of_kinds)
    )
