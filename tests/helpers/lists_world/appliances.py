"""The appliance's side: its lists in a folder, and what must hold of them whatever a source did."""

import hashlib
import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import ApplianceError
from appliance.lists.folder import ListsFolder
from appliance.lists.history import Outcome, read_history
from appliance.lists.pinning import pin
from appliance.lists.publication import ChiBo
from appliance.lists.sealed_set import SealedSet, current_set
from appliance.lists.sealed_store import SealedLists
from appliance.lists.sources.source import Source
from appliance.lists.sync import Sync, Synced
from appliance.lists.verifying import verify_in_use
from lists_world.town import CHI_BO, Town
from verifier.sdk.card_status import CardState


@dataclass(frozen=True)
class Appliance:
    """An appliance's lists; the whole of its state is in the folder."""

    folder: ListsFolder
    chi_bo: ChiBo | None = CHI_BO

    @classmethod
    def pinned(cls, path: Path, root: bytes) -> "Appliance":
        """Set one up that has never taken up lists."""
        appliance = cls(ListsFolder(path))
        pin(appliance.folder, root)
        return appliance

    def copy(self, path: Path) -> "Appliance":
        """Return another one in the same state."""
        shutil.copytree(self.folder.path, path, symlinks=True)
        return Appliance(ListsFolder(path), self.chi_bo)

    def sync(self, *sources: Source, at: datetime, **how: Any) -> Synced:
        return Sync(self.folder, at, chi_bo=self.chi_bo, **how).run(sources)

    def take(self, public: Path, *, at: datetime, **how: Any) -> Synced:
        """Take up what a folder holds, as a stick's."""
        return self.sync(Source.stick(public), at=at, **how)

    @property
    def sealed(self) -> SealedSet:
        found = current_set(self.folder)
        assert found is not None
        return found

    def files(self) -> dict[str, bytes]:
        """Everything that is in use, byte for byte; indexes may be made anew at any time."""
        used = [self.folder.current.resolve(), *(self.folder.parts / part.name for part in self.sealed.parts.values())]
        paths = (path for folder in used for path in folder.rglob("*") if path.is_file() and path.name != "index")
        return {str(path): path.read_bytes() for path in paths}

    def knows_card(self, number: int) -> bool:
        """Whether the list in use says that a card is lost; asked of the SDK, through what a station reads."""
        with closing(SealedLists(self.folder)) as store:
            cards = store.current().card_status
            assert cards is not None
            found = cards.status_of(hashlib.sha256(b"card %d" % number).digest()[:16])
        return found is not None and found.state is CardState.LOST


@dataclass
class BadDay:
    """Something bad that happens to an appliance, and what must hold afterwards."""

    appliance: Appliance
    before: dict[str, bytes]

    @classmethod
    def begins(cls, appliance: Appliance) -> "BadDay":
        return cls(appliance, appliance.files())

    def refuses(self, kind: type[ApplianceError], *sources: Source, at: datetime, **how: Any) -> ApplianceError:
        """A sync ends with this very error, which is remembered, and changes nothing."""
        with pytest.raises(ApplianceError) as caught:
            self.appliance.sync(*sources, at=at, **how)
        assert type(caught.value) is kind, f"{caught.value.reason}: {caught.value.sentence}"
        last = read_history(self.appliance.folder.history)[0]
        assert (last.outcome, last.reason) == (Outcome.FAILED, kind.reason)
        self.nothing_changed()
        return caught.value

    def old_set_is_whole(self) -> None:
        """The old set is in use, byte for byte, and all signatures hold."""
        assert self.appliance.files() == self.before
        assert verify_in_use(self.appliance.folder, self.appliance.chi_bo).ok

    def nothing_changed(self) -> None:
        """The old set is in use, whole, and nothing lies about."""
        self.old_set_is_whole()
        folder = self.appliance.folder
        assert not [path.name for where in (folder.path, folder.sets) for path in where.glob(".new-*")]

    def ends_with(self, town: Town) -> None:
        """The next good source, the honest desk's own folder, is taken up as if nothing had been."""
        town.next_day(cards=6)
        synced = self.appliance.take(town.public, at=town.now)
        assert synced.outcome is Outcome.INSTALLED
        assert verify_in_use(self.appliance.folder, self.appliance.chi_bo).ok
        assert self.appliance.knows_card(5)
        assert not self.appliance.knows_card(6)
