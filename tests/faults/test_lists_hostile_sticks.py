"""A stick from anybody: what lies on it is opened name by name, copied before it is looked at, and may be anything."""

import errno
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lists_world.appliances import Appliance, BadDay
from lists_world.town import Town
from tuf.api.exceptions import DownloadHTTPError

from appliance.errors import ApplianceError, ListAltered, ListRefused, SourceIncomplete, SourceUnreachable
from appliance.lists.sources.source import Source
from appliance.lists.sources.stick import StickFetcher, published_folder
from appliance.lists.taking_up import take_up

SEVERAL = ("metadata/timestamp.json", "metadata/3.central.json", "targets/card-status")


@pytest.fixture
def stick(town: Town, tmp_path: Path) -> Path:
    """The next day's publication on a stick, where a person would put it."""
    town.next_day()
    town.carry_to(tmp_path / "stick" / "thechip-lists")
    return tmp_path / "stick"


@pytest.fixture
def lists(stick: Path) -> Path:
    return stick / "thechip-lists"


def test_lists_are_found_in_the_folder_of_their_name_and_below_a_desk(
    appliance: Appliance, stick: Path, town: Town
) -> None:
    assert appliance.take(stick, at=town.now).taken.is_new
    assert published_folder(town.public.parent) == town.public
    assert published_folder(town.public) == town.public


def link(to: str | Path) -> Callable[[Path], None]:
    return lambda place: place.symlink_to(to)


def make_socket(place: Path) -> None:
    """Bind a socket; its own path may be too long for one."""
    before = Path.cwd()
    os.chdir(place.parent)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(place.name)
    finally:
        os.chdir(before)


@pytest.mark.parametrize(
    "make",
    [
        link("/etc/passwd"),
        link("timestamp.json"),
        link(".."),
        link("/dev/zero"),
        os.mkfifo,
        Path.mkdir,
        make_socket,
        lambda place: os.mknod(place, 0o020600, os.makedev(1, 5)),  # /dev/zero itself
    ],
    ids=[
        "a link out",
        "a link to itself",
        "a link above",
        "a link to a device",
        "a pipe",
        "a folder",
        "a socket",
        "a device",
    ],
)
def test_what_is_no_file_is_not_there(
    bad_day: BadDay, stick: Path, lists: Path, town: Town, make: Callable[[Path], None]
) -> None:
    for name in ("metadata/timestamp.json", "metadata/3.central.json"):
        (lists / name).rename(stick / "aside")
        try:
            make(lists / name)
        except PermissionError:
            os.mkfifo(lists / name)  # a machine that lets nobody make a device
        bad_day.refuses(SourceIncomplete, Source.stick(stick), at=town.now)
        if (lists / name).is_dir() and not (lists / name).is_symlink():
            (lists / name).rmdir()
        (stick / "aside").replace(lists / name)
    bad_day.ends_with(town)


def test_folders_that_are_links_are_not_gone_into(bad_day: BadDay, stick: Path, lists: Path, town: Town) -> None:
    for name in ("targets/card-status", "metadata"):
        real = lists / name
        real.rename(stick / "elsewhere")
        real.symlink_to(stick / "elsewhere")
        bad_day.refuses(SourceIncomplete, Source.stick(stick), at=town.now)
        real.unlink()
        (stick / "elsewhere").rename(real)
    lists.rename(stick / "real")
    lists.symlink_to(stick / "real")
    bad_day.refuses(SourceIncomplete, Source.stick(stick), at=town.now)
    bad_day.ends_with(town)


def test_who_chooses_a_folder_may_choose_a_link(appliance: Appliance, stick: Path, town: Town, tmp_path: Path) -> None:
    (tmp_path / "usb").symlink_to(stick)
    assert appliance.take(tmp_path / "usb", at=town.now).taken.is_new


def test_a_loop_of_folders_is_never_walked(bad_day: BadDay, stick: Path, lists: Path, town: Town) -> None:
    (lists / "loop").symlink_to(lists)
    (lists / "metadata" / "loop").symlink_to("..")
    assert bad_day.appliance.take(stick, at=town.now).taken.is_new


