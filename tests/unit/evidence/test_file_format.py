"""What the evidence file's decoder refuses, and why it says so."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from verifier.access.proofs import AccessProtocol, AccessRecord
from verifier.errors import EvidenceError
from verifier.evidence.record import Evidence

EVIDENCE = Evidence(
    profile="icao-mrtd",
    captured_at=datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
    access=AccessRecord(AccessProtocol.BAC),
    files={"EF.SOD": b"\x77\x01\x00"},
    refused={"DG14": 0x6982},
)


def _changed(change: Callable[[dict], None]) -> bytes:
    document = json.loads(EVIDENCE.to_bytes())
    change(document)
    return json.dumps(document).encode()


def _refusal(encoded: bytes) -> str:
    with pytest.raises(EvidenceError) as caught:
        Evidence.from_bytes(encoded)
    return caught.value.sentence


def test_a_file_of_a_later_version_is_refused_by_its_version() -> None:
    assert "version 1 to 2, not 3" in _refusal(_changed(lambda document: document.update(version=3)))


@pytest.mark.parametrize("version", [0, -1, 1 << 62])
def test_a_version_that_never_was_is_refused(version: int) -> None:
    assert "version 1 to 2" in _refusal(_changed(lambda document: document.update(version=version)))


def test_version_true_is_not_version_one() -> None:
    assert "whole number" in _refusal(_changed(lambda document: document.update(version=True)))


@pytest.mark.parametrize("written", ["dwEA\n", "dwE", "dwEB====", "dw EA", "dwFA====", "đ"])
def test_base64_that_is_not_canonical_is_refused(written: str) -> None:
    assert "base64" in _refusal(_changed(lambda document: document["files"].update({"EF.SOD": written})))


def test_base64_with_stray_bits_is_refused() -> None:
    assert "canonical" in _refusal(_changed(lambda document: document["files"].update({"EF.SOD": "dx=="})))


def test_a_key_given_twice_is_refused() -> None:
    encoded = EVIDENCE.to_bytes().replace(b'"version": 2,', b'"version": 2, "version": 2,')
    assert "twice" in _refusal(encoded)


def test_an_entry_that_the_format_does_not_know_is_refused() -> None:
    assert "does not know" in _refusal(_changed(lambda document: document.update(verified=True)))


def test_deep_nesting_meets_a_limit_and_not_the_interpreters_stack() -> None:
    assert "nests deeper" in _refusal(b'{"files":' * 200_000)
    assert "nests deeper" in _refusal(b"[" * 1_000_000)


def test_brackets_inside_strings_do_not_count_as_nesting() -> None:
    assert "profile" in _refusal(_changed(lambda document: document.update(profile="[[[[[[" * 12)))


def test_a_huge_file_is_refused_before_it_is_parsed() -> None:
    assert "at most" in _refusal(b"[" * (9 << 20))


@pytest.mark.parametrize("number", [b"1e400", b"NaN", b"-Infinity", b"1.0", b"9" * 5000, b"9" * 30])
def test_strange_numbers_are_refused(number: bytes) -> None:
    encoded = EVIDENCE.to_bytes().replace(b'"version": 2', b'"version": ' + number)
    assert _refusal(encoded)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-22T08:00:00",
        "2026-11-22T08:00:00+07:00",
        "2026-13-22T08:00:00Z",
        "2026-11-22 08:00:00Z",
        "٢٠26-11-22T08:00:00Z",
    ],
)
def test_a_time_that_is_not_written_in_utc_is_refused(written: str) -> None:
    assert "captured_at" in _refusal(_changed(lambda document: document.update(captured_at=written)))


@pytest.mark.parametrize(
    "encoded", [b"", b"null", b"[]", b'"thechip-evidence"', b"\xff\xfe", b"\xef\xbb\xbf{}", b"{}{}"]
)
def test_what_is_no_json_object_in_utf_8_is_refused(encoded: bytes) -> None:
    assert _refusal(encoded)


def test_an_impossible_file_name_cannot_be_written() -> None:
    evidence = Evidence(
        "icao-mrtd", datetime(2026, 1, 1, tzinfo=UTC), AccessRecord(AccessProtocol.BAC), {"../DG1": b""}
    )
    with pytest.raises(EvidenceError):
        evidence.to_bytes()


def test_a_capture_without_time_zone_is_refused_and_one_with_another_zone_becomes_utc() -> None:
    with pytest.raises(EvidenceError):
        Evidence("icao-mrtd", datetime(2026, 1, 1), AccessRecord(AccessProtocol.BAC), {})
    hanoi = timezone(timedelta(hours=7))
    evidence = Evidence("icao-mrtd", datetime(2026, 1, 1, 7, tzinfo=hanoi), AccessRecord(AccessProtocol.BAC), {})
    assert evidence.captured_at.utcoffset() == timedelta(0)
    assert b"2026-01-01T00:00:00Z" in evidence.to_bytes()


def test_no_refusal_repeats_what_a_file_holds() -> None:
    sentence = _refusal(_changed(lambda document: document["files"].update({"EF.SOD": "TRAN THI MAU!"})))
    assert "MAU" not in sentence


@pytest.mark.parametrize("piece", [b'"\\', b'\\"', b'"', b'""[', b'"\\\n'])
def test_quotes_without_an_end_are_refused_at_once(piece: bytes) -> None:
    began = time.process_time()
    with pytest.raises(EvidenceError):
        Evidence.from_bytes(piece * (1 << 17))
    assert time.process_time() - began < 2


def test_brackets_within_strings_are_no_depth() -> None:
    inner = json.dumps('[[[[[["' + "[" * 100 + "\\")
    with pytest.raises(EvidenceError, match="lacks 'format'"):
        Evidence.from_bytes(b'{"x": ' + inner.encode() + b"}")
    with pytest.raises(EvidenceError, match="deeper"):
        Evidence.from_bytes(b'{"x": ' + inner.encode() + b', "y": [[[[1]]]]}')


@pytest.mark.parametrize("encoded", ["{}", None, 7, bytearray(b"{}"), [b"{}"]])
def test_what_is_no_bytes_is_no_evidence_file(encoded: object) -> None:
    with pytest.raises(EvidenceError):
        Evidence.from_bytes(encoded)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"captured_at": None},
        {"captured_at": "2026-01-01T00:00:00Z"},
        {"captured_at": datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))},
        {"access": None},
        {"access": "PACE"},
        {"files": None},
        {"files": [b""]},
        {"files": {"DG1": "text"}},
        {"refused": None},
    ],
)
def test_evidence_of_other_kinds_of_things_cannot_be_made(wrong: dict[str, object]) -> None:
    right = {
        "profile": "icao-mrtd",
        "captured_at": datetime(2026, 1, 1, tzinfo=UTC),
        "access": AccessRecord(AccessProtocol.BAC),
        "files": {},
    }
    with pytest.raises(EvidenceError):
        Evidence(**right | wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("encoded", [b'{"holder": "TRAN THI MAU" x}', b'"TRAN THI MAU\xff"', b'{"MAU": 1, "MAU": 2}'])
def test_no_chained_error_keeps_what_was_to_be_read(encoded: bytes) -> None:
    with pytest.raises(EvidenceError) as refused:
        Evidence.from_bytes(encoded)
    error: BaseException | None = refused.value
    while error is not None:
        assert "MAU" not in repr(error) + repr(vars(error)) + repr(getattr(error, "doc", ""))
        error = error.__cause__ or error.__context__
