"""Delegations to provinces, at the central desk: each signs ``rosters/NN/*``, and nothing else."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from securesystemslib.signer import Key
from tuf.api.metadata import DelegatedRole, Delegations, Targets

from appliance.errors import ListRefused
from appliance.lists.catalogue import province_paths, province_role
from publisher.desk_folder import DeskFolder
from publisher.errors import BundleRejected, WrongUsage
from publisher.files import read_regular
from publisher.keyring import Keyring
from publisher.own_bundle import FORMAT
from publisher.rotation import keep_delegations, next_delegations
from publisher.settings import keys_of

_LONGEST_REQUEST = 64 << 10
_MOST_KEYS = 8
_KEY_ID = re.compile(r"[0-9a-f]{64}")


def delegate(desk: DeskFolder, keyring: Keyring, code: str, request: Path, *, at: datetime) -> tuple[str, ...]:
    """Let a province's keys, and no others any more, sign its rosters; return their key ids.

    ``request`` is the file that the province's desk wrote; compare the key ids with those that the province says by
    another way. Raises ``BundleRejected`` for another file, ``WrongUsage``, ``KeyMissing``, ``DeskError``, ``OSError``.
    """
    role = _role(code)
    keys = _requested(request, code)
    targets = next_delegations(desk)
    delegations = _delegations(targets.signed)
    _forget(targets.signed, role)
    for keyid in keys:
        if not _KEY_ID.fullmatch(keyid) or keyid in delegations.keys:
            msg = f"{request.name} names a key that another role has, or that has no proper key id"
            raise BundleRejected(msg)
    roles = delegations.roles or {}
    roles[role] = DelegatedRole(role, list(keys), 1, terminating=True, paths=list(province_paths(code)))
    delegations.roles = roles
    delegations.keys |= keys
    keep_delegations(desk, keyring, targets, at=at)
    return tuple(keys)


def revoke_delegation(desk: DeskFolder, keyring: Keyring, code: str, *, at: datetime) -> None:
    """Let nobody sign a province's rosters any more. Raises ``WrongUsage`` where nobody does, and as ``delegate``."""
    role = _role(code)
    targets = next_delegations(desk)
    if role not in (_delegations(targets.signed).roles or {}):
        msg = f"{role} is not delegated to anybody"
        raise WrongUsage(msg)
    _forget(targets.signed, role)
    keep_delegations(desk, keyring, targets, at=at)


def _role(code: str) -> str:
    try:
        return province_role(code)
    except ListRefused as error:
        raise WrongUsage(error.sentence) from error


def _delegations(targets: Targets) -> Delegations:
    if targets.delegations is None:
        targets.delegations = Delegations({}, {})
    return targets.delegations


def _forget(targets: Targets, role: str) -> None:
    roles = _delegations(targets).roles or {}
    if role in roles:
        for keyid in tuple(roles[role].keyids):
            targets.revoke_key(keyid, role)
        del roles[role]


def _requested(path: Path, code: str) -> dict[str, Key]:
    try:
        content: Any = json.loads(read_regular(path, _LONGEST_REQUEST))
        if content["format"] != FORMAT or content["province"] != code:
            msg = f"{path.name} is not what the desk of province {code} wrote"
            raise BundleRejected(msg)
        keys = keys_of(content["keys"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        msg = f"{path.name} is no file with a province's public keys"
        raise BundleRejected(msg) from error
    if not 1 <= len(keys) <= _MOST_KEYS:
        msg = f"{path.name} names {len(keys)} keys; a province has 1 to {_MOST_KEYS}"
        raise BundleRejected(msg)
    return keys
