"""Walk a published folder as an appliance would: python-tuf's own client over files, every target read and hashed."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib import parse

from securesystemslib.exceptions import Error as SecureSystemsError
from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.api.metadata import DelegatedRole, Metadata, Root, Snapshot, Targets, Timestamp
from tuf.ngclient import FetcherInterface, Updater

from publisher.errors import PublicationInvalid
from publisher.files import pieces_of
from publisher.metadata import issued_at
from publisher.moments import whole_seconds
from publisher.published import METADATA, TARGETS, delegated_roles

_BASE = "folder:///"


class FolderFetcher(FetcherInterface):
    """Fetches from a folder what a web server would serve from it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = self._folder / parse.unquote(url.removeprefix(_BASE))
        if not path.exists():
            msg = f"{path.name} is not there"
            raise DownloadHTTPError(msg, 404)
        return pieces_of(path)


class ClientAt(Updater):
    """python-tuf's client at a moment that is given, where its own takes the machine's clock."""

    def __init__(self, folder: Path, root: bytes, cache: Path, *, at: datetime) -> None:
        super().__init__(
            metadata_dir=str(cache),
            metadata_base_url=f"{_BASE}{METADATA}/",
            target_base_url=f"{_BASE}{TARGETS}/",
            fetcher=FolderFetcher(folder),
            bootstrap=root,
        )
        self._trusted_set.reference_time = whole_seconds(at)


@dataclass(frozen=True, slots=True)
class VerifiedRole:
    """A role as a client ends with it."""

    role: str
    version: int
    expires: datetime
    issued: datetime | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What an appliance would take."""

    roles: tuple[VerifiedRole, ...]
    targets: dict[str, int]
    """Lengths in bytes, by path; each was read, and its hash is right."""


def verify_published(folder: Path, root: bytes, *, at: datetime) -> Verified:
    """Follow a published folder from the root that appliances were given. Raises ``PublicationInvalid``."""
    with TemporaryDirectory() as name:
        cache = Path(name)
        try:
            return _walk(ClientAt(folder, root, cache, at=at), cache)
        except (RepositoryError, DownloadError, SecureSystemsError) as error:
            msg = f"an appliance would not take this folder: {_why(error)}"
            raise PublicationInvalid(msg) from error
        except OSError as error:
            msg = f"a file cannot be read: {error.strerror}"
            raise PublicationInvalid(msg) from error


def _walk(client: Updater, cache: Path) -> Verified:
    client.refresh()
    top = Metadata[Targets].from_file(str(cache / f"{Targets.type}.json")).signed
    lengths: dict[str, int] = {}
    roles = [Root.type, Timestamp.type, Snapshot.type, Targets.type]
    for role in delegated_roles(top):
        client.get_targetinfo(_some_path((top.delegations.roles or {})[role]) if top.delegations else "")
        roles.append(role)
        signed = Metadata[Targets].from_file(str(cache / f"{role}.json")).signed
        lengths |= {path: _download(client, path, cache) for path in signed.targets}
    return Verified(tuple(_verified(cache, role) for role in roles), lengths)


def _download(client: Updater, path: str, cache: Path) -> int:
    target = client.get_targetinfo(path)
    if target is None:
        msg = f"{path} is signed by a role that may not sign it"
        raise RepositoryError(msg)
    place = cache / "target"
    client.download_target(target, str(place))
    place.unlink()
    return target.length


def _some_path(role: DelegatedRole) -> str:
    """A path that only this role may sign; to ask for it loads the role."""
    return (role.paths or ["*"])[0].replace("*", "-")


def _verified(cache: Path, role: str) -> VerifiedRole:
    metadata: Metadata[Root] = Metadata.from_file(os.fspath(cache / f"{role}.json"))
    signed = metadata.signed
    return VerifiedRole(role, signed.version, signed.expires, issued_at(signed))


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
