"""``thechip-appliance person`` and ``retention`` from the outside."""

import io
import json
import stat
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pypdf import PdfReader

from appliance.__main__ import main
from appliance.bundles.device_card import DeviceCard
from appliance.clock.machine import ThisMachine
from appliance.config import Config
from appliance.ledger import EntryKind, NewEntry
from appliance.lists.identity import RosterIdentity
from appliance.meetings import MeetingKind
from appliance.persons import Look, Purpose
from appliance.roster import MemberClass
from appliance.services import Services
from appliance.standing.entries import visitor_subject

AT = datetime.now(UTC) - timedelta(days=200)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICER = ("--officer", "canbo")


@pytest.fixture
def state(tmp_path):
    """An appliance with an account, two members and a meeting that is long over."""
    state = tmp_path / "state"
    state.mkdir()
    settings = 'state_directory = "."\n[clock]\ntrust = "system"\n[retention]\nmeetings_months = 1\n'
    (state / "appliance.toml").write_text(settings)
    services = Services.open(Config.load(state / "appliance.toml"))
    code = services.accounts.issue_setup_token(at=AT)
    services.accounts.set_up(code, username="canbo", display_name="Mẫu Thị Cán Bộ", password_hash="x", at=AT)
    for name, number in (("Mẫu Thị Sen", "A1"), ("Mẫu Văn Tre", "A2")):
        services.roster.add(name, MemberClass.OFFICIAL, number)
    meeting = services.meetings.create(kind=MeetingKind.REGULAR, title="Tháng 1", place="x", starts_at=AT)
    services.meetings.open(meeting.id, at=AT, officer="an")
    services.checkins.record_by_hand(1, reason="Quên thẻ", recorded_by="an", confirmed_by="bình", at=AT)
    services.meetings.close(meeting.id, at=AT, officer="an")
    services.database.close()
    return state


@pytest.fixture
def run(state, capsys, monkeypatch):
    def run(*arguments, typed="", at_terminal=False):
        monkeypatch.setattr("sys.stdin", stdin := io.StringIO(typed))
        stdin.isatty = lambda: at_terminal
        try:
            code = main([*map(str, arguments), "--state", str(state)])
        except SystemExit as ended:  # argparse
            code = ended.code
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return run


def test_a_request_from_its_receipt_to_the_paper_in_hand(run, tmp_path):
    code, out, _ = run("person", "find", "sen", *OFFICER)
    assert (code, out) == (0, "member:1      Mẫu Thị Sen  (member)\n1 found\n")
    code, out, _ = run("person", "requests", "receive", "access", "member:1", *OFFICER)
    assert (code, out.startswith("Request 1, due on 20")) == (0, True)
    code, out, _ = run("person", "export", "member:1", "--to", tmp_path, "--request", "1", *OFFICER)
    assert (code, "Request 1 is answered." in out) == (0, True)
    ((paper,), (data,)) = tmp_path.glob("member-1-*.pdf"), tmp_path.glob("member-1-*.json")
    text = "".join(page.extract_text() for page in PdfReader(paper).pages)
    assert ("Mẫu Thị Sen" in text, "Chưa trả lời" in text, "account" in text) == (True, False, False)
    said = json.loads(data.read_text())
    assert (said["roster"]["name"], said["looks"][-1]["what"]) == ("Mẫu Thị Sen", "dossier")
    assert said["requests"][0]["answer"] == "done", "they answer it"
    assert {stat.S_IMODE(path.stat().st_mode) for path in (paper, data)} == {0o600}
    code, out, _ = run("person", "requests", "list", "--json")
    (register,) = json.loads(out)
    assert (register["answer"], register["answered_by"]) == ("done", "Mẫu Thị Cán Bộ (canbo)")
    assert "Sen" not in out
    assert run("person", "requests", "list")[1].endswith("0 open, 1 in all\n")


def test_somebody_is_found_by_the_number_of_a_card_that_is_never_an_argument(run):
    code, out, _ = run("person", "find", "--number", *OFFICER, typed="a2\n")
    assert (code, out) == (0, "member:2      Mẫu Văn Tre  (member)\n1 found\n")
    for wrong in ((), ("sen", "--number")):
        assert run("person", "find", *wrong, *OFFICER)[0] == 2


