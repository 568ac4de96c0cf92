"""The checkpoint on the minutes: what is printed tells years later whether the ledger is still the same."""

import re
import shutil
import struct
import zlib
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest
import zxingcpp

from appliance.errors import CheckpointRefused, NotFound, RuleViolation
from appliance.keys import Keys
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.ledger.paper import PaperCheckpoint, key_id_of
from appliance.ledger.qr import qr_png, qr_svg
from appliance.meetings.printed import checkpoint_of_meeting


@pytest.fixture
def closed(rooms, start):
    rooms.member()
    meeting = rooms.open_meeting()
    rooms.tap()
    return rooms.meetings.close(meeting.id, at=start + timedelta(hours=1), officer="an")


@pytest.fixture
def line(rooms, closed):
    return checkpoint_of_meeting(rooms.database, rooms.ledger, closed.id)


def test_it_says_how_far_the_ledger_had_come_when_which_meeting_closed(rooms, closed, line):
    printed = PaperCheckpoint.read(line, rooms.keys.device_public)
    assert (printed.sequence, printed.meeting_uid, printed.at) == (3, closed.uid, closed.closed_at)
    assert printed.key_id == key_id_of(rooms.keys.device_public)
    verdict = rooms.ledger.verify(paper=line)
    assert verdict.ok
    assert "as printed when entry 3 closed its meeting" in verdict.sentence


def test_it_is_the_same_each_time_and_whatever_happened_since(rooms, closed, line, start):
    rooms.ledger.append(NewEntry(EntryKind.REFUSED), at=start)
    assert checkpoint_of_meeting(rooms.database, rooms.ledger, closed.id) == line
    assert rooms.ledger.verify(paper=line).ok


def test_it_can_be_typed_in_groups_and_small_letters(rooms, line):
    groups = re.sub("(.{8})", r"\1 ", line).lower()
    assert rooms.ledger.verify(paper=f"\n{groups}\n").ok


def test_a_store_that_was_put_back_together_with_its_checkpoint_file_is_told_by_the_paper(rooms, start, tmp_path):
    meeting = rooms.open_meeting()
    rooms.database.close()
    shutil.copytree(rooms.state, tmp_path / "copy")
    rooms.meetings.close(meeting.id, at=start, officer="an")
    line = checkpoint_of_meeting(rooms.database, rooms.ledger, meeting.id)
    rooms.database.close()
    shutil.rmtree(rooms.state)
    shutil.copytree(tmp_path / "copy", rooms.state)
    rooms = type(rooms)(rooms.state)
    assert rooms.ledger.verify().ok, "nothing on the card knows"
    verdict = rooms.ledger.verify(paper=line)
    assert (verdict.ok, verdict.reason, verdict.first_bad) == (False, "not-as-printed", 2)
    rooms.meetings.close(meeting.id, at=start + timedelta(hours=3), officer="an")
    verdict = rooms.ledger.verify(paper=line)
    assert (verdict.reason, verdict.first_bad) == ("not-as-printed", 2)
    assert "the minutes were printed from" in verdict.sentence
    rooms.database.close()


@pytest.mark.parametrize("position", [0, 8, 9, 20, 40, 100, 170, 250, 277])
def test_a_wrong_letter_is_found(rooms, line, position):
    other = "A" if line[position] != "A" else "B"
    with pytest.raises(CheckpointRefused):
        rooms.ledger.verify(paper=line[:position] + other + line[position + 1 :])


@pytest.mark.parametrize("text", ["", "THECHIP1:", "THECHIP1:AAAA", "https://example.org", "THECHIP1:" + "É" * 269])
def test_what_is_no_checkpoint_is_said_to_be_none(rooms, text):
    with pytest.raises(CheckpointRefused, match="no checkpoint"):
        rooms.ledger.verify(paper=text)


def test_the_checkpoint_of_another_appliance_is_told_apart(rooms, line, tmp_path):
    other = Ledger(rooms.database, Keys.load_or_create(tmp_path / "other"))
    with pytest.raises(CheckpointRefused, match="another appliance"):
        other.verify(paper=line)


