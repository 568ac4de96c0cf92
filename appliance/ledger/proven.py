"""Entries that prove themselves: each signed with our key, and nothing left out up to the end that was signed.

For what whoever can write the store, and has no key of this appliance, must not decide. It is quick however long the
ledger is, where it need be followed from a recent entry only.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, Select, select

from appliance.errors import KeyDamaged, LedgerDamaged, RuleViolation
from appliance.ledger.bodies import Bodies
from appliance.ledger.checkpoint import Checkpoint, Mark
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

    @property
    def mark(self) -> Mark:
        """Its number and its hash."""
        return Mark(self.entry.sequence, self.entry_hash)


@dataclass(frozen=True, slots=True)
class Prover:
    """Reads entries about other appliances, inside a caller's transaction, and believes the key alone."""

    bodies: Bodies
    public_key: Ed25519PublicKey
    checkpoint: Checkpoint

    def vouched(self) -> Mark | None:
        """Return how far the checkpoint file vouches; None where there is none, or one that nobody here signed.

        Ask before the snapshot is taken with which it is compared: another process may be further by then.
        """
        try:
            return self.checkpoint.read(self.public_key)
        except LedgerDamaged:
            return None

    def entries(self, reader: Connection, kinds: Collection[EntryKind]) -> dict[int, ProvenEntry | None]:
        """Return the entries of these kinds by their numbers, in order; None for one that is not what we wrote."""
        query = _about_devices(kinds).order_by(ledger_entries.c.sequence)
        return {row.sequence: self._proven(row) for row in reader.execute(query)}

    def newest(self, reader: Connection, kinds: Collection[EntryKind]) -> tuple[int, ProvenEntry | None]:
        """Return number and entry of the newest of these kinds; 0 where there is none."""
        query = _about_devices(kinds).order_by(ledger_entries.c.sequence.desc()).limit(1)
        row = reader.execute(query).one_or_none()
        return (0, None) if row is None else (row.sequence, self._proven(row))

    def entry(self, reader: Connection, number: int, kind: EntryKind) -> ProvenEntry | None:
        """Return the entry of this number; None where it is of another kind, or not what we wrote."""
        row = reader.execute(_with_bodies().where(ledger_entries.c.sequence == number)).one_or_none()
        proven = None if row is None else self._proven(row)
        return proven if proven is not None and proven.entry.kind is kind else None

    def end_after(
        self, reader: Connection, start: Mark, *, vouched: Mark | None = None, without: Collection[EntryKind] = ()
    ) -> Mark | None:
        """Return the end of the ledger (``end_after``), signed with our key."""
        return end_after(reader, self.public_key, start, vouched=vouched, without=without)

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


def end_after(
    reader: Connection,
    public_key: Ed25519PublicKey,
    start: Mark,
    *,
    vouched: Mark | None = None,
    without: Collection[EntryKind] = (),
) -> Mark | None:
    """Return the end that was signed, if every entry after ``start`` is there up to it, as it was written; else None.

    None, too, where one of them is of a kind in ``without``, whatever an index says, and where the checkpoint file
    vouches for another entry than one of these, or for more.
    """
    last = start
    try:
        if _differs(start, vouched):
            return None
        for last in _following(reader, start, without):
            if _differs(last, vouched):
                return None
        is_behind = vouched is not None and vouched.sequence > last.sequence
        return None if is_behind or not _is_signed_end(reader, public_key, last) else last
    except (*_NO_ENTRY, InvalidSignature):
        return None


def _following(reader: Connection, start: Mark, without: Collection[EntryKind]) -> Iterator[Mark]:
    """Yield number and hash of what follows, read from the table itself; ValueError where the chain breaks."""
    last = start
    query = select(ledger_entries).where(ledger_entries.c.sequence > last.sequence).order_by(ledger_entries.c.sequence)
    for row in reader.execute(query.execution_options(yield_per=_AT_ONCE)):
        if (row.sequence, row.previous_hash) != (last.sequence + 1, last.entry_hash) or row.kind in without:
            msg = "the next entry is missing, is another one, or is of a kind that may not follow"
            raise ValueError(msg)
        last = Mark(row.sequence, hashlib.sha256(_public(row).signed_bytes()).digest())
        yield last


def _differs(mark: Mark, vouched: Mark | None) -> bool:
    return vouched is not None and vouched.sequence == mark.sequence and vouched != mark


def _is_signed_end(reader: Connection, public_key: Ed25519PublicKey, last: Mark) -> bool:
    """Tell whether the ledger was signed up to here; InvalidSignature where it was with another key."""
    head = reader.execute(select(ledger_head)).one_or_none()
    if head is None or Mark(head.sequence, head.entry_hash) != last:
        return False
    public_key.verify(head.signature, head_bytes(last.sequence, last.entry_hash))
    return True


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


def _with_bodies() -> Select[Any]:
    its_body = ledger_bodies.c.sequence == ledger_entries.c.sequence
    return select(ledger_entries, ledger_bodies.c.sealed).outerjoin(ledger_bodies, its_body)


def _about_devices(kinds: Collection[EntryKind]) -> Select[Any]:
    return _with_bodies().where(ABOUT_DEVICES, ledger_entries.c.kind.in_([kind.value for kind in kinds]))
