"""Taking up lists while pages are answered, what is told of it, and the history. By a real publisher."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from appliance.errors import SourceUnreachable
from appliance.lists.history import Attempt, Outcome, remember
from appliance.lists.sources.source import Source
from web_admin import live

DEAD = "http://127.0.0.1:9/"
"""Nobody listens on the port of the discard protocol."""
PATIENCE_SECONDS = 20.0


def test_a_sync_asks_one_source_after_another_and_says_what_each_did_wrong(pinned, publications):
    pinned.plug_in(publications.folders[0])
    pinned.room.keeper.mirrors = lambda: (Source.mirror(DEAD),)
    assert pinned.browser.post("/lists/sync").location == "/lists"
    pinned.wait()
    page = pinned.page()
    assert "Đã dùng danh sách mới" in page
    assert f"<li>{DEAD}: Nguồn không trả lời, hoặc đã bị ngắt." in page
    assert "từ USB" in page
    assert pinned.is_discreet(page)
    stream = pinned.browser.get("/lists/events").text
    assert '"arrived": "Đã dùng danh sách mới"' in stream


def test_a_sync_in_which_every_source_failed_says_so_of_each(pinned):
    pinned.room.keeper.mirrors = lambda: (Source.mirror(DEAD), Source.mirror("http://localhost:9/second/"))
    pinned.browser.post("/lists/sync")
    pinned.wait()
    page = pinned.page()
    assert "Chưa cập nhật được" in page
    assert page.count("<li>http://") == 2
    assert page.count("Nguồn không trả lời") == 4  # in the result, and in the history
    assert "Chưa có danh sách" in page


def test_without_any_source_the_page_says_whom_to_ask_for_a_stick(pinned):
    ask = "Hãy xin nơi phát hành danh sách một USB có danh sách mới nhất"
    assert ask in pinned.page()
    pinned.browser.post("/lists/sync")
    assert pinned.page().count(ask) == 2
    assert not pinned.room.background.work.is_running


def test_without_a_root_nothing_is_synced(device):
    device.browser.post("/lists/sync")
    assert "Máy chưa có tệp gốc" in device.page()


class Held:
    """A try that tells what came, and then waits for the test."""

    def __init__(self, device, ending: Callable[[], None] = lambda: None) -> None:
        self.source = Source.mirror(DEAD)
        self.told, self.may_end = threading.Event(), threading.Event()
        self._ending = ending
        device.room.keeper.mirrors = lambda: (self.source,)
        device.room.keeper.sync = self.sync

    def sync(self, *, progress, repair):
        progress(self.source, 1_234_567)
        self.told.set()
        assert self.may_end.wait(PATIENCE_SECONDS)
        self._ending()
        msg = "it was only a test"
        raise SourceUnreachable(msg)


def test_the_page_answers_while_a_sync_runs_and_a_second_press_says_so(pinned):
    held = Held(pinned)
    try:
        pinned.browser.post("/lists/sync")
        assert held.told.wait(PATIENCE_SECONDS)
        page = pinned.page()
        assert f"Đang cập nhật từ {DEAD}: đã nhận 1,2 MB." in page
        assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
        assert "disabled" in page
        assert "Đang cập nhật từ" in pinned.browser.get("/lists/events").text
        pinned.browser.post("/lists/sync")
        assert "Máy đang cập nhật danh sách. Xin chờ" in pinned.page()
    finally:
        held.may_end.set()
    pinned.wait()
    page = pinned.page()
    assert "Chưa cập nhật được" in page
    assert "http-equiv" not in page


def test_the_stream_tells_of_the_end_of_a_sync(pinned):
    hub = pinned.site.app.extensions[live.EXTENSION]
    hub.pace = replace(hub.pace, lifetime=4.0)
    held = Held(pinned)
    pinned.browser.post("/lists/sync")
    assert held.told.wait(PATIENCE_SECONDS)
    threading.Timer(0.2, held.may_end.set).start()
    events = [line for line in pinned.browser.get("/lists/events").text.splitlines() if line.startswith("data:")]
    pinned.wait()
    assert "Đang cập nhật từ" in events[0]
    assert "Đang cập nhật từ" not in events[-1]
    assert "Nguồn không trả lời" in events[-1]


def test_another_process_that_takes_up_lists_is_told_of(pinned, publications):
    pinned.plug_in(publications.folders[0])
    pinned.room.keeper.patience_s = 0.1
    with pinned.room.keeper.folder.only_sync():
        assert "Một chương trình khác trên máy đang cập nhật" in pinned.page()
        pinned.browser.post("/lists/sync")
        assert "Máy đang cập nhật danh sách. Xin chờ" in pinned.page()
        assert "Máy đang cập nhật danh sách. Xin chờ" in pinned.look().text
    assert not pinned.room.background.work.is_running
    assert pinned.number is None


def test_a_set_that_is_damaged_on_the_device_is_told_and_the_next_sync_repairs_it(pinned, publications):
    pinned.plug_in(publications.folders[0])
    pinned.take_up()
    before = pinned.room.keeper.status().sealed.content
    damaged = pinned.room.keeper.folder.current / "set.json"
    damaged.chmod(0o600)
    damaged.write_bytes(b"{}")
    assert "Danh sách lưu trên máy bị hỏng" in pinned.page()
    pinned.browser.post("/lists/sync")
    pinned.wait()
    assert pinned.room.keeper.status().sealed.content == before
    assert "bị hỏng" not in pinned.page()


def test_a_bug_in_a_sync_leaves_the_button_usable(pinned, monkeypatch):
    heard = []
    monkeypatch.setattr(threading, "excepthook", lambda what: heard.append(what.exc_type))

    def broken() -> None:
        raise ZeroDivisionError

    held = Held(pinned, ending=broken)
    held.may_end.set()
    pinned.browser.post("/lists/sync")
    pinned.wait()
    assert "Có lỗi khi cập nhật danh sách" in pinned.page()
    assert heard == [ZeroDivisionError]
    assert pinned.browser.post("/lists/sync").location == "/lists"
    pinned.wait()


def test_a_result_is_news_for_an_hour_and_history_afterwards(pinned, publications, monkeypatch):
    pinned.plug_in(publications.folders[0])
    pinned.take_up()
    assert pinned.room.last_done() is not None
    monkeypatch.setattr("web_admin.lists.room.RESULT_IS_SHOWN_FOR", timedelta(0))
    assert pinned.room.last_done() is None
    page = pinned.page()
    assert page.count("Đã dùng danh sách mới") == 1


# --- the history -----------------------------------------------------------------------------------------------------


def test_the_history_has_the_last_fifty_tries_with_reasons_in_words(pinned, publications):
    at = pinned.site.now
    for number in range(60):
        failed = Attempt(at, f"https://mirror.example/{number}/", Outcome.FAILED, "list-expired")
        remember(pinned.room.keeper.folder.history, failed)
    remember(pinned.room.keeper.folder.history, Attempt(at, "stick", Outcome.FAILED, "a-newer-reason"))
    page = pinned.page()
    assert page.count("Chữ ký của danh sách đã hết hạn") == 49
    assert "Có lỗi khác (a-newer-reason)" in page
    assert "mirror.example/11/" in page
    assert "mirror.example/10/" not in page


def test_what_a_source_is_called_is_text_and_never_markup(pinned):
    remember(pinned.room.keeper.folder.history, Attempt(pinned.site.now, "<img src=x>", Outcome.FAILED, "<b>"))
    for page in (pinned.page(), pinned.browser.get("/lists/events").text):
        assert "<img" not in page
        assert "&lt;img" in page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_speaks_both_languages(pinned, publications, language):
    pinned.browser.post("/language", {"language": language})
    pinned.plug_in(publications.folders[10])
    pinned.take_up()
    said = {"vi": "Danh sách của 10 ngày trước", "en": "Lists 10 days old"}[language]
    assert said in pinned.page()
    assert {"vi": "Không còn mới", "en": "Not fresh any more"}[language] in pinned.page()
