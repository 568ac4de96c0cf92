"""Key files in the desk's folder that sign nothing: of keys given up, or of a ceremony that was broken off."""

from collections.abc import Iterator

from tuf.api.metadata import Targets

from publisher.desk_folder import DeskFolder
from publisher.keyring import SHOWN
from publisher.published import Published


def idle_key_files(desk: DeskFolder) -> tuple[str, ...]:
    """Return the names of the key files that nothing published, pending or in the settings names, sorted."""
    settings = desk.settings()
    used = settings.province_keys if settings.province is not None else _used(desk, desk.published())
    endings = tuple(f".{keyid[:SHOWN]}.pem" for keyid in used)
    return tuple(sorted(path.name for path in desk.keys.glob("*.pem") if not path.name.endswith(endings)))


def _used(desk: DeskFolder, published: Published) -> Iterator[str]:
    for root in (published.root, desk.pending.root()):
        yield from () if root is None else root.signed.keys
    for targets in (published.targets, desk.pending.targets()):
        yield from () if targets is None else _delegated_to(targets.signed)
    card_status = desk.settings().card_status_key
    yield from () if card_status is None else (card_status.keyid,)


def _delegated_to(targets: Targets) -> Iterator[str]:
    yield from () if targets.delegations is None else targets.delegations.keys
