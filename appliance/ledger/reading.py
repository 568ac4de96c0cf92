"""Reading entries back: by meeting, by kind, by whom they are about; one query each, inside a caller's transaction."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from appliance.errors import LedgerDamaged
from appliance.ledger.bodies import WAY_OUT, Bodies
from appliance.ledger.canonical_json import GREATEST_NUMBER
from appliance.ledger.entry import Sequence
from appliance.storage.base import utc_time
from appliance.storage.ledger import EntryKind, ledger_bodies, ledger_entries


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it is read back; ``body`` is None once it was erased."""

    sequence: Sequence
    at: datetime
    kind: EntryKind
    meeting_id: int | None
    refers_to: int | None
    body: Mapping[str, Any] | None = field(repr=False)

    @property
    def subject(self) -> str | None:
        """Whom it is about: nobody, or somebody who was erased, where there is none."""
        return None if self.body is None else self.body.get("subject")


def entries_of_meetings(
    reader: Connection,
    bodies: Bodies,
    meeting_ids: Collection[int],
    *,
    kinds: Collection[EntryKind] | None = None,
    subject: str | None = None,
) -> tuple[Entry, ...]:
    """Return every entry of these meetings in its order; of some kinds only, or about one subject only, where told."""
    query = _narrowed(_entries().where(ledger_entries.c.meeting_id.in_(meeting_ids)), kinds)
    if subject is not None:
        # sought by person: a large meeting has more entries than anybody has in a lifetime
        about = select(ledger_bodies.c.sequence).where(ledger_bodies.c.subject == bodies.tag_of(subject))
        query = query.where(ledger_entries.c.sequence.in_(about))
    return read(reader, bodies, query)


def entries_without_meeting(
    reader: Connection, bodies: Bodies, *, kinds: Collection[EntryKind] | None = None
) -> tuple[Entry, ...]:
    """Return every entry that belongs to no meeting, in its order."""
    return read(reader, bodies, _narrowed(_entries().where(ledger_entries.c.meeting_id.is_(None)), kinds))


def entries_from(
    reader: Connection, bodies: Bodies, *, after: int, limit: int, meeting_id: int | None, subject: str | None
) -> tuple[Entry, ...]:
    """Return up to ``limit`` entries that follow number ``after``."""
    query = _entries().where(ledger_entries.c.sequence > after).limit(limit)
    if meeting_id is not None:
        query = query.where(ledger_entries.c.meeting_id == meeting_id)
    if subject is not None:
        query = query.where(ledger_bodies.c.subject == bodies.tag_of(subject))
    return read(reader, bodies, query)


def read(reader: Connection, bodies: Bodies, query: Select[Any]) -> tuple[Entry, ...]:
    """Run a query over the columns of ``ledger_entries`` and ``sealed``.

    LedgerDamaged where a body does not open, and where a column holds what this program never wrote.
    """
    return tuple(_entry(row, bodies) for row in reader.execute(query))


def require_numbers(sequence: object, *others: object) -> None:
    """Raise LedgerDamaged where the number of an entry, or another one in its row (or None), is none."""
    if not all(_is_number(number) for number in (sequence, *(other for other in others if other is not None))):
        raise not_as_recorded(sequence)


def not_as_recorded(sequence: object) -> LedgerDamaged:
    """Return what is raised for a row of this number that this program never wrote."""
    which = f"entry {sequence}" if _is_number(sequence) else "an entry without a number"
    return LedgerDamaged(f"{which} of the ledger is not as it was recorded; {WAY_OUT}")


def _is_number(value: object) -> bool:
    return type(value) is int and abs(value) <= GREATEST_NUMBER


def _entry(row: Row[Any], bodies: Bodies) -> Entry:
    require_numbers(row.sequence, row.meeting_id, row.refers_to)
    try:
        at, kind = utc_time(row.at), EntryKind(row.kind)
    except (TypeError, ValueError) as error:
        raise not_as_recorded(row.sequence) from error
    return Entry(
        sequence=Sequence(row.sequence),
        at=at,
        kind=kind,
        meeting_id=row.meeting_id,
        refers_to=row.refers_to,
        body=None if row.sealed is None else bodies.open(row.sequence, row.sealed),
    )


def _entries() -> Select[Any]:
    return (
        select(ledger_entries, ledger_bodies.c.sealed)
        .outerjoin(ledger_bodies, ledger_bodies.c.sequence == ledger_entries.c.sequence)
        .order_by(ledger_entries.c.sequence)
    )


def _narrowed(query: Select[Any], kinds: Collection[EntryKind] | None) -> Select[Any]:
    return query if kinds is None else query.where(ledger_entries.c.kind.in_([kind.value for kind in kinds]))
