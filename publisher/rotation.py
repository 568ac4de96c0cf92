"""Other keys for a role: a next root or next delegations, signed as far as the keys that are here go.

A next root is signed by enough of the old keys and of the new ones. Where they are not all here it stays half signed
among what is pending; ``sign`` adds to it wherever the other keys are.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from securesystemslib.signer import Key, Signer
from tuf.api.metadata import TOP_LEVEL_ROLE_NAMES, Metadata, Root, Targets

from appliance.errors import ListRefused
from appliance.lists.catalogue import CENTRAL, province_of, require_province
from publisher.desk_folder import DeskFolder
from publisher.errors import WrongUsage
from publisher.keyring import SHOWN, Keyring, RandomBytes
from publisher.metadata import Delegator, next_version, seal
from publisher.pending_changes import signatures_missing
from publisher.published import Published
from publisher.token_keys import TokenKey


@dataclass(frozen=True)
class KeyChange:
    """Which keys a role gets and gives up.

    ``new_key`` makes one more, in a file; ``token`` is the PKCS#11 URI of one in a token. ``remove`` are names of keys,
    or key ids, or their first digits. ``threshold`` is how many must sign from then on. Where nothing is said of which
    keys come and go, a role gets one new key for all that it has, and root only a later expiry.
    """

    new_key: bool = False
    remove: Sequence[str] = ()
    threshold: int | None = None
    token: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing was said of which keys come and go."""
        return not self.new_key and not self.remove and self.threshold is None


@dataclass(frozen=True)
class Rotation:
    """A next root or next delegations; ``missing`` signatures are to be added before it can be published."""

    path: Path
    version: int
    missing: int
    made: tuple[str, ...] = ()
    """Key ids of new keys."""
    removed: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """What these keys are called, by key id, as far as is known here."""


def rotate(
    desk: DeskFolder,
    keyring: Keyring,
    role: str,
    change: KeyChange,
    *,
    at: datetime,
    random: RandomBytes = secrets.token_bytes,
) -> Rotation:
    """Give a role other keys. Raises ``WrongUsage``, ``KeyMissing``, ``KeyUnusable``, ``DeskError``, ``OSError``."""
    if role in TOP_LEVEL_ROLE_NAMES:
        published = desk.published()
        _remember_names(desk, published.root.signed)
        root = _next_root(desk, published)
        made, removed = _change(desk, root.signed, role, change, keyring, random=random)
        signers = root_signers(keyring, root.signed, published.root.signed)
        seal(root, signers, at=at, period=desk.settings().periods.of(Root.type))
        path = desk.pending.put_root(root, published.root)
        if role == Targets.type and desk.pending.targets() is not None:
            keep_delegations(desk, keyring, next_delegations(desk), at=at)
        missing = signatures_missing(root, published.root)
        return Rotation(path, root.signed.version, missing, made, removed, _names(desk, keyring, (*made, *removed)))
    if role == CENTRAL:
        targets = next_delegations(desk)
        made, removed = _change(desk, targets.signed, role, change, keyring, random=random)
        path = keep_delegations(desk, keyring, targets, at=at)
        return Rotation(path, targets.signed.version, 0, made, removed, _names(desk, keyring, (*made, *removed)))
    raise WrongUsage(_why_not(role))


def _next_root(desk: DeskFolder, published: Published) -> Metadata[Root]:
    following, pending = next_version(published.root), desk.pending.root()
    return pending if pending is not None and pending.signed.version == following.signed.version else following


def next_delegations(desk: DeskFolder) -> Metadata[Targets]:
    """Return the top-level targets to change, of the version after those published: those pending, if any are."""
    following = next_version(desk.published().targets)
    pending = desk.pending.targets()
    if pending is not None:
        following.signed.delegations = pending.signed.delegations
    return following


def keep_delegations(desk: DeskFolder, keyring: Keyring, targets: Metadata[Targets], *, at: datetime) -> Path:
    """Sign top-level targets and keep them among what is pending; return their path. Raises ``KeyMissing``.

    Where another root is pending, the keys of both sign, so that either of the two can be published first.
    """
    now, following = desk.root().signed, (desk.pending.root() or desk.root()).signed
    signers = keyring.signers(following.roles[Targets.type], following.keys, "the top-level targets")
    given_up = [keyid for keyid in now.roles[Targets.type].keyids if keyid not in following.roles[Targets.type].keyids]
    enough = now.roles[Targets.type].threshold
    signers += keyring.available((now.keys[keyid] for keyid in given_up), enough=enough, optional=True)
    seal(targets, signers, at=at, period=desk.settings().periods.of(Targets.type))
    return desk.pending.put_targets(targets)


