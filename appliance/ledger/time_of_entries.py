"""How much the time of an entry is worth: entries that were recorded by a clock that was not trusted say so."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from appliance.errors import StorageError
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


def last_certain_time(database: Database) -> datetime | None:
    """Return when the last entry was recorded by a trusted clock; ``None`` where there is none that is known to be.

    An entry whose body was erased tells nothing, and neither does a damaged store: what it is, others say.
    """
    query = (
        select(ledger_entries.c.at)
        .join(ledger_bodies, ledger_bodies.c.sequence == ledger_entries.c.sequence)
        .where(func.json_extract(ledger_bodies.c.body, f"$.{CLOCK}").is_(None))
        .order_by(ledger_entries.c.sequence.desc())
        .limit(1)
    )
    try:
        with database.reading() as reader:
            text = reader.scalar(query)
        return None if text is None else utc_time(text)
    except (StorageError, ValueError):
        return None
