"""A whole tap over the simulated PN532: how long chip, link and we take of it, and what of ours is cryptography."""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from benchmarks.measure import Row, calls_of, interleaved, replay
from benchmarks.scenes import AT, CAN, chip
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.demo.simulation import running
from appliance.demo.stage import Stage
from appliance.firmware_host.card_session import CardSession
from appliance.firmware_host.simulator.chip_times import FAST_CHIP
from appliance.firmware_host.simulator.link_model import LinkModel
from verifier.sdk import CardConnection, CommandApdu, ResponseApdu, load_profile, policy_for, read, verify
from verifier.sdk.testing import KeyKind, SyntheticCardStatus, VirtualChip

sys.path.append(str(Path(__file__).parents[1] / "lib"))

from crowd import CardKind
from time_budget.budget import bars

_TAPS = 15
_CURVE = "brainpoolP256r1"
_OPERATIONS = {
    "derive_private_key": "public keys derived",
    "exchange": "key agreements",
    "private_key": "key pairs checked",
    "from_public_bytes": "points decoded",
    "verify": "signature verifications",
}


class _Stopwatch:
    """Adds up the time that calls of a method take."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def around(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                return method(*arguments)
            finally:
                self.seconds += time.perf_counter() - started

        return timed


def rows() -> Iterator[Row]:
    """A tap and its parts; then the station's own time in it against the cryptography that a reader has to do."""
    yield _whole()
    yield _own()


def _whole() -> Row:
    """The demo's genuine card, again and again; the chip calculates in plain Python, much slower than its reader."""
    link, chip_time = _Stopwatch(), _Stopwatch()
    travelled: dict[str, int] = {}
    parts: dict[str, list[float]] = {"whole": [], "chip": [], "link": [], "ours": []}
    with (
        tempfile.TemporaryDirectory(prefix="thechip-bench-") as state,
        patch.object(CardSession, "transmit", link.around(CardSession.transmit)),
        patch.object(VirtualChip, "process", chip_time.around(VirtualChip.process)),
    ):
        stage = Stage.set_up(Path(state), at=datetime.now(UTC), open_meeting=True)
        genuine = stage.cards[0]
        with running(stage, result_seconds=0.0) as simulation:
            for _ in range(_TAPS):
                link.seconds = chip_time.seconds = 0.0
                result = simulation.tap(genuine)
                whole, travelled = result.elapsed_ms, {"APDUs": result.apdus, "bytes": result.bytes}
                transmitted, calculated = link.seconds * 1e3, chip_time.seconds * 1e3
                for name, value in zip(
                    parts, (whole, calculated, transmitted - calculated, whole - transmitted), strict=True
                ):
                    parts[name].append(value)
    middle = {name: statistics.median(values) for name, values in parts.items()}
    details = {
        "chip, ms": round(middle["chip"], 1),
        "driver, link and simulated reader, ms": round(middle["link"], 1),
        "ours, ms": round(middle["ours"], 1),
        **travelled,
    }
    return Row(
        "a tap, simulated PN532", middle["whole"], "ms", middle["whole"] - middle["ours"], "card and link", details
    )


def _own() -> Row:
    """PACE and Chip Authentication on the slowest curve of the demo, each card new, each recorded in the ledger."""
    link = LinkModel(chip=FAST_CHIP)
    bar = next(bar for bar in bars("fast chip 2020s", link, _TAPS, rates=(424,)) if bar.kind is CardKind.PACE_CA)
    once = _reader_side()
    counts = calls_of(once, _OPERATIONS)
    raw = interleaved({"raw": replay(counts, _raw(ec.BrainpoolP256R1()))}, repetitions=40)["raw"]
    own = {step.value + ", ms": round(seconds * 1e3, 1) for step, seconds in bar.own.items()}
    return Row(
        "a tap, the station's own time", bar.ours * 1e3, "ms", raw.median * 1e3, "the cryptography in it", own | counts
    )


class _Remembered:
    """Passes commands to a chip the first time, and gives its answers again for nothing."""

    def __init__(self, card: CardConnection) -> None:
        self._card = card
        self._answers: list[ResponseApdu] = []
        self._next = 0

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        if self._next == len(self._answers):
            self._answers.append(self._card.transmit(command))
        self._next += 1
        return self._answers[self._next - 1]

    def rewind(self) -> None:
        self._next = 0


def _reader_side() -> Callable[[], object]:
    """Return reading and verifying one card, of which the store has not seen the document yet."""
    card, pki = chip(_CURVE, KeyKind.P256)
    profile, trust = load_profile("party-card"), pki.trust_store()
    policy, status = policy_for(profile), SyntheticCardStatus().card_status_list(at=AT)
    remembered = _Remembered(card)

    def once() -> object:
        remembered.rewind()
        evidence = read(remembered, profile=profile, password=CAN, at=AT, random=Random(3).randbytes)  # noqa: S311 – a session that repeats
        trust.signatures.forget_documents()
        return verify(evidence, trust, policy, at=AT, card_status=status)

    once()
    return once


def _raw(curve: ec.EllipticCurve) -> dict[str, Callable[[], object]]:
    key, peer = ec.generate_private_key(curve), ec.generate_private_key(curve).public_key()
    numbers, encoded = key.private_numbers(), peer.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    signer, algorithm, message = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(hashes.SHA256()), bytes(600)
    signature, public = signer.sign(message, algorithm), signer.public_key()
    return {
        "public keys derived": lambda: ec.derive_private_key(numbers.private_value, curve),
        "key agreements": lambda: key.exchange(ec.ECDH(), peer),
        "key pairs checked": numbers.private_key,
        "points decoded": lambda: ec.EllipticCurvePublicKey.from_encoded_point(curve, encoded),
        "signature verifications": lambda: public.verify(signature, message, algorithm),
    }
