"""Publish: decide what must be signed anew, sign it from root down, put it in place.

1. The next root and the next delegations are taken if enough keys signed them; else they wait, and that is told.
2. Bundles of provinces are taken, looked at once more under the delegations that are published with them.
3. Top-level targets and ``central`` are signed where their content or their keys changed, or a third of their period
   is left; then the snapshot, if any of these changed; then the timestamp, always.
4. Targets are copied, then ``outgoing`` puts the metadata in place.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from securesystemslib.signer import Signer
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from appliance.lists.catalogue import CENTRAL
from publisher.clock_check import require_plausible
from publisher.desk_folder import DeskFolder
from publisher.errors import KeyMissing
from publisher.files import copy_durably
from publisher.journal import Entry
from publisher.keyring import Keyring
from publisher.metadata import HASH, Delegator, file_name, is_signed, named, next_version, seal
from publisher.moments import whole_seconds
from publisher.outgoing import Plan, send
from publisher.pending_changes import Taken, take_pending
from publisher.publication import Publication, PublishedTarget, SignedRole
from publisher.published import Published, target_location
from publisher.settings import EXPIRED, Periods
from publisher.target_changes import TargetChanges, compare, require_delegated

_KEYS_CHANGED = "its keys changed"


def publish(desk: DeskFolder, keyring: Keyring, *, at: datetime, clock_is_right: bool = False) -> Publication:
    """Publish what is staged and pending, and a fresh timestamp.

    Raises ``ClockSuspect``, ``KeyMissing``, ``KeyUnusable``, ``DeskError``, ``OSError``.
    """
    before = desk.published()
    if not clock_is_right:
        last = desk.journal.last
        require_plausible(at, None if last is None else last.at)
    draft = _Draft(desk.settings().periods, keyring, whole_seconds(at), before, take_pending(desk, before, at))
    draft.sign_targets()
    changes = draft.sign_central(desk)
    draft.look_at_provinces()
    draft.sign_snapshot()
    draft.sign_timestamp()
    return _send(desk, draft, changes)


@dataclass
class _Draft:
    """The next publication as it comes to be."""

    periods: Periods
    keyring: Keyring
    at: datetime
    before: Published
    taken: Taken
    signed: dict[str, Metadata[Any]] = field(default_factory=dict)
    encoded: dict[str, bytes] = field(default_factory=dict)
    """What was signed, byte for byte as it is published."""
    why: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for role, metadata in self.taken.metadata.items():
            self._add(role, metadata, "was pending" if role in {Root.type, Targets.type} else "a bundle was accepted")

    @property
    def root(self) -> Root:
        return self.taken.root.signed

    def now(self, role: str) -> Metadata[Any]:
        """Return what will be published of a role."""
        return self.signed.get(role) or self.before.by_role()[role]

    def sign_targets(self) -> None:
        if Targets.type in self.signed:
            return
        why = self._why_renew(Targets.type, self.before.targets, self.root)
        if why is not None:
            self._renew(Targets.type, next_version(self.before.targets), why, self.root)

    def sign_central(self, desk: DeskFolder) -> TargetChanges:
        """Sign ``central`` where there is a reason; return what is staged."""
        targets: Targets = self.now(Targets.type).signed
        changes = compare(self.before.central, desk.staged)
        for path in changes.new:
            require_delegated(targets, CENTRAL, path)
        if changes.following is not None:
            self._renew(CENTRAL, changes.following, "its lists changed", targets, needed=True)
        elif (why := self._why_renew(CENTRAL, self.before.central, targets)) is not None:
            self._renew(CENTRAL, next_version(self.before.central), why, targets)
        return changes

    def look_at_provinces(self) -> None:
        for role in self.taken.delegated:
            if role != CENTRAL and role in (*self.signed, *self.before.delegated):
                why = self.periods.why_renew(role, self.now(role).signed.expires, self.at)
                if why is not None:
                    self.remarks.append(f"{role}: {why}; its desk must send a bundle")

    def sign_snapshot(self) -> None:
        following = next_version(self.before.snapshot)
        meta = following.signed.meta
        for role in (Targets.type, *self.taken.delegated):
            if role in self.signed:
                meta[f"{role}.json"] = self._named(role)
        is_needed = meta != self.before.snapshot.signed.meta
        is_bare = self._name_the_bare(meta)
        why = "other versions" if is_needed else self._why_renew(Snapshot.type, self.before.snapshot, self.root)
        why = why or ("without lengths and hashes" if is_bare else None)
        if why is not None:
            self._renew(Snapshot.type, following, why, self.root, needed=is_needed)

    def sign_timestamp(self) -> None:
        following = next_version(self.before.timestamp)
        following.signed.snapshot_meta = self._named(Snapshot.type)
        self._renew(Timestamp.type, following, "always", self.root, needed=True)

    def versions(self) -> dict[str, int]:
        roles = (Root.type, Timestamp.type, Snapshot.type, Targets.type, *self.taken.delegated)
        known = self.before.by_role()
        return {role: self.now(role).signed.version for role in roles if role in self.signed or role in known}

    def signed_role(self, role: str, length: int) -> SignedRole:
        signed = self.signed[role].signed
        return SignedRole(role, signed.version, signed.expires, self.why[role], length)

    def _why_renew(self, role: str, metadata: Metadata[Any], delegator: Delegator) -> str | None:
        if not is_signed(delegator, role, metadata):
            return _KEYS_CHANGED
        return self.periods.why_renew(role, metadata.signed.expires, self.at)

    def _renew(
        self, role: str, metadata: Metadata[Any], why: str, delegator: Delegator, *, needed: bool = False
    ) -> None:
        """Sign metadata; what need not be signed today may wait for its key, which is told."""
        try:
            signers = self._signers(role, delegator)
        except KeyMissing as error:
            if needed or why in {_KEYS_CHANGED, EXPIRED}:
                raise
            self.remarks.append(f"{role}: {why}, and is not signed anew: {error.sentence}")
            return
        seal(metadata, signers, at=self.at, period=self.periods.of(role))
        self._add(role, metadata, why)

    def _signers(self, role: str, delegator: Delegator) -> list[Signer]:
        """Who must sign; beside them the keys of the root that is given up, so that no client stands between two."""
        keyring, wanted = self.keyring, delegator.get_delegated_role(role)
        signers = keyring.signers(wanted, _keys(delegator), role)
        old = self.before.root.signed
        if isinstance(delegator, Root) and delegator is not old:
            given_up = [old.keys[keyid] for keyid in old.roles[role].keyids if keyid not in wanted.keyids]
            signers += keyring.available(given_up, enough=old.roles[role].threshold, optional=True)
        return signers

    def _named(self, role: str) -> MetaFile:
        """Return what is said of the file of a role, signed now or before."""
        if role in self.signed:
            return named(self.signed[role].signed.version, self.encoded[role])
        return self.before.named[role]

    def _name_the_bare(self, meta: dict[str, MetaFile]) -> bool:
        """Name as today what an earlier release published by its version alone; say whether there was any."""
        bare = [role for role in self.before.named if f"{role}.json" in meta and not meta[f"{role}.json"].hashes]
        meta.update({f"{role}.json": self._named(role) for role in bare})
        return bool(bare)

    def _add(self, role: str, metadata: Metadata[Any], why: str) -> None:
        self.signed[role] = metadata
        self.encoded[role] = metadata.to_bytes()
        self.why[role] = why


def _keys(delegator: Delegator) -> dict[str, Any]:
    if isinstance(delegator, Root):
        return delegator.keys
    return {} if delegator.delegations is None else delegator.delegations.keys


def _send(desk: DeskFolder, draft: _Draft, changes: TargetChanges) -> Publication:
    staged = desk.staged.files()
    for path, target in changes.new.items():
        copy_durably(staged[path], target_location(desk.public, target))
    new = changes.new | _copy_from_bundles(desk, draft)
    targets = tuple(PublishedTarget(path, target.length, target.hashes[HASH]) for path, target in new.items())
    encoded = {file_name(role, metadata): draft.encoded[role] for role, metadata in draft.signed.items()}
    versions = draft.versions()
    entry = Entry(draft.at, versions, {one.path: one.length for one in targets}, {"removed": len(changes.removed)})
    digests = {path: target.hashes[HASH] for path, target in changes.staged.items()}
    send(desk, encoded, Plan(entry, digests, desk.staged.removals(), tuple(draft.taken.names)))
    return Publication(
        at=draft.at,
        roles=tuple(draft.signed_role(role, len(encoded[file_name(role, one)])) for role, one in draft.signed.items()),
        versions=versions,
        targets=targets,
        removed=changes.removed,
        waiting=tuple(draft.taken.waiting),
        remarks=tuple(draft.remarks),
    )


def _copy_from_bundles(desk: DeskFolder, draft: _Draft) -> dict[str, TargetFile]:
    """Copy the targets of accepted bundles that are new; return them by path."""
    known = draft.before.target_files()
    new = {}
    for role in draft.taken.metadata.keys() - {Root.type, Targets.type}:
        folder = desk.pending.bundle_folder(role)
        for path, target in draft.taken.metadata[role].signed.targets.items():
            if known.get(path) != target:
                copy_durably(target_location(folder, target), target_location(desk.public, target))
                new[path] = target
    return new
