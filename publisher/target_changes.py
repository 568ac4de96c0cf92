"""Targets metadata with what is staged: files that came or changed, and paths that go."""

from dataclasses import dataclass

from tuf.api.metadata import Metadata, TargetFile, Targets

from publisher.errors import DeskError
from publisher.metadata import HASH, next_version
from publisher.staged import Staged


@dataclass(frozen=True)
class TargetChanges:
    """What is staged, compared with targets metadata."""

    following: Metadata[Targets] | None
    """The next version, unsigned; ``None`` where nothing changes."""
    staged: dict[str, TargetFile]
    """All that is staged, by path."""
    new: dict[str, TargetFile]
    """Those of them that differ from what was published."""
    removed: tuple[str, ...]


def compare(metadata: Metadata[Targets], staged: Staged) -> TargetChanges:
    """Compare what is staged with the last metadata. Raises ``OSError``."""
    following = next_version(metadata)
    before = metadata.signed.targets
    found = {path: TargetFile.from_file(path, str(file), [HASH]) for path, file in staged.files().items()}
    new = {path: target for path, target in found.items() if before.get(path) != target}
    removed = tuple(sorted(staged.removals() & before.keys()))
    following.signed.targets.update(new)
    for path in removed:
        del following.signed.targets[path]
    return TargetChanges(following if new or removed else None, found, new, removed)


def require_delegated(targets: Targets, role: str, path: str) -> None:
    """Raise ``DeskError`` for a path that a role may not sign: appliances would not take it."""
    delegated = None if targets.delegations is None else (targets.delegations.roles or {}).get(role)
    if delegated is None or not delegated.is_delegated_path(path):
        msg = f"what is staged as {path} is nothing that {role} may sign; take it out of the folder"
        raise DeskError(msg)
