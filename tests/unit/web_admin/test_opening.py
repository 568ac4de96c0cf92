"""The page that opens once it can: what it tries again, what it gives up at, and whose streams end when."""

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from appliance import errors
from appliance.config import Config
from appliance.errors import ConfigError, KeyLocked, StorageFull
from appliance.kiosk.phrases import sentence_while_closed
from appliance.services import Services
from web_admin import opening
from web_admin.app import create_app
from web_admin.closed_app import create_closed_app
from web_admin.live import EXTENSION, LiveHub
from web_admin.opening import OpeningPage

PATIENCE_S = 20.0
LOCKED = KeyLocked("the keys are locked")
TOLD_WHAT_TO_DO = (KeyLocked, errors.KeyFileAway, errors.WrongSecret, errors.StillOpening)


class Records:
    """What opening meets at each try, the last of it for ever; and what became of it."""

    def __init__(self, folder, *met):
        self.config = Config.for_state(folder)
        self.met = list(met)
        self.said, self.left, self.opened = [], [], Flask("opened")
        self.opened.extensions[EXTENSION] = LiveHub()
        self.over = threading.Event()

    def open(self):
        met = self.met.pop(0) if len(self.met) > 1 else self.met[0]
        if met is not None:
            raise met
        self.over.set()
        return self.opened

    def leave(self, code):
        self.left.append(code)
        self.over.set()

    def closed(self, trouble):
        return create_closed_app(self.config, trouble=trouble, clock=lambda: datetime.now(UTC))

    def page(self):
        return OpeningPage(self.open, self.closed, announce=self.said.append, leave=self.leave)


@pytest.fixture(autouse=True)
def in_haste(monkeypatch):
    monkeypatch.setattr(opening, "_SECONDS_BETWEEN_TRIES", 0.01)


def wait_until(happened):
    pause, until = threading.Event(), PATIENCE_S
    while not happened():
        assert until > 0
        pause.wait(0.01)
        until -= 0.01


def test_each_reason_is_told_once_and_then_the_page_is_the_usual_one(tmp_path):
    full = StorageFull("the disk is full")
    records = Records(tmp_path, LOCKED, LOCKED, LOCKED, full, full, LOCKED, None)
    page = records.page()
    wait_until(lambda: page.app is records.opened)
    assert records.said == [
        "the keys are locked [locked]",
        "the disk is full [storage-full]",
        "the keys are locked [locked]",
    ]
    assert records.left == []


def test_what_opens_at_once_waits_for_nothing(tmp_path):
    records = Records(tmp_path, None)
    assert records.page().app is records.opened
    assert records.said == []


def test_a_configuration_that_has_to_be_mended_first_is_no_reason_to_wait(tmp_path):
    with pytest.raises(ConfigError, match="no such setting"):
        Records(tmp_path, ConfigError("no such setting")).page()


def test_a_configuration_that_is_broken_while_the_page_waits_is_told_and_read_again(tmp_path):
    records = Records(tmp_path, LOCKED, ConfigError("no such setting"), None)
    page = records.page()
    wait_until(lambda: page.app is records.opened)
    assert records.said == ["the keys are locked [locked]", "no such setting [config-error]"]


def test_while_the_first_opening_takes_long_the_page_is_there_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "_SECONDS_FOR_THE_FIRST_TRY", 0.01)
    records, may_end = Records(tmp_path, None), threading.Event()
    usual = records.open
    records.open = lambda: may_end.wait(PATIENCE_S) and usual()
    page = records.page()
    assert records.said == ["the records are being opened [still-opening]"]
    shown = page.app.test_client().get("/kiosk").text
    assert 'data-state="starting"' in shown
    assert "Máy đang mở sổ. Xin chờ." in shown
    may_end.set()
    wait_until(lambda: page.app is records.opened)
    assert records.left == []


def test_a_first_opening_that_takes_long_and_then_finds_a_reason_waits_for_it_to_go(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "_SECONDS_FOR_THE_FIRST_TRY", 0.01)
    records, may_end = Records(tmp_path, ConfigError("no such setting"), LOCKED, None), threading.Event()
    usual = records.open
    records.open = lambda: may_end.wait(PATIENCE_S) and usual()
    page = records.page()
    may_end.set()
    wait_until(lambda: page.app is records.opened)
    assert [line.rpartition("[")[2] for line in records.said] == ["still-opening]", "config-error]", "locked]"]


