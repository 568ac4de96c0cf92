"""Loading 800 CSCA certificates: cold from a folder, and from the store's index; a CRL of 100,000 entries."""

import gc
import os
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from benchmarks.measure import Row, interleaved
from benchmarks.scenes import AT
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from verifier.iso7816.tlv import encode
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.trust.trust_store import TrustStore

_CERTIFICATES = 800
_ENTRIES = 100_000


def rows() -> Iterator[Row]:
    """Against the library's own parsing of the same files, which finds nobody's issuer and verifies nothing."""
    with tempfile.TemporaryDirectory() as name:
        folder, index = Path(name) / "trust", Path(name) / "index"
        folder.mkdir()
        _write(folder)
        TrustStore.from_folder(folder, index=index)
        ahead = index.stat().st_mtime_ns + 10**9  # as if some time had passed since the folder changed
        os.utime(index, ns=(ahead, ahead))
        files = sorted(folder.iterdir())
        times = interleaved(
            {
                "cold": lambda: TrustStore.from_folder(folder),
                "index": lambda: TrustStore.from_folder(folder, index=index),
                "library": lambda: [x509.load_der_x509_certificate(path.read_bytes()) for path in files],
            },
            repetitions=5,
        )
        against = times["library"].least * 1e3, f"parsing {_CERTIFICATES} files with cryptography"
        for label, what in (("cold", "a trust folder, every root verified"), ("index", "a trust folder by its index")):
            load = (lambda: TrustStore.from_folder(folder)) if label == "cold" else (lambda: _by_index(folder, index))
            details = {"certificates": _CERTIFICATES, "kept, MB": round(_kept(load), 1)}
            yield Row(what, times[label].least * 1e3, "ms", *against, details)
    yield _crl_row()


def _crl_row() -> Row:
    encoded = _crl()
    times = interleaved(
        {
            "ours": lambda: CertificateRevocationList.decode(encoded),
            "library": lambda: len(x509.load_der_x509_crl(encoded)),
        },
        repetitions=3,
    )
    crl = CertificateRevocationList.decode(encoded)
    look_up = interleaved({"found": lambda: crl.revoked[3 << 56 | 77_777]}, repetitions=20)["found"].least
    details = {"entries": _ENTRIES, "bytes": len(encoded), "a look-up, µs": round(look_up * 1e6)}
    return Row(
        "decoding a long CRL", times["ours"].least * 1e3, "ms", times["library"].least * 1e3, "cryptography", details
    )


def _by_index(folder: Path, index: Path) -> TrustStore:
    return TrustStore.from_folder(folder, index=index)


def _kept(load: Callable[[], TrustStore]) -> float:
    """Megabytes that a loaded store keeps, as Python's allocator counts them."""
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        store = load()
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before) / 1e6 if store.has_anchor else 0.0
    finally:
        tracemalloc.stop()


def _write(folder: Path) -> None:
    for number in range(_CERTIFICATES):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [x509.NameAttribute(NameOID.COUNTRY_NAME, "UT"), x509.NameAttribute(NameOID.COMMON_NAME, f"CSCA {number}")]
        )
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(number + 1)
            .not_valid_before(AT - timedelta(days=900))
            .not_valid_after(AT + timedelta(days=5000))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        (folder / f"{number:04}.cer").write_bytes(certificate.public_bytes(Encoding.DER))


def _crl() -> bytes:
    """Written by hand: the library's builder takes minutes for so many entries, and nobody verifies the signature."""
    time = encode(0x17, b"260101000000Z")
    entries = b"".join(encode(0x30, encode(0x02, b"\x03" + number.to_bytes(7)) + time) for number in range(_ENTRIES))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    name = encode(0x30, encode(0x31, encode(0x30, bytes.fromhex("0603550406") + encode(0x13, b"UT"))))
    body = encode(0x30, encode(0x02, b"\x01") + algorithm + name + time + encode(0x30, entries))
    signature = encode(0x03, b"\x00" + encode(0x30, encode(0x02, b"\x01") * 2))
    return encode(0x30, body + algorithm + signature)
