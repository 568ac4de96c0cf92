"""What weakens a protection that looks whole: a key file on the card itself, and a run directory that is no memory."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.config import Config
from appliance.config.protection import ProtectionConfig
from appliance.keys import cautions as told
from appliance.keys.cautions import cautions
from appliance.keys.disks import lie_on_one_disk, share_a_disk


def settled(folder: Path, memory: Path, kind: str, file: Path | None = None) -> Config:
    (folder / "keys").mkdir()
    key_file = "" if file is None else str(file)
    return replace(Config.for_state(folder), run_directory=memory, protection=ProtectionConfig(kind, key_file))


@pytest.fixture
def elsewhere(in_memory):
    """Another file system than that of the keys."""
    folder = in_memory / "stick"
    folder.mkdir()
    return folder


def test_a_key_file_on_the_disk_of_the_keys_is_warned_of_and_one_elsewhere_is_not(tmp_path, in_memory, elsewhere):
    here, there = tmp_path / "thechip.key", elsewhere / "thechip.key"
    here.write_text("00" * 32)
    there.write_text("00" * 32)
    config = settled(tmp_path, in_memory, "key-file", here)
    (caution,) = cautions(config)
    assert caution.startswith(f"{here} lies on the disk that holds the keys: whoever takes or copies the card has")
    assert cautions(replace(config, protection=ProtectionConfig("key-file", str(there)))) == []


def test_a_stick_that_is_not_plugged_in_is_not_taken_for_the_card_that_it_is_mounted_on(tmp_path, in_memory):
    assert cautions(settled(tmp_path, in_memory, "key-file", tmp_path / "mount point" / "thechip.key")) == []


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("board", ": the name that a kiosk shows last is written to the card in plain;"),
        ("passphrase", ": thechip-appliance unlock refuses to open the keys, and the name"),
        ("key-file", ": the stick is needed at every restart of station and page, and the name"),
    ],
)
def test_a_run_directory_that_is_no_memory_is_warned_of_with_what_it_costs(tmp_path, in_memory, elsewhere, kind, said):
    config = settled(tmp_path, tmp_path / "run", kind, elsewhere / "thechip.key")
    (caution,) = cautions(config)
    assert f"run_directory ({tmp_path / 'run'}) does not lie in memory{said}" in caution
    assert 'run_directory = "/run/thechip"' in caution
    assert cautions(replace(config, run_directory=in_memory)) == []


def test_who_keeps_keys_in_the_clear_was_told_what_that_means(tmp_path):
    assert cautions(settled(tmp_path, tmp_path / "run", "none")) == []


# --- disks as Linux shows them ----------------------------------------------------------------------------------------

OTHER_MEMORY, NETWORK, OVERLAY, SUBVOLUME = (os.makedev(0, number) for number in (25, 26, 30, 31))
CARD, STICK, CARDS_BOOT, CARDS_SYSTEM, STICKS_ONE, SEALED_VOLUME, MEMORY = (
    os.makedev(*numbers) for numbers in ((179, 0), (8, 0), (179, 1), (179, 2), (8, 1), (254, 0), (0, 24))
)


@pytest.fixture
def block_devices(tmp_path):
    """A Pi's card with two partitions, the second of them encrypted, and a stick with one, as /sys has them."""
    devices = tmp_path / "devices"
    places = {
        CARD: "mmc/block/mmcblk0",
        CARDS_BOOT: "mmc/block/mmcblk0/mmcblk0p1",
        CARDS_SYSTEM: "mmc/block/mmcblk0/mmcblk0p2",
        STICK: "usb/block/sda",
        STICKS_ONE: "usb/block/sda/sda1",
        SEALED_VOLUME: "virtual/block/dm-0",
    }
    numbers = tmp_path / "dev" / "block"
    numbers.mkdir(parents=True)
    for device, place in places.items():
        (devices / place / "slaves").mkdir(parents=True)
        (numbers / f"{os.major(device)}:{os.minor(device)}").symlink_to(devices / place)
    for device in (CARDS_BOOT, CARDS_SYSTEM, STICKS_ONE):
        (devices / places[device] / "partition").write_text("1\n")
    (devices / places[SEALED_VOLUME] / "slaves" / "mmcblk0p2").symlink_to(devices / places[CARDS_SYSTEM])
    return numbers