def root_signers(keyring: Keyring, root: Root, previous: Root) -> list[Signer]:
    """Return those who sign a next root and are here: enough of the old keys, and enough of the new."""
    found: dict[str, Signer] = {}
    for one in (previous, root):
        role = one.roles[Root.type]
        keys = [one.keys[keyid] for keyid in sorted(role.keyids, key=lambda keyid: keyid not in found)]
        for signer in keyring.available(keys, enough=role.threshold):
            found[signer.public_key.keyid] = signer
    return list(found.values())


def _change(
    desk: DeskFolder, delegator: Delegator, role: str, change: KeyChange, keyring: Keyring, *, random: RandomBytes
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Change a role's keys; return the key ids that came and that went."""
    wanted = delegator.get_delegated_role(role)
    is_replacement = change.is_plain and (role != Root.type or change.token is not None)
    names = _names(desk, keyring, wanted.keyids)
    removed = tuple(wanted.keyids) if is_replacement else tuple(_found(role, wanted.keyids, names, change.remove))
    is_made = change.new_key or is_replacement or change.token is not None
    threshold = wanted.threshold if change.threshold is None else change.threshold
    remaining = len(wanted.keyids) - len(removed) + is_made
    if not 1 <= threshold <= remaining:
        msg = f"{role} would have {remaining} keys, of which {threshold} must sign"
        raise WrongUsage(msg)
    made = _new_key(desk, role, change, keyring, random=random) if is_made else None
    for keyid in removed:
        delegator.revoke_key(keyid, role)
    if made is not None:
        delegator.add_key(made, role)
    wanted.threshold = threshold
    return (() if made is None else (made.keyid,)), removed


def _new_key(desk: DeskFolder, role: str, change: KeyChange, keyring: Keyring, *, random: RandomBytes) -> Key:
    settings = desk.settings()
    if change.token is not None:
        token = TokenKey.of(role, change.token)
        key = keyring.take_token(token)
        settings.with_token(key.keyid, token).write(desk.settings_path)
        return key
    if role != Root.type:
        return keyring.make(role, random=random)
    name = settings.next_root_name(len(desk.root().signed.roles[Root.type].keyids))
    key = keyring.make(name, random=random)
    settings.with_root_names({**settings.root_names, key.keyid: name}).write(desk.settings_path)
    return key


def _remember_names(desk: DeskFolder, root: Root) -> None:
    """Write down what the keys of a first root are called, before there is a second, for a desk that has not yet."""
    settings = desk.settings()
    names = settings.names_of(root)
    if names != settings.root_names:
        settings.with_root_names(names).write(desk.settings_path)


def _names(desk: DeskFolder, keyring: Keyring, keyids: Iterable[str]) -> dict[str, str]:
    known = desk.settings().root_names
    found = {keyid: keyring.name_of(keyid) or known.get(keyid) for keyid in keyids}
    return {keyid: name for keyid, name in found.items() if name is not None}


def _found(role: str, keyids: Sequence[str], names: Mapping[str, str], asked: Iterable[str]) -> list[str]:
    """Return the keys that are named, or whose id begins so."""
    found = []
    for what in asked:
        matching = [keyid for keyid in keyids if what and (names.get(keyid) == what or keyid.startswith(what.lower()))]
        if len(matching) != 1:
            known = ", ".join(f"{names.get(keyid, '')} {keyid[:SHOWN]}".strip() for keyid in keyids)
            msg = f"{len(matching)} keys of {role} are called {what[:SHOWN]!r}, or have an id that begins so: {known}"
            raise WrongUsage(msg)
        found += matching
    return list(dict.fromkeys(found))


def _why_not(role: str) -> str:
    province = province_of(role)
    try:
        known = province is not None and bool(require_province(province))
    except ListRefused:
        known = False
    if known:
        return f"{role} makes its key at its own desk; delegate {province} --key FILE then names it here"
    roles = ", ".join((*sorted(TOP_LEVEL_ROLE_NAMES), CENTRAL, "card-status"))
    return f"there is no role of this name; roles are {roles}"
