"""The roster's file as officers' spreadsheets write it, and as they damage it."""

import unicodedata
from pathlib import Path

import pytest
from sqlalchemy import event

from appliance.roster import MemberClass, MemberStatus
from appliance.roster_sheet import sheet, table
from appliance.roster_sheet.sheet import RosterRow, decode_roster, import_rows, read_roster_file
from appliance.roster_sheet.table import FaultyRosterFile

VIETNAMESE = """STT;Họ tên;Diện;Trạng thái;Số thẻ hoặc số định danh;CAN;Ghi chú
1;Mẫu Thị Sen;chính thức;;001095000001;700001;
2;Mẫu Văn Tre;Dự bị;;;;"chưa có thẻ; hẹn tháng sau"
3;Mẫu Thị Mai;Sinh hoạt tạm thời;miễn;001095000003;;
4;Mẫu Văn Đào;CHÍNH THỨC;đi công tác đặc biệt;ab 12;;
5;Mẫu Thị Cúc;chính thức;vắng;001095000005;;
"""
ENGLISH = "name,class,status,number,can,note\nMẫu Thị Sen,official,special-duty,A1,,\n"


def faults_of(text: str | bytes, **options: bool) -> list[str]:
    with pytest.raises(FaultyRosterFile) as caught:
        decode_roster(text.encode() if isinstance(text, str) else text, **options)
    return [str(fault) for fault in caught.value.faults] or [caught.value.sentence]


def one(**cells: str) -> str:
    """A file of one member with these cells."""
    filled = {"name": "Mẫu Thị Sen", "class": "official", **cells}
    return ";".join(filled) + "\n" + ";".join(filled.values()) + "\n"


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"sep=;\r\n", b"\xef\xbb\xbfSEP=;\n"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_vietnamese_file_is_read_however_the_spreadsheet_ends_its_lines(start: bytes, newline: str) -> None:
    rows = decode_roster(start + VIETNAMESE.replace("\n", newline).encode())
    assert [(row.member_class, row.status, row.number, row.can, row.note) for row in rows] == [
        (MemberClass.OFFICIAL, MemberStatus.ACTIVE, "001095000001", "700001", ""),
        (MemberClass.PROBATIONARY, MemberStatus.ACTIVE, None, None, "chưa có thẻ; hẹn tháng sau"),
        (MemberClass.TEMPORARY, MemberStatus.EXEMPT, "001095000003", None, ""),
        (MemberClass.OFFICIAL, MemberStatus.SPECIAL_DUTY, "AB12", None, ""),
        (MemberClass.OFFICIAL, MemberStatus.AWAY, "001095000005", None, ""),
    ]
    first = 2 if b"=" not in start else 3
    assert [row.line for row in rows] == list(range(first, first + 5))


def test_an_english_file_with_commas_is_read() -> None:
    (row,) = decode_roster(ENGLISH.encode())
    assert (row.name, row.member_class, row.status, row.number) == (
        "Mẫu Thị Sen",
        MemberClass.OFFICIAL,
        MemberStatus.SPECIAL_DUTY,
        "A1",
    )


def test_names_are_kept_in_nfc_with_single_spaces() -> None:
    (row,) = decode_roster(one(name=unicodedata.normalize("NFD", " Mẫu   Thị\u00a0Huệ ")).encode())
    assert row.name == "Mẫu Thị Huệ"


def test_headings_and_words_are_known_in_nfd_and_capitals() -> None:
    text = unicodedata.normalize("NFD", VIETNAMESE.upper())
    assert len(decode_roster(text.encode())) == 5


@pytest.mark.parametrize("cell", ["'001095000001", '"=""001095000001"""', " 001095 000001 "])
def test_the_marks_that_keep_a_number_a_text_are_no_part_of_it(cell: str) -> None:
    (row,) = decode_roster(one(number=cell).encode())
    assert row.number == "001095000001"


def test_lines_and_cells_that_a_spreadsheet_left_empty_are_nobody() -> None:
    assert len(decode_roster(f"\n{VIETNAMESE};;;;;;\n;;;;;;;;;\n\n".encode())) == 5


def test_every_fault_of_every_row_is_named_by_line_and_column() -> None:
    text = (
        "name;class;status;number;can;note\n"
        ";official;;;;\n"
        "Mẫu Thị Sen;honorary;asleep;x/1;12345;\n"
        '"Mẫu\nVăn Tre";official;;1;;\n'
        "Mẫu Thị Mai;;;2;;\n"
    )
    faults = faults_of(text)
    assert [fault.split(":")[0] for fault in faults] == [
        "line 2, column A (name)",
        "line 3, column B (class)",
        "line 3, column C (status)",
        "line 3, column D (number)",
        "line 3, column E (can)",
        "line 6, column B (class)",
    ]
    assert all(fault.rstrip(")").endswith(tuple("abcdefghijklmnopqrstuvwxyz")) for fault in faults)


