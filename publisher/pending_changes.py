"""Which pending metadata is complete and goes into the next publication, and for what the rest waits."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tuf.api.metadata import Metadata, Root, Targets

from appliance.lists.catalogue import CENTRAL
from publisher.desk_folder import DeskFolder
from publisher.metadata import file_name, is_signed
from publisher.moments import whole_seconds
from publisher.published import Published, delegated_roles


@dataclass
class Taken:
    """What is taken of it."""

    root: Metadata[Root]
    """The root of the next publication, new or not."""
    targets: Metadata[Targets]
    """Its delegations, new or not; they may yet be signed anew."""
    metadata: dict[str, Metadata[Any]] = field(default_factory=dict)
    """New metadata by role."""
    names: list[str] = field(default_factory=list)
    """Files and folders of pending metadata that are done then."""
    waiting: list[str] = field(default_factory=list)
    """Sentences."""

    @property
    def delegated(self) -> tuple[str, ...]:
        """The roles that are delegated then."""
        return delegated_roles(self.targets.signed)


def take_pending(desk: DeskFolder, before: Published, at: datetime) -> Taken:
    """Look through what is pending. Raises ``DeskError`` for a damaged file."""
    taken = Taken(before.root, before.targets)
    _take_root(desk, before, taken, at)
    _take_targets(desk, before, taken, at)
    for role in taken.delegated:
        bundle = desk.pending.bundle(role)
        if bundle is not None:
            _take_bundle(role, bundle, before, taken, at)
    return taken


def signatures_missing(root: Metadata[Root], previous: Metadata[Root]) -> int:
    """Return how many signatures a next root still needs, of the old or the new keys, whichever is more."""
    result = root.signed.get_root_verification_result(previous.signed, root.signed_bytes, root.signatures)
    return max(result.first.missing, result.second.missing)


def _take_root(desk: DeskFolder, before: Published, taken: Taken, at: datetime) -> None:
    root = desk.pending.root()
    if root is None:
        return
    name = file_name(Root.type, root)
    if root.signed.version != before.root.signed.version + 1:
        taken.waiting.append(f"{name} does not follow the published root; rotate makes another")
    elif root.signed.is_expired(whole_seconds(at)):
        taken.waiting.append(f"{name} has expired; rotate makes another")
    elif missing := signatures_missing(root, before.root):
        taken.waiting.append(f"{name} waits for {missing} more signature{'s' * (missing > 1)} of root keys (sign)")
    else:
        taken.root = root
        taken.metadata[Root.type] = root
        taken.names += [name, file_name(Root.type, before.root)]


def _take_targets(desk: DeskFolder, before: Published, taken: Taken, at: datetime) -> None:
    targets = desk.pending.targets()
    if targets is None:
        return
    name = file_name(Targets.type, targets)
    obstacles = list(_obstacles(desk, targets, before, taken.root.signed, at))
    taken.waiting += [f"{name} {obstacle}" for obstacle in obstacles]
    if not obstacles:
        taken.targets = targets
        taken.metadata[Targets.type] = targets
        taken.names.append(name)


def _obstacles(
    desk: DeskFolder, targets: Metadata[Targets], before: Published, root: Root, at: datetime
) -> Iterator[str]:
    if targets.signed.version != before.targets.signed.version + 1 or targets.signed.is_expired(whole_seconds(at)):
        yield "has expired or does not follow what was published; delegate again"
    if not is_signed(root, Targets.type, targets):
        yield "waits for a signature with the key of targets (sign)"
    for role in delegated_roles(targets.signed):
        candidates = (desk.pending.bundle(role), before.delegated.get(role))
        if role != CENTRAL and not any(one is not None and is_signed(targets.signed, role, one) for one in candidates):
            yield f"waits for a bundle of {role} that is signed with the key now delegated to (accept)"


def _take_bundle(role: str, bundle: Metadata[Targets], before: Published, taken: Taken, at: datetime) -> None:
    known = before.snapshot.signed.meta.get(f"{role}.json")
    if known is not None and bundle.signed.version <= known.version:
        taken.waiting.append(f"the bundle of {role} is not newer than what was published; accept another")
    elif bundle.signed.is_expired(whole_seconds(at)):
        taken.waiting.append(f"the bundle of {role} has expired; accept another")
    elif not is_signed(taken.targets.signed, role, bundle):
        taken.waiting.append(f"the bundle of {role} waits for the delegation to the key that signed it")
    else:
        taken.metadata[role] = bundle
        taken.names.append(role)
