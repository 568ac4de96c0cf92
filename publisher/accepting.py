"""A province's bundle at the central desk: hostile input, of which nothing is taken before all of it was looked at.

In this order: who may sign (the delegations that will be published next), the signature, the version, the time, every
path, every length; and only then the files, each read once, copied and hashed on the way.
"""

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from tuf.api.metadata import Metadata, TargetFile, Targets

from appliance.errors import ListRefused
from appliance.lists.catalogue import province_of, roster_path
from publisher.desk_folder import PUBLIC, DeskFolder
from publisher.errors import BundleRejected, DeskError
from publisher.files import pieces_of, read_regular, write_durably
from publisher.metadata import FILE_NAME, HASH, LONGEST_METADATA, decode, file_name, is_signed, issued_at
from publisher.moments import whole_seconds
from publisher.published import METADATA, Published, delegated_roles, target_location

MOST_NAMES = 10_000
"""Names in the bundle's folder of metadata."""
MOST_ROSTERS = 20_000
LONGEST_ROSTER = 8 << 20
MOST_VERSIONS = 10_000
"""By how many a version may be above the last: one without bound would leave no room for the next."""
LONGEST_PERIOD = timedelta(days=400)
_CLOCKS_DIFFER = timedelta(days=1)
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A bundle that goes into the next publication."""

    role: str
    version: int
    expires: datetime
    rosters: int
    new: int
    """Rosters that differ from what is published."""
    removed: int


def accept(desk: DeskFolder, bundle: Path, *, at: datetime) -> Accepted:
    """Check a bundle and keep it among what is pending. Raises ``BundleRejected``, ``DeskError``, ``OSError``."""
    published, delegations = desk.published(), desk.delegations().signed
    role, path = _newest(bundle, delegated_roles(delegations))
    metadata = _read(path)
    if not is_signed(delegations, role, metadata):
        msg = f"{path.name} is not signed with the key that {role} is delegated to"
        raise BundleRejected(msg)
    _require_in_turn(metadata, role, published, desk, whole_seconds(at))
    _require_own_rosters(metadata.signed, province_of(role) or "")
    before = published.delegated[role].signed.targets if role in published.delegated else {}
    targets = metadata.signed.targets
    new = {name: target for name, target in targets.items() if before.get(name) != target}
    _take(desk, bundle, role, metadata, new)
    removed = len(before.keys() - targets.keys())
    return Accepted(role, metadata.signed.version, metadata.signed.expires, len(targets), len(new), removed)


def _newest(bundle: Path, roles: tuple[str, ...]) -> tuple[str, Path]:
    """The newest metadata of the one province that the bundle is of."""
    if not (bundle / METADATA).is_dir() and (bundle / PUBLIC / METADATA).is_dir():
        msg = f"this is a desk's folder; its bundle is the folder {bundle / PUBLIC}"
        raise BundleRejected(msg)
    found: list[tuple[int, str, Path]] = []
    for path in islice((bundle / METADATA).iterdir(), MOST_NAMES):
        match = FILE_NAME.fullmatch(path.name)
        if match is not None and match[2] in roles and province_of(match[2]) is not None:
            found.append((int(match[1]), match[2], path))
    if len({role for _, role, _ in found}) != 1:
        msg = "the folder is not the bundle of one province that is delegated here: metadata/N.province-NN.json"
        raise BundleRejected(msg)
    _, role, path = max(found)
    return role, path


def _read(path: Path) -> Metadata[Targets]:
    try:
        metadata = decode(read_regular(path, LONGEST_METADATA), Targets, path.name)
    except (DeskError, OSError) as error:
        msg = f"{path.name} cannot be read, or is no targets metadata"
        raise BundleRejected(msg) from error
    if path.name != f"{metadata.signed.version}.{path.name.partition('.')[2]}":
        msg = f"{path.name} is of another version than its name says"
        raise BundleRejected(msg)
    return metadata


def _require_in_turn(
    metadata: Metadata[Targets], role: str, published: Published, desk: DeskFolder, at: datetime
) -> None:
    """The version rises, and the times are possible."""
    signed = metadata.signed
    known = published.snapshot.signed.meta.get(f"{role}.json")
    last = 0 if known is None else known.version
    waiting = desk.pending.bundle(role)
    if not last < signed.version <= last + MOST_VERSIONS:
        msg = f"version {signed.version} of {role} does not follow version {last}, which is published"
        raise BundleRejected(msg)
    if waiting is not None and waiting.signed.version > signed.version:
        msg = f"version {waiting.signed.version} of {role} was accepted already"
        raise BundleRejected(msg)
    issued = issued_at(signed)
    if issued is None or issued > at + _CLOCKS_DIFFER or not at < signed.expires <= at + LONGEST_PERIOD:
        days = LONGEST_PERIOD.days
        msg = f"the bundle of {role} has expired, holds for more than {days} days, or was signed by a wrong clock"
        raise BundleRejected(msg)


def _require_own_rosters(signed: Targets, province: str) -> None:
    """Nothing but rosters of this province, each with one hash and a length that can be."""
    if signed.delegations is not None or len(signed.targets) > MOST_ROSTERS:
        msg = f"a province delegates to nobody, and has at most {MOST_ROSTERS} rosters"
        raise BundleRejected(msg)
    for path, target in signed.targets.items():
        if not _is_roster(path, province) or path != target.path:
            msg = f"the bundle holds what is no roster of province {province}: {path[:80]!a}"
            raise BundleRejected(msg)
        if target.hashes.keys() != {HASH} or not _DIGEST.fullmatch(target.hashes[HASH]):
            msg = f"{path} must have one hash, a SHA-256"
            raise BundleRejected(msg)
        if not 0 <= target.length <= LONGEST_ROSTER:
            msg = f"{path} is longer than {LONGEST_ROSTER} bytes"
            raise BundleRejected(msg)


def _is_roster(path: str, province: str) -> bool:
    name = path.rpartition("/")[2]
    try:
        return name.endswith(".age") and path == roster_path(province, name.removesuffix(".age"))
    except ListRefused:
        return False


def _take(desk: DeskFolder, bundle: Path, role: str, metadata: Metadata[Targets], new: dict[str, TargetFile]) -> None:
    """Copy the rosters that are new, hashing what is copied, and put them in the place of an earlier bundle."""
    place = desk.pending.bundle_folder(role)
    fresh = place.with_name(f".{role}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        for path, target in new.items():
            content = b"".join(_bounded(target_location(bundle, target), path, target))
            write_durably(target_location(fresh, target), content)
        write_durably(fresh / METADATA / file_name(role, metadata), metadata.to_bytes())
        shutil.rmtree(place, ignore_errors=True)
        fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _bounded(source: Path, path: str, target: TargetFile) -> Iterator[bytes]:
    """Yield a roster's pieces. Raises ``BundleRejected`` unless they are what the metadata says, to the byte."""
    digest, length = hashlib.sha256(), 0
    try:
        for piece in pieces_of(source):
            digest.update(piece)
            length += len(piece)
            if length > target.length:
                break
            yield piece
    except OSError as error:
        msg = f"{path} is missing in the bundle, or is no file: {error.strerror}"
        raise BundleRejected(msg) from error
    if length != target.length or digest.hexdigest() != target.hashes[HASH]:
        msg = f"{path} is not what the metadata of the bundle says"
        raise BundleRejected(msg)