def test_no_fault_holds_anything_of_a_person() -> None:
    headless = "Bí Mật;chính thức;;9876543\nBí Mật Hai;honorary;asleep;98+76\n"
    faulty = "name;class;status;number;can;note\nBí Mật;Bí Mật;Bí Mật;Bí+Mật;Bí Mật;\x07Bí Mật\nBí Mật;;;;;\n"
    unknown = "name;class;Bí Mật\nBí Mật;official;Bí Mật\n"
    for text in (headless, faulty, unknown, one(number="9.8E+11", can="98")):
        said = " ".join(faults_of(text)).lower()
        assert "bí" not in said
        assert "98" not in said
    assert "Bí" not in repr(decode_roster(one(name="Bí Mật", number="98765", note="Bí Mật").encode()))


@pytest.mark.parametrize("number", ["1.0095E+11", "1,0095E+11", "1E+11"])
def test_a_number_that_a_spreadsheet_rounded_is_a_fault(number: str) -> None:
    (fault,) = faults_of(one(number=number))
    assert "rounded" in fault


def test_a_personal_number_that_lost_its_zeros_is_a_fault_unless_the_officer_says_otherwise() -> None:
    for number in ("79095000001", "1095000001"):
        (fault,) = faults_of(one(number=number))
        assert "drop the zeros" in fault
        (row,) = decode_roster(one(number=number).encode(), short_numbers=True)
        assert row.number == number


def test_the_same_number_twice_is_named_with_the_line_before() -> None:
    (fault,) = faults_of("name,class,number\nMẫu A,official,a1\nMẫu B,official,2\nMẫu C,official,A 1\n")
    assert fault == "line 4, column C (number): the same number as in line 2"


def test_two_of_one_name_need_numbers_to_be_told_apart() -> None:
    heading = "name;class;number\n"
    assert len(decode_roster(f"{heading}Mẫu A;official;1\nMẪU A;official;2\n".encode())) == 2
    (fault,) = faults_of(f"{heading}Mẫu A;official;1\nMẪU  A;official;\n")
    assert fault.startswith("line 3, column A (name): another row has this name")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "missing: name (ho ten), class (dien)"),
        ("name;class\n", "the file holds no members"),
        ("name\nMẫu A\n", "missing: class (dien)"),
        ("name;class;Chức vụ\nA;official;x\n", "line 1, column C: this heading is not known"),
        ("name;class;họ tên\nA;official;B\n", "line 1, column C: a second column for name"),
        ("name;class\nA;official;x\n", "line 2, column C: a cell in a column without heading"),
        ('name;class\n"A";official\n"B;official\n', "line 3: from here on the quotation marks"),
        ('name;class\n"A"B;official\n', "line 2: from here on the quotation marks"),
        ("name;class\n" + "A" * 140_000 + ";official\n", "line 2: from here on"),
        ("name;class\n" + "A" * 201 + ";official\n", "line 2, column A (name): the name may be 200"),
    ],
)
def test_what_is_no_such_table_is_refused_with_a_sentence(text: str, said: str) -> None:
    assert said in " ".join(faults_of(text))


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1258"])
def test_another_encoding_is_named_as_such(encoding: str) -> None:
    (fault,) = faults_of("name;class\nĐỗ A;chính".encode(encoding, errors="replace"))
    assert "not UTF-8 (line" in fault


def test_size_and_rows_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_ROWS", 2)
    heading = "name;class\n"
    assert len(decode_roster(f"{heading}A;official\nB;official\n".encode())) == 2
    assert faults_of(f"{heading}A;official\nB;official\nC;official\n") == ["the file has more than 2 rows"]
    monkeypatch.setattr(sheet, "LONGEST_FILE", 20)
    assert "longer than" in faults_of(f"{heading}A;official\n")[0]


def test_a_file_that_is_not_there_is_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(FaultyRosterFile, match="cannot be read: No such file"):
        read_roster_file(tmp_path / "none.csv")
    with pytest.raises(FaultyRosterFile, match="cannot be read"):
        read_roster_file(tmp_path)


