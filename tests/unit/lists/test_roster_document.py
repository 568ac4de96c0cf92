"""The document of a roster: made from the officers' table, read strictly, and silent about persons."""

import hashlib
import hmac
import json
from dataclasses import replace

import pytest

from appliance.errors import RosterRefused
from appliance.lists.roster_document import (
    LONGEST_PLAIN,
    MOST_MEMBERS,
    PublishedMember,
    RosterDocument,
    build_roster,
)
from appliance.roster import MemberClass, MemberStatus
from appliance.roster_sheet.sheet import RosterRow, decode_roster
from appliance.roster_sheet.table import FaultyRosterFile

TABLE = """Mã;Họ tên;Diện;Trạng thái;Số thẻ;CAN;Ghi chú
DV-1;Mẫu Thị Sen;chính thức;;001095000001;700001;Tổ trưởng
;Mẫu Văn Ổi;dự bị;miễn;;;
;Mẫu Văn Tre;chính thức;;ab 12;;
"""
DESK, NUMBER_KEY = b"d" * 32, b"n" * 32
PLACE = {"province": "01", "chi_bo": "phuong-mau-3", "title": "Chi bộ 3, phường Mẫu"}


def rows_of(table: str = TABLE) -> tuple[RosterRow, ...]:
    return decode_roster(table.encode())


def build(table: str = TABLE, **others: bytes) -> RosterDocument:
    return build_roster(rows_of(table), **PLACE, **{"desk_secret": DESK, "number_key": NUMBER_KEY} | others)


FIELDS = json.loads(build().encode())


def changed(**fields: object) -> bytes:
    return json.dumps(FIELDS | fields).encode()


def with_member(**fields: object) -> bytes:
    return changed(members=[FIELDS["members"][0] | fields])


def test_the_officers_table_becomes_a_document_and_is_read_again():
    document = build()
    assert RosterDocument.decode(document.encode()) == document
    sen, oi, tre = document.members
    assert sen == PublishedMember(
        id="DV-1",
        name="Mẫu Thị Sen",
        member_class=MemberClass.OFFICIAL,
        status=MemberStatus.ACTIVE,
        note="Tổ trưởng",
        number=hmac.digest(NUMBER_KEY, b"001095000001", hashlib.sha256),
        can="700001",
    )
    assert (oi.member_class, oi.status, oi.number, oi.can) == (
        MemberClass.PROBATIONARY,
        MemberStatus.EXEMPT,
        None,
        None,
    )
    assert tre.number == hmac.digest(NUMBER_KEY, b"AB12", hashlib.sha256)


def test_no_plain_number_is_in_the_document():
    assert b"001095000001" not in build().encode()
    assert b"AB12" not in build().encode().upper()


def test_without_a_code_the_id_is_derived_and_stays_while_number_or_name_and_desk_do():
    ids = [member.id for member in build().members]
    assert [member.id for member in build(number_key=b"m" * 32).members] == ids
    assert ids[1:] != [member.id for member in build(desk_secret=b"e" * 32).members][1:]
    renamed = build(TABLE.replace("Mẫu Văn Tre", "Mẫu Văn Trúc").replace("dự bị;miễn", "chính thức;"))
    assert [member.id for member in renamed.members] == ids
    assert all(one.startswith("~") for one in ids[1:])


def test_one_code_is_one_member():
    with pytest.raises(FaultyRosterFile) as caught:
        rows_of("id,name,class\nx1,Mẫu Thị Sen,official\nx1,Mẫu Văn Tre,official\n")
    assert [str(fault) for fault in caught.value.faults] == ["line 3, column A (id): the same code as in line 2"]


@pytest.mark.parametrize("code", ["~0", "mã số", "a;b", "x" * 65, "-1"])
def test_a_code_that_is_none_is_named_by_its_cell(code):
    with pytest.raises(FaultyRosterFile) as caught:
        rows_of(f'id,name,class\n"{code}",Mẫu Thị Sen,official\n')
    assert str(caught.value.faults[0]).startswith("line 2, column A (id): a code has")


def test_nothing_of_a_person_is_in_a_repr():
    shown = repr(build()) + repr(build().members) + repr(rows_of())
    for person in ("Sen", "Tổ trưởng", "700001", "DV-1", "001095000001", NUMBER_KEY.hex(), str(NUMBER_KEY)):
        assert person not in shown


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 40_000,
        b"[" + b"{}," * 60_000 + b"{}]",
        b"{" + b'"a":1,' * 250_000 + b'"a":1}',
        b" " * (LONGEST_PLAIN + 1),
        changed(format="thechip-roster-2"),
        changed(province="../01"),
        changed(province=1),
        changed(chi_bo="Chi bộ 3"),
        changed(title=""),
        changed(title="\u202e"),
        changed(number_key="00"),
        changed(number_key="AB" * 32),
        changed(number_key=None),
        changed(members={}),
        changed(members=[None]),
        changed(members=[[]]),
        changed(members=FIELDS["members"][:1] * 2),
        changed(members=[FIELDS["members"][0], FIELDS["members"][0] | {"id": "DV-2"}]),
        changed(members=[1] * (MOST_MEMBERS + 1)),
        changed(other=1),
        with_member(id=""),
        with_member(id="~0"),
        with_member(id="a" * 65),
        with_member(name=""),
        with_member(name=" Sen"),
        with_member(name="Mẫu Thị Sen" + "\u0301" * 300),
        with_member(name="\ud800"),
        with_member(name="a\u0000"),
        with_member(**{"class": "invented"}),
        with_member(**{"class": None}),
        with_member(status="left"),
        with_member(note=None),
        with_member(note=" "),
        with_member(note="x" * 1001),
        with_member(number="0" * 63),
        with_member(number=5),
        with_member(can="12345"),
        with_member(can="１２３４５６"),
        with_member(can=123456),
        with_member(extra=""),
    ],
    ids=lambda document: repr(document[:30]),
)
def test_anything_else_is_refused_without_a_word_on_persons(document):
    with pytest.raises(RosterRefused) as caught:
        RosterDocument.decode(document)
    assert "Sen" not in caught.value.sentence


def test_a_document_that_could_not_be_read_is_not_made():
    with pytest.raises(RosterRefused):
        replace(build(), title=" ").encode()
    with pytest.raises(RosterRefused):
        replace(build(), title="\ud800").encode()
    for keys in ({"desk_secret": b""}, {"number_key": b"short"}):
        with pytest.raises(RosterRefused, match="32 bytes"):
            build(**keys)


def test_a_roster_of_the_largest_size_fits():
    lines = (f"Mẫu Thị Sen Số {line},official,{line:012d},{line:06d}" for line in range(1, MOST_MEMBERS + 1))
    document = build("name,class,number,can\n" + "\n".join(lines) + "\n")
    assert len(RosterDocument.decode(document.encode()).members) == MOST_MEMBERS
