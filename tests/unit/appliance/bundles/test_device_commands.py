"""``device remove``, ``device settle`` and what ``device list`` says of whom nobody believes."""

import shutil
import sqlite3
from contextlib import closing

import pytest


def contradicting(two, paired):
    """B goes on beside a copy of itself, and A has heard both."""
    a, b = two
    paired(two)
    b.meet()
    twin = type(b)(b.stick, "twin", b.capsys)
    shutil.rmtree(twin.state)
    shutil.copytree(b.state, twin.state)
    stick = a.stick / "stick.bundle"
    for one, name in ((b, "Mẫu Thị Sen"), (twin, "Mẫu Văn Tre")):
        one.meet(name)
        one("bundle", "export", "--meeting", "1", "--to", "A", "--force", stick)
        _, said = a("bundle", "import", stick)
    assert "[device-contradicts-itself]" in said
    return twin, stick


OFFICER = ("--officer", "canbo")
SETTLE = ("device", "settle", "B", *OFFICER, "--finding", "Bản sao đã tắt")


def test_an_alarm_is_looked_at_and_settled_by_an_officer_and_stays_on_record(two, paired, monkeypatch):
    a, _ = two
    _, stick = contradicting(two, paired)
    a.meet("Mẫu Thị Sen")
    code, said = a("device", "list")
    assert (code, "ALARM: it signed two different entries" in said) == (1, True)
    code, said = a(*SETTLE)
    assert (code, "nobody is at a terminal" in said) == (2, True)
    assert said.count("check-in-by-hand") == 2, "both entries are shown"
    assert "Mẫu" not in said
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert a(*SETTLE)[0] == 1
    assert a("device", "list")[0] == 1
    monkeypatch.setattr("builtins.input", lambda _: "y")
    code, said = a(*SETTLE)
    assert (code, "Settled, on record: 1 alarm of B." in said) == (0, True)
    for command in (("device", "list"), ("bundle", "status")):
        _, said = a(*command)
        assert "ALARM" not in said
        assert "by Mẫu Thị Cán Bộ (canbo): it had signed two different entries" in said
        assert "Bản sao đã tắt" in said
    assert a("device", "list")[0] == 0
    assert a(*SETTLE) == (0, "Nothing of B waits to be settled.\n")
    assert "[device-contradicts-itself]" in a("bundle", "import", stick)[1], "it is refused as before"
    assert a("device", "list")[0] == 0, "and is no new alarm"
    services = a.services()
    with services.database.reading() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM device_alarms WHERE length(document) > 0").scalar() == 1
    assert services.ledger.verify().ok
    services.database.close()


def test_another_contradiction_is_a_new_alarm(two, paired):
    a, b = two
    twin, stick = contradicting(two, paired)
    a(*SETTLE, "--yes")
    assert a("device", "list")[0] == 0
    b.meet("Mẫu Văn Mận")
    b("bundle", "export", "--meeting", "1", "--to", "A", "--force", stick)
    a("bundle", "import", stick)
    twin.meet("Mẫu Thị Cúc")
    services = twin.services()
    last = services.ledger.verify().entries
    services.database.close()
    twin("bundle", "export", "--meeting", "1", "--to", "A", "--force", "--since", last - 1, stick)
    assert "[device-contradicts-itself]" in a("bundle", "import", stick)[1]
    code, said = a("device", "list")
    assert (code, said.count("ALARM"), said.count("settled 2")) == (1, 1, 1)


def test_a_removed_appliance_is_told_its_alarms_too_and_added_again_from_its_card(two, paired):
    a, b = two
    contradicting(two, paired)
    with pytest.raises(SystemExit):
        a("device", "remove", "B", "--yes")  # nobody says so
    code, said = a("device", "remove", "B", *OFFICER)
    assert (code, said.startswith("B  "), "a script says --yes" in said) == (2, True, True)
    code, said = a("device", "remove", "B", "--yes", *OFFICER)
    assert (code, "What it recorded so far stays." in said) == (0, True)
    code, said = a("device", "list")
    assert (code, "removed: nothing is taken from it" in said, "ALARM" in said) == (1, True, True)
    assert a(*SETTLE, "--yes")[0] == 0
    code, said = a("device", "list")
    assert (code, said.endswith("0 appliances\n")) == (0, True)
    code, said = a("bundle", "status")
    assert "B (not paired now: device list): 1 bundle" in said
    assert "[device-unknown]" in a("device", "remove", "B", "--yes", *OFFICER)[1]
    fingerprint = b("device", "show", "--name", "B")[1].split("fingerprint")[1].split("recipient")[0].strip()
    assert a("device", "add", b.stick / "b.device", "--fingerprint", fingerprint, *OFFICER)[0] == 0
    code, said = a("device", "list")
    assert (code, said.endswith("1 appliance\n")) == (0, True)
    services = a.services()
    entries = [entry.body["officer"] for entry in services.ledger.entries(limit=99) if "device-" in entry.kind]
    services.database.close()
    assert entries == ["Mẫu Thị Cán Bộ (canbo)"] * 4, "added, removed, settled, added"


def test_what_is_in_the_store_and_not_on_record_is_shown_as_not_believed(two, paired):
    a, _ = two
    paired(two)
    with closing(sqlite3.connect(a.state / "thechip.sqlite3")) as store, store:
        store.execute("UPDATE devices SET public_key = zeroblob(32), name = 'B' || char(27) || '[2J'")
    code, said = a("device", "list")
    assert (code, said.count("NOT BELIEVED"), "\x1b" in said) == (1, 2, False)
    assert "in the store, and not on record" in said
    assert "on record, and not so in the store" in said
    assert said.endswith("0 appliances\n")
