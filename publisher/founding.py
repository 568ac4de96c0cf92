"""The first ceremony: keys, the first root, and an empty publication that it leads to."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from securesystemslib.signer import Key
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
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
from publisher.metadata import file_name, seal
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
    make_folder(desk.keys)
    desk.keys.chmod(_SECRET_FOLDER)
    keys, tokens = _role_keys(keyring, founding, random)
    root_keys = _root_keys(keyring, founding, random)
    card_status_key = keyring.make(CARD_STATUS, random=random)
    periods = founding.periods
    root = _first_root(root_keys, keys, founding.root_threshold)
    seal(root, [keyring.signer(key) for key in root_keys], at=at, period=periods.of(Root.type))
    first = _first_metadata(keys)
    for role, metadata in first.items():
        seal(metadata, [keyring.signer(keys[role])], at=at, period=periods.of(role))
    encoded = {file_name(role, metadata): metadata.to_bytes() for role, metadata in first.items()}
    encoded[file_name(Root.type, root)] = root.to_bytes()
    versions = dict.fromkeys((Root.type, Timestamp.type, Snapshot.type, Targets.type, CENTRAL), 1)
    Settings(periods, tokens, card_status_key).write(desk.settings_path)
    write_durably(desk.root_path, root.to_bytes())
    send(desk, encoded, Plan(Entry(whole_seconds(at), versions)))


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
        keyring.make(f"{Root.type}-{number + 1}", folder=folders[number % len(folders)], random=random)
        for number in range(founding.root_keys)
    ]


def _first_root(root_keys: Sequence[Key], keys: Mapping[str, Key], threshold: int) -> Metadata[Root]:
    roles = {Root.type: Role([key.keyid for key in root_keys], threshold)}
    roles |= {role: Role([keys[role].keyid], 1) for role in ONLINE_ROLES}
    known = {key.keyid: key for key in (*root_keys, *(keys[role] for role in ONLINE_ROLES))}
    return Metadata(Root(keys=known, roles=roles, consistent_snapshot=True))


def _first_metadata(keys: Mapping[str, Key]) -> dict[str, Metadata[Targets] | Metadata[Snapshot] | Metadata[Timestamp]]:
    central = keys[CENTRAL]
    role = DelegatedRole(CENTRAL, [central.keyid], 1, terminating=True, paths=list(CENTRAL_PATHS))
    delegations = Delegations(keys={central.keyid: central}, roles={CENTRAL: role})
    meta = {f"{name}.json": MetaFile(version=1) for name in (Targets.type, CENTRAL)}
    return {
        Targets.type: Metadata(Targets(delegations=delegations)),
        CENTRAL: Metadata(Targets()),
        Snapshot.type: Metadata(Snapshot(meta=meta)),
        Timestamp.type: Metadata(Timestamp(snapshot_meta=MetaFile(version=1))),
    }
