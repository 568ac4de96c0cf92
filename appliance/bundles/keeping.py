"""What is kept of a bundle: every entry as it was signed, and what its meeting's say of persons, sealed by our key."""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or_update

from appliance.bundles.bundle import BundleEntry, BundleHeader, body_of
from appliance.keys import Keys
from appliance.ledger.entry import SALT_LENGTH
from appliance.meetings.portable_members import PortableMember
from appliance.sealing import Sealing
from appliance.storage.base import utc_time
from appliance.storage.devices import Taken, foreign_entries, foreign_erasures, foreign_people

_BODY_KEY = b"thechip foreign bodies 1"
_SUBJECT_KEY = b"thechip foreign subjects 1"


class Contradiction(Exception):
    """This entry and another one that was kept before have one number, or one place, and both are signed."""

    def __init__(self, entry: BundleEntry) -> None:
        super().__init__(entry.public.sequence)
        self.entry = entry


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals what other appliances recorded: a body for its number, a person for their subject there."""

    sealing: Sealing
    subject_key: bytes = field(repr=False)

    @classmethod
    def under(cls, keys: Keys) -> "Vault":
        """Return that of this appliance."""
        return cls(Sealing(keys.derived(_BODY_KEY)), keys.derived(_SUBJECT_KEY))

    def tag_of(self, device_id: int, subject: str) -> bytes:
        """Return what stands in the store for a person of another appliance, 32 bytes."""
        return hmac.digest(self.subject_key, f"{device_id} {subject}".encode(), "sha256")

    def seal_body(self, device_id: int, sequence: int, body: bytes, salt: bytes = bytes(SALT_LENGTH)) -> bytes:
        """Seal the canonical body of an entry, with the salt of 32 bytes with which that appliance committed to it."""
        return self.sealing.seal(salt + body, sealed_for=_entry(device_id, sequence))

    def open_body(self, device_id: int, sequence: int, sealed: bytes) -> dict[str, Any]:
        """Return a body, read; KeyDamaged where it does not open."""
        body: dict[str, Any] = json.loads(self.salt_and_body(device_id, sequence, sealed)[1])
        return body

    def salt_and_body(self, device_id: int, sequence: int, sealed: bytes) -> tuple[bytes, bytes]:
        """Return salt and canonical body as they were sealed; KeyDamaged where they do not open."""
        opened = self.sealing.open(sealed, sealed_for=_entry(device_id, sequence), what="body")
        return opened[:SALT_LENGTH], opened[SALT_LENGTH:]

    def seal_person(self, tag: bytes, subject: str, who: PortableMember) -> bytes:
        """Seal whom another appliance means."""
        plain = json.dumps([subject, who.name, who.published_list, who.published_id]).encode()
        return self.sealing.seal(plain, sealed_for=_person(tag))

    def open_person(self, tag: bytes, sealed: bytes) -> tuple[str, PortableMember]:
        """Return the subject there, and who that is; KeyDamaged where it does not open."""
        subject, *who = json.loads(self.sealing.open(sealed, sealed_for=_person(tag), what="person"))
        return subject, PortableMember(*who)


def keep(
    writer: Connection,
    vault: Vault,
    device_id: int,
    header: BundleHeader,
    entries: Sequence[BundleEntry],
    *,
    bundle_id: int,
) -> int:
    """Keep what is new of a verified bundle; return how many entries are. Contradiction where they cannot be.

    Of what was erased over there, by this bundle or by one that came before it, no body is kept.
    """
    known = _known(writer, device_id, entries)
    _require_same_history(entries, known)
    people = _keep_people(writer, vault, device_id, header)
    erased = _erased_among(writer, device_id, entries)
    rows = [
        {**_row(vault, device_id, header, entry, people=people, erased=erased), "bundle_id": bundle_id}
        for entry in entries
    ]
    new = [row for row in rows if row["sequence"] not in known]
    completed = [row for row in rows if _is_completed_by(row, known.get(row["sequence"]))]
    if new:
        writer.execute(insert(foreign_entries), new)
    if completed:
        writer.execute(_COMPLETE, [{f"new_{name}": row[name] for name in _COMPLETED} for row in completed])
    drop_who_is_in_no_entry(writer)
    return len(new) + len(completed)


def require_same_history(reader: Connection, device_id: int, entries: Sequence[BundleEntry]) -> None:
    """Raise Contradiction where these entries are not what was kept before."""
    _require_same_history(entries, _known(reader, device_id, entries))


_COMPLETED = ("device_id", "sequence", "sealed", "meeting_uid", "person_id", "taken", "bundle_id")
_COMPLETE = (
    update(foreign_entries)
    .where(
        foreign_entries.c.device_id == bindparam("new_device_id"),
        foreign_entries.c.sequence == bindparam("new_sequence"),
    )
    .values({name: bindparam(f"new_{name}") for name in _COMPLETED[2:]})
)


def _known(reader: Connection, device_id: int, entries: Sequence[BundleEntry]) -> dict[int, Row[Any]]:
    if not entries:
        return {}
    query = select(foreign_entries).where(
        foreign_entries.c.device_id == device_id,
        foreign_entries.c.sequence.between(entries[0].public.sequence - 1, entries[-1].public.sequence + 1),
    )
    return {row.sequence: row for row in reader.execute(query)}


def _require_same_history(entries: Sequence[BundleEntry], known: dict[int, Row[Any]]) -> None:
    for entry in entries:
        kept = known.get(entry.public.sequence)
        if kept is not None and kept.entry_hash != entry.entry_hash:
            raise Contradiction(entry)
    if entries:
        before, after = known.get(entries[0].public.sequence - 1), known.get(entries[-1].public.sequence + 1)
        if before is not None and before.entry_hash != entries[0].public.previous_hash:
            raise Contradiction(entries[0])
        if after is not None and after.previous_hash != entries[-1].entry_hash:
            raise Contradiction(entries[-1])


def _keep_people(writer: Connection, vault: Vault, device_id: int, header: BundleHeader) -> dict[str, int]:
    """Keep whom the appliance means, the newest name of each; return their numbers here by their subjects there."""
    tags = {vault.tag_of(device_id, subject): subject for subject in header.people}
    rows = [
        {"device_id": device_id, "subject": tag, "sealed": vault.seal_person(tag, subject, header.people[subject])}
        for tag, subject in tags.items()
    ]
    if not rows:
        return {}
    statement = insert_or_update(foreign_people)
    update_it = {"sealed": statement.excluded.sealed}
    writer.execute(statement.on_conflict_do_update(index_elements=["device_id", "subject"], set_=update_it), rows)
    query = select(foreign_people.c.id, foreign_people.c.subject).where(foreign_people.c.device_id == device_id)
    return {tags[row.subject]: row.id for row in writer.execute(query) if row.subject in tags}


def _row(
    vault: Vault,
    device_id: int,
    header: BundleHeader,
    entry: BundleEntry,
    *,
    people: dict[str, int],
    erased: frozenset[int],
) -> dict[str, Any]:
    public = entry.public
    is_ours = public.meeting_id == header.meeting_id
    row: dict[str, Any] = {
        "device_id": device_id,
        "sequence": public.sequence,
        "document": entry.document,
        "entry_hash": entry.entry_hash,
        "previous_hash": public.previous_hash,
        "kind": public.kind,
        "refers_to": public.refers_to,
        "at": utc_time(public.at),
        "meeting_uid": header.plan.uid if is_ours else None,
        "sealed": None,
        "person_id": None,
        "taken": Taken.ERASED if is_ours else Taken.NOT_NEEDED,
        "mirrored_as": None,
    }
    if is_ours and entry.salt is not None and entry.body is not None and public.sequence not in erased:
        subject = body_of(entry).get("subject")
        row["sealed"] = vault.seal_body(device_id, public.sequence, entry.body, entry.salt)
        row["person_id"] = people.get(subject) if isinstance(subject, str) else None
        row["taken"] = Taken.WAITING
    return row


def _is_completed_by(row: dict[str, Any], kept: Row[Any] | None) -> bool:
    """Tell whether an entry that was received without its meeting's body, in another meeting's bundle, has it now."""
    return kept is not None and kept.taken is Taken.NOT_NEEDED and kept.sealed is None and row["sealed"] is not None


def _erased_among(reader: Connection, device_id: int, entries: Sequence[BundleEntry]) -> frozenset[int]:
    if not entries:
        return frozenset()
    within = foreign_erasures.c.sequence.between(entries[0].public.sequence, entries[-1].public.sequence)
    query = select(foreign_erasures.c.sequence).where(foreign_erasures.c.device_id == device_id, within)
    return frozenset(reader.scalars(query))


def drop_who_is_in_no_entry(writer: Connection) -> None:
    """Remove people of whom everything was erased: an older bundle names them still."""
    named = select(foreign_entries.c.person_id).where(foreign_entries.c.person_id.is_not(None))
    writer.execute(delete(foreign_people).where(foreign_people.c.id.not_in(named)))


def _entry(device_id: int, sequence: int) -> bytes:
    return b"thechip foreign body 1\n%d %d" % (device_id, sequence)


def _person(tag: bytes) -> bytes:
    return b"thechip foreign person 1\n" + tag