def test_somebody_is_erased_only_on_a_word_and_is_gone_from_the_log_of_looks(run):
    code, _, err = run("person", "erase", "member:1", *OFFICER, typed="ERASE\n")
    assert (code, "nobody is at a terminal to be asked; a script says --yes" in err) == (2, True)
    code, out, err = run("person", "erase", "member:1", *OFFICER, typed="yes\n", at_terminal=True)
    assert (code, "nothing was erased" in err) == (2, True)
    assert out.startswith("member:1      Mẫu Thị Sen: 1 entry\nAll of it goes, and this cannot be undone."), "whom"
    assert run("person", "find", "sen", *OFFICER)[1].endswith("1 found\n")
    run("person", "export", "member:1", "--to", "/dev/null", *OFFICER)
    assert "(canbo) took the dossier of Mẫu Thị Sen, for a person's request" in run("person", "access-log", *OFFICER)[1]
    code, out, _ = run("person", "erase", "member:1", *OFFICER, typed="ERASE\n", at_terminal=True)
    assert (code, "Erased from 1 entry of the ledger." in out, "--number" in out) == (0, True, False)
    assert run("person", "find", "sen", *OFFICER)[1] == "0 found\n"
    said = run("person", "access-log", "--json", *OFFICER)[1]
    assert "Sen" not in said
    assert {json.loads(line)["about"] for line in said.splitlines()} == {None, "somebody who was erased"}
    assert {json.loads(line)["by"] for line in said.splitlines()} == {"Mẫu Thị Cán Bộ (canbo)"}
    assert run("ledger", "verify")[0] == 0


def test_who_has_no_number_of_ours_is_looked_for_by_number_once_more_after_their_erasure(run, state):
    services = Services.open(Config.load(state / "appliance.toml"))
    services.roster.add("Mẫu Thị Ổi", MemberClass.PROBATIONARY)
    services.database.close()
    code, out, _ = run("person", "erase", "member:3", "--yes", *OFFICER)
    assert (code, "by the number of the card only: person find --number" in out) == (0, True)


def test_the_log_of_looks_shows_the_time_of_the_appliances_own_zone(run):
    run("person", "find", "sen", *OFFICER)
    first = run("person", "access-log", *OFFICER)[1].splitlines()[0]
    said = json.loads(run("person", "access-log", "--json", *OFFICER)[1].splitlines()[0])
    at = datetime.fromisoformat(said["at"])
    assert at.utcoffset() == timedelta(0)
    looked = "Mẫu Thị Cán Bộ (canbo) looked at the roster, for a person's request"
    assert first == f"{at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}  {looked}"


def test_earlier_visits_of_a_member_are_in_what_is_handed_out_and_their_looks_in_the_log(run, state, tmp_path):
    services = Services.open(Config.load(state / "appliance.toml"))
    hashed = services.roster.identifier_hash("A1")
    entry = NewEntry(EntryKind.VISIT, 1, subject=visitor_subject(hashed), body={"name": "MAU THI SEN"})
    services.ledger.append(entry, at=AT)
    services.access_log.looked(None, Look.PERSON, Purpose.CONSOLE, at=AT, subject=visitor_subject(hashed))
    services.database.close()
    assert run("person", "export", "member:1", "--to", tmp_path, *OFFICER)[0] == 0
    said = json.loads(next(tmp_path.glob("member-1-*.json")).read_text())
    assert [one["kind"] for one in said["entries"]] == ["check-in-by-hand", "visit"]
    assert [one["what"] for one in said["looks"]] == ["person", "dossier"]
    assert len(run("person", "access-log", "--about", "member:1", *OFFICER)[1].splitlines()) == 2


def test_who_has_no_number_of_ours_may_have_visits_that_are_not_handed_out(run, state, tmp_path):
    services = Services.open(Config.load(state / "appliance.toml"))
    services.roster.add("Mẫu Thị Ổi", MemberClass.PROBATIONARY)
    services.database.close()
    assert "person find --number" in run("person", "export", "member:3", "--to", tmp_path, *OFFICER)[1]
    assert "person find --number" not in run("person", "export", "member:1", "--to", tmp_path, *OFFICER)[1]


