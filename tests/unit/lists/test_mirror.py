"""A mirror over a real connection: what is fetched, how often it is asked, and how it goes on after a cut."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lists_world.appliances import Appliance
from lists_world.forgery import Forgery
from lists_world.mirrors import Answering, Behaviour, Mirror, answers, cuts_off_after, raw, says
from lists_world.town import AT, Town
from tuf.api.exceptions import DownloadError, DownloadHTTPError, DownloadLengthMismatchError, LengthOrHashMismatchError
from tuf.api.metadata import MetaFile, TargetFile

from appliance.errors import ListAltered, SourceUnreachable
from appliance.lists.history import Outcome
from appliance.lists.sources.mirror import RESUMED_FROM, MirrorFetcher

LONG = bytes(range(256)) * 4_000
NAME = f"targets/card-status/{hashlib.sha256(LONG).hexdigest()}.base.list"
Fetch = Callable[[str, int], bytes]


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    folder = tmp_path / "public"
    (folder / "metadata").mkdir(parents=True)
    (folder / "metadata" / "timestamp.json").write_bytes(b"a timestamp")
    (folder / NAME).parent.mkdir(parents=True)
    (folder / NAME).write_bytes(LONG)
    with Mirror(folder) as mirror:
        yield mirror


@pytest.fixture
def fetcher(mirror: Mirror, tmp_path: Path) -> Iterator[MirrorFetcher]:
    (tmp_path / "partial").mkdir()
    fetcher = MirrorFetcher(mirror.address, tmp_path / "partial")
    yield fetcher
    fetcher.close()


@pytest.fixture
def fetch(mirror: Mirror, fetcher: MirrorFetcher) -> Fetch:
    return lambda path, longest: fetcher.download_bytes(mirror.address + path, longest)


def kept(tmp_path: Path) -> list[int]:
    return [path.stat().st_size for path in (tmp_path / "partial").iterdir()]


def begun(content: bytes, fetcher: MirrorFetcher, mirror: Mirror) -> None:
    """Leave what an earlier try would have left."""
    (fetcher._partial / f"{hashlib.sha256(LONG).hexdigest()}-{fetcher._named}").write_bytes(content)


def test_short_and_long_files_come_as_they_are(fetch: Fetch, tmp_path: Path) -> None:
    assert fetch("metadata/timestamp.json", 100) == b"a timestamp"
    assert fetch(NAME, len(LONG)) == LONG
    assert kept(tmp_path) == []


def test_one_connection_serves_a_whole_sync_even_past_what_is_missing(mirror: Mirror, fetch: Fetch) -> None:
    ports = []
    mirror.behaviours["*"] = lambda answering, content: (
        ports.append(answering.client_address[1]),
        said(answering, content),
    )
    fetch("metadata/timestamp.json", 100)
    with pytest.raises(DownloadHTTPError):
        fetch("metadata/2.root.json", 100)
    fetch("metadata/timestamp.json", 100)
    assert len(ports) == 3
    assert len(set(ports)) == 1


def said(answering: Answering, content: bytes) -> None:
    answering.say(200, content) if content else answering.say(404, b"there is nothing here")


def test_a_connection_that_the_server_closed_meanwhile_is_opened_again(mirror: Mirror, fetch: Fetch) -> None:
    def once(answering: Answering, content: bytes) -> None:
        answering.say(200, content)
        answering.close_connection = True

    mirror.behaviours["*"] = once
    for _ in range(3):
        assert fetch("metadata/timestamp.json", 100) == b"a timestamp"
    assert len(mirror.asked) == 3


@pytest.mark.parametrize("status", [301, 302, 403, 404, 429, 500, 503])
def test_an_answer_that_is_none_is_told_by_its_number_and_not_followed(
    mirror: Mirror, fetch: Fetch, status: int
) -> None:
    mirror.behaviours["metadata/timestamp.json"] = answers(status, Location="/" + NAME)
    with pytest.raises(DownloadHTTPError) as caught:
        fetch("metadata/timestamp.json", 100)
    assert caught.value.status_code == status
    assert len(mirror.asked) == 1


def test_a_file_is_asked_for_uncompressed_and_what_is_compressed_all_the_same_is_not_unpacked(
    mirror: Mirror, fetch: Fetch
) -> None:
    """Else a mirror could answer with a bomb."""
    asked = []

    def compressed(answering: Answering, _content: bytes) -> None:
        asked.append(answering.headers["Accept-Encoding"])
        answering.say(200, b"\x1f\x8b not unpacked", **{"Content-Encoding": "gzip"})

    mirror.behaviours["metadata/*"] = compressed
    assert fetch("metadata/timestamp.json", 100) == b"\x1f\x8b not unpacked"
    assert asked == ["identity"]


# --- going on --------------------------------------------------------------------------------------------------------


def test_a_long_file_goes_on_where_it_was_cut_off(mirror: Mirror, fetch: Fetch, tmp_path: Path) -> None:
    mirror.behaviours[NAME] = cuts_off_after(400_000)
    for tries in (1, 2):
        with pytest.raises(DownloadError):
            fetch(NAME, len(LONG))
        assert kept(tmp_path) == [tries * 400_000]
    assert fetch(NAME, len(LONG)) == LONG
    assert [asked.range for asked in mirror.asked] == [None, "bytes=400000-", "bytes=800000-"]
    assert kept(tmp_path) == []


def test_a_server_without_ranges_is_asked_for_all_of_it(mirror: Mirror, fetcher: MirrorFetcher, fetch: Fetch) -> None:
    begun(LONG[:300_000], fetcher, mirror)
    mirror.behaviours[NAME] = says(LONG)
    assert fetch(NAME, len(LONG)) == LONG


def test_a_server_that_cannot_go_on_there_is_asked_for_all_of_it(
    mirror: Mirror, fetcher: MirrorFetcher, fetch: Fetch
) -> None:
    begun(LONG[:300_000], fetcher, mirror)
    mirror.behaviours[NAME] = lambda answering, content: (
        answering.say(416) if answering.headers.get("Range") else answering.say(200, content)
    )
    assert fetch(NAME, len(LONG)) == LONG
    assert [asked.range for asked in mirror.asked] == ["bytes=300000-", None]


def test_a_liar_about_where_it_goes_on_is_found_out_by_the_hash_and_leaves_nothing(
    mirror: Mirror, fetcher: MirrorFetcher, fetch: Fetch, tmp_path: Path
) -> None:
    begun(LONG[:300_000], fetcher, mirror)
    url, rest = mirror.address + NAME, LONG[: len(LONG) - 300_000]
    mirror.behaviours[NAME] = lambda answering, _content: answering.say(
        206, rest, **{"Content-Range": f"bytes 300000-{len(LONG) - 1}/{len(LONG)}"}
    )
    with pytest.raises((LengthOrHashMismatchError, DownloadError)), fetcher.download_file(url, len(LONG)) as file:
        TargetFile.from_data("base.list", LONG, ["sha256"]).verify_length_and_hashes(file)
    mirror.behaviours.clear()
    assert fetch(NAME, len(LONG)) == LONG
    assert kept(tmp_path) == []


def test_what_an_earlier_try_left_wrong_heals_by_itself(mirror: Mirror, fetcher: MirrorFetcher, fetch: Fetch) -> None:
    for wrong in (bytes(300_000), bytes(len(LONG))):
        begun(wrong, fetcher, mirror)
        assert fetch(NAME, len(LONG)) == LONG


def test_more_than_there_can_be_is_left_and_thrown_away(mirror: Mirror, fetch: Fetch, tmp_path: Path) -> None:
    mirror.behaviours[NAME] = says(LONG + b"more")
    with pytest.raises(DownloadLengthMismatchError):
        fetch(NAME, len(LONG))
    assert kept(tmp_path) == [0]
    mirror.behaviours.clear()
    assert fetch(NAME, len(LONG)) == LONG


def test_metadata_of_whatever_length_is_never_kept(mirror: Mirror, fetch: Fetch, tmp_path: Path) -> None:
    """Its length is not known before, so what came would be taken for all of it."""
    (mirror.folder / "metadata" / "7.central.json").write_bytes(LONG)
    assert fetch("metadata/7.central.json", 5_000_000) == LONG
    mirror.behaviours["metadata/*"] = cuts_off_after(RESUMED_FROM + 1)
    with pytest.raises(DownloadError):
        fetch("metadata/7.central.json", 5_000_000)
    assert kept(tmp_path) == []


@pytest.mark.parametrize(
    "behaviour",
    [
        cuts_off_after(0),
        cuts_off_after(5),
        raw(b""),
        raw(b"\x16\x03\x01 no HTTP\r\n\r\n"),
    ],
)
def test_a_cut_is_no_short_file(mirror: Mirror, fetch: Fetch, behaviour: Behaviour) -> None:
    mirror.behaviours["metadata/*"] = behaviour
    with pytest.raises(DownloadError):
        fetch("metadata/timestamp.json", 100)
    mirror.behaviours.clear()
    assert fetch("metadata/timestamp.json", 100) == b"a timestamp"


# --- what is under way -----------------------------------------------------------------------------------------------


def test_a_mirror_that_hangs_up_spoils_no_other_mirrors_beginning(
    mirror: Mirror, fetcher: MirrorFetcher, fetch: Fetch, tmp_path: Path
) -> None:
    begun(LONG[:300_000], fetcher, mirror)
    with Mirror(mirror.folder) as liar:
        liar.behaviours["*"] = cuts_off_after(1)
        other = MirrorFetcher(liar.address, tmp_path / "partial")
        with pytest.raises(DownloadError):
            other.download_bytes(liar.address + NAME, len(LONG))
        other.close()
    assert fetch(NAME, len(LONG)) == LONG
    assert mirror.asked[-1].range == "bytes=300000-"


def test_beginnings_of_what_is_published_no_more_are_forgotten(appliance: Appliance, town: Town) -> None:
    beginnings = [appliance.folder.partial / f"{digit * 64}-a-mirror" for digit in "0a"]
    for beginning in beginnings:
        beginning.write_bytes(b"a beginning")
    assert appliance.take(town.public, at=town.now).outcome is Outcome.UNCHANGED
    assert sorted(appliance.folder.partial.iterdir()) == beginnings
    town.list_cards(range(9), new_base=True)
    town.publish(days=1)
    with Mirror(town.public) as mirror:
        mirror.behaviours["*.base.list"] = cuts_off_after(10)
        with pytest.raises(SourceUnreachable):
            appliance.sync(mirror.source, at=town.now)
    assert not any(beginning.exists() for beginning in beginnings)


def test_metadata_of_which_nothing_tells_the_length_may_not_be_long(appliance: Appliance, forgery: Forgery) -> None:
    """It is parsed before anybody knows who signed it, and parsed it takes sixty times the room."""

    def bare(snapshot: Any) -> None:
        snapshot.meta["central.json"] = MetaFile(forgery.newest("central").signed.version)

    forgery.change("central", lambda central: central.unrecognized_fields.update(padding=" " * 210_000))
    forgery.change("snapshot", bare)
    forgery.chain()
    with pytest.raises(ListAltered, match="longer than it may be"):
        appliance.take(forgery.public, at=AT)