def test_nobody_signs_one_without_the_device_key(rooms, line, tmp_path):
    printed = PaperCheckpoint.read(line, rooms.keys.device_public)
    forged = replace(printed, sequence=1).signed(Keys.load_or_create(tmp_path / "other").device)
    with pytest.raises(CheckpointRefused):
        rooms.ledger.verify(paper=forged)


def test_only_a_closed_meeting_has_one(rooms):
    meeting = rooms.open_meeting()
    with pytest.raises(RuleViolation, match="closed meeting"):
        checkpoint_of_meeting(rooms.database, rooms.ledger, meeting.id)
    with pytest.raises(NotFound):
        checkpoint_of_meeting(rooms.database, rooms.ledger, 99)


# --- the QR code, read by somebody else's reader ----------------------------------------------------------------------


def pixels_of(png: bytes) -> memoryview:
    """Read a PNG of one bit a pixel, whose rows are plain (filter 0) or what differs from the one above (filter 2)."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) == (1, 0)
    chunks, at = b"", 8
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        chunks += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    packed, stride = zlib.decompress(chunks), (width + 7) // 8 + 1
    row, grey = bytes(stride - 1), b""
    for start in range(0, height * stride, stride):
        filtered = packed[start + 1 : start + stride]
        assert packed[start] in (0, 2)
        row = filtered if packed[start] == 0 else bytes((a + b) % 256 for a, b in zip(filtered, row, strict=True))
        grey += bytes(255 * (row[x // 8] >> (7 - x % 8) & 1) for x in range(width))
    return memoryview(grey).cast("B", (height, width))


def stained(picture: memoryview, side: int) -> memoryview:
    """A dark square of so many pixels in the middle: coffee."""
    height, width = picture.shape
    grey = bytearray(picture.tobytes())
    for y in range((height - side) // 2, (height + side) // 2):
        left = y * width + (width - side) // 2
        grey[left : left + side] = bytes(side)
    return memoryview(grey).cast("B", (height, width))


def test_a_reader_reads_from_the_picture_what_was_written(rooms, line):
    picture = pixels_of(qr_png(line))
    assert picture.shape == (65 * 8, 65 * 8), "57 modules and a margin of 4 on each side"
    (found,) = zxingcpp.read_barcodes(picture)
    assert (found.text, found.format) == (line, zxingcpp.BarcodeFormat.QRCode)
    assert rooms.ledger.verify(paper=found.text).ok


def test_a_stain_of_a_centimetre_does_not_matter_and_a_large_one_is_no_other_text(line):
    picture = pixels_of(qr_png(line))
    (found,) = zxingcpp.read_barcodes(stained(picture, 8 * 18))
    assert found.text == line
    assert [found.text for found in zxingcpp.read_barcodes(stained(picture, 8 * 40))] == []


def test_the_drawing_is_the_same_code_in_its_size_on_paper(line):
    picture, drawing = pixels_of(qr_png(line, module_pixels=1)), ElementTree.fromstring(qr_svg(line))  # noqa: S314 – our own drawing
    assert drawing.get("width") == "32.5mm"
    path = drawing.findall(".//{http://www.w3.org/2000/svg}path")[-1].get("d")
    assert dark_modules(path) == {(x, y) for y in range(65) for x in range(65) if picture[y, x] == 0}
    assert "<script" not in qr_svg(line)


def dark_modules(path: str) -> set[tuple[int, int]]:
    """Follow a path of horizontal strokes: M x y, m dx dy, h length."""
    x, y, dark = 0.0, 0.0, set()
    for command, numbers in re.findall(r"([Mmh])([-0-9. ]+)", path):
        values = [float(number) for number in numbers.replace("-", " -").split()]
        if command == "h":
            dark |= {(int(x) + step, int(y)) for step in range(int(values[0]))}
            x += values[0]
        else:
            x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
    return dark
