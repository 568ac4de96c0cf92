"""What an entry of another appliance may decide of one that is here: what our own officers may, and no more."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, exists, select

from appliance.checkin.by_hand import CORRECTABLE
from appliance.ledger import Entry, EntryKind, NewEntry
from appliance.standing.entries import TAKES_OUT
from appliance.storage.ledger import ledger_entries

DECIDED: Final[Mapping[EntryKind, tuple[EntryKind, ...]]] = {
    EntryKind.CORRECTION: CORRECTABLE,
    EntryKind.DECLINED: (EntryKind.PROPOSED,),
    EntryKind.EXCUSE_WITHDRAWN: (EntryKind.EXCUSED,),
    EntryKind.CHECK_IN_BY_HAND: (EntryKind.PROPOSED,),
}
"""Of which kinds an entry is about which an entry of each kind decides."""

_DECIDES: Final = tuple(kind.value for kind in (*TAKES_OUT, EntryKind.CHECK_IN_BY_HAND))


def may_decide(entry: NewEntry, meant: Entry) -> bool:
    """Tell whether an entry may name that one: of a kind that it decides about, of the same meeting, of that person."""
    is_about_them = entry.kind in TAKES_OUT or entry.subject == meant.subject
    return meant.kind in DECIDED[entry.kind] and meant.meeting_id == entry.meeting_id and is_about_them


def is_decided(reader: Connection, sequence: int) -> bool:
    """Tell whether an entry here was taken out, or confirmed, before."""
    before = exists().where(ledger_entries.c.refers_to == sequence, ledger_entries.c.kind.in_(_DECIDES))
    return bool(reader.scalar(select(before)))
