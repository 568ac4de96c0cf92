"""A desk that came back from a backup goes on from what mirrors hold: newer than its journal, and signed by it."""

from dataclasses import dataclass
from datetime import datetime

from tuf.api.metadata import Metadata, Root

from publisher.desk_folder import DeskFolder
from publisher.errors import DeskError
from publisher.files import write_durably
from publisher.journal import Entry
from publisher.metadata import file_name, issued_at
from publisher.pending_changes import signatures_missing
from publisher.published import METADATA, load_published, read_metadata
from publisher.verifying import verify_published


@dataclass(frozen=True, slots=True)
class Recovered:
    """The publication that the desk goes on from."""

    published_at: datetime
    versions: dict[str, int]


def recover(desk: DeskFolder) -> Recovered:
    """Take the public folder, fetched from a mirror, for what this desk published last.

    It must follow from the desk's own root, be whole, and no role in it older than the journal says. Raises
    ``DeskError``, ``PublicationInvalid``, ``OSError``.
    """
    desk.require_central()
    pinned = desk.root()
    root = _newest_root(desk, pinned)
    found = load_published(desk.public, root)
    last, versions = desk.journal.last, found.versions()
    older = [] if last is None else [role for role, version in last.versions.items() if versions.get(role, 0) < version]
    delegated = [role for role in older if role in versions]  # a province that is gone was revoked meanwhile
    published_at = issued_at(found.timestamp.signed)
    if delegated or published_at is None:
        msg = f"the public folder is older than this desk's journal ({', '.join(delegated)}); fetch a newer one"
        raise DeskError(msg)
    verify_published(desk.public, pinned.to_bytes(), at=published_at)
    write_durably(desk.root_path, root.to_bytes())
    desk.journal.append(Entry(published_at, versions))
    return Recovered(published_at, versions)


def _newest_root(desk: DeskFolder, root: Metadata[Root]) -> Metadata[Root]:
    """Walk from root to root, as appliances do."""
    while True:
        path = desk.public / METADATA / f"{root.signed.version + 1}.{Root.type}.json"
        if not path.exists():
            return root
        following = read_metadata(path, Root)
        if file_name(Root.type, following) != path.name or signatures_missing(following, root):
            msg = f"{path.name} is not signed by whom it must be"
            raise DeskError(msg)
        root = following
