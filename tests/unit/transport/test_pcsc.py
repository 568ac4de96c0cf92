"""PC/SC without a service: what readers say of themselves, and a machine that has no pyscard."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.errors import ReaderUnavailable
from verifier.transport.pcsc import PcscReader, pcsc_readers
from verifier.transport.pcsc_limits import maximum_apdu_data, properties_of


def reader_that_says(answers: dict[int, bytes]) -> Any:
    """The calls of pyscard that ask a reader about itself, answered by control code (PC/SC part 10)."""

    def control(_handle: int, code: int, _data: list[int]) -> tuple[int, list[int]]:
        return (0, list(answers[code])) if code in answers else (1, [])

    return SimpleNamespace(SCARD_S_SUCCESS=0, SCARD_CTL_CODE=lambda code: code, SCardControl=control)


FEATURES, PROPERTIES = 3400, 0x42330012
HAS_PROPERTIES = bytes.fromhex("06 04 42330006  12 04 42330012")


@pytest.mark.parametrize(
    ("answers", "maximum"),
    [
        ({}, None),
        ({FEATURES: b""}, None),
        ({FEATURES: bytes.fromhex("0604423300061204")}, None),
        ({FEATURES: HAS_PROPERTIES}, None),
        ({FEATURES: HAS_PROPERTIES, PROPERTIES: bytes.fromhex("01020000")}, None),
        ({FEATURES: HAS_PROPERTIES, PROPERTIES: bytes.fromhex("0102 0000 0A04 00000100")}, 65_536),
        ({FEATURES: HAS_PROPERTIES, PROPERTIES: bytes.fromhex("0A04 00000000")}, 256),
    ],
)
def test_a_reader_tells_what_it_carries_or_keeps_silent(answers: dict[int, bytes], maximum: int | None) -> None:
    assert maximum_apdu_data(reader_that_says(answers), 1) == maximum


@given(st.binary(max_size=80))
def test_whatever_a_reader_says_of_itself_is_survived(said: bytes) -> None:
    assert sum(2 + len(value) for value in properties_of(said).values()) <= len(said)


def test_without_pyscard_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    with pytest.raises(ReaderUnavailable, match=r"pip install 'thechip\[pcsc\]'"):
        pcsc_readers()
    with pytest.raises(ReaderUnavailable, match="apt install pcscd libpcsclite-dev swig"):
        PcscReader().open()
