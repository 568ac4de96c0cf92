"""A server that would hold us for ever: by dripping, by headers, interim answers or trailers without end."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lists_world.appliances import Appliance
from lists_world.mirrors import Behaviour, Mirror, endless, raw
from lists_world.town import Town
from tuf.api.exceptions import DownloadError, SlowRetrievalError

from appliance.errors import ApplianceError, SyncRuns
from appliance.lists.history import Outcome
from appliance.lists.sources.mirror import MirrorFetcher
from appliance.lists.sources.paced import GRACE_SECONDS, SLOWEST, Pace

OK = b"HTTP/1.1 200 OK\r\n"


class HastyClock:
    """Seconds that go by ten at every look, so that no test waits for them."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        self.seconds += 10.0
        return self.seconds


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    with Mirror(tmp_path) as mirror:
        yield mirror


@pytest.fixture
def fetch(mirror: Mirror, tmp_path: Path) -> Iterator[Callable[..., bytes]]:
    opened = []

    def fetch(longest: int = 5_000_000, **how: Callable[[], float]) -> bytes:
        opened.append(MirrorFetcher(mirror.address, tmp_path, **how))
        return opened[-1].download_bytes(f"{mirror.address}metadata/timestamp.json", longest)

    yield fetch
    for fetcher in opened:
        fetcher.close()


@pytest.mark.parametrize(
    "behaviour",
    [
        raw(then_repeat=b"H", every_s=0.002),
        raw(OK, then_repeat=b"X", every_s=0.002),
        raw(OK + b"Content-Length: 1000\r\n\r\n", then_repeat=b"{", every_s=0.002),
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n", then_repeat=b"1\r\n{\r\n", every_s=0.002),
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n", then_repeat=b"0", every_s=0.002),
    ],
    ids=["the status", "a header", "the content", "chunks", "the length of a chunk"],
)
def test_whoever_drips_is_left(mirror: Mirror, fetch: Callable[..., bytes], behaviour: Behaviour) -> None:
    mirror.behaviours["*"] = behaviour
    with pytest.raises(SlowRetrievalError):
        fetch(clock=HastyClock())


@pytest.mark.parametrize(
    "behaviour",
    [
        raw(then_repeat=b"HTTP/1.1 100 Continue\r\n\r\n"),
        raw(then_repeat=b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n"),
        raw(then_repeat=b"H" * 4096),
        raw(OK, then_repeat=b"X-Header: more\r\n"),
        raw(OK, then_repeat=b"X" * 4096),
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", then_repeat=b"X-Trailer: more\r\n"),
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n", then_repeat=b"0" * 4096),
    ],
    ids=["interim answers", "interim headers", "a status", "headers", "a header", "trailers", "the length of a chunk"],
)
def test_whoever_answers_without_end_and_without_content_is_left(
    mirror: Mirror, fetch: Callable[..., bytes], behaviour: Behaviour
) -> None:
    mirror.behaviours["*"] = behaviour
    with pytest.raises(DownloadError):
        fetch()


def test_content_without_end_is_left_at_its_length(mirror: Mirror, fetch: Callable[..., bytes]) -> None:
    mirror.behaviours["*"] = endless()
    with pytest.raises(DownloadError):
        fetch(10_000)


def test_a_server_that_takes_the_connection_and_says_nothing_is_left_by_the_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.lists.sources.paced._SOCKET_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        fetcher = MirrorFetcher(address, tmp_path)
        with pytest.raises(SlowRetrievalError):
            fetcher.download_bytes(f"{address}metadata/timestamp.json", 100)
        fetcher.close()


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "http://invalid.invalid/", "http://[::1]:1/"])
def test_where_nobody_listens_nothing_comes(tmp_path: Path, address: str) -> None:
    fetcher = MirrorFetcher(address, tmp_path)
    with pytest.raises(DownloadError):
        fetcher.download_bytes(f"{address}metadata/timestamp.json", 100)
    fetcher.close()


def test_a_slow_line_that_is_no_drip_is_borne_with() -> None:
    seconds = iter(range(0, 100_000, 10))
    pace = Pace(lambda: float(next(seconds)))
    for _ in range(1_000):
        pace.came(10 * SLOWEST)
        pace.used(10 * SLOWEST)
    for _ in range(int(GRACE_SECONDS / 10)):
        pace.came(0)
    with pytest.raises(SlowRetrievalError):
        pace.came(0)
    pace.begin()
    pace.came(1)


# --- whoever brings a stick does not wait for a mirror ---------------------------------------------------------------


@pytest.fixture
def dripping(appliance: Appliance, town: Town) -> Iterator[tuple[Mirror, list[ApplianceError]]]:
    """A sync of the appliance under way, with a mirror of newer lists that lets a byte through now and then."""
    town.next_day()
    failed: list[ApplianceError] = []
    with Mirror(town.public) as mirror:
        mirror.behaviours["metadata/*.central.json"] = raw(
            OK + b"Content-Length: 100000\r\n\r\n", then_repeat=b" ", every_s=0.2
        )

        def sync() -> None:
            try:
                appliance.sync(mirror.source, at=town.now)
            except ApplianceError as error:
                failed.append(error)

        thread = threading.Thread(target=sync)
        thread.start()
        while not any("central.json" in one.path for one in mirror.asked):
            time.sleep(0.01)
        yield mirror, failed
        thread.join()


def test_a_mirror_that_drips_gives_way_to_a_stick(
    appliance: Appliance, town: Town, dripping: tuple[Mirror, list[ApplianceError]]
) -> None:
    assert appliance.take(town.public, at=town.now, patience_s=20.0).outcome is Outcome.INSTALLED
    (failed,) = dripping[1]
    assert failed.reason == "sync-runs"


def test_without_patience_it_is_told_that_somebody_else_is_at_it(
    appliance: Appliance, town: Town, dripping: tuple[Mirror, list[ApplianceError]]
) -> None:
    with pytest.raises(SyncRuns):
        appliance.take(town.public, at=town.now)
    assert not dripping[1]
    appliance.take(town.public, at=town.now, patience_s=20.0)
