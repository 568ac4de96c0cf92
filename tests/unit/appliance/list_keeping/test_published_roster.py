"""A published roster in the store: who is new, who stays, who left, who comes back."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text

from appliance.checkin.service import Decision
from appliance.errors import NotFound, RuleViolation, StorageRefused
from appliance.list_keeping.published_roster import AppliedRoster, apply_roster
from appliance.lists.roster_document import PublishedMember, RosterDocument
from appliance.lists.roster_envelope import OpenedRoster
from appliance.minutes.attendance import AttendanceState
from appliance.roster import Member, MemberClass, MemberStatus
from appliance.roster.member_numbers import published_hash
from appliance.roster_sheet.sheet import decode_roster, import_rows
from appliance.roster_sheet.table import FaultyRosterFile
from appliance.storage.members import members
from appliance.storage.published_rosters import number_keys, published_rosters
from verifier.sdk import CanPassword

TWO = {"recorded_by": "an", "confirmed_by": "bình"}
SEN, TRE, OI = "Mẫu Thị Sen", "Mẫu Văn Tre", "Mẫu Văn Ổi"


class Desk:
    """A publisher with a roster that changes; each publication has a key of its own."""

    def __init__(self, rooms, start) -> None:
        self.rooms, self.at = rooms, start - timedelta(days=1)
        self.people: dict[str, PublishedMember] = {}
        self.numbers: dict[str, str] = {}
        self.published = 0
        self.chi_bo = "phuong-mau-3"

    def name(self, code: str, name: str, number: str | None = None, **details: object) -> None:
        usual = {"member_class": MemberClass.OFFICIAL, "status": MemberStatus.ACTIVE}
        self.people[code] = PublishedMember(id=code, name=name, **usual | details)
        self.numbers.pop(code, None)
        if number is not None:
            self.numbers[code] = number

    def document(self) -> RosterDocument:
        self.published += 1
        key = hashlib.sha256(b"%d" % self.published).digest()
        named = (
            replace(person, number=published_hash(key, self.numbers[code])) if code in self.numbers else person
            for code, person in self.people.items()
        )
        return RosterDocument("01", self.chi_bo, "Chi bộ 3", key, tuple(named))

    def publish(self, document: RosterDocument | None = None) -> AppliedRoster:
        document = document or self.document()
        opened = OpenedRoster(document, hashlib.sha256(document.encode()).digest())
        with self.rooms.database.writing() as writer:
            return apply_roster(opened, self.rooms.keys, writer, at=self.at)

    def names(self) -> list[str]:
        return [member.name for member in self.rooms.roster.members()]

    def find(self, number: str) -> Member | None:
        return self.rooms.roster.find_by_identifier(number)

    def rows(self) -> list[tuple[object, ...]]:
        with self.rooms.database.reading() as reader:
            return [
                tuple(row)
                for table in (members, number_keys, published_rosters)
                for row in reader.execute(select(table))
            ]


@pytest.fixture
def desk(rooms, start) -> Desk:
    desk = Desk(rooms, start)
    desk.name("DV-1", SEN, "001095000001", can="700001", note="Tổ trưởng")
    desk.name("DV-2", TRE, "AB12")
    desk.name("DV-3", OI, member_class=MemberClass.PROBATIONARY, status=MemberStatus.AWAY)
    return desk


def test_an_empty_appliance_takes_over_the_whole_roster(desk, rooms):
    assert desk.publish() == AppliedRoster(changed=True, members=3, added=3)
    sen, tre, oi = rooms.roster.members()
    assert (sen.name, sen.note, sen.has_identifier, sen.has_password) == (SEN, "Tổ trưởng", True, True)
    assert (oi.member_class, oi.status, oi.has_identifier) == (MemberClass.PROBATIONARY, MemberStatus.AWAY, False)
    assert rooms.roster.password_of(sen.id) == CanPassword("700001")
    assert (desk.find(" ab12"), desk.find("001095000001"), desk.find("AB13")) == (tre, sen, None)
    assert rooms.roster.search("tre") == (tre,)


def test_the_store_holds_neither_numbers_nor_the_key_that_they_are_hashed_under(desk, rooms):
    document = desk.document()
    desk.publish(document)
    rooms.database.forget()
    content = b"".join(path.read_bytes() for path in rooms.state.iterdir() if path.is_file())
    for secret in (b"001095000001", b"700001", document.number_key, document.number_key.hex().encode()):
        assert secret not in content


def test_the_same_content_again_changes_nothing(desk):
    document = desk.document()
    desk.publish(document)
    before = desk.rows()
    assert desk.publish(document) == AppliedRoster(changed=False, members=3)
    assert desk.rows() == before


def test_an_older_roster_published_anew_is_applied(desk):
    first = desk.document()
    desk.publish(first)
    desk.people.pop("DV-2")
    desk.publish()
    assert desk.publish(first).changed
    assert desk.names() == [SEN, TRE, OI]


def test_the_next_publication_updates_the_same_members(desk, rooms):
    desk.publish()
    before = rooms.roster.members()
    desk.name("DV-1", "Mẫu Thị Sen Hồng", "NEW1", can="700002")
    desk.name("DV-3", OI, "C3")
    assert desk.publish() == AppliedRoster(changed=True, members=3, updated=2)
    after = rooms.roster.members()
    assert [member.id for member in after] == [member.id for member in before]
    assert (after[0].name, after[0].note, after[2].status) == ("Mẫu Thị Sen Hồng", "", MemberStatus.ACTIVE)
    assert rooms.roster.password_of(after[0].id) == CanPassword("700002")
    assert (desk.find("NEW1"), desk.find("C3"), desk.find("001095000001")) == (after[0], after[2], None)


def test_only_the_newest_key_is_kept(desk, rooms):
    for _ in range(3):
        desk.publish()
    with rooms.database.reading() as reader:
        assert reader.scalar(text("SELECT count(*) FROM number_keys")) == 1
        assert reader.scalar(text("SELECT count(*) FROM published_rosters")) == 3


def test_two_members_may_exchange_their_numbers_under_one_key(desk):
    document = desk.document()
    desk.publish(document)
    sen, tre, oi = document.members
    exchanged = (replace(sen, number=tre.number), replace(tre, number=sen.number), oi)
    desk.publish(replace(document, members=exchanged))
    assert desk.find("AB12").name == SEN


def test_whoever_is_named_no_more_is_found_nowhere_and_old_minutes_keep_them(desk, rooms, start):
    desk.publish()
    tre = desk.find("AB12")
    meeting = rooms.open_meeting()
    rooms.tap("AB12")
    rooms.meetings.close(meeting.id, at=start, officer="an")
    minutes = rooms.attendance.attendance_of(meeting.id)

    desk.people.pop("DV-2")
    assert desk.publish() == AppliedRoster(changed=True, members=2, left=1)

    assert desk.names() == [SEN, OI]
    assert rooms.roster.search("tre") == ()
    assert desk.find("AB12") is None
    assert rooms.roster.password_of(tre.id) is None
    assert rooms.roster.get(tre.id).has_left
    with pytest.raises(NotFound):
        rooms.roster.change(tre.id, status=MemberStatus.EXEMPT)
    assert rooms.attendance.attendance_of(meeting.id) == minutes
    assert rooms.ledger.verify().ok
    assert TRE in "".join(rooms.attendance.csv_lines(meeting.id))
    again = rooms.open_meeting()
    assert [row.name for row in rooms.attendance.attendance_of(again.id).rows] == [SEN, OI]
    assert rooms.tap("AB12").decision is Decision.VISITING


def test_a_line_that_is_published_is_changed_by_whoever_publishes_it(desk, rooms, start):
    desk.publish()
    tre = desk.find("AB12")
    with pytest.raises(RuleViolation, match="publishes"):
        rooms.roster.change(tre.id, member_class=MemberClass.TEMPORARY)
    with pytest.raises(RuleViolation, match="publishes"):
        rooms.roster.leave(tre.id, at=start)
    assert desk.find("AB12") == tre


def test_a_line_forgotten_before_they_left_can_still_be_added_to_old_minutes_only(desk, rooms, start):
    desk.publish()
    tre = desk.find("AB12")
    closed = rooms.open_meeting()
    rooms.meetings.close(closed.id, at=start, officer="an")
    desk.people.pop("DV-2")
    desk.publish()
    rooms.checkins.record_by_hand(tre.id, reason="quên", at=start, meeting_id=closed.id, **TWO)
    assert rooms.attendance.attendance_of(closed.id).rows[1].state is AttendanceState.PRESENT
    rooms.open_meeting()
    with pytest.raises(NotFound, match="any more"):
        rooms.checkins.record_by_hand(tre.id, reason="quên", at=start, **TWO)
    with pytest.raises(NotFound, match="any more"):
        rooms.checkins.excuse(tre.id, reason="ốm", recorded_by="an", at=start)


def test_somebody_who_returns_is_the_same_member_again(desk, rooms):
    desk.name("DV-2", TRE, "AB12", note="Tổ phó")
    desk.publish()
    tre = desk.find("AB12")
    gone = desk.people.pop("DV-2")
    desk.publish()
    assert rooms.roster.get(tre.id).note == ""
    desk.people["DV-2"] = gone
    assert desk.publish() == AppliedRoster(changed=True, members=3, updated=1)
    assert desk.find("AB12") == tre


def test_a_roster_that_changes_during_a_meeting_takes_nobody_out_of_the_room(desk, rooms, start):
    desk.publish()
    meeting = rooms.open_meeting()
    rooms.tap("AB12")
    desk.people.pop("DV-2")
    desk.people.pop("DV-3")
    desk.name("DV-4", "Mẫu Thị Cúc", "C4")
    desk.publish()
    rows = rooms.attendance.attendance_of(meeting.id).rows
    assert [(row.name, row.state.is_here) for row in rows] == [(SEN, False), (TRE, True), ("Mẫu Thị Cúc", False)]
    assert rooms.tap("C4").decision is Decision.PRESENT
    rooms.meetings.close(meeting.id, at=start, officer="an")
    closed = rooms.attendance.attendance_of(meeting.id)
    assert [row.name for row in closed.rows] == [SEN, TRE, "Mẫu Thị Cúc"]
    assert closed.figures == closed.closing_figures
    assert (closed.figures.numerator, closed.figures.denominator) == (2, 3)


def test_a_member_of_the_own_list_is_taken_over_where_the_name_is_clear(desk, rooms):
    sen = rooms.roster.add(SEN.upper(), MemberClass.PROBATIONARY, "001095000001", note="cũ")
    khe = rooms.roster.add("Mẫu Văn Khế", MemberClass.TEMPORARY, "K1", password=CanPassword("123456"))
    assert desk.publish() == AppliedRoster(changed=True, members=3, added=2, updated=1)
    assert desk.find("001095000001") == replace(
        sen, name=SEN, note="Tổ trưởng", member_class=MemberClass.OFFICIAL, has_password=True
    )
    assert desk.find("K1") == khe  # whom no publication names
    desk.people.clear()
    desk.publish()
    assert rooms.roster.members() == (khe,)


def test_what_the_publication_does_not_say_is_kept(desk, rooms):
    oi = rooms.roster.add(OI, MemberClass.OFFICIAL, "O1", password=CanPassword("123456"))
    for _ in range(2):
        desk.publish()
        assert desk.find("O1").id == oi.id
        assert rooms.roster.password_of(oi.id) == CanPassword("123456")


def test_a_number_that_the_publication_gives_replaces_the_own_one(desk, rooms):
    """Were it another person of the same name, their card would not pass for a member's."""
    rooms.roster.add(SEN, MemberClass.OFFICIAL, "ANOTHER")
    desk.publish()
    assert desk.find("ANOTHER") is None


