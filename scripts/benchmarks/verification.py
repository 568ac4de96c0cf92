"""A full verification against the signatures, key agreements and hashes in it."""

import hashlib
from collections.abc import Callable, Iterator

from benchmarks.measure import Row, calls_of, interleaved, replay
from benchmarks.scenes import Scene, passive_scene, read_scene
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.sdk.testing import KeyKind

_OPERATIONS = {
    "verify": "signature verifications",
    "exchange": "key agreements",
    "openssl_sha1": "hashes",
    "openssl_sha256": "hashes",
    "new": "hashes",
}


def rows() -> Iterator[Row]:
    """Signed data alone; then with Chip Authentication, all on P-256, which leaves our work no place to hide."""
    p256 = ec.SECP256R1()
    yield from _rows("P-256, signed data only, three certificates", passive_scene(), p256, p256)
    yield from _rows("P-256 throughout", read_scene("P-256", KeyKind.P256), p256, p256)
    demo = read_scene("brainpoolP256r1", KeyKind.BRAINPOOL_P384)
    name = "P-256 SOD, brainpoolP384r1 CSCA, brainpoolP256r1 chip"
    yield from _rows(name, demo, ec.BrainpoolP384R1(), ec.BrainpoolP256R1())


def _rows(name: str, scene: Scene, csca_curve: ec.EllipticCurve, chip_curve: ec.EllipticCurve) -> Iterator[Row]:
    warm = scene.verification()
    cold_counts = calls_of(scene.verification(), _OPERATIONS)
    warm()
    warm_counts = calls_of(warm, _OPERATIONS)
    signer, authority, agree = _verifier(ec.SECP256R1()), _verifier(csca_curve), _agreement(chip_curve)

    def operations(counts: dict[str, int]) -> Callable[[], None]:
        """The SOD's signature is the document signer's, every other one the CSCA's."""
        others = counts["signature verifications"] - 1
        labelled = {"sod": 1, "csca": others, "agree": counts["key agreements"], "hash": counts["hashes"]}
        return replay(labelled, {"sod": signer, "csca": authority, "agree": agree, "hash": _hash})

    times = interleaved(
        {"ours": warm, "warm": operations(warm_counts), "cold": operations(cold_counts)}, repetitions=60, batch=3
    )
    for label, counts, what in (
        ("warm", warm_counts, "the operations that it makes with a warm store"),
        ("cold", cold_counts, "all operations that its verdict rests on"),
    ):
        against = times[label].least * 1e6
        yield Row(f"verify: {name}", times["ours"].least * 1e6, "µs", against, what, dict(counts))


def _verifier(curve: ec.EllipticCurve) -> Callable[[], None]:
    algorithm = ec.ECDSA(hashes.SHA384() if curve.key_size == 384 else hashes.SHA256())
    key, message = ec.generate_private_key(curve), bytes(600)
    signature, public = key.sign(message, algorithm), key.public_key()
    return lambda: public.verify(signature, message, algorithm)


def _agreement(curve: ec.EllipticCurve) -> Callable[[], bytes]:
    key, peer = ec.generate_private_key(curve), ec.generate_private_key(curve).public_key()
    return lambda: key.exchange(ec.ECDH(), peer)


def _hash() -> bytes:
    return hashlib.sha256(bytes(300)).digest()
