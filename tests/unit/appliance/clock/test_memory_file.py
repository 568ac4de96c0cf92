"""The file that the processes share: raised by several, damaged, missing, on a full disk, and written rarely."""

import errno
import json
import logging
import multiprocessing
import os
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.clock import TrustedClock, memory_file
from appliance.clock.machine import ThisMachine
from appliance.clock.memory import BEGINNING, MOST_EVENTS, Anchor, EventKind, Floor, Memory, TakenBack
from appliance.clock.memory_format import _digest, decode_memory, encode_memory
from appliance.config.clock import ClockConfig
from appliance.errors import ClockError, ClockNotKept

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def writes(monkeypatch):
    """Every write of the file, counted; ``disk.full`` makes them fail as a full disk does."""

    class Disk:
        full = False
        count = 0

        def write(self, path, content):
            if self.full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.count += 1
            real(path, content)

    disk, real = Disk(), memory_file.write_atomically
    monkeypatch.setattr(memory_file, "write_atomically", disk.write)
    return disk


# --- what is written -----------------------------------------------------------------------------------------------


def test_only_the_owner_reads_it_and_it_holds_what_is_known(used):
    used.machine.synchronised = True
    used.clock().read()
    content = json.loads(used.file.read_text())
    assert stat.S_IMODE(used.file.stat().st_mode) == 0o600
    assert content["floor"]["source"] == "ntp"
    assert content["anchor"]["boot_id"] == used.machine.boot
    assert content["signed"] == (NOW - timedelta(days=1)).isoformat()


def test_it_is_written_about_once_an_hour_however_often_it_is_asked(used, writes):
    used.machine.synchronised = True
    station, page = used.clock(), used.clock()
    for _ in range(6 * 60):
        used.machine.passes(minutes=1)
        assert station.read().trusted
        assert page.read().trusted
    assert writes.count == 1 + 5
    assert page.read().floor > NOW + 5 * HOUR


def test_an_unsure_clock_writes_nothing(used, writes):
    used.clock()
    before, clock = writes.count, used.clock()
    for _ in range(10):
        used.machine.passes(hours=1)
        assert not clock.read().trusted
    assert writes.count == before


# --- several processes ---------------------------------------------------------------------------------------------


def test_what_one_process_finds_out_every_other_one_knows(used):
    station, page = used.clock(), used.clock()
    assert not station.read().trusted
    page.confirm(NOW + HOUR, by="an")
    assert (station.read().at, station.read().trusted) == (NOW + HOUR, True)
    page.saw_signed_time(NOW + HOUR + MINUTE, "lists")
    assert station.read().floor == NOW + HOUR + MINUTE


def _raise_floor(path: str, number: int) -> None:
    clock = TrustedClock(Path(path), ClockConfig(), machine=_Unsure())
    for step in range(25):
        clock.saw_signed_time(NOW + timedelta(hours=step * 4 + number), "lists")


class _Unsure(ThisMachine):
    def is_synchronised(self) -> bool:
        return False

    def hardware_clocks(self) -> tuple[datetime, ...]:
        return ()


