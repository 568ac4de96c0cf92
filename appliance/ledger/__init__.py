"""The ledger: an append-only record, hash-chained over salted commitments and signed (``docs/ledger.md``)."""

from appliance.ledger.bodies import Bodies
from appliance.ledger.entry import NewEntry, Sequence
from appliance.ledger.reading import Entry
from appliance.ledger.record import Ledger
from appliance.ledger.time_of_entries import last_certain_time
from appliance.ledger.verdict import LedgerVerdict
from appliance.storage.ledger import EntryKind

__all__ = ["Bodies", "Entry", "EntryKind", "Ledger", "LedgerVerdict", "NewEntry", "Sequence", "last_certain_time"]
