"""One function for each kind of Wycheproof test: put the case to our code, and say what it did with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from verifier.access.chip import active_authentication
from verifier.access.cipher_suite import MAC_LENGTH, CipherSuite
from verifier.access.groups.point_arithmetic import PrivateKey, decode_card_point
from verifier.access.proofs import ActiveAuthenticationProof
from verifier.cardstatus.issuer_key import decode_issuer_key
from verifier.errors import UnsupportedFeature, VerifierError
from verifier.lds.security_infos import ActiveAuthenticationInfo
from verifier.pki.keys.algorithms import Scheme, SignatureAlgorithm
from verifier.pki.keys.curves import NAMED_CURVES, NamedCurve
from verifier.pki.keys.public_key import PublicKey

Json = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """What became of one case. ``unsupported`` has the sentence that names what is not supported."""

    accepted: bool
    deviations: tuple[str, ...] = ()
    wrong: bool = False
    """A result was computed, and it is not the right one."""
    unsupported: str = ""

    def __str__(self) -> str:
        verdict = "wrong result" if self.wrong else "accepted" if self.accepted else "refused"
        return ", ".join((verdict, *self.deviations))


_REFUSED: Final = Seen(accepted=False)
_CURVES: Final = {
    "secp192r1": "P-192",
    "secp224r1": "P-224",
    "secp256r1": "P-256",
    "secp384r1": "P-384",
    "secp521r1": "P-521",
}
_PLAIN_ECDSA: Final = {
    "SHA-1": "0.4.0.127.0.7.1.1.4.1.1",
    "SHA-224": "0.4.0.127.0.7.1.1.4.1.2",
    "SHA-256": "0.4.0.127.0.7.1.1.4.1.3",
    "SHA-384": "0.4.0.127.0.7.1.1.4.1.4",
    "SHA-512": "0.4.0.127.0.7.1.1.4.1.5",
}


def hash_name(name: str) -> str:
    """``SHA-256`` as ``hashlib`` has it."""
    return name.replace("-", "").lower()


def named_curve(name: str) -> NamedCurve:
    """Return our curve for Wycheproof's name."""
    return next(curve for curve in NAMED_CURVES if curve.name == _CURVES.get(name, name))


def ecdsa(group: Json, test: Json) -> Seen:
    """ECDSA in DER, with the key as a certificate has it."""
    return _signature(bytes.fromhex(group["publicKeyDer"]), _algorithm(Scheme.ECDSA, group), test)


def plain_ecdsa(group: Json, test: Json) -> Seen:
    """ECDSA as r, s: in Active Authentication, which signs eight bytes only, and under TR-03111's identifiers."""
    message = bytes.fromhex(test["msg"])
    proof = ActiveAuthenticationProof(message, bytes.fromhex(test["sig"]))
    info = ActiveAuthenticationInfo("2.23.136.1.1.5", version=1, signature_algorithm=_PLAIN_ECDSA[group["sha"]])
    with _challenges_of(len(message)):
        good = active_authentication.verify_active_authentication(proof, bytes.fromhex(group["publicKeyDer"]), info)
    signed = _signature(bytes.fromhex(group["publicKeyDer"]), _algorithm(Scheme.ECDSA_PLAIN, group), test)
    return Seen(good and signed.accepted, wrong=good != signed.accepted)


def dsa(group: Json, test: Json) -> Seen:
    """DSA in DER, with the key as a certificate has it."""
    return _signature(bytes.fromhex(group["publicKeyDer"]), _algorithm(Scheme.DSA, group), test)


def pkcs1(group: Json, test: Json) -> Seen:
    """RSASSA-PKCS1-v1_5."""
    return _signature(bytes.fromhex(group["publicKeyDer"]), _algorithm(Scheme.RSA_PKCS1, group), test)


def pkcs1_generated(group: Json, test: Json) -> Seen:
    """A good signature that others should generate: we verify it."""
    numbers = group["privateKey"]
    public = rsa.RSAPublicNumbers(int(numbers["publicExponent"], 16), int(numbers["modulus"], 16)).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return _signature(der, _algorithm(Scheme.RSA_PKCS1, group), test)