def test_of_several_processes_that_raise_the_floor_at_once_the_highest_one_wins(tmp_path):
    path = tmp_path / "clock.json"
    workers = [multiprocessing.Process(target=_raise_floor, args=(str(path), number)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
        assert worker.exitcode == 0
    found = decode_memory(path.read_bytes())
    assert (found.floor.at, found.signed) == (NOW + timedelta(hours=99), NOW + timedelta(hours=99))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["clock.json", "clock.lock"]


def test_threads_of_one_process_may_share_a_clock(used):
    clock, failures = used.clock(), []

    def work(number):
        try:
            for step in range(30):
                clock.saw_signed_time(NOW + step * MINUTE + number * timedelta(seconds=1), "lists")
                clock.read()
        except Exception as error:  # noqa: BLE001 - the main thread asserts that there was none
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert used.clock().read().floor == NOW + 29 * MINUTE + timedelta(seconds=5)


def test_who_cannot_get_the_lock_goes_on_with_what_it_knows(used, monkeypatch, caplog):
    monkeypatch.setattr(memory_file, "_PATIENCE_SECONDS", 0.05)
    clock = used.clock()
    with memory_file._locked(used.state / "clock.lock"):
        clock.saw_signed_time(NOW + HOUR, "lists")
        assert clock.read().floor == NOW + HOUR
        with pytest.raises(ClockNotKept):
            clock.confirm(NOW + 2 * HOUR, by="an")
    used.machine.passes(minutes=2)
    assert clock.read().floor == NOW + HOUR
    assert used.clock().read().floor == NOW + HOUR, "written as soon as that can be done"


# --- a file that tells nothing -------------------------------------------------------------------------------------

DAMAGED = [
    b"",
    b"\x00" * 300,
    b"[]",
    b"null",
    b'{"version": 1}',
    b"[" * 50_000,
    b'{"version": 2}',
    b"\xff\xfe",
    json.dumps({"version": 1, "floor": {"at": "9999-12-31T23:59:59+00:00", "source": "x"}}).encode(),
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_is_survived_told_once_and_replaced(used, events, caplog, content):
    used.file.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        clock = used.clock(last_entry=NOW - HOUR)
        reading = clock.read()
    assert (reading.floor, reading.trusted) == (NOW - HOUR, False)
    assert events(clock) == ["file-damaged"]
    assert caplog.text.count("file-damaged") == 1
    assert decode_memory(used.file.read_bytes()).floor == Floor(NOW - HOUR, "ledger")
    assert events(used.clock()) == ["file-damaged"]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_file_that_is_damaged_meanwhile_is_written_anew_from_what_is_known(used, events, content):
    used.machine.synchronised = True
    clock = used.clock()
    known = clock.read()
    used.file.write_bytes(content)
    assert (clock.read().at, clock.read().trusted, clock.read().floor) == (known.at, True, known.floor)
    assert events(clock).count("file-damaged") == 1
    assert used.clock().read().floor == known.floor


FIELDS = ["floor", "signed", "anchor", "events", "generation", "confirmed", "first", "taken_back"]
MAY_BE_NONE = {"signed", "anchor", "confirmed", "first", "taken_back"}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", ["x", 5, [], [[]], {"at": 1}, "-1e999", None, {"at": "2300-01-01T00:00:00+00:00"}])
def test_no_field_can_hold_what_was_never_written(used, field, value):
    used.machine.synchronised = True
    used.clock().read()
    content = json.loads(used.file.read_text()) | {field: value}
    del content["sha256"]
    content["sha256"] = _digest(content)
    try:
        found = decode_memory(json.dumps(content).encode())
    except ClockError:
        return
    assert (field, value) in [("generation", 5), ("events", []), *((name, None) for name in MAY_BE_NONE)]
    assert isinstance(found, Memory)


def test_one_digit_that_flips_is_noticed_wherever_it_stands(used):
    used.machine.synchronised = True
    used.clock().read()
    content = used.file.read_bytes()
    for place in (at for at, byte in enumerate(content) if chr(byte).isdigit()):
        digit = b"1" if content[place : place + 1] != b"1" else b"2"
        with pytest.raises(ClockError, match="damaged"):
            decode_memory(content[:place] + digit + content[place + 1 :])


def test_a_floor_of_which_a_digit_flipped_is_not_believed_but_told(used, events, caplog):
    used.file.write_text(used.file.read_text().replace('"at": "2026', '"at": "2126', 1))
    with caplog.at_level(logging.WARNING):
        clock = used.clock(last_entry=NOW - HOUR)
    assert clock.read().floor == NOW - HOUR
    assert events(clock) == ["file-damaged"]
    assert "clock: file-damaged" in caplog.text


def test_the_file_of_an_older_release_has_no_checksum_and_is_read(used):
    fields = json.loads(used.file.read_text())
    for name in ("sha256", "confirmed", "first", "taken_back"):
        del fields[name]
    used.file.write_text(json.dumps(fields | {"version": 1}))
    memory = used.clock().memory()
    assert (memory.floor, memory.signed) == (Floor(NOW, "ntp"), NOW - timedelta(days=1))
    assert memory.first == NOW, "the floor that it had"
    assert "file-damaged" not in [event.kind.value for event in memory.events]


def test_a_missing_file_is_the_first_start_and_a_pipe_in_its_place_keeps_nobody_waiting(appliance, events):
    assert events(appliance.clock()) == ["file-missing"]
    appliance.file.unlink()
    os.mkfifo(appliance.file)
    clock = appliance.clock()
    assert clock.read().floor == BEGINNING
    assert events(clock) == ["file-damaged"]
    assert appliance.file.is_file()


def test_a_directory_in_its_place_cannot_be_replaced_and_is_borne(appliance, caplog):
    appliance.file.mkdir()
    appliance.machine.synchronised = True
    clock = appliance.clock()
    for _ in range(5):
        assert clock.read().trusted
    assert caplog.text.count("cannot be written") == 1
    assert [event.kind for event in clock.memory().events] == [EventKind.FILE_DAMAGED]


# --- a disk that is full -------------------------------------------------------------------------------------------


def test_on_a_full_disk_the_estimate_stays_usable_and_is_written_once_there_is_room(used, writes, caplog):
    used.machine.synchronised = True
    clock = used.clock()
    clock.read()
    writes.full = True
    for _ in range(180):
        used.machine.passes(minutes=1)
        assert (clock.read().at, clock.read().trusted) == (used.machine.at, True)
    assert caplog.text.count("cannot be written: No space left on device") == 1
    assert clock.read().floor >= NOW + 2 * HOUR
    assert decode_memory(used.file.read_bytes()).floor.at < NOW + HOUR
    writes.full = False
    used.machine.passes(minutes=2)
    clock.read()
    assert decode_memory(used.file.read_bytes()).floor.at >= NOW + 2 * HOUR


def test_on_a_full_disk_a_jump_is_told_once_too(used, writes, caplog):
    used.machine.synchronised = True
    clock = used.clock()
    clock.read()
    used.machine.synchronised, writes.full = False, True
    used.machine.at += timedelta(days=3000)
    for _ in range(100):
        used.machine.passes(minutes=1)
        assert clock.read().trusted
    assert caplog.text.count("jump-not-followed") == 1


def test_a_confirmation_that_cannot_be_kept_for_the_others_does_not_hold(used, writes):
    clock = used.clock()
    writes.full = True
    with pytest.raises(ClockNotKept, match="No space left on device"):
        clock.confirm(NOW + HOUR, by="an")
    assert not clock.read().trusted


def test_a_new_appliance_on_a_full_disk_starts_all_the_same(appliance, writes, caplog):
    writes.full = appliance.machine.synchronised = True
    clock = appliance.clock()
    assert [clock.read().trusted for _ in range(5)] == [True] * 5
    assert [event.kind for event in clock.memory().events] == [EventKind.FILE_MISSING]
    assert caplog.text.count("cannot be written") == 1


# --- the memory itself ---------------------------------------------------------------------------------------------


def test_what_is_written_is_what_is_read():
    memory = Memory(
        floor=Floor(NOW, "ntp"),
        signed=NOW - HOUR,
        anchor=Anchor("boot", 12.5, NOW, NOW - MINUTE, "officer", -3.25),
        generation=2,
        confirmed=NOW - 2 * HOUR,
        first=NOW - 3 * HOUR,
        taken_back=TakenBack(NOW, NOW + HOUR, NOW + MINUTE),
    ).noting(EventKind.CONFIRMED, NOW, NOW + HOUR)
    assert decode_memory(encode_memory(memory)) == memory
    assert decode_memory(encode_memory(Memory())) == Memory()


def test_two_memories_together_know_the_later_of_each():
    mine = Memory(Floor(NOW, "ntp"), None, Anchor("this", 5.0, NOW, NOW, "ntp")).noting(EventKind.CONFIRMED, NOW, NOW)
    theirs = Memory(Floor(NOW - HOUR, "rtc"), NOW - 2 * HOUR, Anchor("other", 99.0, NOW, NOW, "rtc"))
    for one in (mine.merged(theirs, "this"), theirs.merged(mine, "this")):
        assert (one.floor, one.signed, one.anchor, len(one.events)) == (mine.floor, theirs.signed, mine.anchor, 1)
    assert len(Memory(events=mine.events * 99).events) == 99
    assert len(mine.noting(EventKind.CONFIRMED, NOW, NOW).merged(theirs, "this").events) <= MOST_EVENTS


def test_whatever_word_a_source_is_called_by_the_file_is_read_again(used):
    used.clock().saw_signed_time(NOW + HOUR, "\x00lists\n" * 20)
    assert decode_memory(used.file.read_bytes()).floor == Floor(NOW + HOUR, ("lists" * 20)[:40])
