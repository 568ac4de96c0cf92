"""An entry of another appliance, as it was signed: read anew before it counts here.

The columns beside the signed document are for finding it. Whoever can write the store alters them, and has no key: so
kind, time, what it refers to and its commitment are read from the document, whose it is from our record of pairing, and
of which meeting it is from our own record of the bundle that brought it.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, select

from appliance.bundles.foreign_times import require_fit
from appliance.bundles.keeping import Vault
from appliance.bundles.on_record import PAIRING, Device, lines_on_record
from appliance.bundles.pairing import devices_in
from appliance.bundles.receipt import MEETING_THERE
from appliance.errors import RuleViolation
from appliance.ledger import Entry, EntryKind
from appliance.ledger.entry import PublicEntry, commit_to
from appliance.ledger.proven import Prover
from appliance.storage.base import utc_time
from appliance.storage.devices import received_bundles

_NO_DOCUMENT: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class SignedEntry:
    """An entry that an appliance signed; ``meeting_id`` is the number here, None where it is of another meeting."""

    public: PublicEntry
    at: datetime
    meeting_id: int | None


@dataclass
class KeptEntries:
    """Reads what was kept, inside one transaction."""

    reader: Connection
    prover: Prover
    vault: Vault
    _receipts: dict[int, Entry | None] = field(default_factory=dict)

    def devices(self) -> dict[int, Device]:
        """Return whose entries may be taken over, by their lines: as the record first had it, also who was removed."""
        lines = lines_on_record(self.prover.entries(self.reader, PAIRING).values())
        return {one.id: one for one in devices_in(self.reader) if lines.get(one.id) == one.card.public_key}

    def signed(self, row: Row[Any], device: Device) -> SignedEntry:
        """Return what a row of ``foreign_entries`` is by its document; RuleViolation for what nobody signed so."""
        public, signature = signed_entry(row.document)
        message = public.signed_bytes()
        try:
            Ed25519PublicKey.from_public_bytes(device.card.public_key).verify(signature, message)
            at = utc_time(public.at)
            require_fit(at)
        except (InvalidSignature, ValueError) as error:
            raise _not_as_signed() from error
        if (public.sequence, hashlib.sha256(message).digest()) != (row.sequence, row.entry_hash):
            raise _not_as_signed()
        receipt = self._receipt(row.bundle_id)
        said = {} if receipt is None or receipt.body is None else receipt.body
        if said.get("device") != device.card.public_key.hex():
            raise _not_as_signed()
        is_of_it = receipt is not None and said.get(MEETING_THERE) == public.meeting_id
        return SignedEntry(public, at, receipt.meeting_id if receipt is not None and is_of_it else None)

    def body(self, row: Row[Any], signed: SignedEntry) -> dict[str, Any]:
        """Return the body to which an entry committed; KeyDamaged where it does not open, RuleViolation for another."""
        salt, body = self.vault.salt_and_body(row.device_id, row.sequence, row.sealed)
        if commit_to(salt, body) != signed.public.commitment:
            raise _not_as_signed()
        content: dict[str, Any] = json.loads(body)
        return content

    def _receipt(self, bundle_id: int) -> Entry | None:
        """Return the entry of our ledger that says that this bundle came."""
        if bundle_id not in self._receipts:
            number = self.reader.scalar(
                select(received_bundles.c.recorded_as).where(received_bundles.c.id == bundle_id)
            )
            proven = self.prover.entry(self.reader, -1 if number is None else number, EntryKind.BUNDLE_RECEIVED)
            self._receipts[bundle_id] = None if proven is None else proven.entry
        return self._receipts[bundle_id]


def signed_entry(document: bytes) -> tuple[PublicEntry, bytes]:
    """Read a kept document: the public entry and its signature, unverified; RuleViolation for what is none."""
    try:
        fields = json.loads(document)
        public = PublicEntry(
            sequence=fields["sequence"],
            at=fields["at"],
            kind=fields["kind"],
            meeting_id=fields["meeting_id"],
            refers_to=fields["refers_to"],
            commitment=bytes.fromhex(fields["commitment"]),
            previous_hash=bytes.fromhex(fields["previous_hash"]),
        )
        utc_time(public.at)
        public.signed_bytes()
        return public, bytes.fromhex(fields["signature"])
    except _NO_DOCUMENT as error:
        raise _not_as_signed() from error


def _not_as_signed() -> RuleViolation:
    return RuleViolation("an entry of another appliance is not kept as that one signed it")
