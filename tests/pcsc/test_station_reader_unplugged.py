"""The station's own reader over PC/SC: what is pulled out of it while it serves, and a second door beside it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from told_chip import ToldChip
from virtual_slots import CARD_ACCESS, FIRST, SECOND, found

from appliance.firmware_host.pcsc_reader import PcscCardReader
from verifier.sdk.errors import ReaderError, ReaderGone, ReaderUnavailable
from verifier.transport.pcsc_service import PcscService


def test_a_reader_that_is_unplugged_is_gone_and_found_again_by_what_it_is_called_then(
    put: Callable, daemon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged_in = [SECOND]
    monkeypatch.setattr(PcscService, "reader_names", lambda _: tuple(plugged_in))
    reader = PcscCardReader("virtual", name="1")
    reader.open()
    put(slot=1)
    assert found(reader).transmit(CARD_ACCESS).is_ok
    plugged_in.clear()
    with pytest.raises(ReaderGone):
        found(reader)
    reader.close()
    with pytest.raises(ReaderGone, match="no PC/SC reader is plugged in"):
        reader.open()
    plugged_in.append(FIRST)
    put(slot=0)
    reader.open()
    assert reader.facts().description == FIRST
    assert found(reader).transmit(CARD_ACCESS).is_ok
    reader.close()


def test_the_service_that_is_killed_in_the_midst_of_a_tap_is_a_reader_gone_and_found_again(
    put: Callable, daemon: Any, station: PcscCardReader
) -> None:
    class KillingChip(ToldChip):
        def process(self, command: bytes) -> bytes:
            if self.commands == 2:
                daemon.stop(kill=True)
            return super().process(command)

    put(KillingChip())
    card = found(station)
    for _ in range(2):
        card.transmit(CARD_ACCESS)
    with pytest.raises(ReaderGone, match="service stopped"):
        card.transmit(CARD_ACCESS)
    for ask in (card.is_present, card.start_over, lambda: station.wait_for_card(0)):
        with pytest.raises(ReaderError):
            ask()
    card.release()
    station.close()
    daemon.wait_until_stopped()
    with pytest.raises(ReaderUnavailable, match="pcscd"):
        station.open()
    daemon.start()
    station.open()
    put()
    assert found(station).transmit(CARD_ACCESS).is_ok


def test_two_doors_wait_and_read_side_by_side(put: Callable, daemon: Any) -> None:
    """One thread each: waiting at the one door must not hold up the other."""
    answers: dict[str, bytes] = {}

    def serve(name: str) -> None:
        reader = PcscCardReader(name, name=name)
        reader.open()
        card = reader.wait_for_card(10)
        if card is not None:
            for _ in range(30):
                answers[name] = card.transmit(CARD_ACCESS).data
            card.release()
        reader.close()

    doors = [threading.Thread(target=serve, args=(name,)) for name in (FIRST, SECOND)]
    for door in doors:
        door.start()
    put(ToldChip(answer=b"2\x90\x00"), 1)
    doors[1].join(8)
    assert answers == {SECOND: b"2"}, "the second door waited for the first"
    put(ToldChip(answer=b"1\x90\x00"), 0)
    doors[0].join(8)
    assert answers == {FIRST: b"1", SECOND: b"2"}
