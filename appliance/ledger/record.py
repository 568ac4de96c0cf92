"""Ledger: the append-only record. What it proves, and what it cannot, is in ``docs/ledger.md``."""

import hashlib
import logging
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from sqlalchemy import Connection, Select, delete, insert, select, update

from appliance.errors import LedgerDamaged, NotFound, RuleViolation, StorageError
from appliance.keys import Keys
from appliance.ledger.bodies import Bodies
from appliance.ledger.canonical_json import JsonValue, canonical_json
from appliance.ledger.checkpoint import Checkpoint, Mark
from appliance.ledger.entry import ERASED_PER_ENTRY, GENESIS, SALT_LENGTH, NewEntry, Sequence, head_bytes, seal
from appliance.ledger.export import OneMeeting, exported_lines
from appliance.ledger.paper import PaperCheckpoint, key_id_of
from appliance.ledger.proven import end_after
from appliance.ledger.reading import Entry, entries_from
from appliance.ledger.time_of_entries import at_an_uncertain_time
from appliance.ledger.verdict import LedgerVerdict, examine
from appliance.storage.database import Database
from appliance.storage.devices import forget_mirrored
from appliance.storage.ledger import EntryKind, ledger_bodies, ledger_entries, ledger_head

_logger = logging.getLogger(__name__)

_NO_HEAD = (AttributeError, RuleViolation, TypeError)
"""What a row of ``ledger_head`` raises that this program never wrote."""


