"""What is remembered of what was tried, and how old lists may be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.lists.freshness import FreshnessPolicy, Light, ListsAge
from appliance.lists.history import MOST_KEPT, Attempt, Outcome, read_history, remember

AT = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
FAILED = Attempt(AT, "stick", Outcome.FAILED, "list-expired", received=400)
INSTALLED = Attempt(AT + DAY, "https://lists.example.org/", Outcome.INSTALLED, timestamp=7, card_status=3, received=9)
UNCHANGED = Attempt(AT + 2 * DAY, "stick", Outcome.UNCHANGED, timestamp=7, card_status=3, received=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.jsonl"


def test_the_latest_is_the_first(path: Path) -> None:
    assert read_history(path) == ()
    for attempt in (FAILED, INSTALLED, UNCHANGED):
        remember(path, attempt)
    assert read_history(path) == (UNCHANGED, INSTALLED, FAILED)


def test_what_is_unchanged_again_takes_one_line(path: Path) -> None:
    for day in range(40):
        remember(path, replace(UNCHANGED, at=AT + day * DAY))
    assert read_history(path) == (replace(UNCHANGED, at=AT + 39 * DAY),)
    remember(path, FAILED)
    remember(path, UNCHANGED)
    assert len(read_history(path)) == 3


def test_a_few_hundred_are_kept(path: Path) -> None:
    for number in range(MOST_KEPT + 5):
        remember(path, replace(FAILED, received=number))
    kept = read_history(path)
    assert [attempt.received for attempt in kept] == list(range(MOST_KEPT + 4, 4, -1))
    assert path.stat().st_size < 64_000


@pytest.mark.parametrize(
    "line",
    [
        "", "{", "[]", "null", "7", '{"at": 7}', '{"at": "now"}', "[" * 100_000, "\udcff",
        '{"at": "2026-11-29T03:00:00+00:00", "source": "stick", "outcome": "exploded"}',
        '{"at": "2026-11-29T03:00:00+00:00", "source": "stick", "outcome": "failed", "received": 1e400}',
        '{"at": "0001-01-01T00:00:00+14:00", "source": "stick", "outcome": "failed"}',
    ],
)  # fmt: skip
def test_a_spoilt_line_is_passed_over(path: Path, line: str) -> None:
    remember(path, INSTALLED)
    with path.open("ab") as file:
        file.write(line.encode("utf-8", "surrogateescape") + b"\n" + FAILED.encode().encode() + b"\n")
    assert read_history(path) == (FAILED, INSTALLED)


def test_of_a_huge_file_only_the_end_is_read(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(50 << 20)
        file.seek(0, 2)
        file.write(b"\n" + FAILED.encode().encode() + b"\n")
    assert read_history(path) == (FAILED,)


# --- freshness -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "light", "days"),
    [
        (timedelta(0), Light.GREEN, 0),
        (7 * DAY, Light.GREEN, 7),
        (7 * DAY + timedelta(seconds=1), Light.AMBER, 7),
        (30 * DAY, Light.AMBER, 30),
        (30 * DAY + timedelta(seconds=1), Light.RED, 30),
        (3_000 * DAY, Light.RED, 3_000),
        (-timedelta(hours=23), Light.GREEN, 0),
        (-25 * timedelta(hours=1), Light.NONE, None),
        (-3_000 * DAY, Light.NONE, None),
    ],
)
def test_an_age_has_a_colour(age: timedelta, light: Light, days: int | None) -> None:
    found = ListsAge.at(AT, FreshnessPolicy(), issued=AT - age)
    assert (found.light, found.age_days) == (light, days)


@pytest.mark.parametrize(("days", "light"), [(0, Light.NONE), (9, Light.NONE), (45, Light.RED)])
def test_while_the_clock_is_not_trusted_lists_may_be_older_and_no_light_is_green(days: int, light: Light) -> None:
    age = ListsAge.at(AT, FreshnessPolicy(), issued=AT - days * DAY).by_clock(trusted=False)
    assert (age.light, age.age_days, age.at_least) == (light, days, True)
    assert age.by_clock(trusted=False) == age
    for known in (ListsAge.at(AT, FreshnessPolicy(), issued=AT - DAY), ListsAge(Light.NONE)):
        assert known.by_clock(trusted=True) == known


def test_without_lists_there_is_no_age() -> None:
    assert ListsAge.at(AT, FreshnessPolicy(), issued=None) == ListsAge(Light.NONE)


def test_a_record_says_against_which_lists_a_card_was_checked() -> None:
    content = "ab" * 32
    age = ListsAge.at(AT, FreshnessPolicy(), issued=AT - 9 * DAY, timestamp=7, card_status=0, content=content)
    body = age.as_body()
    assert body == {"freshness": "amber", "age_days": 9, "timestamp": 7, "card_status": 0, "content": content[:16]}
    again = ListsAge.from_body(body)
    assert (again.light, again.age_days, again.timestamp, again.card_status) == (Light.AMBER, 9, 7, 0)
    least = age.by_clock(trusted=False)
    assert least.as_body() == body | {"freshness": "none", "at_least": True}
    assert ListsAge.from_body(least.as_body()).at_least
    assert ListsAge(Light.NONE).as_body() == {"freshness": "none"}
    assert ListsAge.from_body({"freshness": "none"}) == ListsAge(Light.NONE)
