"""The reader's side of PACE, without the chip, against the curve operations in it."""

from collections.abc import Callable, Iterator
from random import Random

from benchmarks.measure import Row, calls_of, interleaved, replay
from benchmarks.scenes import CAN, chip
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.access.pace.establishment import establish_pace
from verifier.iso7816.exchange import perform
from verifier.lds.card_access import CardAccess
from verifier.sdk import CardConnection, CommandApdu, ResponseApdu
from verifier.sdk.testing import KeyKind

_OPERATIONS = {
    "derive_private_key": "public keys derived",
    "exchange": "key agreements",
    "private_key": "key pairs checked",
    "from_public_bytes": "points decoded",
}


class _Remembered:
    """Passes commands to a chip the first time, and gives its answers again for nothing."""

    def __init__(self, card: CardConnection) -> None:
        self._card = card
        self._answers: list[ResponseApdu] = []
        self._next = 0

    def transmit(self, _command: CommandApdu) -> ResponseApdu:
        if self._next == len(self._answers):
            self._answers.append(self._card.transmit(_command))
        self._next += 1
        return self._answers[self._next - 1]

    def rewind(self) -> None:
        self._next = 0


def rows() -> Iterator[Row]:
    """The curve of most cards, and the quickest one."""
    for name, curve in (("brainpoolP256r1", ec.BrainpoolP256R1()), ("P-256", ec.SECP256R1())):
        yield _row(name, curve)


def _row(name: str, curve: ec.EllipticCurve) -> Row:
    card, _ = chip(name, KeyKind.P256)
    (info,) = CardAccess.decode(card.data.files["EF.CardAccess"]).security_infos.pace
    remembered = _Remembered(card)

    def ours() -> None:
        remembered.rewind()
        perform(establish_pace(info, CAN, Random(3).randbytes), remembered)  # noqa: S311 – a session that repeats

    ours()
    counts = calls_of(ours, _OPERATIONS)
    times = interleaved({"ours": ours, "raw": replay(counts, _raw(curve))}, repetitions=80)
    return Row(
        f"PACE, reader's side: {name}",
        times["ours"].least * 1e6,
        "µs",
        times["raw"].least * 1e6,
        "the curve operations that it makes",
        dict(counts),
    )


def _raw(curve: ec.EllipticCurve) -> dict[str, Callable[[], object]]:
    key, peer = ec.generate_private_key(curve), ec.generate_private_key(curve).public_key()
    numbers, encoded = key.private_numbers(), peer.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return {
        "public keys derived": lambda: ec.derive_private_key(numbers.private_value, curve),
        "key agreements": lambda: key.exchange(ec.ECDH(), peer),
        "key pairs checked": numbers.private_key,
        "points decoded": lambda: ec.EllipticCurvePublicKey.from_encoded_point(curve, encoded),
    }
