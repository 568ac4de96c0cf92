"""What a station reads: never parsed at a start, exchanged between two taps, and never worse than it was."""

import errno
import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from lists_world.appliances import Appliance
from lists_world.forgery import Forgery
from lists_world.town import DAY, Town

from appliance.lists import sealed_store
from appliance.lists.catalogue import CARD_STATUS_BASE
from appliance.lists.folder import ListsFolder
from appliance.lists.sealed_set import SET_FILE, Part, PartKind
from appliance.lists.sealed_store import SealedLists
from appliance.lists.taking_up import forget_unused
from verifier.sdk import CardStatusList, TrustStore


@pytest.fixture
def lists(appliance: Appliance) -> Iterator[SealedLists]:
    with closing(SealedLists(appliance.folder)) as lists:
        yield lists


def test_before_the_first_lists_there_are_none_and_no_problem(fresh: Appliance, town: Town) -> None:
    with closing(SealedLists(fresh.folder)) as lists:
        assert lists.current().trust.anchors == ()
        assert lists.current().card_status is None
        assert lists.problem is None
        assert lists.summary(at=town.now) == "no lists yet"
        fresh.take(town.public, at=town.now)
        assert len(lists.current().trust.anchors) == 1
        assert lists.in_use.card_status is not None


def test_a_summary_says_how_many_and_how_old(lists: SealedLists, town: Town) -> None:
    assert lists.summary(at=town.now + 9 * DAY) == (
        "1 issuer, 1 CRL, card status list 1, lists 2 of 2026-11-29, 9 days old"
    )
    assert "check the clock" in lists.summary(at=town.now - 2 * DAY)


def test_new_lists_are_taken_up_between_two_taps_and_not_in_one(
    lists: SealedLists, appliance: Appliance, town: Town
) -> None:
    before = lists.in_use
    town.next_day()
    appliance.take(town.public, at=town.now)
    assert lists.in_use == before
    after = lists.current()
    assert after.timestamp == appliance.sealed.timestamp_version
    assert after.card_status is not None
    assert after.card_status.sequence == 2


def test_what_did_not_change_is_not_opened_again(lists: SealedLists, appliance: Appliance, town: Town) -> None:
    before = lists.current()
    town.publish(days=1)
    appliance.take(town.public, at=town.now)
    after = lists.current()
    assert after.issued == town.now
    assert after.trust is before.trust
    assert after.card_status is before.card_status


def test_it_looks_no_more_often_than_it_was_told(appliance: Appliance, town: Town) -> None:
    seconds = [0.0]
    with closing(SealedLists(appliance.folder, look_every_s=10, clock=lambda: seconds[0])) as lists:
        town.next_day()
        appliance.take(town.public, at=town.now)
        seconds[0] = 9.9
        assert lists.current().issued != town.now
        seconds[0] = 10.0
        assert lists.current().issued == town.now


def test_a_tap_goes_on_with_lists_whose_files_were_deleted_meanwhile(
    lists: SealedLists, appliance: Appliance, town: Town
) -> None:
    """A sync deletes what it replaced while a station may hold it open, in the middle of a tap."""
    held = lists.current()
    town.list_cards(range(9), new_base=True)
    town.add_issuer()
    town.publish(days=1)
    appliance.take(town.public, at=town.now)
    forget_unused(appliance.folder, appliance.sealed)
    assert held.card_status is not None
    assert held.card_status.status_of(bytes(16)) is None
    assert len(held.trust.anchors) == 1
    assert len(held.trust.crls) == 1
    assert lists.current().card_status is not held.card_status


