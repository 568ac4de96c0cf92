"""A desk from the first ceremony on: what it publishes, and what python-tuf's client takes of it."""

import hashlib
import json
import shutil
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata

from appliance.lists.catalogue import ISSUED
from publisher.desk import Desk
from publisher.desk_folder import DeskFolder
from publisher.errors import (
    ClockSuspect,
    DeskBusy,
    DeskError,
    KeyMissing,
    PassphraseMissing,
    PublicationInvalid,
    WrongUsage,
)
from publisher.founding import Founding
from publisher.passphrases import GivenPassphrases
from publisher.settings import Periods
from publisher.verifying import verify_published

from .conftest import DAY, NOW, SECRET, taken, versions


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_first_ceremony_publishes_an_empty_set_that_a_client_takes(desk: Desk) -> None:
    assert versions(taken(desk, at=NOW)) == dict.fromkeys(("root", "timestamp", "snapshot", "targets", "central"), 1)
    assert names(desk.public) == {f"metadata/1.{role}.json" for role in ("root", "snapshot", "targets", "central")} | {
        "metadata/timestamp.json"
    }
    assert hashlib.sha256(desk.first_root).hexdigest() == desk.first_root_sha256


def test_root_has_three_keys_of_which_two_sign_and_all_metadata_says_when_it_was_signed(desk: Desk) -> None:
    root = Metadata.from_bytes(desk.first_root)
    assert (len(root.signed.roles["root"].keyids), root.signed.roles["root"].threshold) == (3, 2)
    assert root.signed.consistent_snapshot
    assert len(root.signatures) == 3
    for path in (desk.public / "metadata").iterdir():
        assert json.loads(path.read_bytes())["signed"][ISSUED] == "2026-11-29T03:00:00Z"


