"""Erasing a person on their request, and closing the request in the register, without a trace of whom it was about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from appliance.checkin.erasure import ErasureService
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.ledger import Sequence as EntryNumber
from appliance.ledger.canonical_json import JsonValue
from appliance.names import clean
from appliance.persons.elsewhere import ELSEWHERE, Elsewhere
from appliance.persons.requests import PersonRequests
from appliance.persons.subjects import as_they_stand, with_earlier_visits
from appliance.standing.entries import member_of
from appliance.storage.database import Database
from appliance.storage.persons import Answer, RequestKind


@dataclass(frozen=True, slots=True)
class Erased:
    """What went: ``entries`` of the ledger lost their body, and so many of other appliances that were kept here."""

    entries: tuple[EntryNumber, ...]
    elsewhere: int


@dataclass(frozen=True, slots=True)
class Erasing:
    """Joins the erasure itself, of what other appliances told as well, with the register."""

    database: Database
    ledger: Ledger
    erasure: ErasureService
    requests: PersonRequests
    elsewhere: Elsewhere

    def erase(self, subjects: Sequence[str], *, at: datetime, officer: str, request: int | None = None) -> Erased:
        """Erase whom the ledger calls by these names; return what went.

        ``request`` is the number in the register that is answered by it; without one a line is made for it, so that the
        register is complete. Raises NotFound for nobody, RuleViolation for a request that was answered before. Whom a
        power cut leaves is found as before, and the request is open.
        """
        officer = clean(officer, "the officer")
        if request is None:
            request = self.requests.receive(RequestKind.ERASURE, at=at, by=officer).id
        self.requests.require_open(request)
        with self.database.reading() as reader:
            names = with_earlier_visits(reader, subjects)
            persons = as_they_stand(reader, subjects)
        told = self._forget_elsewhere(names, at, officer)
        erased = tuple(number for one in persons for number in self._erase(one, at, officer))
        self.requests.answer(request, Answer.DONE, at=at, by=officer, entries=len(erased) + told)
        for one in names:
            self.requests.forget(one)
        return Erased(erased, told)

    def _forget_elsewhere(self, names: Sequence[str], at: datetime, officer: str) -> int:
        """Forget what other appliances told, and put on record that it was done: no entry of ours loses anything."""
        with self.database.writing() as writer:
            told = self.elsewhere.forget(names, connection=writer)
            if told:
                body: dict[str, JsonValue] = {"officer": officer, "erased": [], "what": ELSEWHERE, "count": told}
                self.ledger.append(NewEntry(EntryKind.ERASURE, body=body), at=at, connection=writer)
        if told:
            self.ledger.checkpoint()
            self.database.forget()
        return told

    def _erase(self, subject: str, at: datetime, officer: str) -> tuple[EntryNumber, ...]:
        member_id = member_of(subject)
        if member_id is not None:
            return self.erasure.erase_member(member_id, at=at, officer=officer)
        if subject.startswith(f"{ELSEWHERE}:"):
            return ()
        return self.erasure.erase_subject(subject, at=at, officer=officer)
