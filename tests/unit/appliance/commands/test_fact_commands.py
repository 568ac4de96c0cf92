"""``thechip-appliance exemption`` and ``event`` from the outside: facts that have no page."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from appliance.__main__ import main
from appliance.config import Config
from appliance.meetings import Admission, MeetingKind, MeetingMode
from appliance.persons import Look
from appliance.roster import MemberClass, MemberStatus
from appliance.services import Services

AT = datetime.now(UTC) - timedelta(days=20)
OFFICER = ("--officer", "canbo")
SAID = ("--resolution", "NQ 12-NQ/CB", *OFFICER)


@pytest.fixture
def state(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    (state / "appliance.toml").write_text('state_directory = "."\n[clock]\ntrust = "system"\n')
    services = Services.open(Config.load(state / "appliance.toml"))
    code = services.accounts.issue_setup_token(at=AT)
    services.accounts.set_up(code, username="canbo", display_name="Mẫu Thị Cán Bộ", password_hash="x", at=AT)
    services.roster.add("Mẫu Thị Sen", MemberClass.OFFICIAL, "A1")
    services.database.close()
    return state


@pytest.fixture
def opened(state):
    opened = []

    def again():
        opened.append(Services.open(Config.load(state / "appliance.toml")))
        return opened[-1]

    yield again
    for services in opened:
        services.database.close()


@pytest.fixture
def run(state, capsys):
    def run(*arguments):
        try:
            code = main([*map(str, arguments), "--state", str(state)])
        except SystemExit as ended:  # argparse
            code = ended.code
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return run


def test_an_exemption_is_recorded_by_resolution_listed_and_ended(run, opened):
    code, out, _ = run("exemption", "record", 1, "exempt", "--first-day", "2026-10-01", *SAID)
    assert (code, out) == (0, "Member 1 is exempt from 2026-10-01: entry 1.\n")
    code, out, _ = run("exemption", "list")
    assert code == 0
    assert "from 2026-10-01  member 1, Mẫu Thị Sen: NQ 12-NQ/CB (Mẫu Thị Cán Bộ (canbo))" in out
    code, out, _ = run("exemption", "end", 1, "--last-day", "2026-10-31", *SAID)
    assert (code, out) == (0, "The exemption of entry 1 from 2026-10-01 until 2026-10-31: entry 2.\n")
    services = opened()
    assert services.exemptions.on(date(2026, 10, 31))[1].status is MemberStatus.EXEMPT
    assert services.exemptions.on(date(2026, 11, 1)) == {}
    assert Look.ROSTER in {line.what for line in services.access_log.lines()}


def test_what_is_in_force_on_a_day_is_told_as_json(run):
    run("exemption", "record", 1, "away", "--first-day", "2026-10-01", "--last-day", "2026-10-05", *SAID)
    (found,) = json.loads(run("exemption", "list", "--json", "--on", "2026-10-05")[1])
    assert (found["name"], found["status"], found["last_day"]) == ("Mẫu Thị Sen", "away", "2026-10-05")
    assert json.loads(run("exemption", "list", "--json", "--on", "2026-10-06")[1]) == []


def test_a_day_that_is_written_in_another_way_is_told_how(run):
    _, _, err = run("exemption", "record", 1, "exempt", "--first-day", "01/12/2026", *SAID)
    assert "argument --first-day: a day is written 2026-12-01" in err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("record", 1, "active", "--first-day", "2026-10-01", *SAID), 2),
        (("record", 1, "exempt", "--first-day", "1. Oktober", *SAID), 2),
        (("record", 1, "exempt", "--first-day", "2026-10-01", *OFFICER), 2),
        (("record", 9, "exempt", "--first-day", "2026-10-01", *SAID), 3),
        (("record", 1, "exempt", "--first-day", "2026-10-02", "--last-day", "2026-10-01", *SAID), 3),
        (("record", 1, "exempt", "--first-day", "2026-10-01", "--resolution", "x", "--officer", "nobody"), 3),
        (("record", 1, "exempt", "--first-day", "2026-10-01", "--resolution", " ", *OFFICER), 3),
        (("end", 7, "--last-day", "2026-10-01", *SAID), 3),
    ],
)
def test_what_is_no_exemption_is_refused_and_nothing_is_recorded(run, opened, arguments, code):
    assert run("exemption", *arguments)[0] == code
    assert opened().exemptions.all() == ()


@pytest.fixture
def event(opened):
    return opened().meetings.create(
        kind=MeetingKind.EVENT,
        title="Hội nghị",
        place="x",
        starts_at=AT,
        mode=MeetingMode.COUNTS,
        admission=Admission(by_list=True),
    )


def test_the_numbers_of_an_event_are_read_from_a_file_and_replace_those_before(run, opened, event, tmp_path):
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("\ufeffA1\r\nA2\r\n\r\nA2\n", encoding="utf-8")
    code, out, _ = run("event", "admit", numbers, "--meeting", event.id)
    assert (code, out) == (0, "2 numbers on the list of meeting 1; nothing but their hashes is kept.\n")
    numbers.write_text("A3\n")
    assert run("event", "admit", numbers, "--meeting", event.id)[1].startswith("1 number on the list")
    assert opened().events.admitted(event.id) == 1


def test_a_file_of_something_else_or_a_meeting_without_such_a_rule_changes_no_list(run, opened, event, tmp_path):
    numbers = tmp_path / "numbers.txt"
    numbers.write_bytes(b"\xff\xfe\x00")
    assert run("event", "admit", numbers, "--meeting", event.id)[0] == 1
    assert run("event", "admit", tmp_path / "none.txt", "--meeting", event.id)[0] == 3
    numbers.write_text("A1\n")
    assert run("event", "admit", numbers, "--meeting", 9)[0] == 3
    assert opened().events.admitted(event.id) == 0


def test_each_line_of_such_a_file_is_read_as_strictly_as_a_roster(run, opened, event, tmp_path):
    numbers = tmp_path / "numbers.txt"
    admit = ("event", "admit", numbers, "--meeting", event.id)
    numbers.write_text("Số thẻ\n\nabc\n079184000001;079184000002\n7.9184E+10\n79184000001\n")
    code, out, err = run(*admit)
    assert (code, out) == (1, "")
    lines = [line.removeprefix("thechip-appliance: ") for line in err.splitlines()]
    assert [line.split(":")[0] for line in lines[:-1]] == [f"line {number}" for number in (1, 3, 4, 5, 6)]
    words = ("a column's heading", "has digits", "letters A to Z", "rounded", "--short", "")
    assert [word for line, word in zip(lines, words, strict=True) if word not in line] == []
    assert lines[-1] == "5 faults in the file; nothing was imported [faulty-roster-file]"
    assert "79184" not in err
    assert opened().events.admitted(event.id) == 0
    numbers.write_text("79184000001\n")
    assert run(*admit, "--short-numbers")[0] == 0
    numbers.write_text("\n")
    assert "the file holds no number" in run(*admit)[2]
    assert opened().events.admitted(event.id) == 1, "an empty file empties no list"
