"""How much the time of an entry is worth: entries that were recorded by a clock that was not trusted say so."""

from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import select

from appliance.errors import LedgerDamaged, StorageError
from appliance.ledger.bodies import Bodies
from appliance.ledger.entry import NewEntry
from appliance.storage.base import utc_time
from appliance.storage.database import Database
from appliance.storage.ledger import ledger_bodies, ledger_entries

CLOCK: Final = "clock"
"""The key of a body that says what the clock was worth; where it is missing, the clock was trusted."""
UNCERTAIN: Final = "not-trusted"


def at_an_uncertain_time(entry: NewEntry) -> NewEntry:
    """Return the entry as it is recorded by a clock that is not trusted: it happened then, or later."""
    return replace(entry, body={**entry.body, CLOCK: UNCERTAIN})


def last_certain_time(database: Database, bodies: Bodies) -> datetime | None:
    """Return when the last entry was recorded by a trusted clock; ``None`` where there is none that is known to be.

    An entry whose body was erased tells nothing, and neither does a damaged store: what it is, others say.
    """
    query = (
        select(ledger_entries.c.sequence, ledger_entries.c.at, ledger_bodies.c.sealed)
        .join(ledger_bodies, ledger_bodies.c.sequence == ledger_entries.c.sequence)
        .order_by(ledger_entries.c.sequence.desc())
        .execution_options(yield_per=64)  # nearly always the first will do
    )
    try:
        with database.reading() as reader, closing(reader.execute(query)) as rows:
            certain = (row for row in rows if CLOCK not in bodies.open(row.sequence, row.sealed))
            row = next(certain, None)
        return None if row is None else utc_time(row.at)
    except (StorageError, LedgerDamaged, TypeError, ValueError):
        return None
