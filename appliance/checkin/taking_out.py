"""Taking an entry out of the count: the entry stays, and a new one names it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, exists, select

from appliance.checkin.records import Records
from appliance.errors import RuleViolation
from appliance.ledger import Entry, EntryKind
from appliance.ledger import Sequence as EntryNumber
from appliance.ledger.canonical_json import JsonValue
from appliance.standing.entries import TAKES_OUT
from appliance.storage.ledger import ledger_entries

_VERBS: Final = {
    EntryKind.CORRECTION: "corrected",
    EntryKind.DECLINED: "declined",
    EntryKind.EXCUSE_WITHDRAWN: "withdrawn",
}
_DECIDES: Final = tuple(kind.value for kind in (*TAKES_OUT, EntryKind.CHECK_IN_BY_HAND))


def take_out(
    records: Records,
    writer: Connection,
    sequence: int,
    kind: EntryKind,
    of_kinds: Sequence[EntryKind],
    *,
    body: Mapping[str, JsonValue],
    at: datetime,
) -> EntryNumber:
    """Append an entry of this kind about an entry of one of those kinds.

    Raises RuleViolation for an entry of another kind, or one that was taken out or confirmed before; NotFound for an
    unknown one.
    """
    entry = undecided(records, writer, sequence, of_kinds, verb=_VERBS[kind])
    subject = None if entry.body is None else entry.body.get("subject")
    meeting = records.meetings.get(entry.meeting_id or 0, connection=writer)
    return records.append(writer, kind, meeting, at=at, refers_to=sequence, subject=subject, body=body)


def undecided(
    records: Records, writer: Connection, sequence: int, of_kinds: Sequence[EntryKind], *, verb: str
) -> Entry:
    """Return an entry that nothing was decided about yet; raises what ``take_out`` raises."""
    entry = records.ledger.entry(sequence, connection=writer)
    if entry.kind not in of_kinds:
        msg = f"an entry of the kind {entry.kind} is not {verb}"
        raise RuleViolation(msg)
    decided = exists().where(ledger_entries.c.refers_to == sequence, ledger_entries.c.kind.in_(_DECIDES))
    if writer.scalar(select(decided)):
        msg = f"entry {sequence} was {verb} before, or decided otherwise"
        raise RuleViolation(msg)
    return entry