def test_each_role_has_a_key_of_its_own_and_its_file_is_encrypted_and_private(desk: Desk) -> None:
    files = sorted(desk.folder.keys.iterdir())
    assert [path.name.split(".")[0] for path in files] == [
        "card-status", "central", "root-1", "root-2", "root-3", "snapshot", "targets", "timestamp",
    ]  # fmt: skip
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(desk.folder.keys.stat().st_mode) == 0o700
    assert all(path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----") for path in files)


def test_the_keys_of_root_can_be_made_on_three_sticks(tmp_path: Path) -> None:
    sticks = [tmp_path / f"stick-{number}" for number in (1, 2, 3)]
    desk = Desk.found(tmp_path / "desk", at=NOW, passphrases=SECRET, founding=Founding(root_folders=sticks))
    assert [path.name[:6] for stick in sticks for path in stick.iterdir()] == ["root-1", "root-2", "root-3"]
    assert not list(desk.folder.keys.glob("root*"))


def test_periods_are_as_they_were_asked_for(tmp_path: Path) -> None:
    founding = Founding(periods=Periods(root=400, timestamp=2, snapshot=3, targets=4))
    desk = Desk.found(tmp_path, at=NOW, passphrases=SECRET, founding=founding)
    days = {role.role: (role.expires - NOW).days for role in taken(desk, at=NOW).roles}
    assert days == {"root": 400, "timestamp": 2, "snapshot": 3, "targets": 4, "central": 4}


@pytest.mark.parametrize(
    "impossible",
    [Founding(root_keys=2, root_threshold=3), Founding(root_keys=0), Founding(tokens={"root": "hsm:1"})],
)
def test_a_ceremony_that_cannot_be_is_refused_before_any_key_is_made(tmp_path: Path, impossible: Founding) -> None:
    with pytest.raises(WrongUsage):
        Desk.found(tmp_path / "desk", at=NOW, passphrases=SECRET, founding=impossible)
    assert not (tmp_path / "desk" / "keys").exists()


@pytest.mark.parametrize("typed", [7, 8])
def test_a_ceremony_that_is_given_up_half_way_makes_no_key(tmp_path: Path, typed: int) -> None:
    """Somebody walks away at the last key, or the stick of the third cannot be written."""
    known = dict.fromkeys(Founding().key_files[:typed], b"an invented passphrase")
    (tmp_path / "full").touch()
    sticks = [tmp_path / "stick-1", tmp_path / "stick-2", tmp_path / "full"]
    with pytest.raises((PassphraseMissing, OSError)):
        Desk.found(
            tmp_path / "desk", at=NOW, passphrases=GivenPassphrases(known), founding=Founding(root_folders=sticks)
        )
    assert not list(tmp_path.rglob("*.pem"))
    Desk.found(tmp_path / "desk", at=NOW, passphrases=SECRET, founding=Founding(root_folders=sticks[:2]))


def test_a_key_of_another_ceremony_is_not_taken_for_one_of_this(desk: Desk, tmp_path: Path) -> None:
    for folders in ((), (desk.folder.keys,)):
        copy = tmp_path / f"copy-{len(folders)}"
        if not folders:
            shutil.copytree(desk.folder.keys, copy / "keys")
        with pytest.raises(DeskError, match="another ceremony"):
            Desk.found(copy, at=NOW, passphrases=SECRET, founding=Founding(root_folders=folders))


def test_a_second_ceremony_in_the_same_folder_is_refused(desk: Desk) -> None:
    before = names(desk.folder.path)
    with pytest.raises(DeskError, match="already"):
        Desk.found(desk.folder.path, at=NOW, passphrases=SECRET)
    assert names(desk.folder.path) == before


def test_a_folder_without_a_desk_is_none(tmp_path: Path) -> None:
    with pytest.raises(DeskError, match="no desk"):
        Desk(tmp_path)


def test_what_is_added_is_published_under_its_hash_and_taken_by_a_client(filled: Desk) -> None:
    assert set(taken(filled, at=NOW).targets) == {
        "trust/issuers.zip", "trust/crls.zip", "card-status/issuer.key", "card-status/base.list",
    }  # fmt: skip
    for path in (filled.public / "targets").rglob("*.*"):
        assert path.name.split(".")[0] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert filled.folder.staged.files() == {}


def test_publishing_without_a_change_signs_the_timestamp_alone(filled: Desk) -> None:
    before = names(filled.public)
    done = filled.publish(at=NOW + DAY)
    assert [role.role for role in done.roles] == ["timestamp"]
    assert names(filled.public) == before
    assert versions(taken(filled, at=NOW + DAY))["timestamp"] == 3


def test_roles_with_a_third_of_their_period_left_are_signed_anew_and_that_is_told(filled: Desk) -> None:
    for days in (10, 40):
        done = filled.publish(at=NOW + days * DAY)
    assert {role.role: role.why for role in done.roles} == {"snapshot": "it expires in 20 days", "timestamp": "always"}
    done = filled.publish(at=NOW + 60 * DAY)
    assert {role.role: role.why for role in done.roles} == {
        "targets": "it expires in 30 days",
        "central": "it expires in 30 days",
        "snapshot": "other versions",
        "timestamp": "always",
    }
    assert len(taken(filled, at=NOW + 100 * DAY).targets) == 4


def test_the_timestamp_alone_is_signed_where_no_other_key_can_be_opened(filled: Desk) -> None:
    unattended = Desk(filled.folder.path, passphrases=GivenPassphrases({"timestamp": b"an invented passphrase"}))
    assert [role.role for role in unattended.publish(at=NOW + DAY).roles] == ["timestamp"]
    done = unattended.publish(at=NOW + 41 * DAY)
    assert [role.role for role in done.roles] == ["timestamp"]
    assert "snapshot: it expires in 19 days, and is not signed anew" in done.remarks[0]
    with pytest.raises(KeyMissing, match="snapshot"):
        unattended.publish(at=NOW + 61 * DAY)


def test_what_is_staged_is_not_published_without_the_key_that_signs_it(
    filled: Desk, cards: Callable[..., Path]
) -> None:
    filled.add_card_status(cards(range(1002)), at=NOW + DAY)
    unattended = Desk(filled.folder.path, passphrases=GivenPassphrases({"timestamp": b"an invented passphrase"}))
    before = names(filled.folder.path)
    with pytest.raises(KeyMissing, match="central"):
        unattended.publish(at=NOW + DAY)
    assert names(filled.folder.path) == before


def test_a_clock_before_the_last_publication_publishes_nothing(filled: Desk) -> None:
    with pytest.raises(ClockSuspect, match="before the last publication"):
        filled.publish(at=NOW - DAY)
    assert versions(taken(filled, at=NOW))["timestamp"] == 2


def test_a_clock_far_ahead_publishes_nothing_unless_it_is_said_to_be_right(filled: Desk) -> None:
    late = NOW + 401 * DAY
    with pytest.raises(ClockSuspect, match="401 days after"):
        filled.publish(at=late)
    assert {role.role for role in filled.publish(at=late, clock_is_right=True).roles} == {
        "targets", "central", "snapshot", "timestamp",
    }  # fmt: skip
    assert len(taken(filled, at=late).targets) == 4


def test_a_moment_without_a_zone_is_refused(filled: Desk) -> None:
    with pytest.raises(WrongUsage, match="time zone"):
        filled.publish(at=NOW.replace(tzinfo=None))


def test_two_publishers_do_not_work_at_one_desk(filled: Desk) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with DeskFolder(filled.folder.path).working():
            entered.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(10)
    try:
        with pytest.raises(DeskBusy):
            filled.publish(at=NOW + DAY)
    finally:
        leave.set()
        holder.join()
    assert filled.publish(at=NOW + DAY).versions["timestamp"] == 3


def test_nothing_is_signed_on_top_of_a_public_folder_that_somebody_changed(filled: Desk) -> None:
    path = filled.public / "metadata" / "2.central.json"
    content = json.loads(path.read_bytes())
    content["signed"]["targets"]["trust/evil.zip"] = {"length": 1, "hashes": {"sha256": "0" * 64}}
    path.write_text(json.dumps(content))
    with pytest.raises(DeskError, match="not signed by whom it must be"):
        filled.publish(at=NOW + DAY)


def test_nothing_is_signed_on_top_of_a_public_folder_that_is_older_than_the_journal(filled: Desk) -> None:
    old = (filled.public / "metadata" / "timestamp.json").read_bytes()
    filled.publish(at=NOW + DAY)
    (filled.public / "metadata" / "timestamp.json").write_bytes(old)
    with pytest.raises(DeskError, match="journal"):
        filled.publish(at=NOW + 2 * DAY)


def test_a_foreign_file_among_what_is_staged_is_not_signed(filled: Desk) -> None:
    filled.folder.staged.put("rosters/01/x.age", b"by hand")
    with pytest.raises(DeskError, match="nothing that central may sign"):
        filled.publish(at=NOW + DAY)


def test_the_journal_has_counts_and_versions_and_nobodys_data(filled: Desk) -> None:
    entry = json.loads((filled.folder.path / "journal.jsonl").read_text().splitlines()[-1])
    assert entry["at"] == "2026-11-29T03:00:00Z"
    assert entry["versions"] == {"root": 1, "timestamp": 2, "snapshot": 2, "targets": 1, "central": 2}
    assert set(entry) == {"at", "versions", "targets", "counts"}


def test_old_files_stay_for_the_days_that_were_asked_for_and_then_go(filled: Desk, cards: Callable[..., Path]) -> None:
    for day in range(1, 7):
        filled.add_card_status(cards(range(1000 + day)), at=NOW + day * DAY)
        filled.publish(at=NOW + day * DAY, keep_days=3)
    kept = names(filled.public)
    # of three days, the one in force when they began, and every root; those of the first two days are gone
    assert {name for name in kept if "central" in name} == {f"metadata/{n}.central.json" for n in (4, 5, 6, 7, 8)}
    assert {name for name in kept if "root" in name} == {"metadata/1.root.json"}
    assert len([name for name in kept if name.endswith(".delta")]) == 5
    assert len(taken(filled, at=NOW + 6 * DAY).targets) == 5


def test_pruning_takes_no_file_that_is_not_of_the_publication(filled: Desk) -> None:
    for name in ("index.html", "metadata/readme.txt", "targets/trust/favicon.ico"):
        (filled.public / name).write_text("somebody else's")
    assert filled.publish(at=NOW + DAY, keep_days=0).pruned == 2
    assert {"index.html", "metadata/readme.txt", "targets/trust/favicon.ico"} < names(filled.public)


def test_status_says_what_expires_soon(filled: Desk) -> None:
    assert filled.status(at=NOW).is_well
    late = filled.status(at=NOW + 34 * DAY)
    assert {role.role for role in late.roles if role.is_soon} == {"timestamp"}
    assert not late.is_well
    assert {key.name for role in late.roles for key in role.keys} >= {"root-1", "timestamp", "central"}


def test_a_folder_that_an_appliance_would_not_take_is_named_so(filled: Desk) -> None:
    with pytest.raises(PublicationInvalid, match="expired"):
        taken(filled, at=NOW + 46 * DAY)
    delta = next((filled.public / "targets" / "card-status").glob("*.base.list"))
    delta.write_bytes(delta.read_bytes()[:-1] + b"x")
    with pytest.raises(PublicationInvalid):
        taken(filled, at=NOW)
    with pytest.raises(PublicationInvalid):
        verify_published(filled.public, b"{}", at=NOW)
    with pytest.raises(PublicationInvalid):
        verify_published(filled.public / "nowhere", filled.first_root, at=NOW)
