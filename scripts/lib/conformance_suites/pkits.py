"""NIST PKITS: the Public Key Interoperability Test Suite, certification path validation by RFC 5280."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TypeVar

import cryptography_vectors

from conformance_suites.pkits_cases import (
    DEVIATING,
    EXCLUDED,
    NO_AUTHORITIES_BELOW,
    REFUSED_AS,
    SECTIONS,
    case_of,
    is_expected_valid,
)
from conformance_suites.results import Group, Suite
from conformance_suites.stepwise import Chains
from verifier.errors import VerifierError
from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList

FOLDER = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data"
AT = datetime(2020, 1, 1, tzinfo=UTC)
_ROOT = "TrustAnchorRootCertificate"
_T = TypeVar("_T")


@cache
def suite() -> Suite:
    """Run every case that applies."""
    groups = {section: Group(f"{section} {title}") for section, title, _, _ in SECTIONS}
    whole, flat = _chains(depth=6), _chains(depth=1)
    for path in sorted((FOLDER / "certs").glob("*EE.crt")):
        case = case_of(path.stem)
        group = groups[case.rpartition(".")[0]]
        if case in EXCLUDED:
            group.exclude(1, EXCLUDED[case])
            continue
        seen = _judge(path, flat if case in NO_AUTHORITIES_BELOW else whole)
        _count(group, case, path.stem, seen)
    groups["4.8"].exclude(1, EXCLUDED["4.8.1"])  # 4.8.1 has the file of 4.1.1
    ordered = sorted(groups.items(), key=lambda item: int(item[0].partition(".")[2]))
    return Suite("NIST PKITS", _TEXT, [group for _, group in ordered])


def _count(group: Group, case: str, file: str, seen: str) -> None:
    why = DEVIATING.get(case)
    if why:
        group.deviate(f"{case} {file}", seen == "accepted", seen, why)
        return
    expected = "accepted" if is_expected_valid(file) else REFUSED_AS.get(case, "no reason noted")
    group.judge(f"{case} {file}", seen == expected, f"expected {expected}, but {seen}")


def _judge(path: Path, chains: Chains) -> str:
    try:
        signer = Certificate.decode(path.read_bytes())
    except VerifierError:
        return "undecodable"
    return chains.judge(signer)


def _chains(depth: int) -> Chains:
    certificates = _decoded("certs/*.crt", Certificate.decode)
    root = certificates.pop(_ROOT)
    authorities = [certificate for name, certificate in certificates.items() if not name.endswith("EE")]
    crls = _decoded("crls/*.crl", CertificateRevocationList.decode).values()
    return Chains([root], authorities, crls, at=AT, revocation=True, max_depth=depth)


def _decoded(pattern: str, decode: Callable[[bytes], _T]) -> dict[str, _T]:
    """Whatever decodes; three files do not, on purpose: their signatures end in half a byte."""
    decoded = {}
    for path in sorted(FOLDER.glob(pattern)):
        try:
            decoded[path.stem] = decode(path.read_bytes())
        except VerifierError:
            continue
    return decoded


_TEXT = """\
The certificates and CRLs of [NIST PKITS](https://csrc.nist.gov/projects/pki-testing) as the PyPI package
`cryptography-vectors` carries them, expected results and numbers from its test document, judged as of 2020-01-01.

PKITS has authorities below the root, ICAO 9303-12 has none. So each authority is put to `find_issuer_path` and
`revocation_status` with those above it as roots, and believed as a root itself once it passed; the end entity goes
through `find_path` and `revocation_status`. Every case has the whole heap of 400 certificates and 170 CRLs before it,
not only the files of that case. A case that must be refused counts as passed only if it is refused for the reason that
was noted for it."""
