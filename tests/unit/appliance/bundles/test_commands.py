"""``device`` and ``bundle`` on the command line: from two strangers to one list, by stick."""

import re
from datetime import UTC, datetime

import pytest

from appliance.bundles.device_card import DeviceCard
from appliance.bundles.status import unknown_person
from appliance.errors import RuleViolation
from appliance.meetings import MeetingKind
from appliance.minutes.attendance import AttendanceService
from appliance.persons import Look, Purpose

OFFICER = ("--officer", "canbo")


def test_two_appliances_are_paired_by_their_fingerprints(two, paired):
    a, b = two
    paired(two)
    code, said = a("device", "list")
    assert (code, said.startswith("B "), said.endswith("1 appliance\n")) == (0, True, True)
    code, said = a("device", "add", a.stick / "b.device", "--fingerprint", "00" * 32, *OFFICER)
    assert (code, "another card, and nothing was added" in said) == (2, True)
    code, said = a("device", "add", a.stick / "b.device", *OFFICER)
    assert (code, "nobody is at a terminal" in said) == (2, True)
    code, said = b("device", "add", a.stick / "b.device", "--fingerprint", re.sub(" ", "", "0" * 64), *OFFICER)
    assert code == 2


def test_somebody_at_a_terminal_compares_the_fingerprint_group_by_group(two, monkeypatch):
    a, b = two
    b("device", "show", "--name", "B", "--file", b.stick / "b.device")
    assert a("device", "add", b.stick / "b.device", *OFFICER)[0] == 3, "there is not even a store"
    a.set_up()
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    code, said = a("device", "add", b.stick / "b.device", *OFFICER)
    assert (code, "nothing was added" in said) == (1, True)
    assert a("device", "list")[1].endswith("0 appliances\n")
    monkeypatch.setattr("builtins.input", lambda _: "y")
    assert a("device", "add", b.stick / "b.device", *OFFICER)[0] == 0


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 3000, b"\xff", b'{"format":"thechip-device-1"}'])
def test_a_file_that_is_no_card_is_refused(two, paired, content):
    a, b = two
    paired(two)
    file = b.stick / "x.device"
    file.write_bytes(content)
    assert "[pairing-refused]" in a("device", "add", file, "--fingerprint", "00" * 32, *OFFICER)[1]
    card = (b.stick / "b.device").read_bytes()
    file.write_bytes(card.replace(b'"name":"B"', b'"name":"C"'))
    assert "[pairing-refused]" in a("device", "add", file, "--fingerprint", "00" * 32, *OFFICER)[1], (
        "its signature is over the name"
    )


def test_another_key_under_a_known_name_is_refused_and_the_same_card_again_is_not(two, paired, tmp_path):
    a, b = two
    paired(two)
    other = type(a)(tmp_path, "c", a.capsys)
    _, said = other("device", "show", "--name", "B", "--file", tmp_path / "c.device")
    fingerprint = re.search(r"fingerprint +([0-9a-f ]{71})", said)[1]
    assert "[pairing-refused]" in a("device", "add", tmp_path / "c.device", "--fingerprint", fingerprint, *OFFICER)[1]
    _, said = a("device", "show", "--name", "A")
    own = re.search(r"fingerprint +([0-9a-f ]{71})", said)[1]
    assert "appliance itself" in a("device", "add", a.stick / "a.device", "--fingerprint", own, *OFFICER)[1]
    _, said = b("device", "show", "--name", "B")
    again = re.search(r"fingerprint +([0-9a-f ]{71})", said)[1]
    assert a("device", "add", b.stick / "b.device", "--fingerprint", again, *OFFICER)[0] == 0
    assert a("device", "list")[1].endswith("1 appliance\n")


