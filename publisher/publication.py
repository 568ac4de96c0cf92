"""What a publication did, for whoever prints or checks it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SignedRole:
    """Metadata that was signed anew or taken over, and why."""

    role: str
    version: int
    expires: datetime
    why: str
    length: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class PublishedTarget:
    """A target that is new; ``sha256`` is hexadecimal, ``length`` in bytes."""

    path: str
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published at a moment."""

    at: datetime
    roles: tuple[SignedRole, ...]
    versions: dict[str, int]
    """Of every role, also of those that did not change."""
    targets: tuple[PublishedTarget, ...] = ()
    removed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    """Sentences: what is pending and could not be published yet, and for what it waits."""
    remarks: tuple[str, ...] = field(default=())
    pruned: int = 0
    """Old files that were removed from the public folder."""
