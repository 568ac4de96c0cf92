"""Whom a report calls the holder, where more of the card was read than its MRZ."""

from collections.abc import Callable
from typing import Any

import pytest

from verifier.access.proofs import AccessProtocol
from verifier.evidence.record import Evidence
from verifier.iso7816.tlv import encode
from verifier.reading.options import ReadingOptions
from verifier.reading.purpose import ReadingPurpose

NAME = "MẪU<<THỬ<NGHIỆM<BẢY"
DG11 = encode(0x6B, encode(0x5C, b"\x5f\x0e") + encode(0x5F0E, NAME.encode()))
FULL = ReadingOptions(access=(AccessProtocol.BAC,), purpose=ReadingPurpose.FULL)


def test_a_signed_dg11_gives_the_holder_the_name_in_national_characters(world: Any) -> None:
    evidence = world.read(world.write(more_files=(("DG11", DG11),)), FULL)
    holder = world.verify(evidence).holder
    assert holder.full_name == "MẪU THỬ NGHIỆM BẢY"
    assert (holder.surname, holder.given_names) == ("MAU", "THU NGHIEM BAY")
    assert "MẪU" not in repr(holder)


def test_what_was_not_read_or_does_not_decode_gives_no_name(world: Any) -> None:
    assert world.verify(world.read(world.write(more_files=(("DG11", DG11),)))).holder.full_name is None
    for content in (b"\x6b\x02\x5f\x0e", encode(0x6B, b""), encode(0x6B, encode(0x5F0E, b"<<<"))):
        evidence = world.read(world.write(more_files=(("DG11", content),)), FULL)
        assert world.verify(evidence).holder.full_name is None


@pytest.mark.parametrize("listed", [True, False])
def test_an_exchanged_dg11_gives_no_name(world: Any, altered: Callable[..., Evidence], *, listed: bool) -> None:
    other = DG11.replace("BẢY".encode(), "TÁM".encode())
    evidence = world.read(world.write(more_files=(("DG11", DG11),) if listed else ()), FULL)
    report = world.verify(altered(evidence, DG11=other))
    assert not report.passed
    assert report.holder is None or report.holder.full_name is None