def test_a_stick_carries_what_one_recorded_to_the_other(two, paired):
    a, b = two
    paired(two)
    a.meet("Mẫu Thị Sen")
    stick = a.stick / "stick.bundle"
    assert "bundle import stick.bundle" in a("bundle", "export", "--meeting", "1", "--to", "B", stick)[1]
    code, said = b("bundle", "import", stick)
    assert (code, "2 new entries from A" in said, "Not known here: Mẫu Thị Sen, of A" in said) == (1, True, True)
    assert [(look.account_id, look.what, look.purpose) for look in b.looks()] == [(None, Look.LIST, Purpose.CONSOLE)]
    services = b.services()
    services.roster.add("Mẫu Thị Sen", "official")
    services.database.close()
    code, said = b("bundle", "status")
    assert (code, "Not known" in said, "1 mirrored, 1 not-needed" in said) == (0, False, True)
    code, said = b("bundle", "import", stick)
    assert (code, said) == (0, "Nothing new from A (meeting 1, Mẫu).\n")
    services = b.services()
    rows = AttendanceService(services.database, services.ledger).attendance_of(1).rows
    services.database.close()
    assert [(row.name, str(row.state), row.elsewhere) for row in rows] == [("Mẫu Thị Sen", "present", "A")]
    code, said = b("bundle", "status", "--meeting", "1", "--entries")
    assert re.search(r"A +3  [0-9:]{8} there  [0-9:]{8} received  check-in-by-hand +mirrored  here \d+", said)


def test_names_that_leave_with_a_bundle_are_a_look_at_the_list_of_its_meeting(two, paired):
    a, _ = two
    paired(two)
    a.meet("Mẫu Thị Sen")
    assert a("bundle", "export", "--meeting", "1", "--to", "B", a.stick / "stick.bundle")[0] == 0
    (look,) = a.looks()
    assert (look.account_id, look.what, look.purpose, look.meeting_id) == (None, Look.EXPORT, Purpose.CONSOLE, 1)


def test_only_the_names_of_the_meeting_that_is_asked_for_are_printed_and_the_log_says_of_which(two, paired):
    a, b = two
    paired(two)
    a.meet("Mẫu Thị Sen")
    stick = a.stick / "stick.bundle"
    a("bundle", "export", "--meeting", "1", "--to", "B", stick)
    services = b.services()
    services.meetings.create(kind=MeetingKind.REGULAR, title="Khác", place="Mẫu", starts_at=datetime.now(UTC))
    services.database.close()
    assert "Not known here: Mẫu Thị Sen" in b("bundle", "import", stick)[1]
    said = {number: b("bundle", "status", "--meeting", number)[1] for number in ("1", "2")}
    assert [number for number, text in said.items() if "Mẫu Thị Sen" in text] == ["2"]
    assert "Mẫu Thị Sen" in b("bundle", "status")[1]
    assert [look.meeting_id for look in b.looks()] == [2, None]  # within one minute the same look is one line


def test_an_officer_says_who_it_is_whom_nobody_knows(two, paired, monkeypatch):
    a, b = two
    paired(two)
    a.meet("Mẫu Thị Sen")
    b.meet("Mẫu Thị Sen Hồng")
    stick = a.stick / "stick.bundle"
    services = b.services()
    services.meetings.close(1, at=datetime.now(UTC), officer="an")
    services.database.close()
    a("bundle", "export", "--meeting", "1", "--to", "B", stick)
    b("bundle", "import", stick)
    assign = ("bundle", "assign", "1", "--member", "1", "--officer")
    assert "[not-found]" in b(*assign, "nobody", "--yes")[1]
    code, said = b(*assign, "canbo")
    assert (code, "nobody is at a terminal" in said) == (2, True)
    assert "A names        Mẫu Thị Sen\nmember 1 here  Mẫu Thị Sen Hồng\n" in said
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert b(*assign, "canbo")[0] == 1
    services = b.services()
    with services.database.reading() as reader:
        unknown_person(reader, 1)
    services.database.close()
    monkeypatch.setattr("builtins.input", lambda _: "y")
    code, said = b(*assign, "canbo")
    assert (code, said.endswith("It counts from now on.\n")) == (0, True)
    looks = [look for look in b.looks() if look.what is Look.PERSON]
    assert {(look.account_id, look.purpose, look.subject is None) for look in looks} == {(1, Purpose.ATTENDANCE, False)}
    assert b("bundle", "status")[0] == 0
    assert "known already" in b(*assign, "canbo", "--yes")[1]
    services = b.services()
    with services.database.reading() as reader, pytest.raises(RuleViolation, match="known already"):
        unknown_person(reader, 1)
    services.database.close()


