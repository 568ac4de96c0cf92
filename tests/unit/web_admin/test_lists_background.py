"""One try at a time, in a thread of its own, and pages are told no more often than they can bear."""

import threading
from datetime import UTC, datetime

import pytest

from appliance.errors import SyncRuns
from appliance.lists.history import Outcome
from appliance.lists.sources.source import Source
from web_admin.lists.background import Background, Failure

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
FIRST, SECOND = Source.mirror("http://localhost:1/"), Source.mirror("http://localhost:2/")


class Steady:
    """Seconds that a test lets pass."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def steady() -> Steady:
    return Steady()


@pytest.fixture
def background(steady: Steady) -> Background:
    return Background(lambda: AT, lambda began: (Failure("somewhere", f"since-{began:%H}"),), steady)


def run(background: Background, take) -> None:
    assert background.start(take)
    for thread in threading.enumerate():
        if thread.name == "lists":
            thread.join(20)


def test_what_comes_is_told_once_a_second_and_another_source_at_once(background, steady):
    steps = []

    def take(progress):
        for seconds, source, received in (
            (0.0, FIRST, 0), (0.2, FIRST, 10), (0.9, FIRST, 20), (1.1, FIRST, 30), (1.2, SECOND, 0), (1.3, SECOND, 5),
        ):  # fmt: skip
            steady.now = 100.0 + seconds
            progress(source, received)
            steps.append((background.work.source, background.work.received))
        msg = "enough"
        raise SyncRuns(msg)

    run(background, take)
    first, second = FIRST.named, SECOND.named
    assert steps == [(first, 0), (first, 0), (first, 0), (first, 30), (second, 0), (second, 0)]


def test_only_one_try_runs_and_each_change_is_a_step(background):
    may_end, refused = threading.Event(), []

    def take(_progress):
        refused.append(background.start(take))
        assert may_end.wait(20)
        msg = "enough"
        raise SyncRuns(msg)

    before = background.work.step
    threading.Timer(0.1, may_end.set).start()
    run(background, take)
    work = background.work
    assert refused == [False]
    assert not work.is_running
    assert work.step == before + 2
    assert (work.last.outcome, work.last.reason, work.last.at) == (Outcome.FAILED, "sync-runs", AT)
    assert work.last.failures == (Failure("somewhere", "since-12"),)