@pytest.fixture
def mounts(tmp_path):
    """What is mounted beside: memory twice, a network's folder, an overlay over a read-only card."""
    kinds = {MEMORY: "tmpfs", OTHER_MEMORY: "tmpfs", NETWORK: "nfs4", OVERLAY: "overlay"}
    lines = (
        f"{number} 1 {os.major(device)}:{os.minor(device)} / /mnt/{number} rw shared:5 - {kind} {kind} rw\n"
        for number, (device, kind) in enumerate(kinds.items())
    )
    (tmp_path / "mountinfo").write_text("".join(lines))
    return tmp_path / "mountinfo"


@pytest.mark.parametrize(
    ("one", "other", "is_so"),
    [
        (CARDS_SYSTEM, CARDS_SYSTEM, True),
        (CARDS_SYSTEM, CARDS_BOOT, True),
        (CARDS_SYSTEM, CARD, True),
        (SEALED_VOLUME, CARDS_BOOT, True),
        (CARDS_SYSTEM, STICKS_ONE, False),
        (SEALED_VOLUME, STICKS_ONE, False),
        (STICKS_ONE, STICK, True),
        (CARDS_SYSTEM, MEMORY, False),
        (OTHER_MEMORY, MEMORY, False),
        (CARDS_SYSTEM, NETWORK, False),
        (MEMORY, MEMORY, True),
    ],
)
def test_two_file_systems_share_a_disk_if_one_disk_is_under_both(block_devices, mounts, one, other, is_so):
    assert share_a_disk(one, other, block_devices=block_devices, mounts=mounts) is is_so
    assert share_a_disk(other, one, block_devices=block_devices, mounts=mounts) is is_so


@pytest.mark.parametrize(
    ("one", "other", "is_so"),
    [
        (OVERLAY, CARDS_SYSTEM, None),
        (SUBVOLUME, CARDS_SYSTEM, None),
        (SUBVOLUME, OVERLAY, None),
        (OVERLAY, OVERLAY, True),
        (OVERLAY, MEMORY, False),
        (SUBVOLUME, NETWORK, False),
    ],
)
def test_under_a_file_system_without_a_disk_of_its_own_any_disk_may_be(block_devices, mounts, one, other, is_so):
    assert share_a_disk(one, other, block_devices=block_devices, mounts=mounts) is is_so
    assert share_a_disk(other, one, block_devices=block_devices, mounts=mounts) is is_so


def test_an_image_lies_on_the_disk_of_its_file_and_nobody_knows_where_one_lies_that_is_not_found(
    block_devices, mounts, tmp_path
):
    here = tmp_path.stat().st_dev
    number = block_devices / f"{os.major(here)}:{os.minor(here)}"
    if not number.exists():
        number.symlink_to(tmp_path / "devices" / "mmc/block/mmcblk0/mmcblk0p2")
    image = tmp_path / "devices" / "virtual/block/loop0" / "loop" / "backing_file"
    image.parent.mkdir(parents=True)
    (block_devices / "7:0").symlink_to(image.parent.parent)
    loop, (of_card, of_stick) = os.makedev(7, 0), (CARDS_BOOT, STICKS_ONE)
    image.write_text(f"{mounts}\n")
    assert share_a_disk(loop, of_card, block_devices=block_devices, mounts=mounts) is True
    assert share_a_disk(loop, of_stick, block_devices=block_devices, mounts=mounts) is False
    image.write_text("/none/stick.img\n")
    assert share_a_disk(loop, of_stick, block_devices=block_devices, mounts=mounts) is None


def test_that_nobody_can_tell_where_the_key_file_lies_is_said(tmp_path, in_memory, elsewhere, monkeypatch):
    file = elsewhere / "thechip.key"
    monkeypatch.setattr(told, "lie_on_one_disk", lambda one, other: None)
    (caution,) = cautions(settled(tmp_path, in_memory, "key-file", file))
    assert caution.startswith(f"{file} may lie on the disk that holds the keys, and nobody can tell here")


def test_on_this_machine_a_folder_shares_a_disk_with_itself_and_not_with_memory(tmp_path, in_memory):
    assert lie_on_one_disk(tmp_path, tmp_path)
    assert not lie_on_one_disk(tmp_path, in_memory)
    assert not lie_on_one_disk(tmp_path, tmp_path / "none")
