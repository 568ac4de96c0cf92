"""Which mounted file systems are sticks, by what the kernel says; the trees here are invented."""

from pathlib import Path

import pytest

from appliance.lists.sources.sticks import mounted_sticks


class Kernel:
    """Fake trees of /proc and /sys."""

    def __init__(self, folder: Path) -> None:
        self.proc, self.sys = folder / "proc", folder / "sys"
        (self.proc / "self").mkdir(parents=True)
        (self.sys / "class" / "block").mkdir(parents=True)
        self.lines: list[str] = []

    def disk(self, name: str, *, bus: str, removable: bool) -> None:
        """Add a disk with one partition, as /sys shows it: ``class/block`` holds links into ``devices``."""
        place = self.sys / "devices" / bus / "block" / name
        (place / f"{name}1").mkdir(parents=True)
        (place / "removable").write_text(f"{int(removable)}\n")
        for one, target in ((name, place), (f"{name}1", place / f"{name}1")):
            (self.sys / "class" / "block" / one).symlink_to(target)

    def mount(self, where: str, source: str, *, optional: str = "shared:1 ") -> None:
        number = len(self.lines) + 20
        self.lines.append(f"{number} 1 8:1 / {where} rw,relatime {optional}- vfat {source} rw,errors=remount-ro")

    def sticks(self) -> list[str]:
        (self.proc / "self" / "mountinfo").write_bytes("\n".join([*self.lines, ""]).encode("utf-8", "surrogateescape"))
        return [str(path) for path in mounted_sticks(proc=self.proc, sys=self.sys)]


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    kernel = Kernel(tmp_path)
    kernel.disk("mmcblk0", bus="platform/mmc0", removable=False)
    kernel.disk("sda", bus="pci0000:00/usb1/1-1/1-1:1.0/host0", removable=True)
    kernel.disk("sdb", bus="pci0000:00/usb2/2-1/2-1:1.0/host1", removable=False)  # a disk in a USB case
    kernel.disk("sdc", bus="pci0000:00/ata1/host2", removable=True)
    kernel.disk("nvme0n1", bus="pci0000:00/nvme", removable=False)
    kernel.mount("/", "/dev/mmcblk01")
    return kernel


def test_without_a_stick_there_is_none(kernel: Kernel) -> None:
    kernel.mount("/proc", "proc")
    kernel.mount("/tmp", "tmpfs")
    kernel.mount("/data", "/dev/nvme0n11")
    assert kernel.sticks() == []


def test_sticks_are_on_removable_disks_or_on_usb_in_the_order_of_their_mounting(kernel: Kernel) -> None:
    kernel.mount("/media/b", "/dev/sdb1")
    kernel.mount("/media/a", "/dev/sda1")
    kernel.mount("/media/c", "/dev/sdc1")
    kernel.mount("/media/whole", "/dev/sda")
    assert kernel.sticks() == ["/media/b", "/media/a", "/media/c", "/media/whole"]


def test_a_stick_that_is_mounted_twice_at_one_place_counts_once(kernel: Kernel) -> None:
    kernel.mount("/media/a", "/dev/sda1")
    kernel.mount("/media/a", "/dev/sda1")
    assert kernel.sticks() == ["/media/a"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"/media/MY\040STICK", "/media/MY STICK"),
        (r"/media/a\011b\012c\134d", "/media/a\tb\nc\\d"),
        ("/media/danh sách".replace(" ", r"\040"), "/media/danh sách"),
        ("/media/\u2028line\u0085feed\x0b", "/media/\u2028line\u0085feed\x0b"),
        ("/media/\udcff\udcfe", "/media/\udcff\udcfe"),
        (r"/media/-\040-\040x", "/media/- - x"),
    ],
)
def test_names_are_read_as_the_kernel_writes_them(kernel: Kernel, written: str, meant: str) -> None:
    kernel.mount(written, "/dev/sda1", optional="")
    assert kernel.sticks() == [meant]


@pytest.mark.parametrize(
    "source", ["/dev/gone1", "/dev/../sda1x", "/dev/", "sda1", "//server/share", "/dev/disk by id"]
)
def test_what_is_no_known_disk_is_no_stick(kernel: Kernel, source: str) -> None:
    kernel.mount("/media/a", source)
    assert kernel.sticks() == []


def test_lines_that_are_none_are_passed_over(kernel: Kernel) -> None:
    kernel.lines += ["", "-", " - ", "1 2 3", "1 2 3 4 /media/x rw - ", "x" * 10_000]
    kernel.mount("/media/a", "/dev/sda1")
    assert kernel.sticks() == ["/media/a"]


def test_a_machine_without_such_trees_has_no_sticks(tmp_path: Path) -> None:
    assert mounted_sticks(proc=tmp_path / "none", sys=tmp_path / "none") == ()


def test_the_machine_that_this_runs_on_can_be_asked() -> None:
    assert all(path.is_absolute() for path in mounted_sticks())
