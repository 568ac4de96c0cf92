"""Taking up what a source offers: stage, verify, force out, switch.

Everything that is new is written beside what is in use, under names that mean nothing yet. One rename at the end makes
it count, and takes python-tuf's memory of what it has seen along: a power cut at any point leaves the old set with its
memory or the new set with its own, so neither lists nor versions ever go back.
"""

import logging
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from tuf.ngclient import FetcherInterface

from appliance.errors import ListRefused, StorageFull
from appliance.keys import fsync_directory
from appliance.lists.folder import UNDER_WAY, ListsFolder, discard, force_out, storage_trouble, switch
from appliance.lists.judging import NO_CARD_STATUS, judge_card_status, judge_offer
from appliance.lists.parts import PartMaker, sha256_of
from appliance.lists.publication import LONGEST_ROOT, ROOTS, ChiBo, Offer, Publication
from appliance.lists.sealed_set import METADATA, SET_FILE, Part, PartKind, SealedSet, current_set
from appliance.lists.wholeness import Check, last_check, remember_check

log = logging.getLogger(__name__)

_ROOM_FACTOR: Final = 3
"""A list is there three times at most: as it comes, as it was published, as it results."""
_ROOM_BESIDES: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class TakenUp:
    """What came of one source; ``before`` is ``None`` where these are the first lists."""

    before: SealedSet | None
    after: SealedSet

    @property
    def is_new(self) -> bool:
        """Whether anything was installed, be it only a newer signature over the same lists."""
        return self.before is None or self.before.generation != self.after.generation

    @property
    def has_new_lists(self) -> bool:
        """Whether any list changed."""
        return self.before is None or self.before.content != self.after.content