def pss(group: Json, test: Json) -> Seen:
    """RSASSA-PSS; in the files named _params the key itself says so."""
    algorithm = SignatureAlgorithm(
        Scheme.RSA_PSS, hash_name(group["sha"]), hash_name(group["mgfSha"]), salt_length=group["sLen"]
    )
    return _signature(bytes.fromhex(group["publicKeyDer"]), algorithm, test)


def ecdh_with_certificate_key(group: Json, test: Json) -> Seen:
    """Key agreement with a SubjectPublicKeyInfo, as DG14 holds it (ICAO 9303-11, 6.2)."""
    curve = named_curve(group["curve"])

    def peer() -> bytes:
        key = PublicKey.decode(bytes.fromhex(test["public"])).key
        if not isinstance(key, ec.EllipticCurvePublicKey):
            msg = "no key on a curve"
            raise UnsupportedFeature(msg)
        return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)

    return _agreement(curve, peer, test)


def ecdh_with_point(group: Json, test: Json) -> Seen:
    """Key agreement with a point, as a card sends it in PACE (ICAO 9303-11, 4.4.3.3)."""
    return _agreement(named_curve(group["curve"]), lambda: bytes.fromhex(test["public"]), test)


def cmac(group: Json, test: Json) -> Seen:
    """AES-CMAC as secure messaging has it, cut to eight bytes (ICAO 9303-11, 9.8.6.2)."""
    suite = {128: CipherSuite.AES_128, 192: CipherSuite.AES_192, 256: CipherSuite.AES_256}[group["keySize"]]
    mac = suite.mac(bytes.fromhex(test["key"]), bytes.fromhex(test["msg"]))
    return Seen(mac == bytes.fromhex(test["tag"])[:MAC_LENGTH])


def ed25519(group: Json, test: Json) -> Seen:
    """The signature on a card status list."""
    key = decode_issuer_key(bytes.fromhex(group["publicKeyDer"]))
    try:
        key.verify(bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
    except InvalidSignature:
        return _REFUSED
    return Seen(accepted=True)


KINDS: Final[dict[str, Callable[[Json, Json], Seen]]] = {
    "EcdsaVerify": ecdsa,
    "EcdsaP1363Verify": plain_ecdsa,
    "DsaVerify": dsa,
    "RsassaPkcs1Verify": pkcs1,
    "RsassaPkcs1Generate": pkcs1_generated,
    "RsassaPssVerify": pss,
    "RsassaPssWithParametersVerify": pss,
    "EcdhTest": ecdh_with_certificate_key,
    "EcdhEcpointTest": ecdh_with_point,
    "MacTest": cmac,
    "EddsaVerify": ed25519,
}


def _algorithm(scheme: Scheme, group: Json) -> SignatureAlgorithm:
    return SignatureAlgorithm(scheme, hash_name(group["sha"]))


def _signature(der: bytes, algorithm: SignatureAlgorithm, test: Json) -> Seen:
    try:
        verdict = _key(der).verify(algorithm, bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
    except UnsupportedFeature as error:
        return Seen(accepted=False, unsupported=error.sentence)
    return Seen(verdict.valid, tuple(str(deviation) for deviation in verdict.deviations))


_decoded: dict[bytes, PublicKey] = {}


def _key(der: bytes) -> PublicKey:
    if der not in _decoded:
        _decoded[der] = PublicKey.decode(der)
    return _decoded[der]


def _agreement(curve: NamedCurve, peer: Callable[[], bytes], test: Json) -> Seen:
    try:
        own = PrivateKey(curve, int(test["private"], 16))
        secret = own.shared_secret(decode_card_point(peer(), curve))
    except VerifierError:
        return _REFUSED
    right = secret == bytes.fromhex(test["shared"])
    return Seen(accepted=right, wrong=not right)


@contextmanager
def _challenges_of(length: int) -> Iterator[None]:
    usual = active_authentication.CHALLENGE_LENGTH
    active_authentication.CHALLENGE_LENGTH = length  # type: ignore[misc]
    try:
        yield
    finally:
        active_authentication.CHALLENGE_LENGTH = usual  # type: ignore[misc]