class Ledger:
    """The record of one appliance, signed with its device key.

    ``is_time_certain`` is asked at each entry; where it says no, the body says so. ``bodies`` opens what other rooms
    found by queries of their own, and blinds the subjects that they look for.
    """

    def __init__(
        self,
        database: Database,
        keys: Keys,
        *,
        random: Callable[[int], bytes] = secrets.token_bytes,
        is_time_certain: Callable[[], bool] = lambda: True,
    ) -> None:
        self._database = database
        self._keys = keys
        self.bodies = Bodies.under(keys, random=random)
        self._random = random
        self._is_time_certain = is_time_certain
        self._public_key = keys.device_public.public_bytes_raw()
        self._checkpoint = Checkpoint.beside(database.path)
        self._marked = self._appended = 0

    def append(self, entry: NewEntry, *, at: datetime, connection: Connection | None = None) -> Sequence:
        """Record an entry; it is durable when this returns.

        With ``connection`` (from ``Database.writing``) the entry joins that transaction, and is durable when its owner
        has committed. Raises LedgerDamaged where the end of the ledger is not what was signed, RuleViolation for a body
        that cannot be recorded, StorageError where the store cannot.
        """
        with self._database.writing(connection) as writer:
            return self._append(writer, entry, at)

    def entry(self, sequence: int, *, connection: Connection | None = None) -> Entry:
        """Return one entry; NotFound for a number that was never given."""
        found = self.entries(after=sequence - 1, limit=1, connection=connection)
        if not found or found[0].sequence != sequence:
            msg = f"the ledger has no entry {sequence}"
            raise NotFound(msg)
        return found[0]

    def entries(
        self,
        *,
        after: int = 0,
        limit: int = 100,
        meeting_id: int | None = None,
        subject: str | None = None,
        connection: Connection | None = None,
    ) -> tuple[Entry, ...]:
        """Return up to ``limit`` entries that follow number ``after``, in their order: all, of a meeting, of somebody.

        LedgerDamaged where a body does not open.
        """
        with self._database.reading(connection) as reader:
            return entries_from(reader, self.bodies, after=after, limit=limit, meeting_id=meeting_id, subject=subject)

    def erase(
        self, subject: str, *, at: datetime, officer: str, connection: Connection | None = None
    ) -> tuple[Sequence, ...]:
        """Remove the bodies of every entry about a subject, and record which entries those were, not whom.

        The chain still verifies. Follow it with ``Database.forget`` so that no log file keeps what was removed.
        """
        with self._database.writing(connection) as writer:
            about = ledger_bodies.c.subject == self.bodies.tag_of(subject)
            return self._erase(writer, select(ledger_bodies.c.sequence).where(about), at=at, officer=officer)

    def erase_entries(
        self, sequences: Collection[int], *, at: datetime, officer: str, connection: Connection
    ) -> tuple[Sequence, ...]:
        """Remove the bodies of these entries inside a transaction, and record which of them had one."""
        query = select(ledger_bodies.c.sequence).where(ledger_bodies.c.sequence.in_(sequences))
        return self._erase(connection, query, at=at, officer=officer)

    def checkpoint(self, *, at_least: int = 1) -> None:
        """Write the signed head into a file beside the store, so that a store rolled back as a whole is noticed.

        Nothing is written before ``at_least`` entries followed the last checkpoint of this object. Call it after a
        commit, never inside a transaction. A failure is logged, not raised: what was committed stands. A checkpoint
        that vouches for what is not in the ledger is never replaced: it is the only proof of what was there.
        """
        if 0 < self._appended - self._marked < at_least:
            return
        try:
            vouched = self._vouched()  # before the snapshot: another process may go on
            with self._database.reading() as reader:
                head = reader.execute(select(ledger_head)).one_or_none()
                if head is None or head.sequence - self._marked < at_least:
                    return
                is_in_it = vouched is None or end_after(reader, self._keys.device_public, vouched) is not None
            if is_in_it:
                self._checkpoint.write(head.sequence, head.entry_hash, head.signature)
            else:
                _logger.error("the ledger is not the one that its checkpoint saw, which is kept: run ledger verify")
            self._marked = head.sequence
        except (OSError, StorageError, *_NO_HEAD):
            _logger.warning("the ledger's checkpoint could not be written")

    def _vouched(self) -> Mark | None:
        try:
            return self._checkpoint.read(self._keys.device_public)
        except LedgerDamaged:
            _logger.warning("the ledger's checkpoint is damaged, and is written anew")
            return None

    def paper_checkpoint(self, closing: Entry, meeting_uid: str, *, connection: Connection | None = None) -> str:
        """Return the line that the minutes of a meeting carry, whose closing this entry is (``ledger.paper``).

        Raises RuleViolation where the figures of the closing were erased.
        """
        if closing.body is None or "figures" not in closing.body:
            msg = "the figures of this meeting are not in the ledger any more"
            raise RuleViolation(msg)
        query = select(ledger_entries.c.entry_hash).where(ledger_entries.c.sequence == closing.sequence)
        with self._database.reading(connection) as reader:
            entry_hash: bytes = reader.execute(query).scalar_one()
        checkpoint = PaperCheckpoint(
            key_id=key_id_of(self._keys.device_public),
            meeting_uid=meeting_uid,
            sequence=closing.sequence,
            entry_hash=entry_hash,
            figures=hashlib.sha256(canonical_json(closing.body["figures"])).digest(),
            at=closing.at,
        )
        return checkpoint.signed(self._keys.device)

    def exported_lines(self, meeting: OneMeeting | None = None) -> Iterator[bytes]:
        """Yield the ledger as lines that anybody can verify, in one snapshot; all of the bodies, or a meeting's.

        LedgerDamaged where a body does not open.
        """
        with self._database.reading() as reader:
            yield from exported_lines(reader, self.bodies, self._keys.device, meeting)

    def verify(self, *, paper: str | None = None) -> LedgerVerdict:
        """Examine every entry, every body and the head, and tell the first thing that is wrong.

        With ``paper``, the line of a printed checkpoint, the ledger must be the one that was printed from. Raises
        CheckpointRefused for a line that is none, or another appliance's.
        """
        public_key = self._keys.device_public
        printed = None if paper is None else PaperCheckpoint.read(paper, public_key)
        return examine(self._database, public_key, self.bodies, self._checkpoint, printed)

    def _erase(self, writer: Connection, which: Select[int], *, at: datetime, officer: str) -> tuple[Sequence, ...]:
        erased = tuple(Sequence(number) for number in sorted(writer.scalars(which)))
        for start in range(0, len(erased), ERASED_PER_ENTRY):
            some = erased[start : start + ERASED_PER_ENTRY]
            writer.execute(delete(ledger_bodies).where(ledger_bodies.c.sequence.in_(some)))
            forget_mirrored(writer, some)
            body: Mapping[str, JsonValue] = {"officer": officer, "erased": list(some)}
            self._append(writer, NewEntry(EntryKind.ERASURE, body=body), at)
        return erased

    def _append(self, writer: Connection, entry: NewEntry, at: datetime) -> Sequence:
        entry = entry if self._is_time_certain() else at_an_uncertain_time(entry)
        body = entry.body_bytes()
        salt = self._random(SALT_LENGTH)
        last, last_hash = self._signed_end(writer)
        public = seal(entry, sequence=last + 1, at=at, salt=salt, previous_hash=last_hash)
        signed = public.signed_bytes()
        entry_hash = hashlib.sha256(signed).digest()
        row = {
            "sequence": public.sequence,
            "at": public.at,
            "kind": public.kind,
            "meeting_id": public.meeting_id,
            "refers_to": public.refers_to,
            "commitment": public.commitment,
            "previous_hash": public.previous_hash,
            "entry_hash": entry_hash,
            "signature": self._keys.device.sign(signed),
        }
        writer.execute(insert(ledger_entries), row)
        writer.execute(insert(ledger_bodies), self.bodies.row(public.sequence, salt, body, entry.subject))
        head = {
            "sequence": public.sequence,
            "entry_hash": entry_hash,
            "public_key": self._public_key,
            "signature": self._keys.device.sign(head_bytes(public.sequence, entry_hash)),
        }
        writer.execute(insert(ledger_head).values(id=1, **head) if last == 0 else update(ledger_head).values(**head))
        self._appended = public.sequence
        return Sequence(public.sequence)

    def _signed_end(self, writer: Connection) -> tuple[int, bytes]:
        """Return number and hash of the last entry (0 and zeros where there is none) once the signed head agrees."""
        head = writer.execute(select(ledger_head)).one_or_none()
        end = writer.execute(
            select(ledger_entries.c.sequence, ledger_entries.c.entry_hash)
            .order_by(ledger_entries.c.sequence.desc())
            .limit(1)
        ).one_or_none()
        if head is None and end is None:
            return 0, GENESIS
        if head is None or end is None or (head.sequence, head.entry_hash) != (end.sequence, end.entry_hash):
            msg = "the end of the ledger is not what was signed; nothing is appended to it until it was examined"
            raise LedgerDamaged(msg)
        try:
            self._keys.device_public.verify(head.signature, head_bytes(head.sequence, head.entry_hash))
        except (InvalidSignature, *_NO_HEAD) as error:
            msg = "the end of the ledger was not signed with this appliance's key; nothing is appended to it"
            raise LedgerDamaged(msg) from error
        return head.sequence, head.entry_hash
