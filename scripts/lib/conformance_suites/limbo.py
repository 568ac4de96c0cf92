"""x509-limbo: path validation cases of RFC 5280, the Web PKI and CVEs (C2SP/x509-limbo), from its limbo.json."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from conformance_suites.limbo_rules import CONSTRAINED_GROUPS, DEVIATING, EXCLUDED_CASES, EXCLUDED_GROUPS, ONE_AUTHORITY
from conformance_suites.results import Group, Suite
from conformance_suites.stepwise import Chains
from verifier.errors import VerifierError
from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.names import COUNTRY, Name

NO_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""For cases that say nothing of the time; what they hold is valid for a thousand years."""
_PEM = re.compile(r"-----BEGIN [^-]+-----([^-]+)-----END")


def suite(file: Path) -> Suite:
    """Run every case of a limbo.json that applies."""
    groups: dict[str, Group] = {}
    for case in json.loads(file.read_text())["testcases"]:
        name = case["id"].rpartition("::")[0]
        count(
            groups.setdefault(name, Group(name)), case["id"], case["expected_result"] == "SUCCESS", partial(judge, case)
        )
    return Suite("x509-limbo", _TEXT, sorted(groups.values(), key=lambda group: group.name))


def count(group: Group, case: str, expected: bool, run: Callable[[], str]) -> None:
    """Run one case, or say why not; ``run`` returns what ``judge`` does."""
    reason = why_not(case, expected)
    if reason:
        group.exclude(1, reason)
        return
    seen = run()
    if case in DEVIATING:
        group.deviate(case, (seen == "accepted") != expected, seen, DEVIATING[case])
    else:
        group.judge(case, (seen == "accepted") == expected, f"expected {'success' if expected else 'failure'}, {seen}")


def why_not(case: str, expected: bool) -> str:
    """Return why a case is not run; empty for one that is."""
    group = case.rpartition("::")[0]
    reason = EXCLUDED_CASES.get(case) or EXCLUDED_GROUPS.get(group, "")
    if not reason and expected and case not in DEVIATING:
        reason = CONSTRAINED_GROUPS.get(group, "")
    return reason


def judge(case: dict[str, Any]) -> str:
    """Return ``accepted``, or the reason for refusing."""
    at = datetime.fromisoformat(case["validation_time"]) if case["validation_time"] else NO_TIME
    try:
        peer = as_ours(Certificate.decode(_der(case["peer_certificate"])))
        crls = [CertificateRevocationList.decode(_der(pem)) for pem in case.get("crls") or ()]
    except VerifierError as error:
        return f"undecodable: {error.sentence}"
    roots, others = (_decodable(case[key]) for key in ("trusted_certs", "untrusted_intermediates"))
    crls = [replace(crl, issuer=_with_country(crl.issuer)) for crl in crls]
    depth = 1 if case["id"].startswith(ONE_AUTHORITY) else 6
    return Chains(roots, others, crls, at=at, revocation=bool(crls), max_depth=depth).judge(peer)


def as_ours(certificate: Certificate) -> Certificate:
    """Give a certificate of the web what ours have: a country in its names, and no extended key usage.

    Its bytes, and so its signature, stay what they are; without this each case would be refused for these two.
    """
    return replace(
        certificate,
        subject=_with_country(certificate.subject),
        issuer=_with_country(certificate.issuer),
        extended_key_usage=None,
    )


def _with_country(name: Name) -> Name:
    others = tuple(attribute for attribute in name.attributes if attribute[0] != COUNTRY)
    return replace(name, attributes=tuple(sorted((*others, (COUNTRY, "vn")))))


def _decodable(pems: list[str]) -> list[Certificate]:
    """A store loads what decodes and names the rest."""
    certificates = []
    for pem in pems:
        try:
            certificates.append(as_ours(Certificate.decode(_der(pem))))
        except VerifierError:
            continue
    return certificates


def _der(pem: str) -> bytes:
    match = _PEM.search(pem)
    return base64.b64decode(match[1]) if match else b""


_TEXT = """\
The cases of [C2SP/x509-limbo](https://github.com/C2SP/x509-limbo), by their names there. Each certificate is given what
ours have and those of the web have not: a country in its names, no extended key usage (signatures stay what they are).
Authorities below the root are judged step by step, as with PKITS. Host names are not looked at."""
