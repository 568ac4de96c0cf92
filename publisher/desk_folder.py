"""The folder of a desk: where its parts lie, and what they hold at the moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tuf.api.metadata import Metadata, Root, Targets

from publisher.errors import DeskError, WrongUsage
from publisher.files import locked
from publisher.journal import Journal
from publisher.pending import Pending
from publisher.published import Published, load_published, read_metadata
from publisher.settings import Settings
from publisher.staged import Staged

PUBLIC = "public"


class DeskFolder:
    """Names and states of a desk's parts; nothing of it signs.

    ``keys`` are its own key files, ``public`` is what servers and sticks carry.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.keys = path / "keys"
        self.public = path / PUBLIC
        self.outgoing = path / "outgoing"
        self.root_path = path / "root.json"
        self.own_path = path / "own.json"
        self.card_status_path = path / "card-status.json"
        self.settings_path = path / "desk.json"
        self.staged = Staged(path / "staged")
        self.pending = Pending(path / "pending")
        self.journal = Journal(path / "journal.jsonl")

    @contextmanager
    def working(self) -> Iterator[None]:
        """Keep other publishers away from this desk. Raises ``DeskBusy``."""
        if not self.path.is_dir():
            msg = f"there is no folder {self.path}"
            raise DeskError(msg)
        with locked(self.path / "lock"):
            yield

    @property
    def is_unfinished(self) -> bool:
        """Whether a publication was broken off; the next command that changes something finishes it."""
        return self.outgoing.is_dir()

    def settings(self) -> Settings:
        """Read ``desk.json``. Raises ``DeskError``."""
        return Settings.read(self.settings_path)

    def root(self) -> Metadata[Root]:
        """Return the root of the last publication, as the desk itself remembers it. Raises ``DeskError``."""
        return read_metadata(self.root_path, Root)

    def published(self) -> Published:
        """Return the last publication. Raises ``DeskError`` where it is damaged, or older than the journal says."""
        self.require_central()
        found = load_published(self.public, self.root())
        last = self.journal.last
        if last is not None and last.versions != found.versions():
            msg = "the public folder is not what the journal says was published last: restore it, or see recover"
            raise DeskError(msg)
        return found

    def delegations(self) -> Metadata[Targets]:
        """Return the top-level targets that will be published next: those pending, else those published."""
        return self.pending.targets() or self.published().targets

    def require_central(self) -> None:
        """Raise ``WrongUsage`` at a province's desk."""
        if self.settings().province is not None:
            msg = "this is a province's desk; it signs rosters, and the central desk does this"
            raise WrongUsage(msg)

    def require_province(self) -> str:
        """Return the province's code. Raises ``WrongUsage`` at the central desk."""
        province = self.settings().province
        if province is None:
            msg = "this is the central desk; a province's desk does this"
            raise WrongUsage(msg)
        return province
