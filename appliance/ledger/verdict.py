"""The examination of a ledger: every entry, every body, the signed head and the checkpoint file.

Trusts nothing in the store: text columns are taken as raw bytes, and a value of the wrong kind is a finding.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, text

from appliance.errors import KeyDamaged, LedgerDamaged, RuleViolation, StorageDamaged
from appliance.ledger.bodies import Bodies
from appliance.ledger.checkpoint import Checkpoint, Mark
from appliance.ledger.entry import GENESIS, PublicEntry, commit_to, head_bytes
from appliance.ledger.paper import PaperCheckpoint
from appliance.names import count
from appliance.storage.database import Database
from appliance.storage.ledger import EntryKind

_ENTRIES = text(
    "SELECT e.sequence AS sequence, CAST(e.at AS BLOB) AS at, CAST(e.kind AS BLOB) AS kind, e.meeting_id AS meeting_id,"
    " e.refers_to AS refers_to, e.commitment AS commitment, e.previous_hash AS previous_hash,"
    " e.entry_hash AS entry_hash, e.signature AS signature,"
    " b.sequence AS body_sequence, b.sealed AS sealed, b.subject AS subject"
    " FROM ledger_entries AS e LEFT JOIN ledger_bodies AS b ON b.sequence = e.sequence ORDER BY e.sequence"
)
_ORPHAN = text(
    "SELECT sequence FROM ledger_bodies WHERE sequence IS NULL OR typeof(sequence) <> 'integer'"
    " OR sequence NOT IN (SELECT sequence FROM ledger_entries) ORDER BY sequence LIMIT 1"
)
_HEAD = text("SELECT sequence, entry_hash, public_key, signature FROM ledger_head ORDER BY id")


_PAGES = text("PRAGMA integrity_check(1)")


class Finding(StrEnum):
    """What an examination can end with; the values are stable reason codes."""

    INTACT = "intact"
    REMOVED = "removed"
    ALTERED = "altered"
    OUT_OF_ORDER = "out-of-order"
    NOT_SIGNED = "not-signed"
    BODY_ALTERED = "body-altered"
    BODY_MISSING = "body-missing"
    TRUNCATED = "truncated"
    HEAD_DAMAGED = "head-damaged"
    ROLLED_BACK = "rolled-back"
    NOT_AS_PRINTED = "not-as-printed"
    WRONG_KEY = "wrong-key"
    CHECKPOINT_DAMAGED = "checkpoint-damaged"
    STORE_DAMAGED = "store-damaged"


_SENTENCES = {
    Finding.REMOVED: "entry {first_bad} was removed",
    Finding.ALTERED: "entry {first_bad} was altered",
    Finding.OUT_OF_ORDER: "entry {first_bad} does not follow the entry before it: moved, replaced or inserted",
    Finding.NOT_SIGNED: "entry {first_bad} was not signed with this appliance's key",
    Finding.BODY_ALTERED: "the body of entry {first_bad} is not what was recorded",
    Finding.BODY_MISSING: "the body of entry {first_bad} is gone, and no erasure is on record for it",
    Finding.TRUNCATED: "more entries were signed than are there; the first one missing is {first_bad}",
    Finding.HEAD_DAMAGED: "the signed head of the ledger was altered or removed",
    Finding.ROLLED_BACK: (
        "the ledger is not the one that the checkpoint saw, from entry {first_bad} on; the checkpoint is kept as it is"
    ),
    Finding.NOT_AS_PRINTED: "the ledger is not the one that the minutes were printed from, from entry {first_bad} on",
    Finding.WRONG_KEY: "the ledger was signed with another key than this appliance's",
    Finding.CHECKPOINT_DAMAGED: "the checkpoint file is damaged, or was not signed with this appliance's key",
    Finding.STORE_DAMAGED: "the store's file is damaged",
}


@dataclass(frozen=True, slots=True)
class LedgerVerdict:
    """What an examination found.

    ``entries`` were examined, ``erased`` of them without their body. ``first_bad`` is the number of the first entry
    that is wrong or missing. ``checkpoint`` is how far the file beside the store vouches, None without one.
    """

    ok: bool
    entries: int
    erased: int
    first_bad: int | None
    reason: str
    sentence: str
    checkpoint: int | None = None


class _Found(Exception):
    """Ends the examination."""

    def __init__(self, finding: Finding, first_bad: int | None = None) -> None:
        super().__init__(finding)
        self.finding = finding
        self.first_bad = first_bad


@dataclass
class _Examination:
    """What is known so far."""

    public_key: Ed25519PublicKey
    bodies: Bodies
    printed: PaperCheckpoint | None
    mark: Mark | None = None
    entries: int = 0
    last_hash: bytes = GENESIS
    bodiless: list[int] = field(default_factory=list)
    declared_erased: set[int] = field(default_factory=set)


def examine(
    database: Database,
    public_key: Ed25519PublicKey,
    bodies: Bodies,
    checkpoint: Checkpoint,
    printed: PaperCheckpoint | None = None,
) -> LedgerVerdict:
    """Examine the whole ledger in one snapshot, also against what was printed; stops at the first finding."""
    known = _Examination(public_key, bodies, printed)
    try:
        known.mark = checkpoint.read(public_key)
        with database.reading() as reader:
            _examine_all(known, reader)
    except _Found as found:
        return _verdict(known, found.finding, found.first_bad)
    except LedgerDamaged:
        return _verdict(known, Finding.CHECKPOINT_DAMAGED)
    except StorageDamaged:
        return _verdict(known, Finding.STORE_DAMAGED)
    return _verdict(known, Finding.INTACT)


def _examine_all(known: _Examination, reader: Connection) -> None:
    if reader.execute(_PAGES).scalar() != "ok":  # an index that differs from its table answers differently
        raise _Found(Finding.STORE_DAMAGED)
    heads = reader.execute(_HEAD).all()
    if heads and heads[0].public_key != known.public_key.public_bytes_raw():
        raise _Found(Finding.WRONG_KEY)
    for row in reader.execute(_ENTRIES):
        _examine_entry(known, row)
    _examine_end(known, heads)
    orphan = reader.execute(_ORPHAN).first()
    if orphan is not None and type(orphan.sequence) is not int:
        raise _Found(Finding.STORE_DAMAGED)
    if orphan is not None:
        raise _Found(Finding.REMOVED, orphan.sequence)
    for number in known.bodiless:
        if number not in known.declared_erased:
            raise _Found(Finding.BODY_MISSING, number)


def _examine_entry(known: _Examination, row: Row[Any]) -> None:
    expected = known.entries + 1
    if row.sequence != expected:
        raise _Found(Finding.REMOVED, expected)
    public = _public_entry(row)
    try:
        signed = public.signed_bytes()
    except RuleViolation as error:  # a number that no entry can have
        raise _Found(Finding.ALTERED, expected) from error
    if hashlib.sha256(signed).digest() != row.entry_hash:
        raise _Found(Finding.ALTERED, expected)
    if not _is_signed(known.public_key, row.signature, signed):
        raise _Found(Finding.NOT_SIGNED, expected)
    if public.previous_hash != known.last_hash:
        raise _Found(Finding.OUT_OF_ORDER, expected)
    if known.mark is not None and known.mark.sequence == expected and known.mark.entry_hash != row.entry_hash:
        raise _Found(Finding.ROLLED_BACK, expected)
    if known.printed is not None and known.printed.sequence == expected and known.printed.entry_hash != row.entry_hash:
        raise _Found(Finding.NOT_AS_PRINTED, expected)
    _examine_body(known, row, public)
    known.entries = expected
    known.last_hash = row.entry_hash


def _public_entry(row: Row[Any]) -> PublicEntry:
    raw = (row.at, row.kind, row.commitment, row.previous_hash, row.entry_hash, row.signature)
    numbers = (row.meeting_id, row.refers_to)
    fit = all(isinstance(value, bytes) for value in raw) and all(isinstance(value, int | None) for value in numbers)
    if not fit:
        raise _Found(Finding.ALTERED, row.sequence)
    try:
        at, kind = row.at.decode(), row.kind.decode()
    except UnicodeDecodeError as error:
        raise _Found(Finding.ALTERED, row.sequence) from error
    return PublicEntry(row.sequence, at, kind, *numbers, row.commitment, row.previous_hash)


def _examine_body(known: _Examination, row: Row[Any], public: PublicEntry) -> None:
    if row.body_sequence is None:
        known.bodiless.append(public.sequence)
        return
    try:
        salt, body_bytes = known.bodies.salt_and_body(public.sequence, row.sealed)
    except (KeyDamaged, TypeError) as error:
        raise _Found(Finding.BODY_ALTERED, public.sequence) from error
    if commit_to(salt, body_bytes) != public.commitment:
        raise _Found(Finding.BODY_ALTERED, public.sequence)
    body = json.loads(body_bytes)  # committed to and signed for: it is what the ledger wrote
    subject = body.get("subject")
    if row.subject != (None if subject is None else known.bodies.tag_of(subject)):  # by which everybody is found
        raise _Found(Finding.BODY_ALTERED, public.sequence)
    if public.kind == EntryKind.ERASURE:
        known.declared_erased.update(body["erased"])


def _examine_end(known: _Examination, heads: Sequence[Row[Any]]) -> None:
    following = known.entries + 1
    if heads:
        head = heads[0]
        if not _is_signed_head(known.public_key, head):
            raise _Found(Finding.HEAD_DAMAGED)
        if head.sequence > known.entries:
            raise _Found(Finding.TRUNCATED, following)
        if (head.sequence, head.entry_hash) != (known.entries, known.last_hash):
            raise _Found(Finding.HEAD_DAMAGED)
    elif known.entries:
        raise _Found(Finding.HEAD_DAMAGED)
    if known.mark is not None and known.mark.sequence > known.entries:
        raise _Found(Finding.ROLLED_BACK, following)
    if known.printed is not None and known.printed.sequence > known.entries:
        raise _Found(Finding.NOT_AS_PRINTED, following)


def _is_signed_head(public_key: Ed25519PublicKey, head: Row[Any]) -> bool:
    if not isinstance(head.sequence, int) or not isinstance(head.entry_hash, bytes):
        return False
    try:
        message = head_bytes(head.sequence, head.entry_hash)
    except RuleViolation:  # a number that no entry can have
        return False
    return _is_signed(public_key, head.signature, message)


def _is_signed(public_key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        public_key.verify(signature, message)
    except (InvalidSignature, TypeError):
        return False
    return True


def _verdict(known: _Examination, finding: Finding, first_bad: int | None = None) -> LedgerVerdict:
    intact = finding is Finding.INTACT
    return LedgerVerdict(
        ok=intact,
        entries=known.entries,
        erased=len(known.bodiless),
        first_bad=first_bad,
        reason=finding.value,
        sentence=_intact(known) if intact else _SENTENCES[finding].format(first_bad=first_bad),
        checkpoint=None if known.mark is None else known.mark.sequence,
    )


def _intact(known: _Examination) -> str:
    parts = [f"{count(known.entries, 'entry')}, chained and signed"]
    if known.bodiless:
        parts.append(f"{len(known.bodiless)} of them with their body erased on record")
    if known.printed is not None:
        parts.append(f"as printed when entry {known.printed.sequence} closed its meeting")
    elif known.mark is None and known.entries:
        parts.append("no checkpoint file was found, so a store put back as a whole could not be told")
    return "; ".join(parts)