def test_an_erasure_says_at_which_paired_appliances_the_person_may_be_kept(run, state, tmp_path):
    assert "bundle export" not in run("person", "erase", "member:2", "--yes", *OFFICER)[1]
    services = Services.open(Config.load(state / "appliance.toml"))
    for name in ("Cửa B", "Cửa C"):
        key = Ed25519PrivateKey.generate()
        card = DeviceCard(name, key.public_key().public_bytes_raw(), RosterIdentity.load_or_create(tmp_path).recipient)
        services.bundles.pairing.add(card, at=AT)
    services.bundles.export(1, "Cửa B", at=AT)
    services.database.close()
    code, out, _ = run("person", "erase", "member:1", "--yes", *OFFICER)
    assert code == 0
    assert out.startswith("member:1      Mẫu Thị Sen: 1 entry\n"), "a script says whom it erased, too"
    assert "May have this person on its own roster: “Cửa B”, “Cửa C”. There: person find, person erase." in out
    assert "“Cửa B” has from here is erased there by the next bundle: bundle export --meeting 1 --to 'Cửa B'" in out
    assert "“Cửa C” has from here" not in out, "it was never given a meeting"
    assert "Recorded this person" not in out


def test_an_entry_about_a_member_is_no_handle_of_a_person(run):
    for command in (("erase", "--yes"), ("export", "--to", "/dev/null")):
        code, out, err = run("person", command[0], "entry:2", *command[1:], *OFFICER)
        assert (code, out, "say member:1, which is all of that person" in err) == (3, "", True)
    assert run("person", "find", "sen", *OFFICER)[1].endswith("1 found\n")


def test_nobody_acts_without_an_account(run, tmp_path):
    for command in (("find", "sen"), ("export", "member:1", "--to", tmp_path), ("erase", "member:1", "--yes")):
        code, out, err = run("person", *command, "--officer", "nobody")
        assert (code, out, "[not-found]" in err) == (3, "", True)
        assert run("person", *command)[0] == 2


def test_what_goes_by_its_age_is_told_first_and_done_then(run):
    code, out, _ = run("retention", "--dry-run")
    assert code == 0
    assert out.splitlines() == [
        f"      1  persons     meeting 1, ended on {AT.astimezone(ZONE):%Y-%m-%d}",
        f"      2  roll        meeting 1, ended on {AT.astimezone(ZONE):%Y-%m-%d}",
        "3 lines would go; nothing was changed.",
    ]
    assert "Sen" not in out
    done = [(one["kind"], one["count"]) for one in json.loads(run("retention", "--json")[1])]
    assert done == [("persons", 1), ("roll", 2)]
    assert run("retention")[1] == "0 lines went.\n"
    assert run("ledger", "verify")[0] == 0


def test_without_a_policy_it_says_that_nothing_goes(run, state):
    (state / "appliance.toml").write_text('state_directory = "."\n[clock]\ntrust = "system"\n')
    code, out, err = run("retention")
    assert (code, out) == (0, "0 lines went.\n")
    assert "no time is set in [retention]" in err


@pytest.mark.parametrize(
    "line", ["meetings_months = -1", "visitors_months = 1201", "months = 3", "access_log_months = 1.5"]
)
def test_a_time_that_cannot_be_is_refused(run, state, line):
    (state / "appliance.toml").write_text(f'state_directory = "."\n[retention]\n{line}\n')
    code, _, err = run("retention")
    assert (code, "[config-error]" in err) == (2, True)


def test_a_clock_that_nobody_vouches_for_lets_nothing_go(run, state, monkeypatch):
    monkeypatch.setattr(ThisMachine, "is_synchronised", lambda self: False)
    monkeypatch.setattr(ThisMachine, "hardware_clocks", lambda self: ())
    (state / "appliance.toml").write_text('state_directory = "."\n[retention]\nmeetings_months = 1\n')
    code, _, err = run("retention")
    assert (code, "the time is not known for certain" in err) == (3, True)


@pytest.mark.parametrize("which", [("--all",), ("--meeting", "1")])
def test_the_ledger_taken_away_as_a_file_is_a_look_on_record(run, state, tmp_path, which):
    assert run("ledger", "export", *which, tmp_path / "ledger.jsonl")[0] == 0
    services = Services.open(Config.load(state / "appliance.toml"))
    (line,) = services.access_log.lines()
    services.database.close()
    assert (line.account_id, line.what.value, line.meeting_id) == (None, "export", None if which == ("--all",) else 1)
