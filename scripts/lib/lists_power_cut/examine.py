"""What must hold of an appliance's lists after power cut or kill, and after the next sync."""

from dataclasses import dataclass
from pathlib import Path

from lists_power_cut.errors import NotSurvived
from lists_power_cut.scenes import CHI_BO_OF_ALL, LISTS, Month, Scene

from appliance.errors import ApplianceError, ListRolledBack
from appliance.lists.folder import UNDER_WAY, ListsFolder
from appliance.lists.pinning import pinned_root
from appliance.lists.sealed_set import SealedSet, current_set
from appliance.lists.sealed_store import SealedLists
from appliance.lists.verifying import verify_in_use


@dataclass(frozen=True)
class Examiner:
    """Examines appliances that were in one scene; ``undisturbed`` is what one has that nothing happened to."""

    month: Month
    scene: Scene
    before: SealedSet | None
    undisturbed: SealedSet

    def examine(self, state: Path, *, done: bool) -> bool:
        """Look at what is in use, offer what is older, let it sync; return whether the new lists were in use.

        Raises ``NotSurvived``.
        """
        folder = ListsFolder(state / LISTS)
        station = SealedLists(folder)
        try:
            is_new = self._old_or_new(folder, station)
            if done and not is_new:
                msg = "the sync was done, but its lists are not in use"
                raise NotSurvived(msg)
            self._refuses_older(state, is_new=is_new)
            self._goes_on(state, station)
            return is_new
        finally:
            station.close()

    def _old_or_new(self, folder: ListsFolder, station: SealedLists) -> bool:
        try:
            found = current_set(folder)
        except ApplianceError as error:
            msg = f"what is in use cannot be told: {error.sentence}"
            raise NotSurvived(msg) from error
        if found is None:
            if self.before is not None:
                msg = "there were lists, and now there are none"
                raise NotSurvived(msg)
            return False
        is_new = _is(found, self.undisturbed) and (self.before is None or found.generation > self.before.generation)
        if not is_new and (self.before is None or not _is(found, self.before)):
            msg = f"lists {found.timestamp_version} are in use, neither the old nor the new ones"
            raise NotSurvived(msg)
        if is_new or not self.scene.damaged:
            _whole(folder, station, found)
        return is_new

    def _refuses_older(self, state: Path, *, is_new: bool) -> None:
        """Offer what is older than what is in use: TUF's memory goes with the set, and never back."""
        older = [self.scene.older]
        if is_new and self.scene.before != self.scene.after:
            older.append(self.scene.before)
        for publication in filter(None, older):
            try:
                self.month.sync(state, publication)
            except ListRolledBack:
                continue
            except ApplianceError as error:
                msg = f"the older publication {publication} was refused as {error.reason}"
                raise NotSurvived(msg) from error
            msg = f"the older publication {publication} was taken up"
            raise NotSurvived(msg)

    def _goes_on(self, state: Path, station: SealedLists) -> None:
        scene, folder = self.scene, ListsFolder(state / LISTS)
        try:
            found = self.month.sync(state, scene.after, via_mirror=scene.via_mirror, repair=scene.damaged)
        except ApplianceError as error:
            msg = f"the next sync failed: {error.reason}, {error.sentence}"
            raise NotSurvived(msg) from error
        if not _is(found, self.undisturbed):
            msg = "the next sync ended with other lists than an undisturbed one"
            raise NotSurvived(msg)
        _whole(folder, station, found)
        left = [path.name for path in folder.path.rglob(f"{UNDER_WAY}*")]
        left += [path.name for path in folder.path.iterdir() if path.name.startswith(".")]
        if left:
            msg = f"the next sync left {left} behind"
            raise NotSurvived(msg)


@dataclass(frozen=True)
class PinningExaminer:
    """Examines appliances whose root was being pinned."""

    month: Month

    def examine(self, state: Path, *, done: bool) -> bool:
        """Look for the root, pin it again, and take up lists. Raises ``NotSurvived``."""
        folder = ListsFolder(state / LISTS)
        is_pinned = pinned_root(folder) is not None
        if folder.is_set_up != is_pinned or (done and not is_pinned):
            msg = "the root was pinned, and is damaged or not there"
            raise NotSurvived(msg)
        try:
            self.month.pin(state)
            self.month.sync(state, "base")
        except ApplianceError as error:
            msg = f"the appliance cannot be set up any more: {error.reason}, {error.sentence}"
            raise NotSurvived(msg) from error
        return is_pinned


def _is(found: SealedSet, known: SealedSet) -> bool:
    return (found.content, found.timestamp_version) == (known.content, known.timestamp_version)


def _whole(folder: ListsFolder, station: SealedLists, found: SealedSet) -> None:
    verdict = verify_in_use(folder, CHI_BO_OF_ALL)
    if not verdict.ok:
        raise NotSurvived(verdict.sentence)
    used = station.current()
    if station.problem is not None or used.content != found.content:
        msg = f"a station does not take them up: {station.problem}"
        raise NotSurvived(msg)
