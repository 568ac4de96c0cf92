"""Many entries at once: as the ledger appends them, chained, signed and sealed, with one signed end for all of them.

``Ledger.append`` looks at the signed end before each entry and renews it after it, which for 600,000 takes an hour. A
verification, which follows, finds the same ledger either way.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from appliance.ledger import NewEntry
from appliance.ledger.entry import SALT_LENGTH, head_bytes, seal
from appliance.services import Services
from appliance.storage.ledger import ledger_bodies, ledger_entries, ledger_head


def append_all(services: Services, entries: Iterable[tuple[NewEntry, datetime]], writer: Connection) -> None:
    """Append after what there is already, at least one entry, inside the transaction of ``writer``."""
    head = writer.execute(select(ledger_head.c.sequence, ledger_head.c.entry_hash)).one()
    sequence, previous, device = head.sequence, head.entry_hash, services.keys.device
    rows, bodies = [], []
    for entry, at in entries:
        sequence += 1
        salt = secrets.token_bytes(SALT_LENGTH)
        public = seal(entry, sequence=sequence, at=at, salt=salt, previous_hash=previous)
        signed = public.signed_bytes()
        previous = hashlib.sha256(signed).digest()
        rows.append({**asdict(public), "entry_hash": previous, "signature": device.sign(signed)})
        bodies.append(services.ledger.bodies.row(sequence, salt, entry.body_bytes(), entry.subject))
    writer.execute(insert(ledger_entries), rows)
    writer.execute(insert(ledger_bodies), bodies)
    signature = device.sign(head_bytes(sequence, previous))
    writer.execute(update(ledger_head).values(sequence=sequence, entry_hash=previous, signature=signature))
