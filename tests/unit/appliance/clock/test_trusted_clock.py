"""What an appliance believes of its clock: after a start, in the middle of a meeting, and by whose word."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from appliance.clock import ClockState, Reading
from appliance.clock.memory import BEGINNING
from appliance.config.clock import ClockConfig
from appliance.errors import ClockError, RuleViolation, SignedAhead, TimeBeforeFloor, TimeTooFarAhead

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
IN_1970 = datetime(1970, 1, 1, 0, 0, 30, tzinfo=UTC)
IN_2038 = datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC)
DAY, HOUR, MINUTE, SECOND = (timedelta(**{unit: 1}) for unit in ("days", "hours", "minutes", "seconds"))


def short(reading: Reading) -> tuple[bool, str, str]:
    return reading.trusted, reading.state.value, reading.source


# --- after a start -------------------------------------------------------------------------------------------------


def test_a_new_appliance_without_anything_that_vouches_is_not_sure(appliance):
    reading = appliance.clock().read()
    assert (reading.at, *short(reading)) == (NOW, False, "unconfirmed", "system")
    assert reading.floor == BEGINNING


@pytest.mark.parametrize("how", ["ntp", "rtc"])
def test_a_time_server_or_a_clock_with_a_battery_vouches(appliance, how):
    machine = appliance.machine
    machine.synchronised, machine.clocks = how == "ntp", (IN_1970, NOW + 2 * SECOND) if how == "rtc" else ()
    reading = appliance.clock().read()
    assert (reading.at, *short(reading)) == (NOW, True, "trusted", how)


def test_a_clock_with_a_battery_that_shows_another_time_vouches_for_nothing(appliance):
    appliance.machine.clocks = (NOW - 6 * MINUTE, NOW + 6 * MINUTE)
    assert short(appliance.clock().read()) == (False, "unconfirmed", "system")


@pytest.mark.parametrize("vouched", ["nobody", "ntp", "rtc"])
@pytest.mark.parametrize(("wall", "state"), [(IN_1970, "behind"), (IN_2038, "ahead"), (NOW - DAY, "behind")])
def test_a_time_that_cannot_be_is_believed_from_nobody(used, vouched, wall, state):
    machine = used.machine
    machine.restarts(at=wall, synchronised=vouched == "ntp")
    machine.clocks = (wall,) if vouched == "rtc" else ()
    reading = used.clock().read()
    assert (reading.at, *short(reading)) == (reading.floor, False, state, "ntp")
    assert reading.floor == NOW
    machine.passes(hours=3)
    assert used.clock().read().at == NOW, "what is certain does not move by itself"


def test_a_year_in_a_cupboard_is_possible_and_two_are_not(used):
    used.machine.restarts(at=NOW + 399 * DAY, synchronised=True)
    assert short(used.clock().read()) == (True, "trusted", "ntp")
    used.machine.restarts(at=NOW + 399 * DAY + 401 * DAY, synchronised=True)
    assert short(used.clock().read()) == (False, "ahead", "ntp")


def test_on_a_new_appliance_nothing_lies_too_far_ahead_since_nobody_knows_how_old_the_program_is(appliance):
    appliance.machine.at, appliance.machine.synchronised = NOW + 1500 * DAY, True
    assert short(appliance.clock().read()) == (True, "trusted", "ntp")


def test_a_clock_that_is_a_little_behind_the_last_certain_time_is_no_contradiction(used):
    used.machine.restarts(at=NOW - 4 * MINUTE, synchronised=True)
    reading = used.clock().read()
    assert (reading.at, reading.trusted) == (NOW, True), "never below the floor"


def test_every_start_has_to_be_vouched_for_anew(used):
    assert short(used.clock().read()) == (False, "unconfirmed", "system")
    used.machine.synchronised = True
    clock = used.clock()
    assert clock.read().trusted
    used.machine.restarts()
    assert not used.clock().read().trusted


def test_an_unsure_clock_becomes_sure_as_soon_as_a_time_server_answers(used):
    used.machine.restarts(at=IN_1970)
    clock = used.clock()
    assert clock.read().state is ClockState.BEHIND
    used.machine.at, used.machine.synchronised = NOW + 3 * DAY, True
    assert (clock.read().at, clock.read().trusted) == (NOW + 3 * DAY, True)


# --- how far a word carries that nobody signed ---------------------------------------------------------------------


def lies_step_by_step(machine, clock, *, days: float, times: int) -> list[Reading]:
    """A time server that moves the time on, each time by a little less than could be."""
    readings = []
    for _ in range(times):
        machine.passes(hours=2)
        machine.at += days * DAY
        readings.append(clock.read())
    return readings


@pytest.mark.parametrize("with_restarts", [False, True])
def test_a_time_server_that_lies_step_by_step_gets_no_further_than_one_longest_gap(used, with_restarts):
    used.machine.synchronised = True
    clock, signed = used.clock(), NOW - DAY
    for _ in range(20):
        lies_step_by_step(used.machine, clock, days=100, times=1)
        if with_restarts:
            used.machine.restarts(synchronised=True)
            clock = used.clock()
    reading = clock.read()
    assert reading.floor <= signed + 400 * DAY
    if with_restarts:
        assert (reading.at, *short(reading)) == (reading.floor, False, "ahead", "ntp")
    else:
        assert reading.at <= signed + 400 * DAY, "the uptime counts"


def test_whoever_got_lost_that_way_is_found_again_by_an_officer_and_by_lists(used, events):
    used.machine.restarts(at=NOW + 500 * DAY, synchronised=True)  # lists did not come for long, and time did pass
    clock = used.clock()
    assert short(clock.read()) == (False, "ahead", "ntp")
    with pytest.raises(TimeTooFarAhead, match="400 days after the last time that was signed or confirmed, 2026-11-28"):
        clock.confirm(NOW + 500 * DAY, by="an")
    clock.saw_signed_time(NOW + 499 * DAY, "lists")
    assert short(clock.read()) == (True, "trusted", "ntp")
    used.machine.restarts(at=NOW + 1000 * DAY, synchronised=True)
    clock = used.clock()
    assert not clock.read().trusted
    assert clock.confirm(NOW + 1000 * DAY, by="an", far_ahead=True).trusted
    lies_step_by_step(used.machine, clock, days=99, times=4)
    assert short(clock.read()) == (True, "trusted", "ntp")


def test_a_clock_that_runs_for_years_without_lists_or_an_officer_asks_for_one(used):
    used.machine.synchronised = True
    clock = used.clock()
    assert clock.read().trusted
    for day in range(450):
        used.machine.passes(days=1)
        assert clock.read().trusted == (day < 398)
    assert clock.read().at == clock.read().floor


def test_where_nothing_was_ever_signed_or_confirmed_the_first_time_that_was_known_is_the_measure(appliance):
    appliance.machine.synchronised = True
    clock = appliance.clock()
    assert clock.read().trusted
    readings = lies_step_by_step(appliance.machine, clock, days=300, times=9)
    assert max(reading.at for reading in readings) <= NOW + 400 * DAY
    assert appliance.clock().memory().first == NOW


# --- in the middle of a meeting ------------------------------------------------------------------------------------


@pytest.fixture
def meeting(used):
    """A start at which a time server answered; since then there is no network."""
    used.machine.restarts(at=NOW + 7 * DAY, synchronised=True)
    used.clock().read()
    used.machine.passes(minutes=10)
    used.machine.synchronised = False
    return used


@pytest.mark.parametrize("wall", [IN_1970, IN_2038, NOW - HOUR, NOW + 8 * DAY])
@pytest.mark.parametrize("is_new_process", [True, False])
def test_a_jump_is_not_followed_and_the_uptime_counts(meeting, events, wall, is_new_process):
    clock = meeting.clock()
    assert clock.read().at == NOW + 7 * DAY + 10 * MINUTE
    meeting.machine.at = wall
    clock = meeting.clock() if is_new_process else clock
    for minutes in range(11, 16):
        meeting.machine.passes(minutes=1)
        reading = clock.read()
        assert (reading.at, *short(reading)) == (NOW + 7 * DAY + minutes * MINUTE, True, "trusted", "ntp")
    assert events(clock).count("jump-not-followed") == 1


def test_a_jump_is_recorded_once_whoever_reads_and_however_often_and_logged_once(meeting, events, caplog):
    station, page = meeting.clock(), meeting.clock()
    meeting.machine.at = IN_2038
    with caplog.at_level(logging.WARNING):
        for clock in (station, page, station, meeting.clock(), page):
            assert clock.read().trusted
    assert events(page).count("jump-not-followed") == 1
    assert [record.message for record in caplog.records if "jump" in record.message] == [
        "clock: jump-not-followed, from 2026-12-06 12:10:00+00:00 to 2038-01-19 03:14:07+00:00"
    ]


def test_a_clock_that_jumps_back_and_away_again_has_jumped_twice(meeting, events):
    clock, right = meeting.clock(), meeting.machine.at
    for wall in (IN_1970, right, IN_1970):
        meeting.machine.at = wall
        assert clock.read().at == right
    assert events(clock).count("jump-not-followed") == 2


def test_a_jump_is_followed_where_a_time_server_says_so_and_it_can_be(meeting, events):
    clock = meeting.clock()
    later = NOW + 7 * DAY + 2 * HOUR
    meeting.machine.at, meeting.machine.synchronised = later, True
    assert [clock.read().at for _ in range(3)] == [later] * 3
    assert events(clock).count("jump-followed") == 1
    event = clock.memory().events[-1]
    assert (event.before, event.after) == (NOW + 7 * DAY + 10 * MINUTE, later)
    meeting.machine.synchronised = False
    meeting.machine.passes(minutes=1)
    assert meeting.clock().read().at == later + MINUTE


@pytest.mark.parametrize("wall", [IN_1970, IN_2038])
def test_a_jump_to_what_cannot_be_is_not_followed_whatever_a_time_server_says(meeting, wall):
    meeting.machine.at, meeting.machine.synchronised = wall, True
    reading = meeting.clock().read()
    assert (reading.at, reading.trusted) == (NOW + 7 * DAY + 10 * MINUTE, True)


def test_a_small_step_is_followed_and_many_small_ones_are_a_jump(meeting, events):
    clock, right = meeting.clock(), meeting.machine.at
    meeting.machine.at += 200 * SECOND
    assert clock.read().at == right + 200 * SECOND
    meeting.machine.at += 200 * SECOND
    assert clock.read().at == right
    assert events(clock).count("jump-not-followed") == 1


def test_events_are_kept_up_to_a_bound(meeting):
    clock, right = meeting.clock(), meeting.machine.at
    for number in range(100):
        meeting.machine.at = IN_2038 + number * DAY if number % 2 else right
        clock.read()
    assert len(clock.memory().events) == 32
    assert len(meeting.clock().memory().events) == 32


def test_the_batterys_clock_is_asked_only_until_the_time_is_known(used):
    used.machine.clocks = (used.machine.at,)
    clock = used.clock()
    assert clock.read().source == "rtc"
    asked = used.machine.asked_clocks
    for _ in range(5):
        assert clock.read().source == "rtc"
    assert used.machine.asked_clocks == asked


# --- signed times --------------------------------------------------------------------------------------------------


def test_an_unsure_clock_is_at_least_as_late_as_what_was_signed(used):
    used.machine.restarts(at=IN_1970)
    clock = used.clock()
    clock.saw_signed_time(NOW + 5 * DAY, "lists")
    reading = clock.read()
    assert (reading.at, *short(reading)) == (NOW + 5 * DAY, False, "behind", "lists")
    clock.saw_signed_time(NOW - 100 * DAY, "lists")
    assert used.clock().read().floor == NOW + 5 * DAY


def test_what_was_signed_ahead_of_a_trusted_clock_is_refused_and_noted_nowhere(meeting):
    clock = meeting.clock()
    before = clock.memory()
    with pytest.raises(SignedAhead, match="2026-12-06 13:10 UTC, which lies ahead"):
        clock.saw_signed_time(NOW + 7 * DAY + HOUR + 10 * MINUTE, "lists")
    assert clock.memory() == before


def test_what_was_signed_by_a_clock_that_is_a_little_fast_is_taken(meeting):
    clock = meeting.clock()
    clock.saw_signed_time(NOW + 7 * DAY + 14 * MINUTE, "lists")
    assert (clock.read().at, clock.read().trusted) == (NOW + 7 * DAY + 14 * MINUTE, True)


NEVER = (datetime(2026, 11, 29), datetime(9999, 12, 31, tzinfo=UTC), datetime.min.replace(tzinfo=UTC))


@pytest.mark.parametrize("at", NEVER)
def test_a_time_that_nobody_can_mean_is_refused(used, at):
    clock = used.clock()
    with pytest.raises(ClockError, match="between 1970 and 2200"):
        clock.saw_signed_time(at, "lists")
    with pytest.raises(ClockError, match="between 1970 and 2200"):
        clock.confirm(at, by="an")


# --- the ledger's last entry ---------------------------------------------------------------------------------------


def test_where_nothing_is_remembered_the_last_entry_of_the_ledger_is_the_floor(appliance):
    appliance.machine.at = IN_1970
    reading = appliance.clock(last_entry=NOW - 2 * DAY).read()
    assert (reading.at, *short(reading)) == (NOW - 2 * DAY, False, "behind", "ledger")


def test_otherwise_it_counts_up_to_a_bound_after_what_was_signed(used):
    assert used.clock(last_entry=NOW + 300 * DAY).read().floor == NOW + 300 * DAY
    assert used.clock(last_entry=NOW + 900 * DAY).read().floor == NOW + 300 * DAY


# --- an officer ----------------------------------------------------------------------------------------------------


def test_an_officer_confirms_and_from_there_the_uptime_counts_until_the_next_start(used):
    used.machine.restarts(at=IN_1970)
    clock = used.clock()
    reading = clock.confirm(NOW + 30 * DAY, by="an")
    assert (reading.at, *short(reading)) == (NOW + 30 * DAY, True, "trusted", "officer")
    used.machine.passes(hours=2)
    for process in (clock, used.clock()):
        assert (process.read().at, process.read().trusted) == (NOW + 30 * DAY + 2 * HOUR, True)
    used.machine.restarts(at=IN_1970)
    reading = used.clock().read()
    assert (reading.trusted, reading.floor) == (False, NOW + 30 * DAY + 2 * HOUR)


def test_a_correction_of_minutes_is_kept_though_the_systems_clock_is_near(used):
    clock = used.clock()
    clock.confirm(NOW + 4 * MINUTE, by="an")
    used.machine.passes(minutes=10)
    assert clock.read().at == NOW + 14 * MINUTE


def test_the_wrong_clock_of_the_system_is_no_jump_once_an_officer_corrected_it(used, events):
    used.machine.restarts(at=IN_1970)
    clock = used.clock()
    clock.confirm(NOW + DAY, by="an")
    assert clock.read().trusted
    assert "jump-not-followed" not in events(clock)


def test_a_time_server_counts_more_than_an_officer(used, events):
    clock = used.clock()
    clock.confirm(NOW + 2 * HOUR, by="an")
    used.machine.passes(minutes=5)
    used.machine.at, used.machine.synchronised = NOW + 3 * HOUR, True
    assert (clock.read().at, clock.read().source) == (NOW + 3 * HOUR, "ntp")
    assert "jump-followed" in events(clock)


def test_what_has_passed_cannot_be_confirmed_and_what_is_far_ahead_only_on_purpose(used):
    clock = used.clock()
    with pytest.raises(TimeBeforeFloor, match="2026-11-29 12:00 UTC has certainly passed"):
        clock.confirm(NOW - DAY, by="an")
    with pytest.raises(TimeTooFarAhead, match="more than 400 days after"):
        clock.confirm(NOW + 401 * DAY, by="an")
    assert not clock.read().trusted
    assert clock.confirm(NOW + 401 * DAY, by="an", far_ahead=True).trusted


def test_a_wrong_confirmation_is_taken_back_for_every_process_but_not_below_what_was_signed(used):
    station, clock = used.clock(), used.clock()
    clock.confirm(NOW.replace(year=2062), by="an", far_ahead=True)
    assert station.read().at.year == 2062
    with pytest.raises(TimeBeforeFloor):
        clock.confirm(NOW + HOUR, by="an")
    with pytest.raises(TimeBeforeFloor):
        clock.confirm(NOW - 2 * DAY, by="an", lower=True)
    assert station.read().at.year == 2062
    clock.confirm(NOW + HOUR, by="an", lower=True)
    used.machine.passes(hours=2)
    for process in (station, clock, used.clock()):
        assert (process.read().at, process.read().trusted) == (NOW + 3 * HOUR, True)


@pytest.mark.parametrize("signed_ahead", [40, 300])
def test_what_was_signed_at_a_wrong_time_is_taken_back_for_every_process_and_every_start(used, signed_ahead):
    wrong = NOW + signed_ahead * DAY
    keeping, clock = used.clock(), used.clock()
    keeping.saw_signed_time(wrong, "lists")
    with pytest.raises(TimeBeforeFloor):
        clock.confirm(NOW + HOUR, by="an", lower=True)
    clock.confirm(NOW + HOUR, by="an", lower=True, signed_too=True)
    for process in (keeping, clock):
        assert (process.read().at, process.read().trusted) == (NOW + HOUR, True)
        with pytest.raises(SignedAhead):
            process.saw_signed_time(wrong, "lists")
    used.machine.restarts()
    restarted = used.clock()
    restarted.saw_signed_time(wrong, "lists")  # the lists in use, once more
    assert restarted.read().floor == NOW + HOUR
    restarted.saw_signed_time(NOW + DAY, "lists")  # others, that are right
    assert restarted.read().floor == NOW + DAY


def test_a_time_that_was_taken_back_is_believed_once_it_has_passed_by_a_trusted_clock(used):
    clock = used.clock()
    clock.saw_signed_time(NOW + 40 * DAY, "lists")
    clock.confirm(NOW + HOUR, by="an", lower=True, signed_too=True)
    used.machine.restarts(at=NOW + 10 * DAY, synchronised=True)
    clock = used.clock()
    clock.saw_signed_time(NOW + 10 * DAY, "lists")
    assert clock.memory().signed == NOW + 10 * DAY
    used.machine.restarts(at=NOW + 41 * DAY, synchronised=True)
    clock = used.clock()
    clock.saw_signed_time(NOW + 40 * DAY, "lists")
    assert clock.memory().signed == NOW + 40 * DAY


def test_entries_of_a_future_that_was_taken_back_do_not_bring_it_back_at_the_next_start(used):
    clock = used.clock()
    clock.confirm(NOW + 300 * DAY, by="an")  # by mistake, and somebody was recorded then
    clock.confirm(NOW + HOUR, by="an", lower=True)
    used.machine.restarts()
    assert used.clock(last_entry=NOW + 300 * DAY).read().floor == NOW + HOUR
    assert used.clock(last_entry=NOW + 301 * DAY).read().floor == NOW + 301 * DAY


def test_nobody_is_named_in_the_file_or_the_log_and_nobody_cannot_confirm(used, caplog):
    clock = used.clock()
    with caplog.at_level(logging.DEBUG):
        clock.confirm(NOW + HOUR, by="Mẫu Cán Bộ Một")
    assert "Mẫu" not in used.file.read_text()
    assert "an officer confirmed the time" in caplog.text
    assert "Mẫu" not in caplog.text
    with pytest.raises(RuleViolation):
        clock.confirm(NOW + HOUR, by=" ")


# --- a system that is kept right by other means --------------------------------------------------------------------


def test_a_trusted_system_is_followed_wherever_it_goes_but_not_into_the_past(used):
    system = used.trusting_the_system()
    clock = system.clock()
    used.machine.at = NOW + 2 * HOUR
    assert (clock.read().at, *short(clock.read())) == (NOW + 2 * HOUR, True, "trusted", "system")
    used.machine.at = IN_2038
    assert clock.read().at == IN_2038
    assert clock.read().floor == NOW + 2 * HOUR, "a leap that cannot be is not kept for ever"
    used.machine.at = IN_1970
    reading = clock.read()
    assert (reading.at, *short(reading)) == (NOW + 2 * HOUR, False, "behind", "system")
    with pytest.raises(ClockError, match="set that clock"):
        clock.confirm(NOW + 3 * HOUR, by="an")


def test_the_bounds_are_those_of_the_configuration(used):
    used.config = ClockConfig(jump_seconds=10, longest_gap_days=2)
    used.machine.restarts(at=NOW + 3 * DAY, synchronised=True)
    assert used.clock().read().state is ClockState.AHEAD
    used.machine.at = NOW - 11 * SECOND
    assert used.clock().read().state is ClockState.BEHIND
    used.machine.at = NOW - 9 * SECOND
    assert used.clock().read().trusted
