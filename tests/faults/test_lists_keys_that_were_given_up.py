"""Whoever holds keys that were exchanged long ago, and a device whose memory of the newer ones is spoilt."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from lists_world.appliances import Appliance, BadDay
from lists_world.forgery import Forgery, stranger
from lists_world.town import Town
from securesystemslib.signer import CryptoSigner, Signer
from tuf.api.metadata import Metadata

from appliance.errors import ListNotSigned, ListRolledBack
from appliance.lists.history import Outcome
from appliance.lists.publication import ROOTS
from appliance.lists.sealed_set import METADATA
from appliance.lists.sources.source import Source
from appliance.lists.verifying import verify_in_use

ROLES = ("timestamp", "snapshot", "targets", "central")


def spoil_later_roots(appliance: Appliance) -> None:
    """Every root but the pinned one; python-tuf passes over what it cannot read, in silence."""
    for path in (appliance.folder.current / METADATA / ROOTS).glob("*.root.json"):
        if path.name != "1.root.json":
            path.chmod(0o600)
            path.write_bytes(random.Random(path.name).randbytes(path.stat().st_size))


def mended_by(appliance: Appliance, town: Town) -> None:
    town.next_day(cards=7)
    assert appliance.take(town.public, at=town.now).outcome is Outcome.INSTALLED
    assert verify_in_use(appliance.folder, appliance.chi_bo).ok


@pytest.mark.parametrize("is_spoilt", [False, True])
def test_a_copy_from_before_the_keys_were_exchanged(
    appliance: Appliance, town: Town, tmp_path: Path, is_spoilt: bool
) -> None:
    old = town.carry_to(tmp_path / "old")
    for role in ("timestamp", "snapshot"):
        town.desk.rotate(role, at=town.now)
    town.publish(days=1)
    appliance.take(town.public, at=town.now)
    if is_spoilt:
        spoil_later_roots(appliance)
    before = appliance.sealed
    with pytest.raises(ListRolledBack) as refused:
        appliance.take(old, at=town.now)
    assert is_spoilt or "lacks root 2" in refused.value.sentence
    assert appliance.sealed == before
    mended_by(appliance, town)


def test_a_chain_by_root_keys_that_were_given_up(appliance: Appliance, town: Town, tmp_path: Path) -> None:
    given_up = town.signers_of("root")
    for signer in given_up:
        town.desk.rotate("root", at=town.now, new_key=True, remove=[signer.public_key.keyid])
        town.publish(days=1)
    appliance.take(town.public, at=town.now)
    stick = Forgery(town.carry_to(tmp_path / "stick"), town)
    mine = {role: stranger() for role in ROLES}
    _put_roots(stick, given_up, mine, until=appliance.sealed.versions["root"] + 1)
    _put_the_rest(stick, mine)
    BadDay.begins(appliance).refuses(ListNotSigned, _stick(stick), at=town.now)
    spoil_later_roots(appliance)
    with pytest.raises(ListNotSigned, match="not the one that this device has followed"):
        appliance.take(stick.public, at=town.now)
    mended_by(appliance, town)


def test_a_root_that_somebody_wrote_otherwise_is_the_same_root(
    appliance: Appliance, town: Town, tmp_path: Path
) -> None:
    """A mirror may add a blank: the signatures hold, and nobody else has the file so."""
    town.desk.rotate("timestamp", at=town.now)
    town.publish(days=1)
    mirror = town.carry_to(tmp_path / "mirror")
    root = mirror / "metadata" / "2.root.json"
    root.write_bytes(root.read_bytes() + b"\n")
    appliance.take(mirror, at=town.now)
    spoil_later_roots(appliance)
    mended_by(appliance, town)


def test_after_everything_was_exchanged_the_numbers_of_card_status_lists_begin_anew(
    appliance: Appliance, town: Town, tmp_path: Path
) -> None:
    """A thief of the whole desk may have published the highest number that there is."""
    thief = town.copy(tmp_path / "thief")
    thief.desk.folder.card_status_path.write_text(json.dumps({"sequence": 2**64 - 2}))
    thief.next_day(cards=4)
    appliance.take(thief.public, at=thief.now)
    assert appliance.sealed.card_status_sequence == 2**64 - 1
    for role in ("timestamp", "snapshot", "targets", "central"):
        town.desk.rotate(role, at=town.now)
    town.desk.rotate_card_status()
    mended_by(appliance, town)
    assert appliance.sealed.card_status_sequence < 2**64 - 1


def _stick(forgery: Forgery) -> Source:
    return Source.stick(forgery.public)


def _put_roots(stick: Forgery, by: tuple[Signer, ...], mine: dict[str, CryptoSigner], *, until: int) -> None:
    root = Metadata.from_file(str(stick.public / "metadata" / "1.root.json"))
    for version in range(2, until + 1):
        root.signed.version = version
        for role in ("timestamp", "snapshot", "targets"):
            for keyid in list(root.signed.roles[role].keyids):
                root.signed.revoke_key(keyid, role)
            root.signed.add_key(mine[role].public_key, role)
        root.signatures.clear()
        for signer in by:
            root.sign(signer, append=True)
        (stick.public / "metadata" / f"{version}.root.json").write_bytes(root.to_bytes())


def _put_the_rest(stick: Forgery, mine: dict[str, CryptoSigner]) -> None:
    def delegate(targets: Any) -> None:
        for keyid in list(targets.delegations.roles["central"].keyids):
            targets.revoke_key(keyid, "central")
        targets.add_key(mine["central"].public_key, "central")

    def lead(snapshot: Any) -> None:
        for role in ("targets", "central"):
            snapshot.meta[f"{role}.json"] = stick.named(role)

    stick.change("targets", delegate, by=[mine["targets"]])
    stick.change("central", by=[mine["central"]])
    stick.change("snapshot", lead, by=[mine["snapshot"]])
    snapshot = stick.named("snapshot")
    stick.change("timestamp", lambda one: setattr(one, "snapshot_meta", snapshot), by=[mine["timestamp"]])
