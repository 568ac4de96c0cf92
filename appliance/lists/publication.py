"""What one source offers, once python-tuf has verified it: versions, expiry, and the lists by their paths.

The Update Framework does the verifying (theupdateframework.github.io/specification, 5): who signed, how many, nothing
older than what was seen, nothing mixed, nothing expired. This page only names the time, which its client would take
from the machine's clock.
"""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from tuf.api.exceptions import DownloadHTTPError, ExpiredMetadataError, UnsignedMetadataError
from tuf.api.metadata import Metadata, Root, Signed, Snapshot, TargetFile, Targets, Timestamp
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from appliance.errors import ListRefused, ListRolledBack
from appliance.lists.catalogue import (
    CARD_STATUS_BASE,
    CARD_STATUS_DELTA,
    CARD_STATUS_KEY,
    CENTRAL,
    CRLS,
    ISSUED,
    ISSUED_FORMAT,
    ISSUERS,
    province_role,
    roster_path,
    rules_version_of,
)
from appliance.lists.in_our_words import in_our_words

log = logging.getLogger(__name__)

ROOTS: Final = "root_history"
"""Where python-tuf keeps every root that it followed, in the folder of the metadata."""
LONGEST_ROOT: Final = 64 << 10
_LONGEST_UNANNOUNCED: Final = 200 << 10
"""Bytes of metadata whose length no signed metadata tells: it is parsed before anybody knows whose it is."""
_LONGEST_METADATA: Final = 5_000_000
"""Bytes; twenty thousand rosters of one province."""
_LIMITS: Final = UpdaterConfig(
    max_root_rotations=256,
    max_delegations=4,
    root_max_length=LONGEST_ROOT,
    timestamp_max_length=16 << 10,
    snapshot_max_length=_LONGEST_UNANNOUNCED,
    targets_max_length=_LONGEST_UNANNOUNCED,
)
_TOP_LEVEL: Final[tuple[type[Signed], ...]] = (Root, Timestamp, Snapshot, Targets)
_CENTRAL_LISTS: Final = frozenset((ISSUERS, CRLS, CARD_STATUS_KEY, CARD_STATUS_BASE, CARD_STATUS_DELTA))

_S = TypeVar("_S", bound=Signed)


@dataclass(frozen=True, slots=True)
class ChiBo:
    """Whose roster an appliance takes."""

    province: str
    name: str

    @property
    def roster(self) -> str:
        """Where it is published."""
        return roster_path(self.province, self.name)


@dataclass(frozen=True, slots=True)
class Offer:
    """Verified metadata: which versions there are, and which lists they name."""

    versions: Mapping[str, int]
    expires: Mapping[str, datetime]
    issued: datetime
    """When its timestamp was signed."""
    targets: Mapping[str, TargetFile]
    """The lists that this appliance may want, by path."""
    root_sha256: str
    """Of what is signed of the newest root."""
    keys: Mapping[str, frozenset[str]]
    """The ids of the keys that the newest root gives its roles."""

    @property
    def targets_keys(self) -> tuple[str, ...]:
        """The ids of the keys of targets, sorted."""
        return tuple(sorted(self.keys[Targets.type]))


