"""TUF metadata: read, compared with who may sign it, given a new version and signed."""

import re
from collections.abc import Iterable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias, TypeVar

from securesystemslib.exceptions import Error as SecureSystemsError
from securesystemslib.signer import Signer
from tuf.api.exceptions import RepositoryError, UnsignedMetadataError
from tuf.api.metadata import Metadata, MetaFile, Root, Signed, Snapshot, Targets, Timestamp
from tuf.api.serialization import DeserializationError

from appliance.lists.catalogue import ISSUED
from publisher.errors import DeskError, PublisherError
from publisher.moments import read_moment, whole_seconds, write_moment

Delegator: TypeAlias = Root | Targets
S = TypeVar("S", Root, Timestamp, Snapshot, Targets)

FILE_NAME: Final = re.compile(r"([1-9][0-9]{0,8})\.([a-z0-9-]{1,64})\.json")
"""Version and role in the name of a metadata file."""
TIMESTAMP_FILE: Final = f"{Timestamp.type}.json"
HASH: Final = "sha256"
"""The one hash that names and checks targets and metadata."""
LONGEST_METADATA: Final = 5_000_000
"""Bytes; what python-tuf's client takes for targets metadata."""


def file_name(role: str, metadata: Metadata[Any]) -> str:
    """Return the name under which metadata is published: ``7.central.json``, and ``timestamp.json``."""
    return TIMESTAMP_FILE if role == Timestamp.type else f"{metadata.signed.version}.{role}.json"


def decode(encoded: bytes, kind: type[S], what: str) -> Metadata[S]:
    """Decode metadata of a kind. Raises ``DeskError`` for anything else, and nothing but that."""
    try:
        metadata = Metadata[S].from_bytes(encoded)
    except (DeserializationError, RecursionError) as error:
        msg = f"{what} is damaged, or no TUF metadata"
        raise DeskError(msg) from error
    if not isinstance(metadata.signed, kind):
        msg = f"{what} is metadata of another kind"
        raise DeskError(msg)
    return metadata


def is_signed(delegator: Delegator, role: str, metadata: Metadata[Any]) -> bool:
    """Whether enough keys of a role, as the delegator names them, signed the metadata."""
    try:
        delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
    except (RepositoryError, SecureSystemsError, ValueError):  # ValueError: nobody delegates this role
        return False
    return True


def next_version(metadata: Metadata[S]) -> Metadata[S]:
    """Return a copy with the next version and no signature."""
    following = deepcopy(metadata)
    following.signed.version += 1
    following.signatures.clear()
    return following


def named(version: int, encoded: bytes) -> MetaFile:
    """Return what a snapshot or timestamp says of metadata: no client need parse a longer file, or another one."""
    return MetaFile.from_data(version, encoded, [HASH])


def seal(metadata: Metadata[Any], signers: Iterable[Signer], *, at: datetime, period: timedelta) -> None:
    """Say when metadata was signed and until when it holds, and sign it with each signer, anew.

    Raises ``TokenError`` where a token does not sign.
    """
    moment = whole_seconds(at)
    metadata.signed.expires = moment + period
    metadata.signed.unrecognized_fields[ISSUED] = write_moment(moment)
    metadata.signatures.clear()
    for signer in signers:
        add_signature(metadata, signer)


def add_signature(metadata: Metadata[Any], signer: Signer) -> None:
    """Sign metadata as it is, beside the signatures that it has. Raises ``TokenError``."""
    try:
        metadata.sign(signer, append=True)
    except UnsignedMetadataError as error:
        if isinstance(error.__cause__, PublisherError):
            raise error.__cause__ from error
        raise


def issued_at(signed: Signed) -> datetime | None:
    """Return when metadata was signed; ``None`` where it does not say so."""
    try:
        return read_moment(signed.unrecognized_fields[ISSUED])
    except (KeyError, TypeError, ValueError):
        return None
