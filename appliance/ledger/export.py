"""The ledger as a file that anybody can verify: lines of canonical JSON (docs/ledger.md, "The exported file").

The public part of every entry is there, so that the chain can be followed from its beginning; the bodies are those of
one meeting, or all that were not erased. Bodies of erasures are always there: they say which others may be missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Row, select

from appliance.errors import KeyDamaged, LedgerDamaged
from appliance.ledger.bodies import Bodies
from appliance.ledger.canonical_json import JsonValue, canonical_json
from appliance.ledger.reading import not_as_recorded, require_numbers
from appliance.storage.base import utc_text, utc_time
from appliance.storage.ledger import EntryKind, ledger_bodies, ledger_entries, ledger_head

FORMAT: Final = "thechip-ledger-1"
_DOMAIN: Final = b"thechip ledger export 1\n"
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class OneMeeting:
    """Whose bodies an export holds: the meeting's number on this appliance, and its number everywhere."""

    id: int
    uid: str


def exported_lines(
    reader: Connection, bodies: Bodies, device: Ed25519PrivateKey, meeting: OneMeeting | None
) -> Iterator[bytes]:
    """Yield the lines with their line feeds; LedgerDamaged where a body does not open."""
    yield _header(device, meeting)
    yield from entry_lines(reader, bodies, None if meeting is None else meeting.id)


def entry_lines(reader: Connection, bodies: Bodies, meeting_id: int | None, *, first: int = 1) -> Iterator[bytes]:
    """Yield the entries from number ``first`` on and the signed head, as lines; LedgerDamaged as above.

    With bodies: all of them, or those of a meeting and of erasures.
    """
    query = (
        select(ledger_entries, ledger_bodies.c.sealed)
        .outerjoin(ledger_bodies, ledger_bodies.c.sequence == ledger_entries.c.sequence)
        .where(ledger_entries.c.sequence >= first)
        .order_by(ledger_entries.c.sequence)
        .execution_options(yield_per=_AT_ONCE)
    )
    for row in reader.execute(query):
        is_wanted = meeting_id is None or row.meeting_id == meeting_id or row.kind == EntryKind.ERASURE
        yield _line(_entry(row, bodies if is_wanted else None))
    head = reader.execute(select(ledger_head)).one_or_none()
    if head is not None:
        yield _line({"head": _signed_head(head)})


def _signed_head(head: Row[Any]) -> dict[str, JsonValue]:
    try:
        require_numbers(head.sequence)
        return {"entry_hash": head.entry_hash.hex(), "sequence": head.sequence, "signature": head.signature.hex()}
    except (AttributeError, LedgerDamaged) as error:
        msg = "the signed head of the ledger was altered; run ledger verify"
        raise LedgerDamaged(msg) from error


def _header(device: Ed25519PrivateKey, meeting: OneMeeting | None) -> bytes:
    """Return the first line, signed: nobody says afterwards that bodies were never meant to be here."""
    fields: dict[str, JsonValue] = {
        "device": device.public_key().public_bytes_raw().hex(),
        "format": FORMAT,
        "meeting": None if meeting is None else {"id": meeting.id, "uid": meeting.uid},
    }
    signature = device.sign(_DOMAIN + canonical_json(fields))
    return _line({**fields, "signature": signature.hex()})


def _entry(row: Row[Any], bodies: Bodies | None) -> dict[str, JsonValue]:
    public = _public(row)
    if row.sealed is None or bodies is None:
        return public
    try:
        salt, _ = bodies.salt_and_body(row.sequence, row.sealed)
    except KeyDamaged as error:
        msg = f"the body of entry {row.sequence} does not open; run ledger verify"
        raise LedgerDamaged(msg) from error
    return {**public, "body": bodies.open(row.sequence, row.sealed), "salt": salt.hex()}


def _public(row: Row[Any]) -> dict[str, JsonValue]:
    require_numbers(row.sequence, row.meeting_id, row.refers_to)
    try:
        return {
            "at": utc_text(utc_time(row.at)),
            "commitment": row.commitment.hex(),
            "entry_hash": row.entry_hash.hex(),
            "kind": EntryKind(row.kind).value,
            "meeting_id": row.meeting_id,
            "previous_hash": row.previous_hash.hex(),
            "refers_to": row.refers_to,
            "sequence": row.sequence,
            "signature": row.signature.hex(),
        }
    except (AttributeError, TypeError, ValueError) as error:
        raise not_as_recorded(row.sequence) from error


def _line(fields: dict[str, JsonValue]) -> bytes:
    return canonical_json(fields) + b"\n"
