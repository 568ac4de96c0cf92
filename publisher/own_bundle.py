"""A province's own desk: its key, the file that asks the central desk for a delegation, and the bundles it signs.

A bundle is the desk's public folder: ``metadata/N.province-NN.json`` and the rosters that it names. It is carried to
the central desk, which publishes it with everything else.
"""

import json
import secrets
from datetime import datetime
from pathlib import Path

from securesystemslib.signer import Key
from tuf.api.metadata import Metadata, Role, Targets

from appliance.errors import ListRefused
from appliance.lists.catalogue import province_role, require_province
from publisher.clock_check import require_plausible
from publisher.desk_folder import DeskFolder
from publisher.errors import DeskError, WrongUsage
from publisher.files import copy_durably, make_folder, write_durably
from publisher.journal import Entry
from publisher.keyring import Keyring, RandomBytes
from publisher.metadata import HASH, file_name, next_version, seal
from publisher.moments import whole_seconds
from publisher.outgoing import Plan, send
from publisher.publication import Publication, PublishedTarget, SignedRole
from publisher.published import read_metadata, target_location
from publisher.settings import Periods, Settings, keys_as_dict
from publisher.target_changes import TargetChanges, compare
from publisher.token_keys import TokenKey

FORMAT = "thechip-province-1"
_SECRET_FOLDER = 0o700


def found_province(
    desk: DeskFolder,
    keyring: Keyring,
    code: str,
    *,
    periods: Periods | None = None,
    token: str | None = None,
    random: RandomBytes = secrets.token_bytes,
) -> Path:
    """Make a province's desk and its key; return the file with the public key, for the central desk.

    ``token`` is the PKCS#11 URI of a key that is in a token already.

    Raises ``DeskError`` where a desk is already, ``WrongUsage``, ``PassphraseMissing``, ``PassphraseWrong``,
    ``TokenError``, ``OSError``.
    """
    try:
        role = province_role(require_province(code))
    except ListRefused as error:
        raise WrongUsage(error.sentence) from error
    if desk.settings_path.exists():
        msg = f"there is a desk in {desk.path} already"
        raise DeskError(msg)
    make_folder(desk.keys)
    desk.keys.chmod(_SECRET_FOLDER)
    tokens = {}
    if token is None:
        key: Key = keyring.make(role, random=random)
    else:
        key = keyring.take_token(TokenKey.of(role, token))
        tokens[key.keyid] = TokenKey.of(role, token)
    settings = Settings(periods or Periods(), tokens, province=code, province_keys={key.keyid: key})
    settings.write(desk.settings_path)
    return _write_request(desk, settings)


def rotate_province(desk: DeskFolder, keyring: Keyring, *, random: RandomBytes = secrets.token_bytes) -> Path:
    """Make another key for the province, for all that it has; return the file for the central desk.

    The next bundle is signed with it. Raises as ``found_province`` does.
    """
    settings = desk.settings()
    key = keyring.make(province_role(desk.require_province()), random=random)
    settings = settings.with_province_keys({key.keyid: key})
    settings.write(desk.settings_path)
    return _write_request(desk, settings)


def own_metadata(desk: DeskFolder) -> Metadata[Targets]:
    """Return the metadata of the last bundle that this desk signed; before the first, empty and of version 0.

    It is the desk's own copy: the public folder is for others to carry, and not believed.
    """
    if desk.own_path.exists():
        return read_metadata(desk.own_path, Targets)
    nothing = Metadata(Targets())
    nothing.signed.version = 0
    return nothing


def publish_bundle(desk: DeskFolder, keyring: Keyring, *, at: datetime, clock_is_right: bool = False) -> Publication:
    """Sign what is staged into the bundle; without changes, sign anew what expires within a third of its period.

    Raises ``ClockSuspect``, ``KeyMissing``, ``KeyUnusable``, ``DeskError``, ``OSError``.
    """
    settings, moment, last = desk.settings(), whole_seconds(at), desk.journal.last
    role = province_role(desk.require_province())
    if not clock_is_right:
        require_plausible(at, None if last is None else last.at)
    before = own_metadata(desk)
    changes = compare(before, desk.staged)
    why = "its rosters changed" if changes.following is not None else _why_renew(before, settings, role, moment)
    if why is None:
        return Publication(moment, (), {role: before.signed.version})
    following = changes.following or next_version(before)
    signers = keyring.signers(Role(list(settings.province_keys), 1), settings.province_keys, role)
    seal(following, signers, at=moment, period=settings.periods.of(role))
    return _send(desk, role, following, changes, why=why, at=moment)


def _why_renew(before: Metadata[Targets], settings: Settings, role: str, at: datetime) -> str | None:
    if before.signed.version == 0:
        return "the first"
    if not before.signatures.keys() & settings.province_keys.keys():
        return "its keys changed"
    return settings.periods.why_renew(role, before.signed.expires, at)


def _send(
    desk: DeskFolder, role: str, metadata: Metadata[Targets], changes: TargetChanges, *, why: str, at: datetime
) -> Publication:
    staged = desk.staged.files()
    for path, target in changes.new.items():
        copy_durably(staged[path], target_location(desk.public, target))
    targets = tuple(PublishedTarget(path, one.length, one.hashes[HASH]) for path, one in changes.new.items())
    encoded, versions = metadata.to_bytes(), {role: metadata.signed.version}
    entry = Entry(at, versions, {one.path: one.length for one in targets}, {"removed": len(changes.removed)})
    digests = {path: target.hashes[HASH] for path, target in changes.staged.items()}
    send(desk, {file_name(role, metadata): encoded}, Plan(entry, digests, desk.staged.removals()))
    signed = SignedRole(role, metadata.signed.version, metadata.signed.expires, why, len(encoded))
    return Publication(at, (signed,), versions, targets, changes.removed)


def _write_request(desk: DeskFolder, settings: Settings) -> Path:
    content = {"format": FORMAT, "province": settings.province, "keys": keys_as_dict(settings.province_keys.values())}
    path = desk.path / f"{settings.own_role}.public.json"
    write_durably(path, json.dumps(content, indent=2, sort_keys=True).encode() + b"\n")
    return path
