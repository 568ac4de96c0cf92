"""Making the parts of a set: downloaded, checked by those who will use them, forced out, and only then named.

A part of which the published files are those of the set in use is taken over if it is whole: nothing is downloaded.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from appliance.errors import ListRefused
from appliance.keys import fsync_directory
from appliance.lists.catalogue import (
    CARD_STATUS_BASE,
    CARD_STATUS_DELTA,
    CARD_STATUS_KEY,
    CRLS,
    ISSUERS,
    rules_version_of,
)
from appliance.lists.folder import UNDER_WAY, ListsFolder, discard, force_out
from appliance.lists.opening import (
    BASE_LIST,
    ROSTER,
    STATUS_KEY,
    STATUS_LIST,
    TRUST_FILES,
    TRUST_INDEX,
    hash_of_part,
    open_card_status,
    read_bounded,
)
from appliance.lists.publication import ChiBo, Publication
from appliance.lists.sealed_set import Part, PartKind, SealedSet
from appliance.lists.wholeness import is_whole
from verifier.sdk import TrustStore
from verifier.sdk.card_status import apply_card_status_delta
from verifier.sdk.errors import VerifierError

log = logging.getLogger(__name__)

_LONGEST_DELTA: Final = 64 << 20
_ANOTHER_MOMENT_S: Final = 0.03
"""Longer than what the SDK takes for one moment: an index that is hardly younger than its files is not believed."""

Make = Callable[[Path], None]


@dataclass
class PartMaker:
    """Makes the parts of the set that a publication offers. Hold the lock meanwhile."""

    folder: ListsFolder
    publication: Publication
    before: SealedSet | None
    chi_bo: ChiBo | None
    made: dict[PartKind, Part] = field(default_factory=dict, init=False)

    def make(self) -> Mapping[PartKind, Part]:
        """Return every part, each on the disk for good.

        Raises ``ListRefused`` for a list that nobody could use, ``OSError``, and what ``Publication`` raises.
        """
        self._make(PartKind.TRUST, (ISSUERS, CRLS), self._trust)
        if CARD_STATUS_BASE in self._offered:
            self._make(PartKind.CARD_STATUS_BASE, (CARD_STATUS_BASE,), self._base)
            self._make(PartKind.CARD_STATUS, (CARD_STATUS_KEY, CARD_STATUS_BASE, CARD_STATUS_DELTA), self._card_status)
        rules = tuple(sorted(path for path in self._offered if rules_version_of(path) is not None))
        if rules:
            self._make(PartKind.RULES, rules, self._rules)
        if self.chi_bo is not None and self.chi_bo.roster in self._offered:
            self._make(PartKind.ROSTER, (self.chi_bo.roster,), self._roster)
        return self.made

    @property
    def _offered(self) -> Mapping[str, object]:
        return self.publication.offer.targets

    def _make(self, kind: PartKind, paths: tuple[str, ...], fill: Make) -> None:
        kept = self._unchanged(kind, paths)
        if kept is not None:
            self.made[kind] = kept
            return
        fresh = self.folder.parts / f"{UNDER_WAY}{kind}"
        discard(fresh)
        fresh.mkdir(mode=0o700)
        fill(fresh)
        force_out(fresh, seal=True)
        part = Part(kind, hash_of_part(fresh))
        self._put(fresh, self.folder.parts / part.name, part)
        self.made[kind] = part

    def _put(self, fresh: Path, place: Path, part: Part) -> None:
        """Give a part its name. One that is there already may be in use, and stays unless it was damaged."""
        if place.exists():
            if is_whole(self.folder, part):
                discard(fresh)
                return
            place.rename(self.folder.parts / f"{UNDER_WAY}damaged-{place.name}")
        fresh.rename(place)
        fsync_directory(self.folder.parts)

    def _unchanged(self, kind: PartKind, paths: tuple[str, ...]) -> Part | None:
        if self.before is None or not self.before.holds(kind):
            return None
        had = {path: sha256 for path, sha256 in self.before.targets.items() if path in paths}
        offered = {path: sha256_of(self._offered[path]) for path in paths if path in self._offered}
        part = self.before.parts[kind]
        return part if had == offered and is_whole(self.folder, part) else None

    def _trust(self, fresh: Path) -> None:
        files = fresh / TRUST_FILES
        files.mkdir(mode=0o700)
        for path in (ISSUERS, CRLS):
            if path in self._offered:
                self.publication.download(path, files / path.rpartition("/")[2])
        force_out(files, seal=True)  # before the index: to seal a file later would be to change it
        time.sleep(_ANOTHER_MOMENT_S)
        with _naming("the issuers", folder=files):
            TrustStore.from_folder(files, index=fresh / TRUST_INDEX)

    def _base(self, fresh: Path) -> None:
        self.publication.download(CARD_STATUS_BASE, fresh / BASE_LIST)

    def _card_status(self, fresh: Path) -> None:
        base = self.folder.parts / self.made[PartKind.CARD_STATUS_BASE].name / BASE_LIST
        key, result = fresh / STATUS_KEY, fresh / STATUS_LIST
        self.publication.download(CARD_STATUS_KEY, key)
        with _naming("the card status list"):
            if CARD_STATUS_DELTA in self._offered:
                delta = self.folder.partial / f"{UNDER_WAY}delta"
                self.publication.download(CARD_STATUS_DELTA, delta)
                with result.open("wb") as file:
                    apply_card_status_delta(base, read_bounded(delta, _LONGEST_DELTA), file)
                discard(delta)
            else:
                result.hardlink_to(base)
            open_card_status(fresh).close()  # checks all of it once, and leaves the index

    def _rules(self, fresh: Path) -> None:
        for path in self._offered:
            version = rules_version_of(path)
            if version is not None:
                self.publication.download(path, fresh / f"{version}.json")

    def _roster(self, fresh: Path) -> None:
        if self.chi_bo is not None:
            self.publication.download(self.chi_bo.roster, fresh / ROSTER)


def sha256_of(target: object) -> str:
    """Return a published file's SHA-256 as its metadata has it. Raises ``ListRefused`` where it has none."""
    hashes = getattr(target, "hashes", {})
    try:
        return str(hashes["sha256"])
    except KeyError as error:
        msg = "the lists are signed without the hash that this device knows"
        raise ListRefused(msg) from error


@contextlib.contextmanager
def _naming(what: str, *, folder: Path | None = None) -> Iterator[None]:
    try:
        yield
    except VerifierError as error:
        # where it was looked at is nobody's matter
        why = error.sentence.replace(f"the folder {folder} holds", "there is")
        msg = f"{what} cannot be used: {why}"
        raise ListRefused(msg) from error
