"""Erasing a person on their request, and closing the request in the register, without a trace of whom it was about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from appliance.checkin.erasure import ErasureService
from appliance.ledger import Sequence as EntryNumber
from appliance.persons.requests import PersonRequests
from appliance.storage.persons import Answer, RequestKind


@dataclass(frozen=True, slots=True)
class Erasing:
    """Joins the erasure itself with the register."""

    erasure: ErasureService
    requests: PersonRequests

    def erase(
        self, subjects: Sequence[str], *, at: datetime, officer: str, request: int | None = None
    ) -> tuple[EntryNumber, ...]:
        """Erase whom the ledger calls by these names; return the numbers of the entries that lost their body.

        ``request`` is the number in the register that is answered by it; without one a line is made for it, so that the
        register is complete. Raises NotFound for nobody, RuleViolation for a request that was answered before.
        """
        if request is None:
            request = self.requests.receive(RequestKind.ERASURE, at=at, by=officer).id
        self.requests.require_open(request)
        erased = [number for one in subjects for number in self._erase(one, at, officer)]
        self.requests.answer(request, Answer.DONE, at=at, by=officer, entries=len(erased))
        for one in subjects:
            self.requests.forget(one)
        return tuple(erased)

    def _erase(self, subject: str, at: datetime, officer: str) -> tuple[EntryNumber, ...]:
        kind, _, number = subject.partition(":")
        if kind == "member":
            return self.erasure.erase_member(int(number), at=at, officer=officer)
        return self.erasure.erase_subject(subject, at=at, officer=officer)
