"""Keeping the lists: what the command line and the page do with them, over the appliance's services.

Syncs, imports and looks at sticks; hands rules and roster over to the store; tells how things stand.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from appliance.errors import ApplianceError, ClockError, ListFromTheFuture
from appliance.keys import write_atomically
from appliance.lists.folder import ListsFolder, storage_trouble
from appliance.lists.freshness import FreshnessPolicy, ListsAge
from appliance.lists.history import Attempt, read_history
from appliance.lists.opening import ROSTER, read_rules
from appliance.lists.pinning import PinnedRoot, pin, pinned_root
from appliance.lists.publication import ChiBo
from appliance.lists.schedule import Schedule
from appliance.lists.sealed_set import PartKind, SealedSet, current_set
from appliance.lists.sources.source import Source
from appliance.lists.sources.sticks import mounted_sticks
from appliance.lists.sync import Progress, Sync, Synced
from appliance.lists.taking_up import Preview, preview
from appliance.lists.verifying import Verdict, verify_in_use
from appliance.received import SealedRoster, receive
from appliance.services import Services

log = logging.getLogger(__name__)

_DELIVERED: Final = "delivered"


@dataclass(frozen=True, slots=True)
class ListsStatus:
    """How things stand: ``pinned`` is ``None`` before the root was pinned, ``sealed`` before the first sync."""

    pinned: PinnedRoot | None
    sealed: SealedSet | None
    age: ListsAge
    problem: ApplianceError | None
    """Why the set in use cannot be told of, or what of it could not be handed over to the store."""
    is_syncing: bool
    history: tuple[Attempt, ...]
    chi_bo: ChiBo | None = None
    """Whose roster is wanted."""

    def expires_first(self) -> tuple[str, datetime] | None:
        """Return the role whose signature runs out first, and when: from then on this copy gives nothing new."""
        if self.sealed is None:
            return None
        return min(self.sealed.expires.items(), key=lambda item: item[1])


class ListKeeper:
    """The lists of one appliance."""

    def __init__(self, services: Services) -> None:
        self._services = services
        config = services.config
        settings = config.lists
        self.folder = ListsFolder(config.lists_directory)
        self.policy = FreshnessPolicy(settings.green_days, settings.amber_days)
        self.chi_bo = ChiBo(settings.province, settings.chi_bo) if settings.province else None
        self.schedule = Schedule(services.keys.device_public.public_bytes_raw(), settings.every)

    def pin(self, root: bytes) -> PinnedRoot:
        """Pin the root of the signed lists. Raises ``ListRefused`` for what is none, ``ConfigError`` for a second."""
        return pin(self.folder, root)

    def mirrors(self) -> tuple[Source, ...]:
        """Return the mirrors of the configuration, in its order."""
        return tuple(Source.mirror(address) for address in self._services.config.lists.mirrors)

    def sticks(self) -> tuple[Path, ...]:
        """Return where sticks are mounted now."""
        return mounted_sticks()

    def sync(self, *, progress: Progress | None = None, repair: bool = False) -> Synced:
        """Ask the mirrors, then the sticks. Raises what ``Sync.run`` raises."""
        sticks = tuple(Source.stick(path) for path in self.sticks())
        return self._sync((*self.mirrors(), *sticks), progress, repair=repair)

    def import_from(self, path: Path, *, progress: Progress | None = None) -> Synced:
        """Take up lists from a stick or a folder. Raises what ``Sync.run`` raises."""
        return self._sync((Source.stick(path),), progress)

    def look_at(self, path: Path) -> Preview:
        """Verify what a stick or a folder holds, without taking it up. Raises what ``import_from`` raises."""
        reading = self._services.clock.read()
        with self.folder.only_sync(), Source.stick(path).opened(self.folder.partial) as opened:
            return preview(self.folder, opened.fetcher, opened.base_url, at=reading.at, chi_bo=self.chi_bo)

    def verify(self) -> Verdict:
        """Verify every signature and every byte of the set in use."""
        return verify_in_use(self.folder, self.chi_bo)

    def status(self) -> ListsStatus:
        """Return how things stand."""
        at = self._services.clock.read().at
        sealed, problem = None, None
        try:
            sealed = current_set(self.folder)
            self.deliver()
        except ApplianceError as error:
            problem = error
        age = ListsAge.at(at, self.policy, issued=None)
        if sealed is not None:
            age = ListsAge.at(
                at,
                self.policy,
                issued=sealed.issued,
                timestamp=sealed.timestamp_version,
                card_status=sealed.card_status_sequence,
                content=sealed.content,
            )
        return ListsStatus(
            pinned=pinned_root(self.folder),
            sealed=sealed,
            age=age,
            problem=problem,
            is_syncing=self.folder.is_held(),
            history=read_history(self.folder.history),
            chi_bo=self.chi_bo,
        )

    def deliver(self) -> None:
        """Hand rules and roster of the set in use over to the store, once; a sync that was cut off may not have.

        Raises ``ListRefused`` for a document that cannot be used, ``StorageError``, ``KeyFileError``.
        """
        sealed = current_set(self.folder)
        if sealed is None or self._delivered() == sealed.content:
            return
        with _storage():
            rules = self._rules(sealed)
            roster = self._roster(sealed)
        receive(self._services, rules=rules, roster=roster, at=self._services.clock.read().at)
        with _storage():
            write_atomically(self.folder.path / _DELIVERED, sealed.content.encode())

    def _sync(self, sources: tuple[Source, ...], progress: Progress | None, *, repair: bool = False) -> Synced:
        reading = self._services.clock.read()
        sync = Sync(
            self.folder,
            reading.at,
            clock_trusted=reading.trusted,
            chi_bo=self.chi_bo,
            accept_time=self._accept_time,
            repair=repair,
        )
        if progress is not None:
            sync.progress = progress
        synced = sync.run(sources)
        try:
            self.deliver()
        except ApplianceError as error:
            log.warning("what the lists bring could not be handed over: %s", error.sentence)
        return synced

    def _accept_time(self, issued: datetime) -> None:
        """Take note of when lists were signed. Raises ``ListFromTheFuture`` for what a trusted clock cannot believe."""
        try:
            self._services.clock.saw_signed_time(issued, "lists")
        except ClockError as error:
            msg = f"lists were signed on {issued:%Y-%m-%d %H:%M} UTC, which lies ahead of this device's clock"
            raise ListFromTheFuture(msg) from error

    def _delivered(self) -> str:
        try:
            return (self.folder.path / _DELIVERED).read_text("ascii", "replace")
        except OSError:
            return ""

    def _rules(self, sealed: SealedSet) -> dict[str, bytes]:
        part = sealed.parts.get(PartKind.RULES)
        return {} if part is None else read_rules(self.folder.parts / part.name)

    def _roster(self, sealed: SealedSet) -> SealedRoster | None:
        part = sealed.parts.get(PartKind.ROSTER)
        if part is None or self.chi_bo is None:
            return None
        content = (self.folder.parts / part.name / ROSTER).read_bytes()
        return SealedRoster(self.chi_bo.province, self.chi_bo.name, content)


@contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise storage_trouble(error) from error
