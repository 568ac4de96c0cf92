"""Which PKITS cases there are, what is expected of them, and which are not run (NIST PKITS 1.0.1, section 4).

Case numbers and results are those of the test document; the files are named for them.
"""

import re
from typing import Final

SECTIONS: Final[tuple[tuple[str, str, str, int], ...]] = (
    # section, title, what its files are named (the first that matches counts), cases
    ("4.16", "private extensions", r"UnknownCriticalCertificate|UnknownNotCriticalCertificate", 2),
    ("4.15", "delta CRLs", r"deltaCRL", 10),
    ("4.14", "distribution points", r"istributionPoint|onlyContains|onlySome|indirectCRL|cRLIssuer", 35),
    ("4.13", "name constraints", r"nameConstraints", 38),
    ("4.12", "inhibit any policy", r"inhibitAnyPolicy", 10),
    ("4.11", "inhibit policy mapping", r"inhibitPolicyMapping", 11),
    ("4.10", "policy mappings", r"PolicyMapping|MappingFrom|MappingTo", 14),
    ("4.9", "require explicit policy", r"requireExplicitPolicy", 8),
    ("4.5", "self-issued certificates", r"BasicSelfIssued", 8),
    ("4.6", "basic constraints", r"asicConstraints|cAFalse|pathLen", 17),
    ("4.7", "key usage", r"keyUsage", 5),
    ("4.4", "revocation", r"CRL|Revoked|SerialNumber|SeparateCertificate", 21),
    ("4.3", "name chaining", r"NameChaining|NameUIDs|RFC3280|Rollover|UTF8String", 11),
    ("4.2", "validity periods", r"not(Before|After)Date", 8),
    ("4.1", "signatures", r"CertificatePath|CASignature|EESignature|DSA", 6),
    ("4.8", "certificate policies", r"Policy|Policies|Qualifier", 20),
)

_POLICIES = (
    "certificate policies are not processed: no card profile has any, every policy is acceptable (RFC 5280, 6.1.1, c), "
    "and a critical extension that would constrain them is refused as unknown"
)
_CONSTRAINED = "name constraints are not processed; being critical, they are refused: right for all that ought to be"
_INDIRECT = (
    "indirect CRLs are refused, and CRLs for a part of the certificates or reasons show nobody as good, not even "
    "together (none of them in ICAO 9303-12, 7.1.4)"
)
_DELTA = "delta CRLs are not processed, as RFC 5280, 5 allows; the complete CRL alone decides"
_DSA = "the DSA keys there have 1024 bits, one without parameters of its own; those of 2048 bits and more are verified"
_AUTHORITY = "the end entity is an authority, which no document signer may be (ICAO 9303-12, Table 6)"
_CRL_KEY = "a key for CRLs only: a CSCA signs CRLs with a CSCA key (ICAO 9303-12, 4.1.5)"


def _of(section: str, *numbers: int) -> tuple[str, ...]:
    return tuple(f"{section}.{number}" for number in numbers)


EXCLUDED: Final[dict[str, str]] = (
    dict.fromkeys(_of("4.1", 4, 5), _DSA)
    | dict.fromkeys((*_of("4.4", 19), *_of("4.5", 6)), _CRL_KEY)
    | dict.fromkeys((f"4.{section}.{number}" for section in (8, 9, 10, 11, 12) for number in range(1, 21)), _POLICIES)
    | dict.fromkeys(
        _of("4.13", 1, 4, 5, 6, 11, 14, 18, 19, 21, 23, 25, 27, 30, 32, 34, 36), _CONSTRAINED
    )
    | dict.fromkeys(_of("4.14", 13, 18, 19, 22, 24, 25, 28, 29, 30, 33), _INDIRECT)
    | dict.fromkeys(_of("4.15", 4, 5), _DELTA)
    | dict.fromkeys(_of("4.6", 8, 14), _AUTHORITY)
)  # fmt: skip
"""Case → why it is not run: what is expected needs something that we refuse on purpose."""

DEVIATING: Final[dict[str, str]] = dict.fromkeys(
    _of("4.3", 1, 2),
    "an issuer is found by key identifier as well as by name, and names are compared without the order of their parts: "
    "real signers are certified under such names. That the issuer's key made the signature is what decides; a name "
    "that differs is told as `issuer-name-differs`",
)
"""Case → why we come to another result on purpose."""

REFUSED_AS: Final[dict[str, str]] = {
    "4.1.2": "issuer-unknown",  # the authority's certificate does not decode: half a byte in its signature
    "4.1.3": "signature-invalid",
    "4.1.6": "undecodable",  # likewise the signer's
    "4.2.1": "issuer-not-yet-valid",
    "4.2.2": "signer-not-yet-valid",
    "4.2.5": "issuer-expired",
    "4.2.6": "signer-expired",
    "4.2.7": "signer-expired",
    "4.4.1": "no-crl",
    "4.4.2": "signer-revoked",  # the authority, where it was looked at itself
    "4.4.3": "signer-revoked",
    "4.4.4": "no-crl",  # it does not decode: half a byte in its signature
    "4.4.5": "no-crl",
    "4.4.6": "no-crl",
    **dict.fromkeys(_of("4.4", 8, 9, 10), "crl-unusable"),
    **dict.fromkeys(_of("4.4", 11, 12), "crl-stale"),
    **dict.fromkeys(_of("4.4", 15, 18), "signer-revoked"),
    **dict.fromkeys(_of("4.4", 20, 21), "crl-issuer-unknown"),
    **dict.fromkeys(_of("4.5", 2, 5), "signer-revoked"),
    "4.5.7": "crl-unusable",
    "4.5.8": "not-a-ca",
    **dict.fromkeys(_of("4.6", 1, 2, 3), "not-a-ca"),
    **dict.fromkeys(_of("4.6", 5, 6, 9, 10, 11, 12, 16), "not-a-link"),
    **dict.fromkeys(_of("4.7", 1, 2), "key-usage-wrong"),
    **dict.fromkeys(_of("4.7", 4, 5), "crl-issuer-unknown"),
    **dict.fromkeys((f"4.13.{number}" for number in range(1, 39)), "critical-extension-unknown"),
    **dict.fromkeys(_of("4.14", 2, 6, 15, 16, 20, 21), "signer-revoked"),
    "4.14.11": "signer-is-ca",
    **dict.fromkeys(_of("4.14", 3, 8, 9, 12, 14, 17, 23, 34, 35), "crl-unusable"),
    **dict.fromkeys(_of("4.14", 26, 27, 31, 32), "no-crl"),
    "4.15.1": "crl-unusable",
    **dict.fromkeys(_of("4.15", 3, 6, 9), "signer-revoked"),
    "4.15.10": "crl-stale",
    "4.16.2": "critical-extension-unknown",
}
"""Case → our reason for refusing it; a case that is refused for another one has not shown what it is for."""

NO_AUTHORITIES_BELOW: Final = frozenset(_of("4.6", 5, 6, 7, 8, 9, 10, 11, 12, 15, 16))
"""Path length: judged with no authority below the first, as ICAO 9303-12, 2 has it, whatever the constraint says."""


def case_of(file: str) -> str:
    """Return the case number for the name of an end entity's file, ``ValidCertificatePathTest1EE``."""
    section = next(section for section, _, pattern, _ in SECTIONS if re.search(pattern, file))
    number = re.search(r"Test(\d+)EE$", file)
    if number is None:
        raise ValueError(file)
    return f"{section}.{number[1]}"


def is_expected_valid(file: str) -> bool:
    """Whether the document expects success; its name says so (the sections on policies, which are not run, aside)."""
    return file.startswith("Valid")
