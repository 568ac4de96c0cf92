"""``reader list`` and ``reader test`` over PC/SC: a real pcscd with virtual readers."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from virtual_slots import CARD_ACCESS, FIRST, SECOND

from appliance.config.devices import ReaderConfig
from appliance.firmware_host.pcsc_reader import PcscCardReader
from appliance.firmware_host.plugged_in import configured_readers, pcsc_readers_found
from verifier.sdk.errors import ReaderError, ReaderUnavailable
from verifier.sdk.readers import PcscReader, pcsc_reader_names


def test_what_is_plugged_in_is_listed_without_taking_a_card_from_anybody(put: Callable, daemon: Any) -> None:
    put(slot=1)
    with PcscReader(SECOND) as holder:
        card = holder.wait_for_card(10)
        assert card is not None
        listed = {one.name: one.about for one in pcsc_readers_found()}
        assert card.transmit(CARD_ACCESS).is_ok
    assert tuple(listed) == pcsc_reader_names() == (FIRST, SECOND)
    assert listed[FIRST].endswith("no card is in it")
    assert listed[SECOND].endswith("a card is in it")


def test_the_readers_of_a_configuration_are_looked_for(daemon: Any) -> None:
    doors = [ReaderConfig(kind="pcsc", name="1"), ReaderConfig("ACR1252", "pcsc", name="2")]
    first, second = configured_readers(doors)
    assert (first.is_found, first.about) == (True, f"is {FIRST}")
    assert (second.is_found, "ACR1252" in second.about) == (False, True)


def test_without_the_service_there_is_a_sentence_that_says_what_to_do(daemon: Any) -> None:
    daemon.stop()
    with pytest.raises(ReaderUnavailable, match="pcscd"):
        pcsc_readers_found()
    (listed,) = configured_readers([ReaderConfig(kind="pcsc", name="1")])
    assert not listed.is_found
    assert "pcscd" in listed.about
    with suppress(ReaderError):
        PcscCardReader().close()


# --- the command ------------------------------------------------------------------------------------------------------


def reader_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "appliance", "reader", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_a_reader_is_measured_and_it_is_said_that_others_share_it(put: Callable, daemon: Any) -> None:
    put()
    ran = reader_command("test", "--kind", "pcsc", "--device", "virtual 00 00")
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "Reader pcsc: PC/SC virtual 00 00"
    assert FIRST in lines[1]
    assert "contactless, ATR 3B80800101" in lines[2]
    assert lines[-2:] == ["  Extended length: works.", "  Verdict: good."]
    assert "PC/SC readers are shared by all programs" in ran.stderr


def test_a_card_that_another_program_holds_is_not_measured(put: Callable, daemon: Any) -> None:
    put()
    with PcscReader(FIRST) as other:
        held = other.wait_for_card(10)
        assert held is not None
        ran = reader_command("test", "--kind", "pcsc", "--device", FIRST)
        assert held.transmit(CARD_ACCESS).is_ok
    assert ran.returncode == 3
    assert "[reader-busy]" in ran.stderr


def test_the_readers_are_listed_with_the_others_of_the_machine(put: Callable, daemon: Any) -> None:
    ran = reader_command("list")
    assert ran.returncode == 0
    assert f"PC/SC readers:\n  {FIRST}\n      does not say what it is for; no card is in it\n" in ran.stdout
