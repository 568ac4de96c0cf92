"""The sealed lists in use: opened by their indexes, exchanged between two taps when a new set was switched to.

Nothing is parsed at a start or at a tap: what was verified when the set was taken up is looked up in the file, and each
piece of it is believed only while it is still the one that was verified.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from appliance.errors import ApplianceError, ListRefused
from appliance.lists.folder import ListsFolder
from appliance.lists.freshness import FreshnessPolicy
from appliance.lists.in_use import Lists, count
from appliance.lists.opening import open_card_status, open_trust
from appliance.lists.sealed_set import Part, PartKind, SealedSet, current_set
from verifier.sdk import CardStatusList, TrustStore
from verifier.sdk.errors import VerifierError

log = logging.getLogger(__name__)

_TRIES: Final = 2


class SealedLists:
    """The sealed lists of one appliance. Never raises because of them; a set that cannot be opened leaves the last one.

    Args:
        folder: where they are.
        look_every_s: how often to look for a newer set at most.
        clock: seconds of a clock that never jumps.
    """

    def __init__(
        self, folder: ListsFolder, *, look_every_s: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = folder
        self._look_every_s = look_every_s
        self._clock = clock
        self._looked_at = -float("inf")
        self._seen: str | None = None
        self._set: SealedSet | None = None
        self._opened: dict[PartKind, Part] = {}
        self._trust = TrustStore(())
        self._card_status: CardStatusList | None = None
        self.problem: ApplianceError | None = None
        self.current()

    @property
    def in_use(self) -> Lists:
        """What the last look found; nothing is read."""
        found = self._set
        if found is None:
            return Lists(self._trust, self._card_status)
        return Lists(self._trust, self._card_status, found.issued, found.timestamp_version, found.content)

    def current(self) -> Lists:
        """Return what is in use, after a look whether there is a newer set."""
        now = self._clock()
        if now - self._looked_at >= self._look_every_s:
            self._looked_at = now
            self._look()
        return self.in_use

    def summary(self, *, at: datetime) -> str:
        """Return in one line what is in use: how many issuers and CRLs, which lists, how old, and what fails."""
        lists = self.current()
        if self._set is None:
            parts = ["no lists yet"]
        else:
            age = lists.age(FreshnessPolicy(), at=at)
            old = "signed in the future: check the clock"
            if age.age_days is not None:
                old = f"{count(age.age_days, 'day')} old"
            parts = [
                f"{count(len(lists.trust.anchors), 'issuer')}, {count(len(lists.trust.crls), 'CRL')}",
                f"card status list {self._set.card_status_sequence}",
                f"lists {self._set.timestamp_version} of {self._set.issued:%Y-%m-%d}, {old}",
            ]
        if self.problem is not None:
            parts.append(f"refused: {self.problem.sentence}")
        return ", ".join(parts)

    def close(self) -> None:
        """Let go of the files."""
        if self._card_status is not None:
            self._card_status.close()
            self._card_status = None

    def _look(self) -> None:
        """Take up the set that is switched to now; one that vanishes meanwhile was replaced by a newer one."""
        for _ in range(_TRIES):
            pointed = _target_of(self._folder)
            if pointed == self._seen:
                return
            try:
                self._take(current_set(self._folder))
                self.problem = None
            except (VerifierError, ApplianceError) as error:
                self.problem = ListRefused(error.sentence)
            except OSError as error:
                self.problem = ListRefused(f"the lists in use cannot be read: {error.strerror}")
            self._seen = pointed
            if pointed == _target_of(self._folder):
                break
        if self.problem is not None:
            log.warning("lists were refused: %s", self.problem.sentence)

    def _take(self, found: SealedSet | None) -> None:
        if found is None:
            return
        trust, opened = self._trust, dict(self._opened)
        part = found.parts[PartKind.TRUST]
        if opened.get(PartKind.TRUST) != part:
            trust = open_trust(self._folder.parts / part.name)
            opened[PartKind.TRUST] = part
        card_status = self._card_status
        listed = found.parts.get(PartKind.CARD_STATUS)
        if listed is not None and opened.get(PartKind.CARD_STATUS) != listed:
            card_status = open_card_status(self._folder.parts / listed.name)
            opened[PartKind.CARD_STATUS] = listed
        if card_status is not self._card_status:
            self.close()
        self._set, self._trust, self._card_status, self._opened = found, trust, card_status, opened


def _target_of(folder: ListsFolder) -> str | None:
    try:
        return str(folder.current.readlink())
    except OSError:
        return None
