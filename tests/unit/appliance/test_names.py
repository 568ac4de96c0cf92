"""Names: what nobody sees tells nobody from anybody, and what is spelled in two ways is one name."""

import pytest

from appliance.checkin.officers import Officer, two_officers
from appliance.errors import RuleViolation
from appliance.names import clean, spelled
from appliance.roster_sheet.sheet import decode_roster
from appliance.roster_sheet.table import FaultyRosterFile

HOA = "Mẫu Thị Hoà"
SAME = [
    "Mẫu Thị Hòa",
    "Mẫu Thị Hoà\u200b",
    "Mẫu\u00a0Thị Hoà",
    "Mẫu Thị Ho\u00ada\u0300",
    "MẪU THỊ HOÀ",
    "\uff2dẫu Thị Ho\uff41\u0300",
    "Mẫu Thị Hoà.",
    "Mẫu-Thị, Hoà",
]
OTHERS = ["Mẫu Thị Hoa", "Mẫu Thị Hóa", "Mẫu Thị Hoà B", "Mẫu Thị Hoan"]


@pytest.mark.parametrize("invisible", ["\u200b", "\u00ad", "\u200d", "\ufeff", "\u2060", "\u200e"])
def test_what_nobody_sees_is_dropped_before_a_name_is_composed(invisible):
    assert clean(f"Mẫu Thị Ho{invisible}a\u0300{invisible}", "the name") == HOA
    with pytest.raises(RuleViolation, match="missing"):
        clean(invisible, "the name")


@pytest.mark.parametrize("turns", ["\u202e", "\u2066"])
def test_what_turns_a_name_round_is_refused(turns):
    with pytest.raises(RuleViolation, match="cannot be printed"):
        clean(f"Mẫu {turns}Thị Sen", "the name")


def test_a_spreadsheet_with_invisible_characters_is_read_and_names_nobody_twice():
    head = "Họ tên;Diện\n"
    (row,) = decode_roster(f"{head}Mẫu Thị Sen\u200b;Chính thức\n".encode())
    assert row.name == "Mẫu Thị Sen"
    with pytest.raises(FaultyRosterFile) as raised:
        decode_roster(f"{head}Mẫu Thị Sen\u200b;Chính thức\nMẫu Thị Sen;Chính thức\n".encode())
    assert [fault.line for fault in raised.value.faults] == [2, 3]
    assert all("another row has this name" in fault.sentence for fault in raised.value.faults)


@pytest.mark.parametrize("other", SAME)
def test_an_officer_under_another_spelling_is_no_second_officer(other):
    assert spelled(other) == spelled(HOA)
    with pytest.raises(RuleViolation, match="another one"):
        two_officers(HOA, other)
    with pytest.raises(RuleViolation, match="another one"):
        two_officers(f"{HOA} (hoa)", other)
    assert Officer(1, f"{HOA} (hoa)").is_same_as(None, f"{other} (hoa2)")  # another appliance's record
    assert Officer(1, f"{HOA} (hoa)").is_same_as(None, other)


def test_two_accounts_are_two_officers_whatever_their_names():
    assert two_officers(f"{HOA} (hoa)", f"{HOA} (hoa2)")["confirmed_by"] == f"{HOA} (hoa2)"
    assert not Officer(1, f"{HOA} (hoa)").is_same_as(2, f"{HOA} (hoa2)")
    with pytest.raises(RuleViolation, match="another one"):
        two_officers(f"{HOA} (hoa)", "Mẫu Văn Tre (HOA)")
    assert Officer(1, f"{HOA} (hoa)").is_same_as(1, "Mẫu Văn Tre (tre)")


@pytest.mark.parametrize("other", OTHERS)
def test_another_name_is_another_officer(other):
    assert two_officers(HOA, other) == {"recorded_by": HOA, "confirmed_by": other}
    assert not Officer(1, f"{HOA} (hoa)").is_same_as(None, f"{other} (hoa)")


def test_two_posts_in_brackets_and_names_of_punctuation_are_told_apart():
    assert two_officers("Hùng (bí thư)", "Hùng (phó bí thư)")["confirmed_by"] == "Hùng (phó bí thư)"
    assert two_officers("+", "-") == {"recorded_by": "+", "confirmed_by": "-"}
    with pytest.raises(RuleViolation, match="another one"):
        two_officers("+", "+")
