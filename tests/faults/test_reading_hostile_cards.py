"""A card may answer anything, at any point: reading ends in evidence or in an error of ours, and never in another."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.sdk import CanPassword, Evidence, MrzPassword, Outcome, inspect, load_profile
from verifier.sdk.errors import VerifierError
from verifier.sdk.testing import ActiveAuthenticationKind, ChipOptions, VirtualChip
from verifier.sdk.testing.misbehaving import Scene

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
PROFILE = load_profile("party-card")


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(at=AT)


answers = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([0x9000, 0x6282, 0x6300, 0x63C1, 0x6700, 0x6982, 0x6988, 0x6A82, 0x6C10, 0x6D00, 0x6F00]).map(
        lambda status: status.to_bytes(2)
    ),
    st.tuples(st.binary(max_size=30), st.just(b"\x90\x00")).map(b"".join),
)
flips = st.integers(0, 4000)


@settings(max_examples=80, deadline=None)
@given(index=st.integers(1, 14), answer=answers | flips, with_pace=st.booleans())
def test_one_altered_answer_never_crashes_and_never_makes_other_data_pass(
    scene: Scene, index: int, answer: bytes | int, with_pace: bool
) -> None:
    options = (
        ChipOptions()
        if with_pace
        else ChipOptions(
            pace_curve=None, chip_authentication_curve=None, active_authentication=ActiveAuthenticationKind.ECDSA
        )
    )
    data = scene.chip_data(options=options)

    def tamper(number: int, _: bytes, response: bytes) -> bytes:
        if number != index:
            return response
        if isinstance(answer, int):
            position = answer % len(response)
            return response[:position] + bytes([response[position] ^ 0x10]) + response[position + 1 :]
        return answer

    password = CanPassword(scene.can) if with_pace else MrzPassword.from_mrz(data.mrz_information.decode())
    card = VirtualChip(data, tamper=tamper)
    with contextlib.suppress(VerifierError):
        inspection = inspect(
            card,
            scene.trust_store(),
            profile=PROFILE,
            password=password,
            at=AT,
            card_status=scene.card_status_list(),
        )
        assert Evidence.from_bytes(inspection.evidence.to_bytes()) == inspection.evidence
        signed = {name: content for name, content in inspection.evidence.files.items() if name != "EF.CardAccess"}
        if inspection.report.outcome is Outcome.PASSED:
            assert signed == {name: data.files[name] for name in signed}
