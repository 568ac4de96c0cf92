"""Snapshot and timestamp name metadata by length and hash, so that no client parses anything else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, MetaFile

from publisher.desk import Desk
from publisher.errors import DeskError, KeyMissing, PublicationInvalid
from publisher.passphrases import GivenPassphrases

from .conftest import DAY, NOW, taken, versions


def newest(desk: Desk, role: str) -> Path:
    version = desk.folder.published().versions()[role]
    return desk.public / "metadata" / f"{version}.{role}.json"


def named_files(desk: Desk) -> Iterator[tuple[Path, MetaFile]]:
    published = desk.folder.published()
    yield newest(desk, "snapshot"), published.timestamp.signed.snapshot_meta
    for name, meta in published.snapshot.signed.meta.items():
        yield newest(desk, name.removesuffix(".json")), meta


def assert_all_are_named(desk: Desk) -> None:
    for path, meta in named_files(desk):
        content = path.read_bytes()
        assert (meta.length, list(meta.hashes)) == (len(content), ["sha256"])
        meta.verify_length_and_hashes(content)


def test_the_first_publication_names_all_metadata_by_length_and_hash(desk: Desk) -> None:
    assert_all_are_named(desk)


def test_every_later_publication_does_with_a_provinces_bundle_and_other_keys(filled: Desk, province: Desk) -> None:
    assert_all_are_named(filled)
    province.publish(at=NOW)
    filled.delegate("01", province.request, at=NOW)
    filled.accept(province.public, at=NOW)
    for role in ("snapshot", "targets"):
        filled.rotate(role, at=NOW + DAY)
    filled.publish(at=NOW + DAY)
    assert_all_are_named(filled)
    assert len(list(named_files(filled))) == 4
    filled.publish(at=NOW + 2 * DAY)
    assert_all_are_named(filled)
    assert len(taken(filled, at=NOW + 2 * DAY).targets) == 4


@pytest.mark.parametrize("role", ["snapshot", "targets", "central"])
def test_a_file_that_somebody_made_longer_is_taken_by_no_client_and_signed_upon_by_no_desk(
    filled: Desk, role: str
) -> None:
    """Its signature is still good: what is signed is the content, and blanks are none."""
    path = newest(filled, role)
    path.write_bytes(path.read_bytes() + b" " * 100_000)
    with pytest.raises(PublicationInvalid):
        taken(filled, at=NOW)
    with pytest.raises(DeskError, match="byte for byte"):
        filled.publish(at=NOW + DAY)


@pytest.fixture
def earlier(filled: Desk) -> Desk:
    """A desk whose last publication is one of an earlier release: metadata is named by its version alone."""
    snapshot = Metadata.from_file(str(newest(filled, "snapshot")))
    snapshot.signed.meta = {name: MetaFile(meta.version) for name, meta in snapshot.signed.meta.items()}
    timestamp_file = filled.public / "metadata" / "timestamp.json"
    timestamp = Metadata.from_file(str(timestamp_file))
    timestamp.signed.snapshot_meta = MetaFile(timestamp.signed.snapshot_meta.version)
    for metadata, role in ((snapshot, "snapshot"), (timestamp, "timestamp")):
        (signer,) = filled.signers_of(role)
        metadata.sign(signer)
    snapshot.to_file(str(newest(filled, "snapshot")))
    timestamp.to_file(str(timestamp_file))
    return filled


def test_a_publication_of_an_earlier_release_is_taken_and_named_at_the_next_one(earlier: Desk) -> None:
    assert versions(taken(earlier, at=NOW))["snapshot"] == 2
    done = earlier.publish(at=NOW + DAY)
    assert {role.role: role.why for role in done.roles} == {
        "snapshot": "without lengths and hashes",
        "timestamp": "always",
    }
    assert_all_are_named(earlier)
    assert len(taken(earlier, at=NOW + DAY).targets) == 4
    assert [role.role for role in earlier.publish(at=NOW + 2 * DAY).roles] == ["timestamp"]


def test_where_the_key_of_snapshot_is_not_at_hand_that_waits(earlier: Desk) -> None:
    known = GivenPassphrases({"timestamp": b"an invented passphrase"})
    done = Desk(earlier.folder.path, passphrases=known).publish(at=NOW + DAY)
    assert [role.role for role in done.roles] == ["timestamp"]
    assert done.remarks[0].startswith("snapshot: without lengths and hashes, and is not signed anew")
    assert len(taken(earlier, at=NOW + DAY).targets) == 4
    with pytest.raises(KeyMissing):
        Desk(earlier.folder.path, passphrases=GivenPassphrases()).publish(at=NOW + DAY)
