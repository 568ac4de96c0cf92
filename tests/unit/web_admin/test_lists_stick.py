"""What is on a stick is looked at before it is taken up, and nothing of it is believed. By a real publisher."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.errors import ListNotSigned
from appliance.lists.freshness import Light
from web_admin.lists.preview import shown


def test_a_stick_is_looked_at_and_then_taken_up(pinned, publications):
    pinned.plug_in(publications.folders[3])
    assert "Xem trong USB có gì" in pinned.page()
    preview = " ".join(pinned.look().text.split())
    assert "Thật: danh sách đầu tiên của máy" in preview
    assert "Danh sách của 3 ngày trước" in preview
    for name in ("Nơi cấp thẻ", "Danh sách trạng thái thẻ của tháng", "Khóa của danh sách trạng thái thẻ"):
        assert name in preview
    assert re.search(r"timestamp \d+", preview)
    assert re.search(r"\d,\d kB", preview)
    assert pinned.is_discreet(preview)
    assert pinned.number is None
    pinned.take_up()
    page = pinned.page()
    sealed = pinned.room.keeper.status().sealed
    assert "Đã dùng danh sách mới" in page
    assert "Danh sách của 3 ngày trước" in page
    assert "Còn mới" in page
    groups = " ".join(sealed.content[start : start + 4] for start in range(0, 16, 4))
    assert f"<code>{groups}</code>" in page
    assert f"<dd>{sealed.timestamp_version}</dd>" in page
    assert f"<dd>{sealed.card_status_sequence} · " in page
    assert "Việc điểm danh vẫn tiếp tục" in page
    assert pinned.is_discreet(page)
    assert "Thật: giống bản đang dùng" in pinned.look().text
    assert 'name="seen"' not in pinned.look().text


def test_a_clock_that_is_not_trusted_takes_up_what_is_newer_than_it_knows(pinned, publications):
    """In 1970 every stick seems to be of the future; taking it up is how the device learns."""
    pinned.plug_in(publications.folders[3])
    room, at = pinned.room, datetime(2026, 1, 1, tzinfo=UTC)
    offer = room.keeper.look_at(pinned.room.keeper.sticks()[0])
    seen = shown(offer, room.keeper.policy, at=at, clock_trusted=False)
    assert (seen.is_ahead, seen.age.at_least, seen.age.light) == (False, True, Light.NONE)
    assert shown(offer, room.keeper.policy, at=at, clock_trusted=True).is_ahead


def test_newer_lists_are_called_newer_and_say_what_changes(pinned, publications):
    pinned.plug_in(publications.folders[3])
    pinned.take_up()
    pinned.plug_in(publications.folders[0])
    preview = " ".join(pinned.look().text.split())
    assert "Thật, và mới hơn bản đang dùng" in preview
    assert "như cũ" in preview
    before = pinned.number
    pinned.take_up()
    assert pinned.number > before


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda stick, _: shutil.rmtree(stick / "thechip-lists"), "không có danh sách"),
        (lambda stick, _: (stick / "thechip-lists/metadata/timestamp.json").write_bytes(b"{}"), "bị hỏng"),
        (lambda stick, _: change_version(stick), "có thể là giả"),
        (lambda stick, old: replace(stick, old[3]), "cũ hơn bản máy đã biết"),
        (lambda stick, old: replace(stick, old[60]), "cũ hơn bản máy đã biết"),
    ],
    ids=["empty", "damaged", "forged", "older", "oldest"],
)
def test_a_stick_that_is_not_as_it_must_be_is_refused_in_words_and_nothing_is_taken(pinned, publications, spoil, said):
    stick = pinned.plug_in(publications.folders[0])
    pinned.take_up()
    before = pinned.number
    spoil(stick, publications.folders)
    preview = pinned.look().text
    assert "Không dùng được gì trong USB này" in preview
    assert said in preview
    assert pinned.is_discreet(preview)
    assert 'name="seen"' not in preview
    assert pinned.number == before


def change_version(stick: Path) -> None:
    path = stick / "thechip-lists/metadata/timestamp.json"
    path.write_bytes(re.sub(rb'("expires": ?")20', rb"\g<1>21", path.read_bytes()))


def replace(stick: Path, publication: Path) -> None:
    shutil.rmtree(stick / "thechip-lists")
    shutil.copytree(publication, stick / "thechip-lists")


def test_lists_whose_signatures_ran_out_are_refused_in_words(pinned, publications):
    pinned.plug_in(publications.folders[60])
    assert "Chữ ký của danh sách đã hết hạn" in pinned.look().text


def test_nothing_is_taken_without_the_preview_of_this_very_content(pinned, publications):
    stick = pinned.plug_in(publications.folders[3])
    for seen in ("", "0" * 64):
        pinned.browser.post("/lists/sticks/take-up", {"stick": "0", "seen": seen})
        assert "không còn như đã xem" in pinned.page()
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', pinned.look().text)[1]
    replace(stick, publications.folders[0])
    pinned.browser.post("/lists/sticks/take-up", {"stick": "0", "seen": seen})
    assert "không còn như đã xem" in pinned.page()
    pinned.wait()
    assert pinned.number is None


@pytest.mark.parametrize("number", ["1", "-1", "", "٠", "0x0", "00", "9" * 5000, "/etc", "../../tmp", "\x00"])
def test_a_stick_is_named_by_its_number_among_those_found_and_by_nothing_else(pinned, publications, number):
    pinned.plug_in(publications.folders[0])
    for path in ("look", "take-up"):
        assert pinned.browser.post(f"/lists/sticks/{path}", {"stick": number, "seen": "0" * 64}).location == "/lists"
        assert "không còn được cắm" in pinned.page()
    assert pinned.number is None


def test_a_stick_that_was_pulled_meanwhile_is_told(pinned, publications):
    pinned.plug_in(publications.folders[0])
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', pinned.look().text)[1]
    pinned.room.keeper.sticks = lambda: ()
    pinned.browser.post("/lists/sticks/take-up", {"stick": "0", "seen": seen})
    assert "không còn được cắm" in pinned.page()


def test_several_sticks_are_told_apart_by_number(pinned, publications, tmp_path):
    first = pinned.plug_in(publications.folders[3])
    second = pinned.plug_in(publications.folders[0], "another")
    pinned.room.keeper.sticks = lambda: (first, second)
    page = pinned.page()
    assert "USB thứ 1" in page
    assert "USB thứ 2" in page
    assert "Danh sách của 3 ngày trước" in pinned.look("0").text
    assert "Danh sách của hôm nay" in pinned.look("1").text


def test_an_error_while_a_stick_is_read_shows_its_reason_and_never_its_sentence(pinned, publications):
    def look_at(path: Path):
        msg = f"forged: {path}"
        raise ListNotSigned(msg)

    stick = pinned.plug_in(publications.folders[0])
    pinned.room.keeper.look_at = look_at
    page = pinned.look().text
    assert "có thể là giả" in page
    assert str(stick) not in page
