"""``desk.json``: what kind of desk this is, how long its roles' signatures hold, and where keys in tokens are."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from securesystemslib.signer import Key
from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from appliance.errors import ListRefused
from appliance.lists.catalogue import province_role
from publisher.errors import DeskError, WrongUsage
from publisher.files import read_regular, write_durably
from publisher.token_keys import TokenKey

_FORMAT = 1
_LONGEST = 1 << 20
_LONGEST_PERIOD = 3650
_RENEWED_WITHIN = 3
_ROOT_NAME = re.compile(rf"{Root.type}-([0-9]{{1,6}})")
EXPIRED = "it has expired"


@dataclass(frozen=True, slots=True)
class Periods:
    """For how many days a role's signature holds. ``targets`` is also that of delegated roles."""

    root: int = 1095
    timestamp: int = 45
    snapshot: int = 60
    targets: int = 90

    def __post_init__(self) -> None:
        for days in (self.root, self.timestamp, self.snapshot, self.targets):
            if not 1 <= days <= _LONGEST_PERIOD:
                msg = f"a period is 1 to {_LONGEST_PERIOD} days"
                raise WrongUsage(msg)

    def of(self, role: str) -> timedelta:
        """Return the period of a role."""
        named = {Root.type: self.root, Timestamp.type: self.timestamp, Snapshot.type: self.snapshot}
        return timedelta(days=named.get(role, self.targets))

    def why_renew(self, role: str, expires: datetime, at: datetime) -> str | None:
        """Return why a signature is renewed: no more than a third of its period is left. ``None`` where it need not."""
        left = expires - at
        if left > self.of(role) / _RENEWED_WITHIN:
            return None
        return f"it expires in {left.days} days" if left > timedelta(0) else EXPIRED

    def as_dict(self) -> dict[str, int]:
        """Return the periods by the names of their roles."""
        return {
            Root.type: self.root,
            Timestamp.type: self.timestamp,
            Snapshot.type: self.snapshot,
            Targets.type: self.targets,
        }


@dataclass(frozen=True)
class Settings:
    """What ``desk.json`` holds; nothing in it is secret."""

    periods: Periods = field(default_factory=Periods)
    tokens: Mapping[str, TokenKey] = field(default_factory=dict)
    """Keys in PKCS#11 tokens, by key id."""
    card_status_key: Key | None = None
    """With what card status lists are signed."""
    province: str | None = None
    """The code of the province whose desk this is; ``None`` for the central desk."""
    province_keys: Mapping[str, Key] = field(default_factory=dict)
    """At a province's desk: its keys, by key id."""
    root_names: Mapping[str, str] = field(default_factory=dict)
    """What root's keys are called, by key id: their files are elsewhere. Desks of earlier releases have none."""

    @property
    def own_role(self) -> str | None:
        """The role that a province's desk signs."""
        return None if self.province is None else province_role(self.province)

    def with_token(self, keyid: str, token: TokenKey) -> Self:
        """Return the settings with one more key in a token."""
        return replace(self, tokens={**self.tokens, keyid: token})

    def with_card_status_key(self, key: Key) -> Self:
        """Return the settings with another key for card status lists."""
        return replace(self, card_status_key=key)

    def with_province_keys(self, keys: Mapping[str, Key]) -> Self:
        """Return the settings with other keys of the province."""
        return replace(self, province_keys=dict(keys))

    def with_root_names(self, names: Mapping[str, str]) -> Self:
        """Return the settings with other names of root's keys."""
        return replace(self, root_names=dict(names))

    def names_of(self, root: Root) -> dict[str, str]:
        """Return what root's keys are called, by key id; those of a first root are counted in its order."""
        first = enumerate(root.roles[Root.type].keyids, 1) if root.version == 1 else ()
        return {keyid: f"{Root.type}-{number}" for number, keyid in first} | dict(self.root_names)

    def next_root_name(self, keys: int) -> str:
        """Return what a new key of root is called, beside so many others: each is somebody's, no number comes twice."""
        numbers = [int(match[1]) for name in self.root_names.values() if (match := _ROOT_NAME.fullmatch(name))]
        return f"{Root.type}-{max([keys, *numbers]) + 1}"

    def write(self, path: Path) -> None:
        """Write the file. Raises ``OSError``."""
        content = {
            "format": _FORMAT,
            "periods": self.periods.as_dict(),
            "tokens": {keyid: {"name": token.name, "uri": token.uri} for keyid, token in self.tokens.items()},
            "card_status_key": None if self.card_status_key is None else keys_as_dict([self.card_status_key]),
            "province": self.province,
            "province_keys": keys_as_dict(self.province_keys.values()),
            "root_names": dict(self.root_names),
        }
        write_durably(path, json.dumps(content, indent=2, sort_keys=True).encode() + b"\n")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file. Raises ``DeskError`` where there is none, or one that this release cannot use."""
        try:
            return cls._of(json.loads(read_regular(path, _LONGEST)))
        except FileNotFoundError as error:
            msg = f"there is no desk in {path.parent}; init makes one, --desk names another folder"
            raise DeskError(msg) from error
        except OSError as error:
            msg = f"{path.name} cannot be read: {error.strerror}"
            raise DeskError(msg) from error
        except (ValueError, TypeError, KeyError, AttributeError, ListRefused, RecursionError) as error:
            msg = f"{path.name} is damaged, or of another release"
            raise DeskError(msg) from error

    @classmethod
    def _of(cls, content: Any) -> Self:
        if content["format"] != _FORMAT:
            msg = "another format"
            raise ValueError(msg)
        card_status = keys_of(content["card_status_key"] or {})
        settings = cls(
            periods=Periods(**content["periods"]),
            tokens={keyid: TokenKey(**token) for keyid, token in content["tokens"].items()},
            card_status_key=next(iter(card_status.values()), None),
            province=content["province"],
            province_keys=keys_of(content["province_keys"]),
            root_names=dict(content.get("root_names", {})),
        )
        if settings.own_role is not None and not settings.province_keys:
            msg = "a province without a key"
            raise ValueError(msg)
        return settings


def keys_as_dict(keys: Iterable[Key]) -> dict[str, Any]:
    """Return public keys as TUF writes them, by key id."""
    return {key.keyid: key.to_dict() for key in keys}


def keys_of(content: Mapping[str, Any]) -> dict[str, Key]:
    """Read public keys as TUF writes them. Raises ``ValueError``, ``KeyError``, ``TypeError`` for anything else."""
    return {keyid: Key.from_dict(keyid, dict(fields)) for keyid, fields in content.items()}
