"""Persons of whom only another appliance told: found, handed out, erased like anybody else."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest

from appliance.__main__ import main
from appliance.bundles.device_card import DeviceCard
from appliance.bundles.service import BundleService
from appliance.errors import NotFound, RuleViolation
from appliance.ledger import EntryKind
from appliance.lists.identity import RosterIdentity
from appliance.persons import Look, Purpose
from appliance.persons.from_elsewhere import forget_some
from appliance.persons.paired import paired_appliances
from appliance.storage.devices import Taken

ELSEWHERE = "Mẫu Thị Cúc"
"""On the roster of the other appliance only."""


@dataclass
class Pair:
    """This appliance, and another one at a second door whose bundles it takes."""

    here: object
    there: object
    bundles: BundleService
    theirs: BundleService
    start: object

    def brings(self, minutes=5):
        at = self.start + timedelta(minutes=minutes)
        return self.bundles.receive(self.theirs.export(1, "Cửa A", at=at), at=at)


def bundles_of(rooms):
    identity = partial(RosterIdentity.load_or_create, rooms.state / "keys")
    return BundleService(
        rooms.database, rooms.keys, rooms.ledger, rooms.roster, rooms.meetings, identity=identity, pause=lambda _: None
    )


def introduce(to, one, name, at):
    to.pairing.add(DeviceCard.read(one.pairing.signed_card(name)), at=at)


@pytest.fixture
def pair(rooms, start, tmp_path):
    """One meeting at two doors; a member came to the other door whom only that appliance has on its roster."""
    there = type(rooms)(tmp_path / "there")
    pair = Pair(rooms, there, bundles_of(rooms), bundles_of(there), start)
    introduce(pair.bundles, pair.theirs, "Cửa B", start)
    introduce(pair.theirs, pair.bundles, "Cửa A", start)
    rooms.member("Mẫu Thị Sen", "A1")
    for name, number in (("Mẫu Thị Sen", "A1"), (ELSEWHERE, "A2")):
        there.member(name, number)
    meeting = rooms.plan()
    pair.theirs.receive(pair.bundles.export(meeting.id, "Cửa B", at=start), at=start)
    rooms.meetings.open(meeting.id, at=start, officer="an")
    there.meetings.open(1, at=start, officer="bình")
    there.tap("A2", minutes=1)
    there.tap("A1", minutes=2)
    there.tap("STRANGER", minutes=3)
    pair.brings()
    yield pair
    there.database.close()


def test_who_is_on_no_roster_here_is_found_by_name(pair, persons):
    (found,) = persons.finder.by_name("cuc mau")
    assert (found.handle, found.kind, found.appliance) == ("elsewhere:2", "member", "Cửa B")
    assert persons.finder.subject_of(found.handle) == found.subject
    assert ELSEWHERE not in repr(found)
    (visitor,) = persons.finder.by_name("khach")
    assert (visitor.handle.startswith("entry:"), visitor.appliance) == (True, "Cửa B")
    assert [one.handle for one in persons.finder.by_name("sen")] == ["member:1"]


def test_their_dossier_has_what_the_other_appliance_told(pair, persons, start, printed):
    (found,) = persons.finder.by_name("cuc")
    dossier = persons.dossiers.of([found.subject], at=start)
    said = json.loads(json.dumps(dossier.as_json()))
    assert (dossier.name, said["roster"], said["entries"]) == (ELSEWHERE, None, [])
    assert [(one["appliance"], one["name"]) for one in said["known_elsewhere"]] == [("Cửa B", ELSEWHERE)]
    (record,) = said["recorded_elsewhere"]
    assert (record["appliance"], record["kind"], record["at"]) == ("Cửa B", "check-in", "2026-11-03T12:01:00.000000Z")
    text = printed(dossier)
    for words in (f"Tên trong máy đó {ELSEWHERE}", "Cửa B 03/11/2026 19:01 Có mặt, bằng thẻ Sinh hoạt tháng 11"):
        assert words in text
    assert ELSEWHERE not in repr(dossier)


def test_of_a_member_here_the_name_that_they_have_there_is_in_the_dossier(pair, persons, start):
    said = persons.dossiers.of(["member:1"], at=start).as_json()
    assert [one["name"] for one in said["known_elsewhere"]] == ["Mẫu Thị Sen"]
    assert said["recorded_elsewhere"] == []
    assert [one["kind"] for one in said["entries"]] == ["check-in"]


def test_they_are_erased_for_good_and_on_record(pair, persons, rooms, start):
    (found,) = persons.finder.by_name("cuc")
    request = persons.requests.receive("erasure", at=start, by="an", subject=found.subject)
    erased = persons.erasing.erase([found.subject], at=start, officer="an", request=request.id)
    assert (erased.entries, erased.elsewhere) == ((), 1)
    assert persons.finder.by_name("cuc") == ()
    assert persons.elsewhere.records() == ()
    last = rooms.ledger.entries(limit=1000)[-1]
    assert (last.kind, dict(last.body)) == (
        EntryKind.ERASURE,
        {"officer": "an", "erased": [], "what": "elsewhere", "count": 1},
    )
    assert rooms.ledger.verify().ok
    answered = persons.requests.get(request.id)
    assert (answered.entries, answered.subject) == (1, None)
    pair.brings(minutes=9)
    assert persons.finder.by_name("cuc") == ()
    with pytest.raises(NotFound, match="or it was erased"):
        persons.finder.subject_of(found.handle)
    assert [one.handle for one in persons.finder.by_name("sen")] == ["member:1"]


def test_who_is_a_member_by_now_has_the_handle_of_one(pair, persons, rooms, start):
    (found,) = persons.finder.by_name("cuc")
    rooms.member("Mẫu Văn Mận", "A9")
    pair.bundles.assign(2, 2, officer="an", at=start)
    assert persons.finder.subject_of(found.handle) == "member:2"
    (named,) = persons.finder.by_name("cuc")
    assert (named.handle, named.appliance) == ("member:2", "Cửa B"), "by the name that they have there"
    persons.erasing.erase(["member:2"], at=start, officer="an")
    assert persons.finder.by_name("cuc") == ()


def unreadable(pair):
    """Let what came of the visitor be something that this release does not understand, and kept as it came."""
    with pair.here.database.writing() as writer:
        writer.exec_driver_sql("DROP TRIGGER IF EXISTS foreign_entries_stay")
        row = writer.exec_driver_sql("SELECT sequence FROM foreign_entries WHERE kind = 'visit'").one()
        writer.exec_driver_sql(
            "UPDATE foreign_entries SET taken = ?, mirrored_as = NULL WHERE sequence = ?",
            (Taken.UNREADABLE.value, row.sequence),
        )
    return row.sequence


def test_a_visitor_in_an_entry_that_was_never_taken_over_is_found_and_erased(pair, persons, rooms, start, printed):
    (mirrored,) = persons.finder.by_name("khach")
    sequence = unreadable(pair)
    rooms.erasure.erase_subject(mirrored.subject, at=start, officer="an")
    (found,) = persons.finder.by_name("khach")
    assert (found.handle, found.kind) == (f"elsewhere:1.{sequence}", "visit")
    assert persons.finder.subject_of(found.handle) == found.subject == mirrored.subject
    assert "PHAM VAN KHACH" in printed(persons.dossiers.of([found.subject], at=start))
    erased = persons.erasing.erase([found.subject], at=start, officer="an")
    assert (erased.entries, erased.elsewhere) == ((), 1)
    assert persons.finder.by_name("khach") == ()


def test_a_visitor_who_is_in_both_is_one_person(pair, persons, rooms, start):
    (mirrored,) = persons.finder.by_name("khach")
    unreadable(pair)
    (still_one,) = persons.finder.by_name("khach")
    assert still_one.handle == mirrored.handle
    erased = persons.erasing.erase([mirrored.subject], at=start, officer="an")
    assert (len(erased.entries), erased.elsewhere) == (1, 1)


def test_what_another_appliance_said_prints_whatever_it_said(pair, persons, rooms, start, printed):
    """What is not taken over was never read by anybody: letters that nobody prints, times that are none."""
    (known,) = (one for one in persons.elsewhere.people() if one.name == ELSEWHERE)
    body = {"subject": "member:2", "arrived_at": "at dawn", "reason": "\x00\x1b[2J \ufffe", "more": {"deep": [1, None]}}
    sealed = persons.elsewhere._vault.seal_body(1, 3, json.dumps(body).encode())
    with rooms.database.writing() as writer:
        writer.exec_driver_sql("UPDATE foreign_entries SET sealed = ? WHERE sequence = 3", (sealed,))
    text = printed(persons.dossiers.of([known.subject], at=start))
    assert "Giờ đến: at dawn" in text
    assert "\x1b" not in text


def test_when_the_time_of_a_meeting_is_over_what_was_not_needed_of_persons_goes_too(pair, persons, rooms, start):
    sequence = unreadable(pair)
    with rooms.database.writing() as writer:
        writer.exec_driver_sql("UPDATE foreign_entries SET taken = 'not-needed' WHERE sequence = ?", (sequence,))
    assert {record.taken for record in persons.elsewhere.records()} == {Taken.UNMATCHED, Taken.NOT_NEEDED}
    with rooms.database.writing() as writer:
        forget_some(writer, 1, at_most=500)
    assert persons.elsewhere.records() == ()


@pytest.mark.parametrize("handle", ["elsewhere:", "elsewhere:x", "elsewhere:1.", "elsewhere:1.2.3", "elsewhere:²"])
def test_what_is_no_handle_is_refused(persons, handle):
    with pytest.raises(RuleViolation, match="elsewhere:5"):
        persons.finder.subject_of(handle)


@pytest.mark.parametrize("handle", ["elsewhere:99", "elsewhere:1.99", "elsewhere:9.1"])
def test_a_handle_of_nobody_is_nobodys(pair, persons, handle):
    with pytest.raises(NotFound):
        persons.finder.subject_of(handle)


def test_at_which_appliances_somebody_may_be_kept_is_known_before_they_are_erased(pair, persons, rooms, start):
    introduce(pair.bundles, bundles_of(third := type(rooms)(rooms.state.parent / "third")), "Cửa C", start)
    third.database.close()
    where = partial(paired_appliances, rooms.database, rooms.ledger, persons.elsewhere)
    (cuc,), (visitor,) = persons.finder.by_name("cuc"), persons.finder.by_name("khach")
    for subject in (cuc.subject, visitor.subject, "member:1"):
        found = where([subject])
        assert (found.recorded, found.others, found.shared) == (("Cửa B",), ("Cửa C",), {})
    rooms.tap("A1", minutes=30)
    rooms.checkins.excuse(rooms.member("Mẫu Văn Tre", "A3").id, reason="ốm", recorded_by="an", at=start)
    assert where(["member:2"]).shared == {"Cửa B": 1}, "the other was given no bundle"
    bundles_of(rooms).export(1, "Cửa C", at=start)
    assert where(["member:2"]).shared == {"Cửa B": 1, "Cửa C": 1}
    later = rooms.plan()
    rooms.meetings.close(1, at=start, officer="an")
    rooms.meetings.open(later.id, at=start, officer="an")
    rooms.checkins.excuse(2, reason="ốm", recorded_by="an", at=start)
    assert where(["member:2"]).shared == {"Cửa B": 1, "Cửa C": 1}, "the newest that they were given, not the newest"
    assert where(["member:2"]).recorded == ()


def test_the_commands_find_hand_out_and_erase_them_and_name_the_other_appliance(pair, persons, rooms, start, capsys):
    code = persons.accounts.issue_setup_token(at=start)
    persons.accounts.set_up(code, username="canbo", display_name="Mẫu Thị Cán Bộ", password_hash="x", at=start)
    settings = rooms.state / "appliance.toml"
    settings.write_text('state_directory = "."\n[clock]\ntrust = "system"\n', encoding="utf-8")
    rooms.database.close()

    def run(*arguments):
        assert main(["person", *arguments, "--officer", "canbo", "--config", str(settings)]) == 0
        return capsys.readouterr().out

    assert run("find", "cuc") == f"elsewhere:2   {ELSEWHERE}  (member, by “Cửa B”)\n1 found\n"
    run("export", "elsewhere:2", "--to", str(rooms.state.parent))
    (written,) = rooms.state.parent.glob("elsewhere-2-*.json")
    assert ELSEWHERE in written.read_text(encoding="utf-8")
    assert f"dossier of {ELSEWHERE}, for a person's request" in run("access-log", "--about", "elsewhere:2")
    said = run("erase", "elsewhere:2", "--yes").splitlines()
    assert said[:4] == [
        f"elsewhere:2   {ELSEWHERE}: 0 entries, 1 entry of other appliances",
        "Erased from 0 entries of the ledger. Figures of closed meetings stay.",
        "Of other appliances, 1 entry that waited here went, too.",
        "Recorded this person, too, and keeps it: “Cửa B”. There: person find, person erase.",
    ]
    assert run("find", "cuc") == "0 found\n"


def test_whoever_is_unknown_here_is_told_who_looked_at_the_list_on_which_they_stand(pair, persons, rooms, start):
    other = rooms.plan("Sinh hoạt tháng 12")
    looks = ((Look.LIST, 1, 4), (Look.LIST, 1, 6), (Look.LIST, other.id, 7), (Look.EXPORT, 1, 8), (Look.LIST, None, 9))
    for what, meeting_id, minutes in looks:
        at = start + timedelta(minutes=minutes)
        persons.access_log.looked(None, what, Purpose.CONSOLE, at=at, meeting_id=meeting_id)
    (found,) = persons.finder.by_name("cuc")
    dossier = persons.dossiers.of([found.subject], at=start)
    assert [(look.what, look.meeting_id, look.at.minute) for look in dossier.list_looks] == [
        (Look.LIST, 1, 6),  # the bundle that told of them came at five past
        (Look.EXPORT, 1, 8),
        (Look.LIST, None, 9),
    ]


def test_whom_an_appliance_told_of_is_found_and_erased_though_its_line_in_the_store_is_lost(
    pair, persons, rooms, start
):
    with closing(sqlite3.connect(rooms.database.path)) as store, store:
        store.execute("DELETE FROM devices")
    (found,) = persons.finder.by_name("cuc")
    assert (found.handle, found.appliance) == ("elsewhere:2", "№ 1")
    assert [one.name for one in persons.dossiers.of([found.subject], at=start).known_as] == [ELSEWHERE]
    assert persons.erasing.erase([found.subject], at=start, officer="an").elsewhere == 1
    assert persons.finder.by_name("cuc") == ()
