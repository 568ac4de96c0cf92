"""Other keys: rotated, lost, half signed, and a client that slept through three roots."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Root

from publisher.desk import Desk
from publisher.errors import KeyMissing, PublicationInvalid, WrongUsage
from publisher.founding import Founding
from publisher.keyring import Keyring
from publisher.passphrases import GivenPassphrases
from publisher.signing import sign_root, signed_sha256
from publisher.verifying import ClientAt

from .conftest import DAY, NOW, SECRET, taken, versions


def key_files(desk: Desk, name: str) -> list[Path]:
    return sorted(desk.folder.keys.glob(f"{name}.*"))


def move_keys(desk: Desk, name: str, to: Path) -> None:
    to.mkdir(exist_ok=True)
    for path in key_files(desk, name):
        shutil.move(path, to / path.name)


def reopened(desk: Desk, *sticks: Path) -> Desk:
    return Desk(desk.folder.path, passphrases=SECRET, key_folders=sticks)


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_a_role_of_root_gets_one_new_key_for_the_old_one(filled: Desk, role: str) -> None:
    before = filled.folder.published().root.signed.roles[role].keyids
    rotation = filled.rotate(role, at=NOW + DAY)
    assert (rotation.version, rotation.missing, list(rotation.removed)) == (2, 0, before)
    filled.publish(at=NOW + DAY)
    verified = taken(filled, at=NOW + DAY)
    assert versions(verified)["root"] == 2
    assert list(rotation.made) == filled.folder.published().root.signed.roles[role].keyids
    assert len(verified.targets) == 4


def test_central_gets_another_key_by_a_delegation(filled: Desk) -> None:
    rotation = filled.rotate("central", at=NOW + DAY)
    done = filled.publish(at=NOW + DAY)
    assert {role.role: role.why for role in done.roles}["central"] == "its keys changed"
    found = taken(filled, at=NOW + DAY)
    assert (versions(found)["root"], versions(found)["targets"], versions(found)["central"]) == (1, 2, 3)
    assert filled.folder.published().targets.signed.delegations.roles["central"].keyids == list(rotation.made)


def test_the_old_timestamp_key_signs_nothing_that_a_client_of_the_new_root_takes(filled: Desk, tmp_path: Path) -> None:
    (old,) = filled.signers_of("timestamp")
    filled.rotate("timestamp", at=NOW + DAY)
    filled.publish(at=NOW + DAY)
    path = filled.public / "metadata" / "timestamp.json"
    metadata = Metadata.from_file(str(path))
    metadata.signed.version += 1
    metadata.sign(old)
    metadata.to_file(str(path))
    with pytest.raises(PublicationInvalid, match="timestamp was signed by 0/1"):
        taken(filled, at=NOW + DAY)


def test_a_lost_timestamp_key_is_replaced_without_it(filled: Desk) -> None:
    for path in key_files(filled, "timestamp"):
        path.unlink()
    desk = reopened(filled)
    with pytest.raises(KeyMissing, match="timestamp"):
        desk.publish(at=NOW + DAY)
    desk.rotate("timestamp", at=NOW + DAY)
    desk.publish(at=NOW + DAY)
    assert versions(taken(desk, at=NOW + DAY)) == {
        "root": 2, "timestamp": 3, "snapshot": 2, "targets": 1, "central": 2,
    }  # fmt: skip


def test_a_key_given_up_whose_passphrase_nobody_gives_any_more_holds_nothing_up(filled: Desk) -> None:
    fresh = GivenPassphrases({"timestamp": b"another passphrase"}, b"an invented passphrase")
    desk = Desk(filled.folder.path, passphrases=fresh)
    desk.rotate("timestamp", at=NOW + DAY)
    Desk(filled.folder.path, passphrases=fresh).publish(at=NOW + DAY)
    assert versions(taken(desk, at=NOW + DAY))["root"] == 2


def test_a_client_that_has_all_of_the_old_keys_follows_to_the_new_ones(filled: Desk, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    ClientAt(filled.public, filled.first_root, cache, at=NOW).refresh()
    for role in ("timestamp", "snapshot", "targets"):
        filled.rotate(role, at=NOW + DAY)
    filled.publish(at=NOW + DAY)
    ClientAt(filled.public, filled.first_root, cache, at=NOW + DAY).refresh()
    assert Metadata.from_file(str(cache / "root.json")).signed.version == 2


def test_several_rotations_before_a_publication_are_one_root(filled: Desk) -> None:
    for role in ("timestamp", "snapshot", "root"):
        assert filled.rotate(role, at=NOW + DAY).version == 2
    done = filled.publish(at=NOW + DAY)
    assert done.versions["root"] == 2
    assert filled.status(at=NOW + DAY).pending == ()


def test_a_client_that_was_off_walks_through_three_roots(filled: Desk) -> None:
    for day in (1, 2, 3):
        root = filled.folder.published().root.signed.roles["root"].keyids
        filled.rotate("root", at=NOW + day * DAY, new_key=True, remove=[root[0]])
        filled.rotate("timestamp", at=NOW + day * DAY)
        filled.publish(at=NOW + day * DAY)
    verified = taken(filled, at=NOW + 3 * DAY)
    assert (versions(verified)["root"], len(verified.targets)) == (4, 4)
    first, last = Metadata.from_bytes(filled.first_root), filled.folder.published().root
    assert not set(first.signed.roles["root"].keyids) & set(last.signed.roles["root"].keyids)


def test_root_without_more_words_only_gets_a_later_expiry(filled: Desk) -> None:
    before = filled.folder.published().root.signed
    rotation = filled.rotate("root", at=NOW + 400 * DAY)
    assert (rotation.made, rotation.removed) == ((), ())
    filled.publish(at=NOW + 400 * DAY)
    after = filled.folder.published().root.signed
    assert after.roles["root"].keyids == before.roles["root"].keyids
    assert after.expires == NOW + 1495 * DAY


def test_a_threshold_can_be_raised_and_then_counts(filled: Desk) -> None:
    filled.rotate("root", at=NOW, threshold=3)
    filled.rotate("timestamp", at=NOW, new_key=True, threshold=2)
    filled.publish(at=NOW + DAY)
    timestamp = Metadata.from_file(str(filled.public / "metadata" / "timestamp.json"))
    assert len(timestamp.signatures) == 2
    assert len(taken(filled, at=NOW + DAY).targets) == 4
    key_files(filled, "timestamp")[0].unlink()
    with pytest.raises(KeyMissing, match="timestamp is signed by 2 of its keys, and 1 can be used here"):
        reopened(filled).publish(at=NOW + 2 * DAY)


@pytest.mark.parametrize(
    ("role", "change"),
    [
        ("root", {"threshold": 4}),
        ("root", {"threshold": 0}),
        ("timestamp", {"threshold": 2}),
        ("timestamp", {"remove": ["ffff"]}),
        ("timestamp", {"remove": [""]}),
        ("nobody", {}),
        ("province-", {}),
    ],
)
def test_a_change_that_cannot_be_makes_no_key_and_nothing_pending(filled: Desk, role: str, change: dict) -> None:
    before = sorted(filled.folder.keys.iterdir())
    with pytest.raises(WrongUsage):
        filled.rotate(role, at=NOW, **change)
    assert sorted(filled.folder.keys.iterdir()) == before
    assert filled.status(at=NOW).pending == ()


# --- half signed ------------------------------------------------------------------------------------------------------


@pytest.fixture
def apart(filled: Desk, tmp_path: Path) -> Desk:
    """A desk at which one of the three keys of root is left; the others are on sticks."""
    move_keys(filled, "root-2", tmp_path / "stick-2")
    move_keys(filled, "root-3", tmp_path / "stick-3")
    return reopened(filled)


def test_a_root_with_too_few_signatures_waits_and_everything_else_is_published(
    apart: Desk, cards: Callable[..., Path]
) -> None:
    assert apart.rotate("timestamp", at=NOW + DAY).missing == 1
    apart.add_card_status(cards(range(1005)), at=NOW + DAY)
    done = apart.publish(at=NOW + DAY)
    assert done.waiting == ("2.root.json waits for 1 more signature of root keys (sign)",)
    assert versions(taken(apart, at=NOW + DAY))["root"] == 1
    assert apart.status(at=NOW + DAY).pending == ("2.root.json",)


def test_a_half_signed_root_in_the_public_folder_is_taken_by_no_client(apart: Desk) -> None:
    rotation = apart.rotate("timestamp", at=NOW + DAY)
    shutil.copy(rotation.path, apart.public / "metadata")
    with pytest.raises(PublicationInvalid, match="root was signed by 1/2"):
        taken(apart, at=NOW + DAY)


def test_a_stick_with_another_key_completes_it(apart: Desk, tmp_path: Path) -> None:
    apart.rotate("timestamp", at=NOW + DAY)
    (signing,) = reopened(apart, tmp_path / "stick-3").sign()
    assert (len(signing.added), signing.missing) == (1, 0)
    assert apart.publish(at=NOW + DAY).versions["root"] == 2
    assert versions(taken(apart, at=NOW + DAY))["root"] == 2


def test_it_can_be_signed_where_there_is_no_desk_and_brought_back(apart: Desk, tmp_path: Path) -> None:
    apart.rotate("timestamp", at=NOW + DAY)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(apart.folder.pending.folder, elsewhere)
    signing = sign_root(elsewhere / "2.root.json", Keyring([tmp_path / "stick-2"], SECRET))
    assert (len(signing.added), signing.missing) == (1, 0)
    assert apart.publish(at=NOW + DAY).waiting
    (brought,) = apart.sign(elsewhere / "2.root.json")
    assert (brought.added, brought.missing) == (signing.added, 0)
    assert apart.publish(at=NOW + DAY).versions["root"] == 2


def test_the_file_alone_is_enough_for_a_key_that_stays(apart: Desk, tmp_path: Path) -> None:
    rotation = apart.rotate("timestamp", at=NOW + DAY)
    alone = tmp_path / "alone" / "2.root.json"
    alone.parent.mkdir()
    shutil.copy(rotation.path, alone)
    assert signed_sha256(alone) == signed_sha256(rotation.path)
    signing = sign_root(alone, Keyring([tmp_path / "stick-2"], SECRET))
    assert (len(signing.added), signing.missing) == (1, None)
    assert signed_sha256(alone) == signed_sha256(rotation.path)
    assert apart.sign(alone)[0].missing == 0


def test_another_root_than_was_shown_is_not_signed(apart: Desk, tmp_path: Path) -> None:
    path = apart.rotate("timestamp", at=NOW + DAY).path
    before = path.read_bytes()
    with pytest.raises(WrongUsage, match="another one by now than was shown"):
        sign_root(path, Keyring([tmp_path / "stick-2"], SECRET), shown="0" * 64)
    assert path.read_bytes() == before
    assert sign_root(path, Keyring([tmp_path / "stick-2"], SECRET), shown=signed_sha256(path)).added


def test_a_key_that_is_given_up_is_told_to_bring_the_root_before(apart: Desk, tmp_path: Path) -> None:
    rotation = apart.rotate("root", at=NOW + DAY, new_key=True, remove=["root-2"])
    alone = tmp_path / "alone" / "2.root.json"
    alone.parent.mkdir()
    shutil.copy(rotation.path, alone)
    with pytest.raises(KeyMissing, match=r"given up signs where 1\.root\.json lies beside"):
        sign_root(alone, Keyring([tmp_path / "stick-2"], SECRET))
    (alone.parent / "1.root.json").write_bytes(b"damaged")
    with pytest.raises(WrongUsage, match=r"1\.root\.json beside 2\.root\.json cannot be used"):
        sign_root(alone, Keyring([tmp_path / "stick-2"], SECRET))
    (alone.parent / "1.root.json").write_bytes(apart.first_root)
    assert sign_root(alone, Keyring([tmp_path / "stick-2"], SECRET)).missing == 0


def test_signatures_made_in_two_places_are_brought_together(filled: Desk, tmp_path: Path) -> None:
    for name in ("root-1", "root-2", "root-3"):
        move_keys(filled, name, tmp_path / name)
    desk = reopened(filled)
    assert desk.rotate("timestamp", at=NOW + DAY).missing == 2
    for name in ("root-1", "root-3"):
        shutil.copytree(desk.folder.pending.folder, tmp_path / f"copy-{name}")
        sign_root(tmp_path / f"copy-{name}" / "2.root.json", Keyring([tmp_path / name], SECRET))
    (first,) = desk.sign(tmp_path / "copy-root-1" / "2.root.json")
    assert first.missing == 1
    (second,) = desk.sign(tmp_path / "copy-root-3" / "2.root.json")
    assert second.missing == 0
    assert desk.publish(at=NOW + DAY).versions["root"] == 2


def test_old_and_new_keys_of_root_must_both_sign(apart: Desk, tmp_path: Path) -> None:
    """The one key here and a new one are two of the new root's, but only one of the old root's."""
    removed = apart.folder.published().root.signed.roles["root"].keyids[1]
    rotation = apart.rotate("root", at=NOW + DAY, new_key=True, remove=[removed])
    root = Metadata[Root].from_file(str(rotation.path))
    assert len(root.signatures) == 2
    assert rotation.missing == 1
    assert apart.publish(at=NOW + DAY).waiting
    (signing,) = reopened(apart, tmp_path / "stick-2").sign()
    assert signing.missing == 0
    assert apart.publish(at=NOW + DAY).versions["root"] == 2
    assert versions(taken(apart, at=NOW + DAY))["root"] == 2


def test_a_key_that_signs_nothing_of_it_completes_nothing(apart: Desk, tmp_path: Path) -> None:
    rotation = apart.rotate("timestamp", at=NOW + DAY)
    stranger = Keyring([tmp_path / "strange"], SECRET)
    stranger.make("root-9")
    with pytest.raises(KeyMissing, match="none of the keys"):
        sign_root(rotation.path, stranger)
    before = rotation.path.read_bytes()
    unknown = Desk(apart.folder.path, passphrases=GivenPassphrases())
    with pytest.raises(KeyMissing):
        unknown.sign()
    assert rotation.path.read_bytes() == before


def test_a_forged_signature_is_not_brought_in(apart: Desk, tmp_path: Path) -> None:
    rotation = apart.rotate("timestamp", at=NOW + DAY)
    brought = tmp_path / "2.root.json"
    forged = Metadata[Root].from_file(str(rotation.path))
    keyids = forged.signed.roles["root"].keyids
    missing = next(keyid for keyid in keyids if keyid not in forged.signatures)
    genuine = next(iter(forged.signatures.values()))
    genuine.keyid = missing
    forged.signatures = {missing: genuine}
    forged.to_file(str(brought))
    with pytest.raises(KeyMissing):
        apart.sign(brought)
    assert missing not in apart.folder.pending.root().signatures


def test_another_root_than_the_pending_one_is_not_brought_in(apart: Desk, tmp_path: Path) -> None:
    apart.rotate("timestamp", at=NOW + DAY)
    for name, content in (("2.root.json", b"{}"), ("3.central.json", b"{}"), ("2.root.json", apart.first_root)):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(WrongUsage):
            apart.sign(path)


def test_nothing_pending_is_nothing_to_sign(filled: Desk) -> None:
    with pytest.raises(WrongUsage, match="nothing is pending"):
        filled.sign()


@pytest.mark.parametrize("first", ["delegate", "rotate"])
def test_new_delegations_and_another_key_for_them_are_published_together(
    filled: Desk, province: Desk, first: str
) -> None:
    province.publish(at=NOW)
    if first == "rotate":
        filled.rotate("targets", at=NOW)
    filled.delegate("01", province.request, at=NOW)
    if first == "delegate":
        filled.rotate("targets", at=NOW)
    filled.accept(province.public, at=NOW)
    assert filled.publish(at=NOW).waiting == ()
    found = versions(taken(filled, at=NOW))
    assert (found["root"], found["targets"], found["province-01"]) == (2, 2, 1)


def test_new_delegations_do_not_wait_for_a_root_that_waits(apart: Desk, province: Desk) -> None:
    apart.rotate("targets", at=NOW)
    province.publish(at=NOW)
    apart.delegate("01", province.request, at=NOW)
    apart.accept(province.public, at=NOW)
    assert len(apart.publish(at=NOW).waiting) == 1
    assert versions(taken(apart, at=NOW))["province-01"] == 1


def test_delegations_that_waited_until_others_were_published_are_made_anew(filled: Desk, province: Desk) -> None:
    filled.delegate("01", province.request, at=NOW)
    filled.publish(at=NOW + 40 * DAY)
    assert filled.publish(at=NOW + 65 * DAY).versions["targets"] == 2
    assert any("does not follow" in sentence for sentence in filled.publish(at=NOW + 66 * DAY).waiting)
    filled.delegate("01", province.request, at=NOW + 66 * DAY)
    assert filled.status(at=NOW + 66 * DAY).pending == ("3.targets.json",)
    province.publish(at=NOW + 66 * DAY)
    filled.accept(province.public, at=NOW + 66 * DAY)
    assert filled.publish(at=NOW + 66 * DAY).waiting == ()
    assert versions(taken(filled, at=NOW + 66 * DAY))["targets"] == 3


def test_a_root_of_one_key_is_possible_for_a_small_office(tmp_path: Path) -> None:
    founding = Founding(root_keys=1, root_threshold=1)
    desk = Desk.found(tmp_path / "desk", at=NOW, passphrases=SECRET, founding=founding)
    desk.rotate("root", at=NOW, new_key=True)
    desk.publish(at=NOW + DAY)
    assert versions(taken(desk, at=NOW + DAY))["root"] == 2