def test_five_thousand_rows_are_decoded_with_their_lines() -> None:
    rows = decode_roster(("name;class;number\n" + "".join(f"A{n};official;{n}\n" for n in range(5000))).encode())
    assert (len(rows), rows[-1].line, rows[-1].number) == (5000, 5001, "4999")


# --- into the roster -----------------------------------------------------------------------------------------------


def rows_of(text: str) -> tuple[RosterRow, ...]:
    return decode_roster(text.encode())


def test_all_members_are_added_with_hash_and_sealed_password(rooms) -> None:
    import_rows(rows_of(VIETNAMESE), rooms.roster, rooms.database)
    members = rooms.roster.members()
    assert [member.name for member in members][:2] == ["Mẫu Thị Sen", "Mẫu Văn Tre"]
    assert rooms.roster.find_by_identifier("001095000001") == members[0]
    assert rooms.roster.password_of(members[0].id).digits == "700001"
    assert rooms.roster.password_of(members[1].id) is None
    assert members[1].note == "chưa có thẻ; hẹn tháng sau"


def test_the_same_file_a_second_time_changes_nothing_and_names_every_line(rooms) -> None:
    import_rows(rows_of(VIETNAMESE), rooms.roster, rooms.database)
    before = rooms.roster.members()
    with pytest.raises(FaultyRosterFile) as caught:
        import_rows(rows_of(VIETNAMESE), rooms.roster, rooms.database)
    assert [(fault.line, fault.column) for fault in caught.value.faults] == [
        (2, "number"),
        (3, "name"),
        (4, "number"),
        (5, "number"),
        (6, "number"),
    ]
    assert rooms.roster.members() == before


def test_one_row_too_many_leaves_none_behind(rooms) -> None:
    rooms.member("Mẫu Thị Cúc", "001095000005")
    with pytest.raises(FaultyRosterFile):
        import_rows(rows_of(VIETNAMESE), rooms.roster, rooms.database)
    assert len(rooms.roster.members()) == 1


def test_a_name_on_the_roster_passes_only_where_numbers_tell_the_two_apart(rooms) -> None:
    rooms.member("Mẫu Thị Sen", "A1")
    import_rows(rows_of(one(number="A2")), rooms.roster, rooms.database)
    rooms.member("Mẫu Văn Tre", None)
    for text in (one(), one(name="mẫu văn tre", number="A3")):
        with pytest.raises(FaultyRosterFile):
            import_rows(rows_of(text), rooms.roster, rooms.database)
    assert len(rooms.roster.members()) == 3


def test_an_import_that_breaks_off_leaves_nobody_behind(rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    seal = rooms.roster._seal_passwords

    def break_off(writer: object, passwords: object) -> None:
        seal(writer, passwords)
        raise KeyboardInterrupt

    monkeypatch.setattr(rooms.roster, "_seal_passwords", break_off)
    rows = rows_of("name;class;can\nMẫu A;official;\nMẫu B;official;123456\n")
    with pytest.raises(KeyboardInterrupt):
        import_rows(rows, rooms.roster, rooms.database)
    assert rooms.roster.members() == ()


def test_a_dry_run_finds_the_same_faults_and_writes_nothing(rooms) -> None:
    import_rows(rows_of(VIETNAMESE), rooms.roster, rooms.database, dry_run=True)
    assert rooms.roster.members() == ()
    rooms.member("Mẫu Thị Sen", "001095000001")
    with pytest.raises(FaultyRosterFile):
        import_rows(rows_of(VIETNAMESE), rooms.roster, rooms.database, dry_run=True)


def test_the_longest_file_does_not_keep_the_station_waiting(rooms) -> None:
    lines = (f"Mẫu Văn Số {number};official;{number:012d};{number:06d}\n" for number in range(5000))
    rows = rows_of("name;class;number;can\n" + "".join(lines))
    statements = []
    event.listen(rooms.database._writer, "before_cursor_execute", lambda *_: statements.append(1))
    import_rows(rows, rooms.roster, rooms.database)
    assert len(statements) < 10  # a turn for each row took longer than another writer waits
    last = rooms.roster.find_by_identifier("000000004999")
    assert last.name == "Mẫu Văn Số 4999"
    assert rooms.roster.password_of(last.id).digits == "004999"
    assert [member.name.split()[-1] for member in rooms.roster.members()] == [str(number) for number in range(5000)]


@pytest.mark.parametrize("begin", [b"PK\x03\x04\x14\x00\x06\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_workbook_is_called_one(begin: bytes) -> None:
    with pytest.raises(FaultyRosterFile, match=r"this is a workbook .*; save it as «CSV UTF-8»"):
        decode_roster(begin + bytes(range(256)))
