"""Add signatures to what is pending: at the desk, or wherever a stick with the folder and another key meet."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from securesystemslib.exceptions import Error as SecureSystemsError
from securesystemslib.signer import Key
from tuf.api.metadata import Metadata, Root, Targets

from publisher.desk_folder import DeskFolder
from publisher.errors import DeskError, KeyMissing, WrongUsage
from publisher.files import write_durably
from publisher.keyring import Keyring
from publisher.metadata import FILE_NAME, add_signature
from publisher.pending_changes import signatures_missing
from publisher.published import read_metadata


@dataclass(frozen=True)
class Signing:
    """What was signed; ``missing`` signatures are to be added elsewhere, by either the old or the new keys.

    ``missing`` is ``None`` where the root before is not at hand: whether the old keys signed, the desk says then.
    """

    path: Path
    added: tuple[str, ...]
    """Key ids whose signatures are new in the file."""
    missing: int | None


def sign_root(
    path: Path,
    keyring: Keyring,
    *,
    previous: Metadata[Root] | None = None,
    brought: tuple[str, ...] = (),
    shown: str | None = None,
) -> Signing:
    """Add the signatures of the keys that are here to a half-signed root, in its file.

    The root before it is ``previous``, or lies beside it; where it does not, only keys that stay can sign. ``brought``
    are key ids whose signatures came just now, from elsewhere; ``shown`` is the ``signed_sha256`` that somebody saw.
    Raises ``WrongUsage`` for another file, ``KeyMissing`` where no key is here that signs it, ``OSError``.
    """
    root = _half_signed(path)
    if shown is not None and hashlib.sha256(root.signed_bytes).hexdigest() != shown:
        msg = f"{path.name} is another one by now than was shown; nothing was signed"
        raise WrongUsage(msg)
    previous = previous or _beside(path, root)
    added = _add(root, keyring, _signing_keys(root.signed, (previous or root).signed))
    if added:
        write_durably(path, root.to_bytes())
    missing = None if previous is None else signatures_missing(root, previous)
    return _told(Signing(path, (*brought, *added), missing))


def signed_sha256(path: Path) -> str:
    """Return the SHA-256 of what is signed in a next root, hexadecimal: the same whoever has signed it already.

    Raises ``WrongUsage`` for another file.
    """
    return hashlib.sha256(_half_signed(path).signed_bytes).hexdigest()


def merge(desk: DeskFolder, path: Path) -> tuple[str, ...]:
    """Take over the signatures of a file that came back from elsewhere; return the key ids of those that are new.

    Raises ``WrongUsage`` where it is not what is pending here.
    """
    brought, pending = _half_signed(path), desk.pending.root()
    if pending is None or pending.signed_bytes != brought.signed_bytes:
        msg = f"{path.name} is not the root that is pending at this desk"
        raise WrongUsage(msg)
    previous = desk.published().root
    known = {key.keyid: key for key in _signing_keys(pending.signed, previous.signed)}
    added = [keyid for keyid in brought.signatures if keyid in known and _is_new(pending, brought, known[keyid])]
    for keyid in added:
        pending.signatures[keyid] = brought.signatures[keyid]
    if added:
        desk.pending.put_root(pending, previous)
    return tuple(added)


def sign_pending(desk: DeskFolder, keyring: Keyring, *, brought: tuple[str, ...] = ()) -> tuple[Signing, ...]:
    """Sign everything pending with the keys that are here. Raises as ``sign_root`` does."""
    done: list[Signing] = []
    root_path, published = desk.pending.path_of(Root.type), desk.published()
    if root_path is not None:
        done.append(sign_root(root_path, keyring, previous=published.root, brought=brought))
    targets = desk.pending.targets()
    if targets is not None:
        done.append(_sign_targets(desk, keyring, targets))
    if not done:
        msg = "nothing is pending at this desk"
        raise WrongUsage(msg)
    return tuple(done)


def _sign_targets(desk: DeskFolder, keyring: Keyring, targets: Metadata[Targets]) -> Signing:
    root = (desk.pending.root() or desk.root()).signed
    role = root.roles[Targets.type]
    added = _add(targets, keyring, [root.keys[keyid] for keyid in role.keyids])
    path = desk.pending.put_targets(targets)
    result = root.get_verification_result(Targets.type, targets.signed_bytes, targets.signatures)
    return _told(Signing(path, added, result.missing))


def _told(signing: Signing) -> Signing:
    if signing.added or signing.missing == 0:
        return signing
    msg = "none of the keys that must still sign is here, or their passphrases were not given (--keys)"
    if signing.missing is None:
        version = int(signing.path.name.partition(".")[0])
        msg += f"; a key that is given up signs where {version - 1}.{Root.type}.json lies beside the file"
    raise KeyMissing(msg)


def _add(metadata: Metadata[Root] | Metadata[Targets], keyring: Keyring, keys: Iterable[Key]) -> tuple[str, ...]:
    signers = keyring.available(key for key in keys if key.keyid not in metadata.signatures)
    for signer in signers:
        add_signature(metadata, signer)
    return tuple(signer.public_key.keyid for signer in signers)


def _signing_keys(root: Root, previous: Root) -> list[Key]:
    keys = {keyid: one.keys[keyid] for one in (previous, root) for keyid in one.roles[Root.type].keyids}
    return list(keys.values())


def _is_new(pending: Metadata[Root], brought: Metadata[Root], key: Key) -> bool:
    if key.keyid in pending.signatures:
        return False
    try:
        key.verify_signature(brought.signatures[key.keyid], pending.signed_bytes)
    except SecureSystemsError:
        return False
    return True


def _beside(path: Path, root: Metadata[Root]) -> Metadata[Root] | None:
    """Return the root before, where it lies beside the next one."""
    place = path.with_name(f"{root.signed.version - 1}.{Root.type}.json")
    try:
        return read_metadata(place, Root) if place.exists() else None
    except DeskError as error:
        msg = f"{place.name} beside {path.name} cannot be used: copy it from the desk's pending/ again, or take it away"
        raise WrongUsage(msg) from error


def _half_signed(path: Path) -> Metadata[Root]:
    match = FILE_NAME.fullmatch(path.name)
    if match is None or match[2] != Root.type:
        msg = "what is signed by hand is a next root, a file such as 2.root.json"
        raise WrongUsage(msg)
    try:
        return read_metadata(path, Root)
    except DeskError as error:
        raise WrongUsage(error.sentence) from error
