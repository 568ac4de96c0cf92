"""Erasure: a person's data leaves the appliance, and the ledger's chain still verifies."""

import logging
from datetime import datetime

from sqlalchemy import delete

from appliance.errors import NotFound
from appliance.ledger import EntryKind, Ledger, Sequence
from appliance.names import clean
from appliance.roster import RosterService
from appliance.standing.entries import member_subject, visitor_subject
from appliance.storage.database import Database
from appliance.storage.devices import forget_member
from appliance.storage.members import members

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

        Returns the numbers of the entries that lost their body. The figures of closed meetings stay those of their
        closing.
        """
        officer = clean(officer, "the officer")
        with self._database.writing() as writer:
            self._roster.get(member_id, connection=writer)
            erased = self._ledger.erase(member_subject(member_id), at=at, officer=officer, connection=writer)
            forget_member(writer, member_id)
            writer.execute(delete(members).where(members.c.id == member_id))
        return self._forget(erased)

    def erase_visitor(self, identifier: str, *, at: datetime, officer: str) -> tuple[Sequence, ...]:
        """Remove a visitor, known by the number of their card, from the bodies of the ledger."""
        return self.erase_subject(visitor_subject(self._roster.identifier_hash(identifier)), at=at, officer=officer)

    def erase_subject(self, subject: str, *, at: datetime, officer: str) -> tuple[Sequence, ...]:
        """Remove a visitor or a guest, known by the ledger's opaque name, from the bodies of the ledger."""
        return self._forget(self._ledger.erase(subject, at=at, officer=clean(officer, "the officer")))

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

    def _forget(self, erased: tuple[Sequence, ...]) -> tuple[Sequence, ...]:
        self._ledger.checkpoint()
        if not self._database.forget():
            _logger.warning("the store's log was in use during an erasure and keeps a copy until it is reused")
        return erased
