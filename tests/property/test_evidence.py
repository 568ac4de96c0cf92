"""Evidence survives its file exactly, and no file but a correct one is taken for evidence."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.access.proofs import (
    AccessProtocol,
    AccessRecord,
    ActiveAuthenticationProof,
    ChipAuthenticationProof,
    PaceChipAuthenticationProof,
)
from verifier.errors import EvidenceError
from verifier.evidence.record import Evidence
from verifier.evidence.trust_lists import TrustListVersion
from verifier.lds.elementary_files import ELEMENTARY_FILES

NAMES = st.sampled_from([*ELEMENTARY_FILES, "chip-authentication"])
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=64)
NUMBERS = st.integers(-(2**62), 2**62)
OIDS = st.lists(st.integers(0, 127), min_size=2, max_size=12).map(lambda arcs: ".".join(map(str, arcs)))

evidences = st.builds(
    Evidence,
    profile=PRINTABLE,
    captured_at=st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.timezones()),
    access=st.builds(
        AccessRecord,
        protocol=st.sampled_from(AccessProtocol),
        pace_offered=st.none() | st.booleans(),
        pace_oid=st.none() | OIDS,
        pace_parameter_id=st.none() | NUMBERS,
    ),
    files=st.dictionaries(NAMES, st.binary(max_size=300)),
    refused=st.dictionaries(NAMES, st.integers(0, 0xFFFF)),
    chip_authentication=st.none()
    | st.builds(
        ChipAuthenticationProof,
        oid=OIDS,
        key_id=st.none() | NUMBERS,
        terminal_private_key=st.binary(max_size=200),
        protected_response=st.binary(max_size=200),
    ),
    active_authentication=st.none()
    | st.builds(ActiveAuthenticationProof, challenge=st.binary(max_size=8), signature=st.binary(max_size=256)),
    pace_chip_authentication=st.none()
    | st.builds(
        PaceChipAuthenticationProof,
        oid=OIDS,
        parameter_id=NUMBERS,
        mapping_public_key=st.binary(max_size=133),
        chip_authentication_data=st.binary(max_size=66),
    ),
    trust_lists=st.lists(
        st.builds(
            TrustListVersion,
            name=PRINTABLE,
            version=st.none() | PRINTABLE,
            issued_at=st.none() | st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.timezones()),
            sha256=st.none() | st.binary(min_size=32, max_size=32),
        ),
        max_size=4,
    ).map(tuple),
)


@given(evidences)
def test_evidence_comes_back_from_its_file_exactly(evidence: Evidence) -> None:
    encoded = evidence.to_bytes()
    assert Evidence.from_bytes(encoded) == evidence
    assert Evidence.from_bytes(encoded).to_bytes() == encoded


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_no_evidence(encoded: bytes) -> None:
    with pytest.raises(EvidenceError):
        Evidence.from_bytes(encoded)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


def _paths(value: object, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return [prefix]
    return [prefix, *(path for key, inner in value.items() for path in _paths(inner, (*prefix, key)))]


FULL = Evidence(
    profile="party-card",
    captured_at=datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
    access=AccessRecord(AccessProtocol.PACE, True, "0.4.0.127.0.7.2.2.4.2.2", 13),
    files={"EF.SOD": b"\x77\x00", "DG1": b"\x61\x00"},
    refused={"DG14": 0x6A82},
    chip_authentication=ChipAuthenticationProof("0.4.0.127.0.7.2.2.3.2.2", 1, b"key", b"answer"),
    active_authentication=ActiveAuthenticationProof(bytes(8), b"signature"),
    pace_chip_authentication=PaceChipAuthenticationProof("0.4.0.127.0.7.2.2.4.6.2", 13, b"\x04xy", b"data"),
    trust_lists=(TrustListVersion("issuer-certificates", "800", datetime(2026, 11, 1, tzinfo=UTC), bytes(32)),),
)


@given(st.data())
def test_a_file_with_one_value_exchanged_is_refused_or_means_what_it_says(data: st.DataObject) -> None:
    document = json.loads(FULL.to_bytes())
    path = data.draw(st.sampled_from([path for path in _paths(document) if path]))
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = data.draw(JSON)
    try:
        evidence = Evidence.from_bytes(json.dumps(document).encode())
    except EvidenceError:
        return
    assert json.loads(evidence.to_bytes()) == document


@given(st.sampled_from([path for path in _paths(json.loads(FULL.to_bytes())) if path and path[0] not in {"files"}]))
def test_a_file_that_lacks_any_entry_is_refused(path: tuple[str, ...]) -> None:
    document = json.loads(FULL.to_bytes())
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    if path[:1] == ("refused",) and len(path) == 2:
        assert Evidence.from_bytes(json.dumps(document).encode()).refused == {}
        return
    with pytest.raises(EvidenceError):
        Evidence.from_bytes(json.dumps(document).encode())
