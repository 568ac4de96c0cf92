"""Lists that are too old to show that anything is good: what they name stays revoked, and of the rest nobody can tell.

A card status list says itself when it was issued, and the policy bounds that. Of a CRL it bounds how long it counts
beyond its due date (RFC 5280, 5.1.2.5), which its issuer may have set long after the lists were signed.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from appliance.errors import ApplianceError
from appliance.lists.in_use import Lists, ListStore
from verifier.sdk import TrustStore


class UsableLists:
    """A ``ListStore`` whose CRLs show nothing good any more ``usable`` after their lists were issued.

    ``clock`` gives the time (aware, UTC). It is looked at when lists are, between two taps.
    """

    def __init__(self, store: ListStore, usable: timedelta, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._usable = usable
        self._clock = clock
        self._seen: Lists | None = None
        self._issued: datetime | None = None
        self._outdated: Lists | None = None
        self._in_use = self._judged(store.in_use)

    @property
    def problem(self) -> ApplianceError | None:
        """Why lists that lie there are not used."""
        return self._store.problem

    @property
    def in_use(self) -> Lists:
        """What the last look found; nothing is read."""
        return self._in_use

    def current(self) -> Lists:
        """Return what is in use, after a look whether there is something newer, and whether it is too old by now."""
        self._in_use = self._judged(self._store.current())
        return self._in_use

    def summary(self, *, at: datetime) -> str:
        """Return in one line what is in use, how old it is, and what fails."""
        return self._store.summary(at=at)

    def close(self) -> None:
        """Let go of the files."""
        self._store.close()

    def _judged(self, lists: Lists) -> Lists:
        if lists != self._seen:
            self._seen, self._issued, self._outdated = lists, _issued(lists), None
        if self._issued is None or self._clock() - self._issued <= self._usable:
            return lists
        if self._outdated is None:
            self._outdated = replace(lists, trust=_showing_nothing_good(lists.trust))
        return self._outdated


def _issued(lists: Lists) -> datetime | None:
    """Return when lists were issued; of issuers without a card status list, when their newest CRL was."""
    if lists.issued is not None:
        return lists.issued
    return max((crl.this_update for crl in lists.trust.crls), default=None)


def _showing_nothing_good(trust: TrustStore) -> TrustStore:
    """Return the store with CRLs that are past their due date, whatever they say; who is on them stays revoked."""
    return TrustStore(
        trust.certificates,
        (replace(crl, next_update=None) for crl in trust.crls),
        trust.problems,
        trust.signatures,
        deviation_lists=trust.deviation_lists,
        remarks=trust.remarks,
    )