def every_error(kind=errors.ApplianceError):
    return {kind}.union(*(every_error(below) for below in kind.__subclasses__()))


@pytest.mark.parametrize("kind", sorted(every_error(), key=lambda kind: kind.__name__))
def test_whatever_keeps_the_page_closed_the_screen_says_what_to_do_and_nothing_of_a_tap(kind, tmp_path):
    """An officer is asked for where one can help: nobody held a card, so nobody's name is to be noted."""
    trouble = kind("a sentence for the log")
    app = create_closed_app(Config.for_state(tmp_path), trouble=lambda: trouble, clock=lambda: datetime.now(UTC))
    for answer in (app.test_client().get("/kiosk"), app.test_client().get("/login")):
        assert "a sentence for the log" not in answer.text
        for of_a_tap in ("Mời gặp cán bộ", "ghi tên", "xem lại thẻ", "note your name", "record this"):
            assert of_a_tap not in answer.text
        sentence = sentence_while_closed(trouble)
        assert sentence.vi in answer.text
        assert sentence.en in answer.text
        assert "người phụ trách máy" in sentence.vi or kind in TOLD_WHAT_TO_DO


def test_only_a_request_that_is_none_or_for_another_machine_is_not_told_why_the_page_is_closed(tmp_path):
    records = Records(tmp_path, LOCKED)
    browser = create_closed_app(records.config, trouble=lambda: LOCKED, clock=lambda: datetime.now(UTC)).test_client()
    for answer, code, sentence in (
        (browser.get("/", headers={"Host": "evil.example"}), 421, "Máy không có địa chỉ này."),
        (browser.get("/kiosk", headers={"Host": "evil.example"}), 421, "Máy không có địa chỉ này."),
        (browser.get("/", environ_overrides={"QUERY_STRING": "a=\xc4\x90"}), 400, "Trang chưa hiểu yêu cầu này."),
    ):
        assert answer.status_code == code
        assert sentence in answer.text
        assert "unlock" not in answer.text
        assert "refresh" not in answer.text


# --- what a try leaves behind -----------------------------------------------------------------------------------------


def open_files(folder):
    """The store's files that this process has open."""
    targets = (path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink())
    return [target for target in targets if target.is_relative_to(folder)]


def of_a_newer_release(config):
    with closing(sqlite3.connect(config.database_path)) as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
        store.commit()


def with_a_folder_in_place_of_an_older_key(config):
    (config.keys_directory / "web-session.key").mkdir()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [(of_a_newer_release, "storage-version"), (with_a_folder_in_place_of_an_older_key, "key-file-error")],
)
def test_a_try_that_fails_leaves_nothing_open_however_often_it_is_made(tmp_path, spoil, reason):
    config = Config.for_state(tmp_path)
    Services.open(config).database.close()
    spoil(config)
    for _ in range(3):
        with pytest.raises(errors.ApplianceError) as caught:
            create_app(config)
        assert caught.value.reason == reason
        assert open_files(tmp_path) == []


def test_after_a_fault_of_this_program_the_process_is_left_and_the_log_names_the_place_and_nobody(tmp_path, caplog):
    records = Records(tmp_path, LOCKED, KeyError("Mẫu Thị Sen"))
    records.page()
    assert records.over.wait(PATIENCE_S)
    assert records.left == [3]
    assert "a fault of this program: KeyError at " in caplog.text
    assert "test_opening.py:" in caplog.text
    assert "Sen" not in caplog.text


def test_streams_of_the_closed_page_end_when_the_usual_one_takes_its_place_and_all_end_with_the_server(tmp_path):
    records = Records(tmp_path, LOCKED, LOCKED)
    page = records.page()
    hub_of_closed = page.app.extensions[EXTENSION]
    assert not hub_of_closed.is_stopping()
    records.met[:] = [None]
    wait_until(lambda: page.app is records.opened)
    assert hub_of_closed.is_stopping()
    assert not records.opened.extensions[EXTENSION].is_stopping()
    page.is_stopping = lambda: True
    assert records.opened.extensions[EXTENSION].is_stopping()
