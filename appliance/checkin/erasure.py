"""Erasure: a person's data leaves the appliance, and the ledger's chain still verifies."""

import logging
from datetime import datetime

from sqlalchemy import Connection, delete, select

from appliance.errors import NotFound
from appliance.ledger import EntryKind, Ledger, Sequence
from appliance.names import clean
from appliance.roster import RosterService
from appliance.standing.entries import member_subject, visitor_subject
from appliance.storage.database import Database
from appliance.storage.devices import forget_member
from appliance.storage.meetings import admitted_numbers
from appliance.storage.members import lines_of, members

_logger = logging.getLogger(__name__)

_WITHOUT_A_CARD = (EntryKind.GUEST, EntryKind.VISIT_BY_HAND)


class ErasureService:
    """Erases members and visitors. An entry of the ledger tells which entries lost their body, by whom, not of whom."""

    def __init__(self, database: Database, ledger: Ledger, roster: RosterService) -> None:
        self._database = database
        self._ledger = ledger
        self._roster = roster

    def erase_member(self, member_id: int, *, at: datetime, officer: str) -> tuple[Sequence, ...]:
        """Remove a member from the roster, from every roll, and from the bodies of the ledger; NotFound for nobody.

        Of two lines that became one both go, by the number of either. Their earlier visits go too, and their place on
        the list of an event, where the number of their card is known under this appliance's own key
        (``may_leave_visits``). Returns the numbers of the entries that lost their body. The figures of closed meetings
        stay those of their closing.
        """
        officer = clean(officer, "the officer")
        with self._database.writing() as writer:
            self._roster.get(member_id, connection=writer)
            lines = lines_of(writer, member_id)
            erased: tuple[Sequence, ...] = ()
            visits = [visitor_subject(one) for one in _number_hashes(writer, lines) if one is not None]
            for subject in (*map(member_subject, lines), *visits):
                erased += self._erase(subject, at=at, officer=officer, writer=writer)
            for line in lines:
                forget_member(writer, line)
            writer.execute(delete(members).where(members.c.id.in_(lines)))
        return self._forget(tuple(sorted(erased)))

    def may_leave_visits(self, member_id: int) -> bool:
        """Whether visits of a member may stay when they are erased: no number of theirs is hashed under our own key.

        Those that a published roster names have a number under another key, and some have none.
        """
        with self._database.reading() as reader:
            hashes = _number_hashes(reader, lines_of(reader, member_id))
        return bool(hashes) and not any(hashes)

    def erase_visitor(self, identifier: str, *, at: datetime, officer: str) -> tuple[Sequence, ...]:
        """Remove a visitor, known by the number of their card, from the ledger's bodies and the lists of events."""
        return self.erase_subject(visitor_subject(self._roster.identifier_hash(identifier)), at=at, officer=officer)

    def erase_subject(self, subject: str, *, at: datetime, officer: str) -> tuple[Sequence, ...]:
        """Remove a visitor or a guest, known by the ledger's opaque name, in the same way."""
        officer = clean(officer, "the officer")
        with self._database.writing() as writer:
            erased = self._erase(subject, at=at, officer=officer, writer=writer)
        return self._forget(erased)

    def erase_guest(self, sequence: int, *, at: datetime, officer: str) -> tuple[Sequence, ...]:
        """Remove a guest, or a visitor without a card, by the entry that recorded them; NotFound for no such entry."""
        officer = clean(officer, "the officer")
        with self._database.writing() as writer:
            entry = self._ledger.entry(sequence, connection=writer)
            if entry.kind not in _WITHOUT_A_CARD or entry.subject is None:
                msg = f"entry {sequence} is no guest, or they were erased before"
                raise NotFound(msg)
            erased = self._ledger.erase(entry.subject, at=at, officer=officer, connection=writer)
        return self._forget(erased)

    def _erase(self, subject: str, *, at: datetime, officer: str, writer: Connection) -> tuple[Sequence, ...]:
        kind, _, number_hash = subject.partition(":")
        if kind == "visitor":
            is_theirs = admitted_numbers.c.number_hash == bytes.fromhex(number_hash)
            writer.execute(delete(admitted_numbers).where(is_theirs))
        return self._ledger.erase(subject, at=at, officer=officer, connection=writer)

    def _forget(self, erased: tuple[Sequence, ...]) -> tuple[Sequence, ...]:
        self._ledger.checkpoint()
        if not self._database.forget():
            _logger.warning("the store's log was in use during an erasure and keeps a copy until it is reused")
        return erased


def _number_hashes(reader: Connection, lines: tuple[int, ...]) -> list[bytes | None]:
    return list(reader.scalars(select(members.c.identifier_hash).where(members.c.id.in_(lines))))
