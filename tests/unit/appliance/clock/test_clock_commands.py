"""``thechip-appliance clock``: what time it is, whether that is known, and a technician's word."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.__main__ import main
from appliance.clock.machine import ThisMachine
from appliance.clock.memory_format import decode_memory

TOMORROW = datetime.now(UTC) + timedelta(days=1)
HANOI = timedelta(hours=7)


@pytest.fixture(autouse=True)
def unkept(monkeypatch):
    """This machine, as if it had neither a time server nor a battery."""
    monkeypatch.setattr(ThisMachine, "is_synchronised", lambda self: False)
    monkeypatch.setattr(ThisMachine, "hardware_clocks", lambda self: ())


@pytest.fixture
def state(tmp_path, capsys) -> Path:
    state = tmp_path / "state"
    assert main(["init", "--state", str(state), "--reader", "/dev/ttyUSB0"]) == 0
    assert main(["setup-link", "--state", str(state)]) == 0
    capsys.readouterr()
    return state


@pytest.fixture
def run(state, capsys):
    def run(*arguments):
        code = main(["clock", *arguments, "--state", str(state)])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return run


def local(at: datetime) -> str:
    return f"{at + HANOI:%Y-%m-%d %H:%M}"


def test_it_says_what_time_it_is_and_ends_with_1_while_that_is_not_known(run):
    code, out, _ = run("show")
    assert code == 1
    assert out.startswith(f"It is perhaps {local(datetime.now(UTC))}")
    assert "Nobody vouches for the system's clock" in out
    assert "Certainly past: 2026-01-01 07:00:00 (release)." in out
    assert "file-missing: from" in out


def test_as_json_it_says_everything(run):
    code, out, _ = run("show", "--json")
    said = json.loads(out)
    assert (code, said["trusted"], said["state"], said["source"]) == (1, False, "unconfirmed", "system")
    assert set(said) == {"at", "trusted", "state", "source", "floor", "floor_source", "signed", "events"}
    assert [event["kind"] for event in said["events"]] == ["file-missing"]


def test_the_systems_time_is_confirmed_where_no_other_one_is_named(run):
    code, out, _ = run("confirm")
    assert (code, out[:-5]) == (0, f"Confirmed: it is {local(datetime.now(UTC))}")
    code, out, _ = run("show")
    assert code == 0
    assert "The time is known, by the word of: officer." in out


@pytest.mark.parametrize("pattern", ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"])
def test_a_time_is_named_in_the_zone_of_the_configuration(run, pattern):
    code, out, _ = run("confirm", "--at", f"{TOMORROW + HANOI:{pattern}}")
    assert (code, out[:-5]) == (0, f"Confirmed: it is {local(TOMORROW)}")
    assert run("show")[1].startswith(f"It is {local(TOMORROW)}")


@pytest.mark.parametrize("at", ["", "tomorrow", "2026-13-01 10:00", "0001-01-01 00:00", "19:03", "2026-11-29"])
def test_what_is_no_time_is_wrong_usage(run, at):
    code, out, err = run("confirm", "--at", at)
    assert (code, out) == (2, "")
    assert '"2026-11-29 19:03"' in err


def test_the_past_is_refused_with_a_sentence_and_a_mistake_is_taken_back(run, state):
    assert run("confirm", "--at", "2062-01-01 10:00")[0] == 0
    code, _, err = run("confirm")
    assert code == 3
    assert "it is later than that: 2062-01-01 03:00 UTC has certainly passed [clock-before-floor]" in err
    assert run("confirm", "--lower")[0] == 0
    assert run("show")[0] == 0
    assert decode_memory((state / "clock.json").read_bytes()).floor.at < TOMORROW


def test_what_was_signed_wrongly_is_taken_back_only_with_the_rest(run):
    code, _, err = run("confirm", "--signed-too")
    assert (code, "--signed-too goes with --lower" in err) == (2, True)
    assert run("confirm", "--at", "2062-01-01 10:00")[0] == 0
    assert run("confirm", "--lower", "--signed-too")[0] == 0
    assert run("show")[0] == 0


def test_what_is_far_ahead_is_asked_for_on_purpose(run):
    assert run("confirm")[0] == 0
    code, _, err = run("confirm", "--at", "2062-01-01 10:00")
    assert code == 3
    assert "[clock-too-far-ahead]" in err
    assert run("confirm", "--at", "2062-01-01 10:00", "--far-ahead")[0] == 0


def test_without_an_appliance_there_is_no_clock_to_show(tmp_path, capsys):
    assert main(["init", "--state", str(tmp_path / "new"), "--reader", "/dev/ttyUSB0"]) == 0
    assert main(["clock", "show", "--state", str(tmp_path / "new")]) == 3
    assert "there is no store" in capsys.readouterr().err
