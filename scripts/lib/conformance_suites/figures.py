"""Published figures for primitives that Wycheproof leaves out: NIST's and those of RFC 5114 and RFC 7027."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import cryptography_vectors
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from conformance_suites.results import Group, Suite
from verifier.access.cipher_suite import MAC_LENGTH, CipherSuite
from verifier.access.groups.modp_group import ModpGroup
from verifier.access.groups.point_arithmetic import Point, PrivateKey, decode_card_point
from verifier.access.groups.standardised import standardised_group
from verifier.errors import VerifierError
from verifier.pki.keys.algorithms import Scheme, SignatureAlgorithm
from verifier.pki.keys.curves import NAMED_CURVES, NamedCurve
from verifier.pki.keys.public_key import PublicKey

_FOLDER = Path(cryptography_vectors.__file__).parent
_AES: Final = {128: CipherSuite.AES_128, 192: CipherSuite.AES_192, 256: CipherSuite.AES_256}
_CURVES = {curve.name: curve for curve in NAMED_CURVES}
_BINARY = "curves over binary fields sign no card"
_THREE_KEYS = "3DES with three different keys, or feedback modes, occur in no access protocol"
_FIGURE = re.compile(r"^(\w+) ?= ?(.*)$")
_SECTION = re.compile(r"^\[(.+)\]$")


@cache
def suite() -> Suite:
    """Run all figures."""
    groups = [
        *(_cmac(bits) for bits in _AES),
        *(_aes_cbc(bits) for bits in _AES),
        _triple_des_cbc(),
        _brainpool(),
        _diffie_hellman(),
        _ecdsa(),
    ]
    return Suite("Published figures", _TEXT, groups)


def _cmac(bits: int) -> Group:
    group = Group(f"AES-{bits}-CMAC, NIST SP 800-38B")
    for number, case in enumerate(_cases(_FOLDER / "CMAC" / f"nist-800-38b-aes{bits}.txt", last="OUTPUT")):
        mac = _AES[bits].mac(bytes.fromhex(case["KEY"]), bytes.fromhex(case["MESSAGE"]))
        group.judge(str(number), mac == bytes.fromhex(case["OUTPUT"])[:MAC_LENGTH], "another MAC")
    return group


def _aes_cbc(bits: int) -> Group:
    group = Group(f"AES-{bits}-CBC without padding, NIST CAVS")
    for path in sorted((_FOLDER / "ciphers" / "AES" / "CBC").glob(f"*{bits}.rsp")):
        for case in _cases(path, last=("CIPHERTEXT", "PLAINTEXT")):
            _judge_cbc(group, path.name, _AES[bits], bytes.fromhex(case["KEY"]), case)
    return group


def _triple_des_cbc() -> Group:
    group = Group("3DES-CBC without padding, two keys, NIST CAVS")
    for path in sorted((_FOLDER / "ciphers" / "3DES" / "CBC").glob("*.rsp")):
        for case in _cases(path, last=("CIPHERTEXT", "PLAINTEXT")):
            keys = [bytes.fromhex(case.get(name) or case["KEYs"]) for name in ("KEY1", "KEY2", "KEY3")]
            if keys[0] != keys[2] or path.name.startswith("TCBCI"):
                group.exclude(1, _THREE_KEYS)
            else:
                _judge_cbc(group, path.name, CipherSuite.TRIPLE_DES, keys[0] + keys[1], case)
    return group


def _judge_cbc(group: Group, file: str, suite: CipherSuite, key: bytes, case: dict[str, str]) -> None:
    """Our IV is zero, or made from a counter; any other amounts to the first block, exclusive-ored with it."""
    iv, plain, cryptogram = (bytes.fromhex(case[name]) for name in ("IV", "PLAINTEXT", "CIPHERTEXT"))
    masked = bytes(a ^ b for a, b in zip(plain, iv.ljust(len(plain), b"\0"), strict=True))
    good = suite.encrypt(key, masked) == cryptogram and suite.decrypt(key, cryptogram) == masked
    group.judge(f"{file}, {case['COUNT']}", good, "another result")


def _brainpool() -> Group:
    group = Group("ECDH on brainpool curves, RFC 7027")
    for case in _cases(_FOLDER / "asymmetric" / "ECDH" / "brainpool.txt", last="y_Z"):
        curve = _CURVES[case["curve"]]
        for own, peer in (("A", "B"), ("B", "A")):
            point = Point(int(case[f"x_q{peer}"], 16), int(case[f"y_q{peer}"], 16)).encode(curve)
            shared = PrivateKey(curve, int(case[f"d{own}"], 16)).multiply(decode_card_point(point, curve))
            good = shared == Point(int(case["x_Z"], 16), int(case["y_Z"], 16))
            group.judge(f"{curve.name}, {own}", good, "another point")
    return group


def _diffie_hellman() -> Group:
    group = Group("Diffie-Hellman in the groups 0, 1 and 2 of ICAO 9303-11, 9.5.1, RFC 5114")
    for case in _cases(_FOLDER / "asymmetric" / "DH" / "RFC5114.txt", last="Z"):
        modp = standardised_group(int(case["COUNT"]))
        numbers = tuple(int(case[name], 16) for name in ("P", "G", "Q"))
        if not isinstance(modp, ModpGroup) or (modp.p, modp.g, modp.q) != numbers:
            group.judge(case["COUNT"], good=False, seen="other parameters")
            continue
        for own, peer in (("IUT", "CAVS"), ("CAVS", "IUT")):
            key = modp.draw_key(int(case[f"Xstat{own}"], 16).to_bytes)
            secret = key.shared_secret(modp.decode(bytes.fromhex(case[f"Ystat{peer}"])))
            group.judge(f"{case['COUNT']}, {own}", secret == bytes.fromhex(case["Z"]), "another secret")
    return group


def _ecdsa() -> Group:
    group = Group("ECDSA, NIST CAVS SigVer")
    path = _FOLDER / "asymmetric" / "ECDSA" / "FIPS_186-3" / "SigVer.rsp"
    for number, case in enumerate(_cases(path, last="Result")):
        name, _, digest = case["section"].partition(",")
        if name not in _CURVES:
            group.exclude(1, _BINARY)
            continue
        seen = _verifies(_CURVES[name], digest.replace("-", "").lower(), case)
        group.judge(f"{case['section']}, {number}", seen == case["Result"].startswith("P"), f"verified: {seen}")
    return group


def _verifies(curve: NamedCurve, digest: str, case: dict[str, str]) -> bool:
    point = Point(int(case["Qx"], 16), int(case["Qy"], 16)).encode(curve)
    signature = encode_dss_signature(int(case["R"], 16), int(case["S"], 16))
    template = ec.derive_private_key(1, curve.require_implementation()).public_key()
    der = template.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    try:
        key = PublicKey.decode(der[: -len(point)] + point)
    except VerifierError:
        return False
    return key.verify(SignatureAlgorithm(Scheme.ECDSA, digest), signature, bytes.fromhex(case["Msg"])).valid


def _cases(path: Path, *, last: str | tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Read ``NAME = value`` lines; a case ends with its last name, and begins where a name comes again."""
    ends = {last} if isinstance(last, str) else set(last)
    case: dict[str, str] = {}
    section = ""
    for line in path.read_text().splitlines():
        if match := _SECTION.match(line):
            section = match[1]
        elif match := _FIGURE.match(line):
            case[match[1]] = match[2].strip()
            if ends <= case.keys() or (len(ends) == 1 and match[1] in ends):
                yield case | {"section": section}
                case = {}


_TEXT = """\
Figures of NIST and of two RFCs as the PyPI package `cryptography-vectors` carries them, for what Wycheproof leaves out:
AES and 3DES in CBC mode without padding, brainpool curves, and Diffie-Hellman in the groups of RFC 5114."""