def test_a_hundred_thousand_files_are_never_listed(
    appliance: Appliance, stick: Path, lists: Path, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(100_000):
        if number % 50_000 == 0:  # ext4 lets a file have 65,000 names
            original = lists / "metadata" / f"{number}.json"
            original.touch()
        else:
            os.link(original, f"{original.parent}/{number}.json")
    listed = []
    for name in ("listdir", "scandir"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda where=".", real=real: (listed.append(str(where)), real(where))[1])
    appliance.take(stick, at=town.now)
    assert listed, "the appliance's own folders are listed: what is counted is counted"
    assert not [where for where in listed if str(stick) in where]


@pytest.mark.parametrize(
    "path", ["../secret", "metadata/../../secret", "/etc/passwd", "a//b", ".", "", "\0", "x\ny", "a/.hidden"]
)
def test_a_name_that_leads_elsewhere_is_not_there(stick: Path, lists: Path, path: str) -> None:
    (stick / "secret").write_text("secret")
    with StickFetcher(lists, stick) as fetcher, pytest.raises(DownloadHTTPError):
        os.close(fetcher.open(path))


# --- a stick that changes while it is read ---------------------------------------------------------------------------


class Living(StickFetcher):
    """A stick to which something happens when a file is opened or read."""

    def __init__(self, folder: Path, partial: Path, happens: Callable[[str, int], bytes]) -> None:
        super().__init__(folder, partial)
        self._happens = happens

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = url.removeprefix("stick:")
        number = 0
        for chunk in super()._fetch(url):
            yield chunk
            more = self._happens(path, number)
            number += 1
            while more:
                yield more
                more = self._happens(path, number)
                number += 1


def take_from(day: BadDay, fetcher: StickFetcher, town: Town) -> None:
    folder = day.appliance.folder
    with folder.only_sync():
        take_up(folder, fetcher, fetcher.base_url, source="stick", at=town.now, chi_bo=day.appliance.chi_bo)


@pytest.mark.parametrize("growing", SEVERAL)
def test_a_file_that_grows_while_it_is_read_ends_at_its_length(
    bad_day: BadDay, lists: Path, town: Town, growing: str
) -> None:
    def grow(path: str, number: int) -> bytes:
        assert number < 500, "it is read without end"
        return bytes(1 << 16) if path.startswith(growing) else b""

    with Living(lists, bad_day.appliance.folder.partial, grow) as fetcher, pytest.raises(ListAltered):
        take_from(bad_day, fetcher, town)
    bad_day.nothing_changed()
    bad_day.ends_with(town)


@pytest.mark.parametrize("code", [errno.EIO, errno.ENODEV, errno.ESTALE, errno.ENXIO, errno.EBADF])
@pytest.mark.parametrize("pulled", SEVERAL)
def test_a_stick_that_is_pulled_while_it_is_read_is_unreachable(
    bad_day: BadDay, lists: Path, town: Town, pulled: str, code: int
) -> None:
    def pull(path: str, _number: int) -> bytes:
        if path.startswith(pulled):
            raise OSError(code, os.strerror(code))
        return b""

    with Living(lists, bad_day.appliance.folder.partial, pull) as fetcher, pytest.raises(SourceUnreachable):
        take_from(bad_day, fetcher, town)
    bad_day.nothing_changed()
    bad_day.ends_with(town)


def test_a_stick_whose_folder_vanishes_between_two_files(bad_day: BadDay, lists: Path, town: Town) -> None:
    def vanish(path: str, _number: int) -> bytes:
        if path == "metadata/timestamp.json":
            shutil.rmtree(lists)
        return b""

    with Living(lists, bad_day.appliance.folder.partial, vanish) as fetcher, pytest.raises(ApplianceError) as caught:
        take_from(bad_day, fetcher, town)
    assert type(caught.value) is SourceIncomplete
    bad_day.nothing_changed()
    bad_day.ends_with(town)


def test_a_file_that_is_exchanged_between_two_reads_is_read_once(bad_day: BadDay, lists: Path, town: Town) -> None:
    """What was verified is the copy; what lies on the stick by then is somebody else's matter."""
    opened: dict[str, int] = {}

    def exchange(path: str, _number: int) -> bytes:
        opened[path] = opened.get(path, 0) + 1
        (lists / path).unlink()
        (lists / path).write_bytes(b"something else")
        return b""

    with Living(lists, bad_day.appliance.folder.partial, exchange) as fetcher:
        take_from(bad_day, fetcher, town)
    assert set(opened.values()) == {1}
    assert bad_day.appliance.knows_card(3)
    BadDay.begins(bad_day.appliance).nothing_changed()


# --- a stick without lists -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", ["empty", "missing", "a file", "a loop", "x" * 300, "nul\0"])
def test_a_place_without_lists_is_told_as_such(bad_day: BadDay, town: Town, tmp_path: Path, chosen: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a file").write_text("no folder")
    (tmp_path / "a loop").symlink_to("a loop")
    error = bad_day.refuses(SourceIncomplete, Source.stick(tmp_path / chosen), at=town.now)
    assert "thechip-lists" in error.sentence
    bad_day.ends_with(town)


def test_a_stick_with_a_login_page_for_metadata_is_refused(
    bad_day: BadDay, stick: Path, lists: Path, town: Town
) -> None:
    (lists / "metadata" / "timestamp.json").write_text("<html>")
    bad_day.refuses(ListRefused, Source.stick(stick), at=town.now)