def test_a_set_that_vanishes_while_it_is_looked_at_was_replaced_by_a_newer_one(
    appliance: Appliance, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, looked = sealed_store.open_trust, []

    def vanish(folder: ListsFolder, part: Part) -> TrustStore:
        if not looked:
            looked.append(part)
            town.next_day()
            appliance.take(town.public, at=town.now)
            shutil.rmtree(folder.parts / part.name)
            shutil.copytree(settled_part, folder.parts / part.name)
        return real(folder, part)

    settled_part = town.folder / "part"
    shutil.copytree(appliance.folder.parts / appliance.sealed.parts[PartKind.TRUST].name, settled_part)
    monkeypatch.setattr(sealed_store, "open_trust", vanish)
    with closing(SealedLists(appliance.folder)) as lists:
        assert looked
        assert lists.problem is None
        assert lists.in_use.issued == town.now


@pytest.mark.parametrize("kind", [PartKind.TRUST, PartKind.CARD_STATUS])
def test_a_part_that_is_gone_leaves_the_last_lists_and_is_told(
    lists: SealedLists, appliance: Appliance, town: Town, kind: PartKind
) -> None:
    before = lists.current()
    town.list_cards(range(9), new_base=True)
    town.add_issuer()
    town.publish(days=1)
    appliance.take(town.public, at=town.now)
    shutil.rmtree(appliance.folder.parts / appliance.sealed.parts[kind].name)
    after = lists.current()
    assert lists.problem is not None
    assert (after.content, after.issued) == (before.content, before.issued)
    assert after.card_status is before.card_status


def test_a_damaged_set_file_leaves_the_last_lists_and_is_told(
    lists: SealedLists, appliance: Appliance, town: Town
) -> None:
    before = lists.current()
    town.next_day()
    appliance.take(town.public, at=town.now)
    file = appliance.folder.current / SET_FILE
    file.chmod(0o600)
    file.write_bytes(b"a spoilt sector")
    assert lists.current() == before
    assert lists.problem is not None
    assert "refused: the file set.json of the lists in use is damaged" in lists.summary(at=town.now)
    assert lists.current() == before
    appliance.take(town.public, at=town.now)
    assert lists.current().issued == town.now
    assert lists.problem is None


def test_lists_whose_folder_is_gone_stay_in_use_until_the_station_ends(
    lists: SealedLists, appliance: Appliance
) -> None:
    before = lists.current()
    shutil.rmtree(appliance.folder.path)
    assert lists.current() == before


# --- everything begins anew ------------------------------------------------------------------------------------------


def other_publisher(appliance: Appliance, tmp_path: Path) -> tuple[Appliance, Town]:
    """Delete the lists of an appliance, and pin the root of somebody else."""
    other = Town.found(tmp_path / "other")
    shutil.rmtree(appliance.folder.path)
    return Appliance.pinned(appliance.folder.path, other.first_root), other


def test_lists_of_one_root_are_let_go_when_another_one_is_pinned(
    lists: SealedLists, appliance: Appliance, tmp_path: Path
) -> None:
    other_publisher(appliance, tmp_path)
    assert lists.current().trust.anchors == ()
    assert lists.in_use.card_status is None
    assert lists.in_use.content is None


def test_a_set_of_another_publisher_with_the_same_number_is_another_set(
    lists: SealedLists, appliance: Appliance, tmp_path: Path
) -> None:
    before = lists.current()
    fresh, other = other_publisher(appliance, tmp_path)
    fresh.take(other.public, at=other.now)
    assert lists.current().content == fresh.sealed.content
    assert lists.in_use.trust.anchors != before.trust.anchors
    assert lists.in_use.card_status is not before.card_status


def test_what_could_not_be_opened_is_tried_again_a_minute_later(
    appliance: Appliance, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [0.0]
    with closing(SealedLists(appliance.folder, clock=lambda: seconds[0])) as lists:
        town.next_day()
        appliance.take(town.public, at=town.now)
        with monkeypatch.context() as patch:
            patch.setattr(CardStatusList, "open", _no_descriptors)
            lists.current()
        assert lists.problem is not None
        assert lists.current().issued != town.now
        seconds[0] = 60.0
        assert lists.current().issued == town.now
        assert lists.problem is None


def _no_descriptors(*_: object, **__: object) -> None:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def test_a_card_status_list_that_is_published_no_more_is_used_no_more(
    lists: SealedLists, appliance: Appliance, forgery: Forgery, town: Town
) -> None:
    forgery.change_and_chain("central", lambda central: central.targets.pop(CARD_STATUS_BASE))
    appliance.take(forgery.public, at=town.now)
    assert lists.current().content == appliance.sealed.content
    assert lists.in_use.card_status is None


# --- nothing is parsed -----------------------------------------------------------------------------------------------

POISONED = """
    import sys
    from pathlib import Path
    from verifier.pki.certificate import Certificate
    from verifier.pki.crl import CertificateRevocationList
    from verifier.cardstatus.record_pieces import RecordPieces

    def poison(*_):
        raise AssertionError("something is parsed")

    Certificate.decode = CertificateRevocationList.decode = poison
    RecordPieces.check = poison

    from appliance.lists.folder import ListsFolder
    from appliance.lists.sealed_store import SealedLists

    lists = SealedLists(ListsFolder(Path(sys.argv[1])))
    assert lists.problem is None, lists.problem
    assert lists.in_use.trust.has_anchor
    assert lists.in_use.card_status.status_of(bytes(16)) is None
    forbidden = [name for name in ("tuf", "securesystemslib", "pyrage", "zipfile") if name in sys.modules]
    assert not forbidden, forbidden
    lists.close()
"""


def test_a_start_parses_no_certificate_no_crl_and_no_list(fresh: Appliance, town: Town) -> None:
    """Right after a sync, with nothing else in between: the sync itself must have left indexes that are believed."""
    fresh.take(town.public, at=town.now)
    for _ in range(2):
        started = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(POISONED), str(fresh.folder.path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert started.returncode == 0, started.stderr


def test_a_station_loads_nothing_of_what_only_a_sync_needs() -> None:
    said = subprocess.run(
        [
            sys.executable, "-c",
            "import sys, appliance.station.assembly; print({'tuf', 'securesystemslib'} & set(sys.modules))",
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == "set()\n"


def test_a_look_that_finds_nothing_new_opens_nothing(lists: SealedLists, monkeypatch: pytest.MonkeyPatch) -> None:
    def poison(*_: object, **__: object) -> None:
        pytest.fail("something is opened")

    monkeypatch.setattr(TrustStore, "from_folder", poison)
    monkeypatch.setattr(CardStatusList, "open", poison)
    monkeypatch.setattr(json, "loads", poison)
    for _ in range(3):
        assert lists.current().content
