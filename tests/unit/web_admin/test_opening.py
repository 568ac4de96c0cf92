"""The page that opens once it can: what it tries again, what it gives up at, and whose streams end when."""

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask

from appliance.config import Config
from appliance.errors import ConfigError, KeyLocked, StorageFull
from web_admin import opening
from web_admin.closed_app import create_closed_app
from web_admin.live import EXTENSION, LiveHub
from web_admin.opening import OpeningPage

PATIENCE_S = 20.0
LOCKED = KeyLocked("the keys are locked")


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
