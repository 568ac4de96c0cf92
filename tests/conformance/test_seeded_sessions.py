"""Five hundred seeded sessions, a quarter of them with forced leading zeros; ``scripts/sessions`` runs thousands."""

import random
from collections import Counter
from datetime import UTC, datetime

import pytest

from verifier.access.cipher_suite import CipherSuite
from verifier.errors import VerifierError
from verifier.sdk.testing.card_side.ciphers import CipherSuite as ChipCipherSuite
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping
from verifier.sdk.testing.session_variants import (
    ACTIVE_AUTHENTICATION_VARIANTS,
    CHIP_AUTHENTICATION_VARIANTS,
    PACE_VARIANTS,
    pick,
)
from verifier.sdk.testing.sessions import SeededSessions, SessionFailed, SessionKind

AT = datetime(2026, 1, 1, tzinfo=UTC)
SESSIONS = {
    SessionKind.PACE: 216,
    SessionKind.CHIP_AUTHENTICATION: 150,
    SessionKind.ACTIVE_AUTHENTICATION: 134,
}
SEED = random.randrange(2**32)

MUST_BE_SEEN = {
    SessionKind.PACE: {
        "shared secret",
        "mapping's shared point, x",
        "mapped generator, x",
        "chip's ephemeral key, x",
        "reader's ephemeral key, x",
    },
    SessionKind.CHIP_AUTHENTICATION: {"shared secret", "reader's ephemeral key, x"},
    SessionKind.ACTIVE_AUTHENTICATION: {"signature"},
}


@pytest.mark.parametrize("kind", SessionKind)
def test_every_session_succeeds_whatever_begins_with_a_zero_byte(kind: SessionKind) -> None:
    sessions = SeededSessions(seed=SEED, at=AT)
    zeros = Counter[str]()
    for number in range(SESSIONS[kind]):
        zeros.update(sessions.run(kind, number).leading_zeros)  # raises with seed and number
    assert zeros.keys() >= MUST_BE_SEEN[kind], (SEED, zeros)


@pytest.mark.parametrize("kind", [SessionKind.PACE, SessionKind.CHIP_AUTHENTICATION])
def test_a_reader_that_strips_leading_zeros_is_found_out(kind: SessionKind, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = SeededSessions(seed=1, at=AT)
    numbers = range(32)
    hurt = {n for n in numbers if "shared secret" in sessions.run(kind, n).leading_zeros}
    derive = CipherSuite.derive_session_keys
    monkeypatch.setattr(CipherSuite, "derive_session_keys", lambda self, secret: derive(self, secret.lstrip(b"\x00")))
    assert hurt
    for number in hurt:
        with pytest.raises((SessionFailed, VerifierError)):
            sessions.run(kind, number)


def test_a_session_repeats() -> None:
    first, second = (SeededSessions(seed=7, at=AT).run(SessionKind.PACE, 3) for _ in range(2))
    assert first == second


def test_every_pace_that_the_reader_must_carry_is_among_the_sessions() -> None:
    """The list is asked of the reader, so that it grows with it; these are what it may never lose."""
    tried = {(variant.mapping, variant.group.parameter_id) for variant in PACE_VARIANTS}
    dh, ec = {0, 1, 2}, {12, 13, 15, 16, 17, 18}
    assert tried >= {(mapping, group) for mapping in (PaceMapping.GENERIC, PaceMapping.INTEGRATED) for group in dh | ec}
    assert tried >= {(PaceMapping.CHIP_AUTHENTICATION, group) for group in ec}
    assert {variant.cipher for variant in PACE_VARIANTS} == set(ChipCipherSuite)


@pytest.mark.parametrize(
    "variants", [PACE_VARIANTS, CHIP_AUTHENTICATION_VARIANTS, ACTIVE_AUTHENTICATION_VARIANTS], ids=list(SessionKind)
)
def test_every_variant_has_its_turn(variants: list[object]) -> None:
    assert {str(pick(variants, number)) for number in range(len(variants))} == {str(variant) for variant in variants}