def test_a_bundle_for_nobody_and_of_no_meeting_are_said_to_be_so(two, paired):
    a, _ = two
    paired(two)
    a.meet()
    assert "[device-unknown]" in a("bundle", "export", "--meeting", "1", "--to", "C", a.stick / "x")[1]
    assert "[not-found]" in a("bundle", "export", "--meeting", "9", "--to", "B", a.stick / "x")[1]
    assert not (a.stick / "x").exists()
    code, said = a("bundle", "send", "--meeting", "1", "--to", "B", "--address", "http://cua-b.example")
    assert (code, "https://" in said) == (2, True)


def test_an_appliance_goes_by_the_name_that_it_was_told(two, monkeypatch):
    a, _ = two
    monkeypatch.setattr("platform.node", lambda: "may-1")
    assert "name         may-1\n" in a("device", "show")[1]
    assert "name         Cửa A\n" in a("device", "show", "--name", " Cửa  A")[1]
    assert a("device", "show", "--name", "x" * 41)[0] == 3
    file = a.stick / "a.device"
    assert "name         Cửa A\n" in a("device", "show", "--file", file)[1]
    assert DeviceCard.read(file.read_bytes()).name == "Cửa A"


def test_a_plan_that_arrives_is_said_to_be_a_new_meeting_and_the_status_names_it(two, paired):
    a, b = two
    paired(two)
    services = a.services()
    services.meetings.create(kind=MeetingKind.REGULAR, title="Tháng 11", place="Mẫu", starts_at=datetime.now(UTC))
    services.database.close()
    stick = a.stick / "stick.bundle"
    a("bundle", "export", "--meeting", "1", "--to", "B", stick)
    said = "New here: meeting 1, Tháng 11, planned by A. Open it here, too.\n"
    assert b("bundle", "import", stick) == (0, said)
    assert b("bundle", "import", stick) == (0, "Nothing new from A (meeting 1, Tháng 11).\n")
    a.meet("Mẫu Thị Sen")
    a("bundle", "export", "--meeting", "1", "--to", "B", "--force", stick)
    b("bundle", "import", stick)
    assert "  meeting 1, Tháng 11: entries " in b("bundle", "status")[1]


def test_a_name_that_fits_but_for_its_accents_is_asked_about_and_not_taken_for_the_same(two, paired):
    a, b = two
    paired(two)
    a.meet("Mẫu Thị Lân")
    services = b.services()
    services.roster.add("Mẫu Thị Lan", "official")
    services.database.close()
    a("bundle", "export", "--meeting", "1", "--to", "B", a.stick / "stick.bundle")
    code, said = b("bundle", "import", a.stick / "stick.bundle")
    asked = "Not known here: Mẫu Thị Lân, of A, perhaps member 1, Mẫu Thị Lan: bundle assign 1"
    assert (code, asked in said) == (1, True)
    b("bundle", "assign", "1", "--member", "1", "--yes", *OFFICER)
    said = b("person", "find", "lan", *OFFICER)[1]
    assert ("Mẫu Thị Lan  (member)" in said, "Mẫu Thị Lân  (member, by “A”)" in said) == (True, True)
    services = b.services()
    services.access_log.looked(None, Look.PERSON, Purpose.CONSOLE, at=datetime.now(UTC), subject="member:1")
    services.database.close()
    said = b("person", "access-log", *OFFICER)[1]
    assert ("the data of Mẫu Thị Lan," in said, "Lân" in said) == (True, False)
