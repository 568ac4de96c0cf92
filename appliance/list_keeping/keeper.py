"""Keeping the lists: what the command line and the page do with them, over the appliance's services.

Syncs, imports and looks at sticks; hands rules and roster over to the store; tells how things stand.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from appliance.errors import ApplianceError, ClockError, ListFromTheFuture, ListRefused, ListsDamaged, SyncRuns
from appliance.list_keeping.delivery import Delivery
from appliance.lists.folder import ListsFolder, as_storage_trouble
from appliance.lists.freshness import FreshnessPolicy, ListsAge
from appliance.lists.history import Attempt, read_history
from appliance.lists.pinning import PinnedRoot, pin, pinned_root
from appliance.lists.publication import ChiBo
from appliance.lists.schedule import Schedule
from appliance.lists.sealed_set import SealedSet, current_set
from appliance.lists.sources.source import Source
from appliance.lists.sources.sticks import mounted_sticks
from appliance.lists.sync import Progress, Sync, Synced
from appliance.lists.taking_up import Preview, preview
from appliance.lists.verifying import Verdict, verify_in_use
from appliance.lists.wholeness import CHECKED_EVERY, Check, last_check, remember_check, require_whole
from appliance.services import Services

log = logging.getLogger(__name__)


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
        self.patience_s = 45.0
        """How long a stick waits. Whoever asks a mirror gives way within forty seconds if nothing comes from there."""
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

    def sync(
        self,
        *,
        progress: Progress | None = None,
        repair: bool = False,
        gives_way: Callable[[], bool] = lambda: False,
    ) -> Synced:
        """Ask the mirrors, then the sticks. Raises what ``Sync.run`` raises, ``SyncRuns`` also when it gave way."""
        sticks = tuple(Source.stick(path) for path in self.sticks())
        sync = self._new_sync(progress)
        sync.repair, sync.gives_way = repair, gives_way
        return self._run(sync, (*self.mirrors(), *sticks))

    def import_from(self, path: Path, *, progress: Progress | None = None) -> Synced:
        """Take up lists from a stick or a folder, and mend what is damaged. Raises what ``Sync.run`` raises."""
        with suppress(ApplianceError):  # whatever is wrong here, good lists mend it
            self.check(every=timedelta(0))
        sync = self._new_sync(progress)
        sync.patience_s = self.patience_s
        return self._run(sync, (Source.stick(path),))

    def look_at(self, path: Path) -> Preview:
        """Verify what a stick or a folder holds, without taking it up. Raises what ``import_from`` raises."""
        reading = self._services.clock.read()
        patient = self.folder.only_sync(patience_s=self.patience_s)
        with patient, Source.stick(path).opened(self.folder.partial) as opened:
            return preview(self.folder, opened.fetcher, opened.base_url, at=reading.at, chi_bo=self.chi_bo)

    def verify(self) -> Verdict:
        """Verify every signature and every byte of the set in use."""
        return verify_in_use(self.folder, self.chi_bo)

    def check(self, *, every: timedelta = CHECKED_EVERY, at: datetime | None = None) -> None:
        """Verify the set in use unless that was done not long ago. While lists are taken up there is nothing to check.

        What was found is written down: ``status`` tells it, and the next sync mends it. ``at`` is now, where the clock
        stands still. Raises ``ListsDamaged`` if it was found now, ``StorageFull``, ``StorageUnreachable``.
        """
        at = at or self._services.clock.read().at
        try:
            sealed = current_set(self.folder)
        except ListsDamaged:
            return  # that is told anyhow
        if sealed is None or not last_check(self.folder, sealed).is_due(at, every):
            return
        with suppress(SyncRuns), self.folder.only_sync(), as_storage_trouble():
            found = self.verify()
            if found.problem is not None and not isinstance(found.problem, ListRefused):
                raise found.problem  # there was no room to look, which says nothing of the lists
            if found.sealed is not None:
                problem = "" if found.problem is None else found.problem.sentence
                remember_check(self.folder, found.sealed, Check(at, problem))
                if problem:
                    raise ListsDamaged(problem)

    def status(self) -> ListsStatus:
        """Return how things stand."""
        reading = self._services.clock.read()
        sealed, problem = None, None
        try:
            sealed = current_set(self.folder)
            if sealed is not None:
                require_whole(self.folder, sealed)
            self.deliver()
        except ApplianceError as error:
            problem = error
        age = ListsAge.at(reading.at, self.policy, issued=None)
        if sealed is not None:
            age = ListsAge.at(
                reading.at,
                self.policy,
                issued=sealed.issued,
                timestamp=sealed.timestamp_version,
                card_status=sealed.card_status_sequence,
                content=sealed.content,
            )
        return ListsStatus(
            pinned=pinned_root(self.folder),
            sealed=sealed,
            age=age.by_clock(trusted=reading.trusted),
            problem=problem,
            is_syncing=self.folder.is_held(),
            history=read_history(self.folder.history),
            chi_bo=self.chi_bo,
        )

    def deliver(self) -> None:
        """Hand rules and roster of the set in use over to the store, each once; a sync that was cut off may not have.

        Neither waits for the other. What was wrong with one is raised when both were tried: ``ListRefused`` for a
        document that cannot be used, ``StorageError``, ``KeyFileError``.
        """
        Delivery(self._services, self.folder, self.chi_bo).deliver()

    def _new_sync(self, progress: Progress | None) -> Sync:
        reading = self._services.clock.read()
        sync = Sync(
            self.folder,
            reading.at,
            clock_trusted=reading.trusted,
            chi_bo=self.chi_bo,
            accept_time=self._accept_time,
        )
        if progress is not None:
            sync.progress = progress
        return sync

    def _run(self, sync: Sync, sources: tuple[Source, ...]) -> Synced:
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
