"""When an appliance looks for lists."""

import itertools
from datetime import UTC, datetime, timedelta
from random import Random

from appliance.lists.schedule import AFTER_START, LONGEST_RETRY, Rounds, Schedule

AT = datetime(2026, 11, 29, 7, 0, tzinfo=UTC)


def rounds(device: bytes = b"one", at: datetime = AT) -> Rounds:
    return Rounds(Schedule(device), at=at, random=Random(1))


def test_ten_thousand_appliances_come_at_minutes_of_their_own() -> None:
    minutes = {Schedule(number.to_bytes(4, "big")).after_success(AT) for number in range(10_000)}
    assert len(minutes) == 360
    assert all(AT < minute <= AT + timedelta(hours=6) for minute in minutes)


def test_its_own_minute_stays_the_same() -> None:
    schedule = Schedule(b"one")
    first = schedule.after_success(AT)
    assert schedule.after_success(first) == first + timedelta(hours=6)
    assert schedule.after_success(first + timedelta(minutes=7)) == first + timedelta(hours=6)


def test_the_first_look_is_soon_after_a_start() -> None:
    begun = rounds()
    assert not begun.is_due(AT - timedelta(seconds=1))
    assert begun.is_due(AT + AFTER_START)


def test_after_failures_it_waits_longer_each_time_and_six_hours_at_most() -> None:
    begun, waits = rounds(), []
    for _ in range(20):
        begun.failed(AT)
        waits.append(begun.due - AT)
    assert timedelta(minutes=1) <= waits[0] <= timedelta(minutes=2)
    assert all(longer > shorter / 2 for shorter, longer in itertools.pairwise(waits))
    assert max(waits) <= LONGEST_RETRY
    assert waits[-1] >= LONGEST_RETRY / 2
    assert len(set(waits)) == len(waits)


def test_a_success_forgets_the_failures() -> None:
    begun = rounds()
    for _ in range(8):
        begun.failed(AT)
    begun.succeeded(AT)
    begun.failed(AT)
    assert begun.due - AT <= timedelta(minutes=2)


def test_a_clock_that_is_set_back_by_years_does_not_make_it_wait_for_years() -> None:
    begun = rounds(at=AT.replace(year=2038))
    begun.succeeded(AT.replace(year=2038))
    assert not begun.is_due(AT)
    assert begun.due - AT <= AFTER_START