def take_up(
    folder: ListsFolder,
    fetcher: FetcherInterface,
    base_url: str,
    *,
    source: str,
    at: datetime,
    chi_bo: ChiBo | None = None,
    accept_time: Callable[[datetime], None] = lambda _: None,
    repair: bool = False,
) -> TakenUp:
    """Take up what a source offers; hold ``folder.only_sync()`` meanwhile.

    ``source`` is how the set will say where it came from, ``at`` the time by which expiry is judged. ``accept_time`` is
    told when the offer was signed, once that is verified, and may raise to refuse it. With ``repair``, or where the
    last check found damage, the set is made anew although nothing is newer; only parts that are not whole come again.

    Raises ``ListsNotSetUp``, and what ``Publication`` and ``PartMaker`` raise; what is in use then stays in use.
    """
    before = _set_in_use(folder)
    staging = folder.sets / f"{UNDER_WAY}set"
    try:
        publication = _verified(folder, staging, fetcher, base_url, before, at=at, chi_bo=chi_bo)
        offer = publication.offer
        accept_time(offer.issued)
        if before is not None and _is_the_same(before, offer) and not (repair or last_check(folder, before).problem):
            return TakenUp(before, before)
        _forget_partial(folder, but=_hashes(offer).values())
        _require_room(folder, offer, before)
        parts = PartMaker(folder, publication, before, chi_bo).make()
        after = _next_set(folder, offer, parts, before, source=source, at=at)
        _install(folder, staging, after)
    except OSError as error:
        raise storage_trouble(error) from error
    finally:
        discard(staging)
    _tidy(folder, after, at=at)
    return TakenUp(before, after)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a source would give, verified and not taken up."""

    offer: Offer
    before: SealedSet | None

    @property
    def is_new(self) -> bool:
        """Whether taking it up would change anything."""
        return self.before is None or not _is_the_same(self.before, self.offer)


def preview(
    folder: ListsFolder, fetcher: FetcherInterface, base_url: str, *, at: datetime, chi_bo: ChiBo | None = None
) -> Preview:
    """Look at what a source offers; hold ``folder.only_sync()`` meanwhile. Raises what ``take_up`` raises."""
    before = _set_in_use(folder)
    staging = folder.sets / f"{UNDER_WAY}preview"
    try:
        return Preview(_verified(folder, staging, fetcher, base_url, before, at=at, chi_bo=chi_bo).offer, before)
    except OSError as error:
        raise storage_trouble(error) from error
    finally:
        discard(staging)


def _verified(
    folder: ListsFolder,
    staging: Path,
    fetcher: FetcherInterface,
    base_url: str,
    before: SealedSet | None,
    *,
    at: datetime,
    chi_bo: ChiBo | None,
) -> Publication:
    """Verify what a source offers, upon a copy of what was verified before, and against what is in use."""
    root = folder.read_pinned_root(LONGEST_ROOT)
    folder.clear_leftovers()
    _stage_metadata(folder, staging)
    publication = Publication(fetcher, base_url, staging / METADATA, root, at=at, chi_bo=chi_bo)
    judge_offer(before, publication.offer, staging / METADATA)
    return publication


def forget_unused(folder: ListsFolder, kept: SealedSet) -> None:
    """Delete the sets and parts that ``kept`` does not need, and downloads that nobody will go on with."""
    names = {part.name for part in kept.parts.values()}
    for path in folder.sets.iterdir():
        if path.name != kept.folder_name:
            discard(path)
    for path in folder.parts.iterdir():
        if path.name not in names:
            discard(path)
    _forget_partial(folder)


def _forget_partial(folder: ListsFolder, *, but: Collection[str] = ()) -> None:
    """Forget downloads under way, but those of the lists with these hashes."""
    for path in folder.partial.iterdir():
        if path.name.partition("-")[0] not in but:
            discard(path)


def _tidy(folder: ListsFolder, after: SealedSet, *, at: datetime) -> None:
    """Forget what is unused; the new lists are in use already, and what cannot be done may wait until next time."""
    try:
        forget_unused(folder, after)
        remember_check(folder, after, Check(at))
    except OSError as error:
        log.warning("lists that are no longer used cannot be deleted: %s", error.strerror)


def _set_in_use(folder: ListsFolder) -> SealedSet | None:
    """Return the set in use; a damaged one is replaced as if there were none, its memory of versions kept."""
    try:
        return current_set(folder)
    except ListRefused as error:
        log.warning("%s", error.sentence)
        return None


def _stage_metadata(folder: ListsFolder, staging: Path) -> None:
    """Copy what python-tuf has seen, to be renewed. The root that it ends at is a link, which it makes itself."""
    history = staging / METADATA / ROOTS
    history.mkdir(mode=0o700, parents=True)
    seen = folder.current / METADATA
    for path in (*seen.glob("*.json"), *(seen / ROOTS).glob("*.json")):
        if path.is_symlink():
            continue
        try:
            content = path.read_bytes()
        except OSError as error:  # a spoilt sector must not keep new lists out; set.json knows what matters of it
            log.warning("the metadata of the lists in use cannot be read: %s", error.strerror)
            continue
        (staging / METADATA / path.relative_to(seen)).write_bytes(content)


def _is_the_same(before: SealedSet, offer: Offer) -> bool:
    """Whether these very versions are in use, and were taken up for the same chi bộ."""
    return dict(before.versions) == dict(offer.versions) and dict(before.targets) == _hashes(offer)


def _hashes(offer: Offer) -> dict[str, str]:
    return {path: sha256_of(target) for path, target in offer.targets.items()}


def _require_room(folder: ListsFolder, offer: Offer, before: SealedSet | None) -> None:
    had = {} if before is None else before.targets
    coming = sum(target.length for path, target in offer.targets.items() if had.get(path) != sha256_of(target))
    needed = coming * _ROOM_FACTOR + _ROOM_BESIDES
    if _room(folder) < needed:
        _forget_partial(folder)  # of lists that were never whole, perhaps for months
    if _room(folder) < needed:
        msg = f"there is no room for {coming // 1000} kB of new lists; those in use stay in use"
        raise StorageFull(msg)


def _room(folder: ListsFolder) -> int:
    status = os.statvfs(folder.path)
    return status.f_bavail * status.f_frsize


def _next_set(
    folder: ListsFolder,
    offer: Offer,
    parts: Mapping[PartKind, Part],
    before: SealedSet | None,
    *,
    source: str,
    at: datetime,
) -> SealedSet:
    """Return the set of an offer and its parts. Raises what ``judge_card_status`` raises."""
    sequence, issued = _card_status(folder, parts, before, offer, at)
    return SealedSet(
        generation=_next_generation(folder),
        issued=offer.issued,
        installed_at=at,
        source=source,
        versions=offer.versions,
        expires=offer.expires,
        root_sha256=offer.root_sha256,
        targets_keys=offer.targets_keys,
        targets=_hashes(offer),
        parts=parts,
        card_status_sequence=sequence,
        card_status_issued=issued,
    )


def _card_status(
    folder: ListsFolder, parts: Mapping[PartKind, Part], before: SealedSet | None, offer: Offer, at: datetime
) -> tuple[int, datetime]:
    part = parts.get(PartKind.CARD_STATUS)
    if part is None:
        return NO_CARD_STATUS
    is_new = before is not None and part != before.parts.get(PartKind.CARD_STATUS)
    return judge_card_status(folder.parts / part.name, before, offer, is_new=is_new, at=at)


def _next_generation(folder: ListsFolder) -> int:
    numbers = [int(path.name) for path in folder.sets.iterdir() if path.name.isdigit()]
    return max(numbers, default=0) + 1


def _install(folder: ListsFolder, staging: Path, after: SealedSet) -> None:
    (staging / SET_FILE).write_bytes(after.encode())
    force_out(staging, seal=True)
    place = folder.sets / after.folder_name
    staging.rename(place)
    fsync_directory(folder.sets)
    switch(folder.current, f"{folder.sets.name}/{after.folder_name}")