@pytest.mark.parametrize("here", [1, 2])
def test_namesakes_are_not_guessed_at(desk, rooms, here):
    desk.name("DV-4", SEN, "S4")
    desk.people.pop("DV-1") if here == 2 else None
    own = [rooms.roster.add(SEN, MemberClass.OFFICIAL, f"X{number}") for number in range(here)]
    desk.publish()
    assert [desk.find(f"X{number}") for number in range(here)] == own
    assert desk.find("S4") not in own


def test_a_number_of_a_published_member_is_not_given_to_another(desk, rooms):
    desk.publish()
    with pytest.raises(RuleViolation, match="another member"):
        rooms.roster.add("Mẫu Văn Khế", MemberClass.OFFICIAL, "ab12")
    rows = decode_roster("name,class,number\nMẫu Văn Khế,official,AB12\nMẫu Thị Na,official,N1\n".encode())
    with pytest.raises(FaultyRosterFile) as caught:
        import_rows(rows, rooms.roster, rooms.database)
    assert [fault.line for fault in caught.value.faults] == [2]


def test_an_appliance_that_moves_to_another_chi_bo_leaves_the_first_ones_members(desk, rooms):
    desk.publish()
    desk.chi_bo = "phuong-mau-4"
    desk.people.clear()
    desk.name("DV-1", "Mẫu Thị Cúc")
    assert desk.publish() == AppliedRoster(changed=True, members=1, added=1, left=3)
    assert desk.names() == ["Mẫu Thị Cúc"]


