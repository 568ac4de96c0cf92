"""Erasure: a person's data leaves the appliance, and the ledger's chain still verifies."""

import logging
from datetime import datetime

from sqlalchemy import delete

from appliance.ledger import Ledger, Sequence
from appliance.meetings.standing import member_subject, visitor_subject
from appliance.names import clean
from appliance.roster import RosterService
from appliance.storage.database import Database
from appliance.storage.members import members

_logger = logging.getLogger(__name__)


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
            writer.execute(delete(members).where(members.c.id == member_id))
        return self._forget(erased)

    def erase_visitor(self, identifier: str, *, at: datetime, officer: str) -> tuple[Sequence, ...]:
        """Remove a visitor, known by the number of their card, from the bodies of the ledger."""
        subject = visitor_subject(self._roster.identifier_hash(identifier))
        return self._forget(self._ledger.erase(subject, at=at, officer=clean(officer, "the officer")))

    def _forget(self, erased: tuple[Sequence, ...]) -> tuple[Sequence, ...]:
        self._ledger.checkpoint()
        if not self._database.forget():
            _logger.warning("the store's log was in use during an erasure and keeps a copy until it is reused")
        return erased
