"""A sealed set: which lists belong together, when they were signed, and by what they are known.

``content`` is one hash over all lists: two appliances that show the same one hold the same lists, to the byte.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from appliance.errors import ListsDamaged
from appliance.lists.catalogue import CENTRAL
from appliance.lists.folder import ListsFolder

SET_FILE: Final = "set.json"
METADATA: Final = "metadata"
_FORMAT: Final = "thechip-set-1"
_LONGEST: Final = 1 << 20
"""Bytes; a line for each version of the rules that ever was."""
_NOT_SIGNED_DAILY: Final = frozenset(("root", "snapshot", "targets", CENTRAL))
_DIGITS: Final = 8
_NAMED_BY: Final = 16
_TRIES: Final = 2
_DAMAGED: Final = "the file set.json of the lists in use is damaged or lost"


class PartKind(StrEnum):
    """What a set is made of."""

    TRUST = "trust"
    CARD_STATUS = "card-status"
    CARD_STATUS_BASE = "card-status-base"
    """What the next delta will be applied to; no list of its own."""
    RULES = "rules"
    ROSTER = "roster"


@dataclass(frozen=True, slots=True)
class Part:
    """A part by the SHA-256 over its files: hexadecimal."""

    kind: PartKind
    sha256: str

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f"{self.kind}-{self.sha256[:_NAMED_BY]}"


@dataclass(frozen=True, slots=True)
class SealedSet:
    """What ``set.json`` says. Times are UTC; ``targets`` are the published files it was made of, by SHA-256."""

    generation: int
    issued: datetime
    """When its timestamp was signed: from then on its age counts."""
    installed_at: datetime
    source: str
    versions: Mapping[str, int]
    expires: Mapping[str, datetime]
    root_sha256: str
    """Of what is signed of the root that was followed."""
    targets_keys: tuple[str, ...]
    """The ids of the keys that this root gives targets, sorted."""
    targets: Mapping[str, str]
    parts: Mapping[PartKind, Part]
    card_status_sequence: int
    card_status_issued: datetime
    content: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "content", _content_of(self.parts))

    @property
    def folder_name(self) -> str:
        """The name of its folder among the sets."""
        return f"{self.generation:0{_DIGITS}d}"

    @property
    def timestamp_version(self) -> int:
        """The number that rises with every publication."""
        return self.versions["timestamp"]

    @property
    def can_be_used(self) -> bool:
        """Whether it has what every set has."""
        return PartKind.TRUST in self.parts and "timestamp" in self.versions

    def holds(self, kind: PartKind) -> bool:
        """Whether there is such a part."""
        return kind in self.parts

    def encode(self) -> bytes:
        """Return the bytes of ``set.json``."""
        fields: dict[str, Any] = {
            "format": _FORMAT,
            "generation": self.generation,
            "issued": self.issued.isoformat(),
            "installed_at": self.installed_at.isoformat(),
            "source": self.source,
            "versions": dict(self.versions),
            "expires": {role: at.isoformat() for role, at in self.expires.items()},
            "root_sha256": self.root_sha256,
            "targets_keys": list(self.targets_keys),
            "targets": dict(self.targets),
            "parts": {kind.value: part.sha256 for kind, part in self.parts.items()},
            "card_status_sequence": self.card_status_sequence,
            "card_status_issued": self.card_status_issued.isoformat(),
            "content": self.content,
        }
        return json.dumps(fields | {"sha256": _digest(fields)}, indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def decode(cls, encoded: bytes) -> "SealedSet":
        """Read what ``encode`` wrote. Raises ``ListsDamaged`` for anything else."""
        try:
            fields = json.loads(encoded)
            is_whole = fields["format"] == _FORMAT and fields.pop("sha256") == _digest(fields)
            found = cls._of(fields)
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            raise ListsDamaged(_DAMAGED) from error
        if not (is_whole and fields["content"] == found.content and found.can_be_used):
            raise ListsDamaged(_DAMAGED)
        return found

    @classmethod
    def _of(cls, fields: Mapping[str, Any]) -> "SealedSet":
        kinds = {PartKind(kind): str(sha256) for kind, sha256 in fields["parts"].items()}
        return cls(
            generation=int(fields["generation"]),
            issued=_time(fields["issued"]),
            installed_at=_time(fields["installed_at"]),
            source=str(fields["source"]),
            versions=MappingProxyType({str(role): int(version) for role, version in fields["versions"].items()}),
            expires=MappingProxyType({str(role): _time(at) for role, at in fields["expires"].items()}),
            root_sha256=str(fields["root_sha256"]),
            targets_keys=tuple(str(keyid) for keyid in fields["targets_keys"]),
            targets=MappingProxyType({str(path): str(sha256) for path, sha256 in fields["targets"].items()}),
            parts=MappingProxyType({kind: Part(kind, sha256) for kind, sha256 in kinds.items()}),
            card_status_sequence=int(fields["card_status_sequence"]),
            card_status_issued=_time(fields["card_status_issued"]),
        )


def current_set(folder: ListsFolder) -> SealedSet | None:
    """Return the set in use; ``None`` where lists were never taken up. Raises ``ListsDamaged``."""
    for _ in range(_TRIES):  # what the link led to may have been replaced while it was opened
        try:
            with (folder.current / SET_FILE).open("rb") as file:
                return SealedSet.decode(file.read(_LONGEST))
        except FileNotFoundError:
            if not folder.current.is_symlink():
                return None
        except OSError as error:
            msg = f"the file {SET_FILE} of the lists in use cannot be read: {error.strerror}"
            raise ListsDamaged(msg) from error
    raise ListsDamaged(_DAMAGED)


def earliest_end(expires: Mapping[str, datetime]) -> datetime:
    """Return until when lists can have been signed at the latest: who holds the key of ``timestamp`` names any time.

    A province that lets its signature run out stops nothing but its rosters.
    """
    return min(ends for role, ends in expires.items() if role in _NOT_SIGNED_DAILY)


def part_hash(files: Mapping[str, str]) -> str:
    """Return the hash of a part: SHA-256 over a line ``sha256  name`` for each of its files, sorted by name."""
    lines = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(fields: Mapping[str, Any]) -> str:
    """What notices damage; it keeps out nobody who may write."""
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _content_of(parts: Mapping[PartKind, Part]) -> str:
    return part_hash({kind.value: part.sha256 for kind, part in parts.items() if kind is not PartKind.CARD_STATUS_BASE})


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at.astimezone(UTC)