def test_an_erased_person_stays_away_until_a_publication_names_them_again(desk, rooms, start):
    document = desk.document()
    desk.publish(document)
    tre = desk.find("AB12")
    rooms.erasure.erase_member(tre.id, at=start, officer="an")
    desk.publish(document)
    assert desk.find("AB12") is None
    desk.publish()
    assert desk.find("AB12").id > tre.id
    assert rooms.ledger.verify().ok


def test_somebody_who_left_can_be_erased_and_does_not_return(desk, rooms, start):
    desk.publish()
    tre = desk.find("AB12")
    desk.people.pop("DV-2")
    desk.publish()
    rooms.erasure.erase_member(tre.id, at=start, officer="an")
    desk.publish()
    with pytest.raises(NotFound):
        rooms.roster.get(tre.id)
    content = b"".join(path.read_bytes() for path in rooms.state.iterdir() if path.is_file())
    assert TRE.encode() not in content


def test_a_failure_in_the_middle_leaves_the_roster_as_it_was(desk, rooms):
    desk.publish()
    before = desk.rows()
    with rooms.database.writing() as writer:
        writer.execute(
            text("CREATE TRIGGER full BEFORE INSERT ON published_rosters BEGIN SELECT RAISE(ABORT, 'x'); END")
        )
    desk.people.pop("DV-2")
    desk.name("DV-1", "Mẫu Thị Cúc", "C1")
    with pytest.raises(StorageRefused):
        desk.publish()
    assert desk.rows() == before
    assert desk.find("AB12").name == TRE


def test_five_thousand_members_take_a_few_statements(desk, rooms):
    desk.people.clear()
    for number in range(5000):
        desk.name(f"DV-{number}", f"Mẫu Thị {number}", f"{number:012d}", can=f"{number:06d}")
    statements = []
    engine = rooms.database._writer
    event.listen(engine, "before_cursor_execute", lambda *details: statements.append(details[2]))
    assert desk.publish().added == 5000
    assert desk.publish().updated == 0
    assert len(statements) < 40
    assert desk.find("000000004999").name == "Mẫu Thị 4999"
