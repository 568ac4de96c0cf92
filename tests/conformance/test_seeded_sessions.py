"""Three hundred seeded sessions, a quarter of them with forced leading zeros; ``scripts/sessions`` runs thousands."""

import random
from collections import Counter
from datetime import UTC, datetime

import pytest

from verifier.access.cipher_suite import CipherSuite
from verifier.errors import VerifierError
from verifier.sdk.testing.sessions import SeededSessions, SessionFailed, SessionKind

AT = datetime(2026, 1, 1, tzinfo=UTC)
SESSIONS_OF_EACH_KIND = 100
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
    for number in range(SESSIONS_OF_EACH_KIND):
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
