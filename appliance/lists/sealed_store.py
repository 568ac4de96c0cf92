"""The sealed lists in use: opened by their indexes, exchanged between two taps when a new set was switched to.

Nothing is parsed at a start or at a tap: what was verified when the set was taken up is looked up in the file, and each
piece of it is believed only while it is still the one that was verified.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from appliance.errors import ApplianceError
from appliance.lists.folder import ListsFolder
from appliance.lists.freshness import FreshnessPolicy
from appliance.lists.in_use import Lists
from appliance.lists.opening import open_card_status_in_use, open_trust
from appliance.lists.sealed_set import PartKind, SealedSet, current_set
from appliance.names import count
from verifier.sdk import CardStatusList, TrustStore

log = logging.getLogger(__name__)

_TRIES: Final = 2
_TRIED_AGAIN_AFTER_S: Final = 60.0


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
        self._seen: _Pointed | None = None
        self._failed_at: float | None = None
        self._root = b""
        self._set: SealedSet | None = None
        self._opened: dict[PartKind, tuple[str, int]] = {}
        """Their names and inodes: a part that was mended has the name of the damaged one, and another inode."""
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
            pointed = _Pointed.by(self._folder.current)
            if pointed == self._seen and not self._is_to_be_tried_again():
                return
            try:
                self._take(current_set(self._folder))
                self.problem, self._failed_at = None, None
            except ApplianceError as error:
                self.problem, self._failed_at = error, self._clock()
            self._seen = pointed
            if pointed == _Pointed.by(self._folder.current):
                break
        if self.problem is not None:
            log.warning("lists were refused: %s", self.problem.sentence)

    def _is_to_be_tried_again(self) -> bool:
        """Whether a failure is so long ago that it may be over, such as a lack of file descriptors."""
        return self._failed_at is not None and self._clock() - self._failed_at >= _TRIED_AGAIN_AFTER_S

    def _take(self, found: SealedSet | None) -> None:
        if found is None:
            self._forget_another_roots()
            return
        trust, card_status = self._trust, self._card_status
        seen = {kind: (part.name, _inode(self._folder.parts / part.name)) for kind, part in found.parts.items()}
        changed = {kind for kind in seen if seen[kind] != self._opened.get(kind)}
        if PartKind.TRUST in changed:
            trust = open_trust(self._folder, found.parts[PartKind.TRUST])
        if PartKind.CARD_STATUS in changed:
            card_status = open_card_status_in_use(self._folder, found.parts[PartKind.CARD_STATUS])
        elif not found.holds(PartKind.CARD_STATUS):
            card_status = None
        if card_status is not self._card_status:
            self.close()
        self._set, self._trust, self._card_status, self._opened = found, trust, card_status, seen
        self._root = self._pinned_root()

    def _forget_another_roots(self) -> None:
        """Let go of lists that were believed through another root than the one that is pinned now.

        Where the folder is merely gone, with the storage perhaps, those that were opened stay in use.
        """
        pinned = self._pinned_root()
        if self._set is not None and pinned and pinned != self._root:
            self.close()
            self._set, self._trust, self._opened = None, TrustStore(()), {}

    def _pinned_root(self) -> bytes:
        try:
            return self._folder.pinned_root.read_bytes()
        except OSError:
            return b""


@dataclass(frozen=True, slots=True)
class _Pointed:
    """Which set was switched to: another one has the same number where everything began anew."""

    target: str
    inode: int
    changed_ns: int

    @classmethod
    def by(cls, link: Path) -> "_Pointed | None":
        try:
            status = link.stat()
            return cls(str(link.readlink()), status.st_ino, status.st_ctime_ns)
        except OSError:
            return None


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except OSError:
        return 0