class Publication:
    """One source's metadata and lists, as of ``at``.

    Args:
        fetcher: the source.
        base_url: what the fetcher's addresses begin with.
        metadata: a folder with the metadata verified before, to be renewed; it is left half renewed by an error.
        pinned_root: the bytes of the root that this device was given when it was set up.
        at: the time by which expiry is judged; at least that late is it.
        chi_bo: whose roster is wanted.

    Raises:
        ListRefused: and its kinds, for what is not as it was signed.
        SourceUnreachable, SourceIncomplete: where the source cannot be read.
        StorageFull: where there is no room.
    """

    def __init__(
        self,
        fetcher: FetcherInterface,
        base_url: str,
        metadata: Path,
        pinned_root: bytes,
        *,
        at: datetime,
        chi_bo: ChiBo | None = None,
    ) -> None:
        self._metadata = metadata
        with in_our_words():
            self._updater = _UpdaterAt(
                str(metadata),
                f"{base_url}metadata/",
                target_base_url=f"{base_url}targets/",
                fetcher=fetcher,
                config=_LIMITS,
                bootstrap=pinned_root,
            )
            self._updater.judge_by(at)
            try:
                self._updater.refresh()
            except UnsignedMetadataError:
                self._require_our_root(fetcher, base_url)
                raise
            self.offer = self._offer(chi_bo)

    def download(self, path: str, into: Path) -> None:
        """Write a list that the offer names into a file, verified; it is not forced out yet."""
        with in_our_words():
            self._updater.download_target(self.offer.targets[path], str(into))

    def _require_our_root(self, fetcher: FetcherInterface, base_url: str) -> None:
        """Raise ``ListRolledBack`` where the source lacks the root that we follow.

        It is from before an exchange of keys then: what an officer's old stick looks like, and no forgery.
        """
        version = self._updater.verified(Root.type, Root).version
        try:
            fetcher.download_bytes(f"{base_url}metadata/{version}.root.json", LONGEST_ROOT)
        except DownloadHTTPError as error:
            raise lacks_root(version) from error

    def _offer(self, chi_bo: ChiBo | None) -> Offer:
        if self._updater.get_targetinfo(CARD_STATUS_KEY) is None:
            msg = "the lists are signed, but lack the key of the card status list"
            raise ListRefused(msg)
        signed: dict[str, Signed] = {kind.type: self._updater.verified(kind.type, kind) for kind in _TOP_LEVEL}
        signed[CENTRAL] = central = self._updater.verified(CENTRAL, Targets)
        targets = {path: file for path, file in central.targets.items() if self._is_central(path, file)}
        root = self._updater.verified(Root.type, Root)
        if chi_bo is not None and self._has_roster(chi_bo):
            role = province_role(chi_bo.province)
            signed[role] = province = self._updater.verified(role, Targets)
            if chi_bo.roster in province.targets:
                targets[chi_bo.roster] = province.targets[chi_bo.roster]
        return Offer(
            versions={role: part.version for role, part in signed.items()},
            expires={role: part.expires.astimezone(UTC) for role, part in signed.items()},
            issued=_issued(self._updater.verified(Timestamp.type, Timestamp)),
            targets=targets,
            root_sha256=read_root(self._metadata, root.version).sha256,
            keys={role: frozenset(given.keyids) for role, given in root.roles.items()},
        )

    def _has_roster(self, chi_bo: ChiBo) -> bool:
        """Whether a roster is published. A province that let its signature run out must not stop the other lists."""
        try:
            return self._updater.get_targetinfo(chi_bo.roster) is not None
        except ExpiredMetadataError:
            log.warning("the signature of province %s has expired: its rosters stay as they are", chi_bo.province)
            return False

    def _is_central(self, path: str, file: TargetFile) -> bool:
        """Whether a path is one that we use, and delegated to central: its metadata may name any, a roster included."""
        known = path in _CENTRAL_LISTS or rules_version_of(path) is not None
        return known and self._updater.get_targetinfo(path) == file


@dataclass(frozen=True, slots=True)
class FollowedRoot:
    """A root that was followed; its hash is that of what is signed, since anybody may write the same otherwise."""

    signed: Root
    sha256: str


def read_root(metadata: Path, version: int) -> FollowedRoot:
    """Read a root that python-tuf has verified in this folder. Raises ``OSError``."""
    read = Metadata[Root].from_bytes((metadata / ROOTS / f"{version}.root.json").read_bytes())
    return FollowedRoot(read.signed, hashlib.sha256(read.signed_bytes).hexdigest())


class _UpdaterAt(Updater):
    """python-tuf's client, judging expiry by a given time, and reading no metadata longer than any of ours."""

    def judge_by(self, at: datetime) -> None:
        self._trusted_set.reference_time = at

    def _download_metadata(self, rolename: str, length: int, version: int | None = None) -> bytes:
        return super()._download_metadata(rolename, min(length, _LONGEST_METADATA), version)

    def verified(self, role: str, kind: type[_S]) -> _S:
        """Return what was verified of a role just now, not what lies in its file since. Raises ``ListRefused``."""
        signed = self._trusted_set.get(role)
        if not isinstance(signed, kind):
            msg = f"the lists are signed, but not delegated to {role}"
            raise ListRefused(msg)
        return signed


def lacks_root(version: int) -> ListRolledBack:
    """Return the error for a source that is older than a root which this device knows, or not whole."""
    return ListRolledBack(f"the source lacks root {version}, which this device knows: an old copy, or not a whole one")


def _issued(timestamp: Timestamp) -> datetime:
    try:
        return datetime.strptime(timestamp.unrecognized_fields[ISSUED], ISSUED_FORMAT).replace(tzinfo=UTC)
    except (KeyError, TypeError, ValueError) as error:
        msg = "the lists do not say when they were signed"
        raise ListRefused(msg) from error
