"""Erasing what another appliance erased: it is remembered, so that no older bundle brings anybody back.

A few hundred at a time, each in a transaction of their own, so that nobody at the reader waits for it; whatever a power
cut leaves is done with the bundle, which counts as received only afterwards.
"""

import logging
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from appliance.bundles.keeping import drop_who_is_in_no_entry
from appliance.bundles.pairing import Device
from appliance.ledger import EntryKind, Ledger
from appliance.storage.database import Database
from appliance.storage.devices import Taken, foreign_entries, foreign_erasures
from appliance.storage.ledger import ledger_entries

_logger = logging.getLogger(__name__)

_AT_ONCE: Final = 500
"""Entries in one transaction: some hundredths of a second."""
_ERASED: Final = {"sealed": None, "person_id": None, "taken": Taken.ERASED}


def erase_what_they_erased(
    database: Database,
    ledger: Ledger,
    device: Device,
    numbers: Collection[int],
    *,
    at: datetime,
    pause: Callable[[], None],
    require: Callable[[Connection], object],
) -> None:
    """Remember which entries over there lost their bodies, and remove these here, and from what mirrors them.

    ``require`` is asked first in each transaction: whoever was removed meanwhile erases nothing more. A reason that
    followed its person to another line (``checkin.following``) goes with the one that it names.
    """
    with database.reading() as reader:
        query = select(foreign_erasures.c.sequence).where(foreign_erasures.c.device_id == device.id)
        new = sorted(frozenset(numbers).difference(reader.scalars(query)))
    for start in range(0, len(new), _AT_ONCE):
        if start:
            pause()
        with database.writing() as writer:
            require(writer)
            _erase(writer, ledger, device, new[start : start + _AT_ONCE], at)
    if new and not database.forget():
        _logger.warning("the store's log was in use during an erasure and keeps a copy until it is reused")


def _erase(writer: Connection, ledger: Ledger, device: Device, numbers: Collection[int], at: datetime) -> None:
    rows = [{"device_id": device.id, "sequence": number} for number in numbers]
    writer.execute(insert(foreign_erasures).prefix_with("OR IGNORE"), rows)
    which = (foreign_entries.c.device_id == device.id) & foreign_entries.c.sequence.in_(numbers)
    query = select(foreign_entries.c.mirrored_as).where(which, foreign_entries.c.mirrored_as.is_not(None))
    mirrors = frozenset(writer.scalars(query))
    if writer.execute(update(foreign_entries).where(which).values(_ERASED)).rowcount:
        drop_who_is_in_no_entry(writer)
    if mirrors:
        officer = f"{device.name} (erased there)"
        ledger.erase_entries(_and_what_followed(writer, mirrors), at=at, officer=officer, connection=writer)


def _and_what_followed(reader: Connection, mirrors: frozenset[int]) -> frozenset[int]:
    """Add the reasons that followed their person to another line, and from there to a third, however often."""
    found, newest = mirrors, mirrors
    while newest:
        followed = (ledger_entries.c.kind == EntryKind.EXCUSED.value) & ledger_entries.c.refers_to.in_(newest)
        newest = frozenset(reader.scalars(select(ledger_entries.c.sequence).where(followed))) - found
        found |= newest
    return found
