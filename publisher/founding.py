"""The first ceremony: keys, the first root, and an empty publication that it leads to."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

from securesystemslib.signer import Key
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    Role,
    Root,
    Snapshot,
    Targets,
    Timestamp,
)

from appliance.lists.catalogue import CENTRAL, CENTRAL_PATHS
from publisher.desk_folder import DeskFolder
from publisher.errors import DeskError, WrongUsage
from publisher.files import make_folder, write_durably
from publisher.journal import Entry
from publisher.keyring import Keyring, RandomBytes
from publisher.metadata import TIMESTAMP_FILE, file_name, named, seal
from publisher.moments import whole_seconds
from publisher.outgoing import Plan, send
from publisher.settings import Periods, Settings
from publisher.token_keys import TokenKey

CARD_STATUS = "card-status"
"""The name of the key that signs card status lists; not a role of The Update Framework."""
ONLINE_ROLES = (Targets.type, Snapshot.type, Timestamp.type)
SIGNING_ROLES = (*ONLINE_ROLES, CENTRAL)
_SECRET_FOLDER = 0o700


@dataclass(frozen=True)
class Founding:
    """What is decided before a desk is founded.

    ``root_keys`` keys are made for root, of which ``root_threshold`` sign. ``tokens`` are PKCS#11 URIs by role, of
    roles whose key is in a token already; root's keys are files, to be carried apart. ``root_folders`` is where they
    are made, one after the other; without, all in the desk's own folder of keys.
    """

    periods: Periods = field(default_factory=Periods)
    root_keys: int = 3
    root_threshold: int = 2
    tokens: Mapping[str, str] | None = None
    root_folders: Sequence[Path] = ()

    @property
    def key_files(self) -> tuple[str, ...]:
        """The names of the keys that are made as files, in the order in which their passphrases are asked for."""
        roles = (role for role in SIGNING_ROLES if role not in (self.tokens or {}))
        return (*roles, CARD_STATUS, *self.root_names)

    @property
    def root_names(self) -> tuple[str, ...]:
        """What root's keys are called."""
        return tuple(f"{Root.type}-{number + 1}" for number in range(self.root_keys))

    def require_sensible(self) -> None:
        """Raise ``WrongUsage`` for what cannot be."""
        if not 1 <= self.root_threshold <= self.root_keys <= 9:
            msg = "root has 1 to 9 keys, and not more of them sign than there are"
            raise WrongUsage(msg)
        if unknown := set(self.tokens or {}) - set(SIGNING_ROLES):
            msg = f"no key in a token for {', '.join(sorted(unknown))}: only for {', '.join(SIGNING_ROLES)}"
            raise WrongUsage(msg)


def found(
    desk: DeskFolder,
    keyring: Keyring,
    founding: Founding,
    *,
    at: datetime,
    random: RandomBytes = secrets.token_bytes,
) -> None:
    """Make the keys and the first publication.

    Raises ``DeskError`` where a desk is already, ``WrongUsage``, ``PassphraseMissing``, ``PassphraseWrong``,
    ``TokenError``, ``OSError``.
    """
    founding.require_sensible()
    if desk.root_path.exists() or desk.settings_path.exists():
        msg = f"there is a desk in {desk.path} already"
        raise DeskError(msg)
    _require_no_other_keys((desk.keys, *founding.root_folders), founding.key_files)
    make_folder(desk.keys)
    desk.keys.chmod(_SECRET_FOLDER)
    with keyring.ceremony(founding.key_files):
        keys, tokens = _role_keys(keyring, founding, random)
        card_status_key = keyring.make(CARD_STATUS, random=random)
        root_keys = _root_keys(keyring, founding, random)
    periods = founding.periods
    root = _first_root(root_keys, keys, founding.root_threshold)
    seal(root, [keyring.signer(key) for key in root_keys], at=at, period=periods.of(Root.type))

    def sealed(role: str, metadata: Metadata[Any]) -> bytes:
        seal(metadata, [keyring.signer(keys[role])], at=at, period=periods.of(role))
        return metadata.to_bytes()

    encoded = {file_name(Root.type, root): root.to_bytes(), **_first_metadata(keys[CENTRAL], sealed)}
    versions = dict.fromkeys((Root.type, Timestamp.type, Snapshot.type, Targets.type, CENTRAL), 1)
    settings = Settings(periods, tokens, card_status_key)
    settings.with_root_names(settings.names_of(root.signed)).write(desk.settings_path)
    write_durably(desk.root_path, root.to_bytes())
    send(desk, encoded, Plan(Entry(whole_seconds(at), versions)))


def _require_no_other_keys(folders: Iterable[Path], names: Iterable[str]) -> None:
    """Raise ``DeskError`` where a key file lies that people would take for one of this ceremony."""
    for folder, name in product(folders, names):
        for path in folder.glob(f"{name}.*.pem"):
            msg = f"{path} is of another ceremony, perhaps one that was broken off; destroy it, or take another folder"
            raise DeskError(msg)


def _role_keys(keyring: Keyring, founding: Founding, random: RandomBytes) -> tuple[dict[str, Key], dict[str, TokenKey]]:
    keys: dict[str, Key] = {}
    tokens: dict[str, TokenKey] = {}
    for role in SIGNING_ROLES:
        uri = (founding.tokens or {}).get(role)
        if uri is None:
            keys[role] = keyring.make(role, random=random)
        else:
            token = TokenKey.of(role, uri)
            keys[role] = keyring.take_token(token)
            tokens[keys[role].keyid] = token
    return keys, tokens


def _root_keys(keyring: Keyring, founding: Founding, random: RandomBytes) -> list[Key]:
    folders = founding.root_folders or (None,)
    return [
        keyring.make(name, folder=folders[number % len(folders)], random=random)
        for number, name in enumerate(founding.root_names)
    ]


def _first_root(root_keys: Sequence[Key], keys: Mapping[str, Key], threshold: int) -> Metadata[Root]:
    roles = {Root.type: Role([key.keyid for key in root_keys], threshold)}
    roles |= {role: Role([keys[role].keyid], 1) for role in ONLINE_ROLES}
    known = {key.keyid: key for key in (*root_keys, *(keys[role] for role in ONLINE_ROLES))}
    return Metadata(Root(keys=known, roles=roles, consistent_snapshot=True))


def _first_metadata(central: Key, sealed: Callable[[str, Metadata[Any]], bytes]) -> dict[str, bytes]:
    """Return the files of the roles below root; each is sealed before it is named by the next."""
    targets, lists = sealed(Targets.type, _first_targets(central)), sealed(CENTRAL, Metadata(Targets()))
    meta = {f"{Targets.type}.json": named(1, targets), f"{CENTRAL}.json": named(1, lists)}
    snapshot = sealed(Snapshot.type, Metadata(Snapshot(meta=meta)))
    timestamp = sealed(Timestamp.type, Metadata(Timestamp(snapshot_meta=named(1, snapshot))))
    versioned = {Targets.type: targets, CENTRAL: lists, Snapshot.type: snapshot}
    return {TIMESTAMP_FILE: timestamp, **{f"1.{role}.json": encoded for role, encoded in versioned.items()}}


def _first_targets(central: Key) -> Metadata[Targets]:
    role = DelegatedRole(CENTRAL, [central.keyid], 1, terminating=True, paths=list(CENTRAL_PATHS))
    return Metadata(Targets(delegations=Delegations(keys={central.keyid: central}, roles={CENTRAL: role})))
