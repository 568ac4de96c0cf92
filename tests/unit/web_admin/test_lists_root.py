"""Pinning the root of the signed lists: shown, compared, pinned once; and who may."""

import hashlib
import re
from io import BytesIO

import pytest

from appliance.accounts import Role


def test_before_a_root_is_pinned_the_page_says_what_to_do(device):
    page = device.page()
    assert "Chưa cài đặt danh sách có chữ ký" in page
    assert "Chưa có danh sách" in page
    assert 'type="file"' in page
    assert "Cập nhật ngay" not in page


def test_a_root_is_pinned_only_after_its_fingerprint_was_shown_and_compared(device):
    answer = device.upload(device.root)
    groups = re.findall(r"<code>([0-9a-f]{8})</code>", answer.text)
    sha256 = re.search(r'name="sha256" value="([0-9a-f]{64})"', answer.text)[1]
    assert "".join(groups) == sha256
    assert not device.room.keeper.folder.is_set_up
    device.browser.post("/lists/root/pin", {"sha256": sha256})
    assert not device.room.keeper.folder.is_set_up
    assert "Xin so mã đối chiếu trước" in device.page()
    device.browser.post("/lists/root/pin", {"sha256": sha256, "compared": "yes"})
    assert device.room.keeper.status().pinned.sha256 == sha256
    assert "Đã cài đặt tệp gốc" in device.page()


def test_only_the_root_that_was_shown_is_pinned(device):
    for sha256 in ("", "0" * 64, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"):
        device.browser.post("/lists/root/pin", {"sha256": sha256, "compared": "yes"})
        assert not device.room.keeper.folder.is_set_up
    assert "Xin chọn lại tệp" in device.page()


def test_a_root_is_never_replaced(device, publications):
    shown = re.search(r'name="sha256" value="([0-9a-f]{64})"', device.upload(device.root).text)[1]
    device.pin()
    another = device.root + b"\n"
    device.upload(another)
    assert "Máy đã có tệp gốc" in device.page()
    device.room.show_root(another)
    fresh = {"sha256": hashlib.sha256(another).hexdigest(), "compared": "yes"}
    device.browser.post("/lists/root/pin", fresh)
    assert "Máy đã có tệp gốc" in device.page()
    assert device.room.keeper.status().pinned.sha256 == shown


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[" * 60_000, b"\x00\xff" * 100, b'{"signed": {"_type": "root"}}', b"\xff\xfe{\x00}\x00"],
)
def test_what_is_no_root_is_refused_with_a_sentence(device, content):
    assert device.upload(content).location == "/lists"
    assert re.search(r"không phải tệp gốc|Xin chọn tệp", device.page())
    assert device.room.shown_root is None


def test_other_metadata_and_a_root_whose_signature_is_lacking_are_no_root(device, publications):
    timestamp = (publications.folders[0] / "metadata" / "timestamp.json").read_bytes()
    unsigned = re.sub(rb'"sig": ?"[0-9a-f]+"', b'"sig":""', device.root)
    assert unsigned != device.root
    for content in (timestamp, unsigned, device.root[:-40]):
        device.upload(content)
        assert "không phải tệp gốc" in device.page()


def test_an_upload_is_bounded(device):
    longest = 64 << 10
    assert device.upload(b" " * longest).location == "/lists"
    assert device.upload(b" " * (longest + 1)).location == "/lists"
    assert device.upload(b" " * 80_000).status_code == 413
    many = {"csrf_token": device.browser.token()} | {f"x{number}": (BytesIO(b"x"), "x") for number in range(9)}
    answer = device.browser.client.post("/lists/root", data=many, content_type="multipart/form-data")
    assert answer.status_code == 413
    elsewhere = {"csrf_token": device.browser.token(), "root": (BytesIO(b"x"), "x")}
    answer = device.browser.client.post("/lists/sync", data=elsewhere, content_type="multipart/form-data")
    assert answer.status_code == 415


def test_an_upload_without_a_token_is_refused(device):
    files = {"root": (BytesIO(device.root), "1.root.json")}
    answer = device.browser.client.post("/lists/root", data=files, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert device.room.shown_root is None


def test_a_root_that_was_damaged_on_the_device_is_told(pinned):
    pinned.room.keeper.folder.pinned_root.write_bytes(b"damaged")
    assert "Tệp gốc trên máy bị hỏng" in pinned.page()


def test_an_officer_sees_the_lists_and_changes_nothing(pinned, publications):
    pinned.plug_in(publications.folders[0])
    officer = pinned.site.signed_in("canbo", Role.OFFICER)
    page = officer.get("/lists").text
    assert "Chưa có danh sách" in page
    stream = officer.get("/lists/events").text
    for text in (page, stream):
        assert "Cập nhật ngay" not in text
        assert "Xem trong USB" not in text
    for path in ("sync", "root", "root/pin", "sticks/look", "sticks/take-up"):
        assert officer.post(f"/lists/{path}", {"stick": "0"}).status_code == 403
    assert "Cập nhật ngay" in pinned.browser.get("/lists/events").text  # what is computed once is not everybody's
