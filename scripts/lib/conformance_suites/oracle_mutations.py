"""What is done to generated chains, and why two verifiers may then differ."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from conformance_suites.building import AT, FROM, UNKNOWN, UNTIL

_DAY = timedelta(days=1)
Change = Mapping[str, object]

FOR_ALL: Final[dict[str, Change]] = {
    "expired": {"not_before": FROM, "not_after": AT - _DAY},
    "not yet valid": {"not_before": AT + _DAY, "not_after": UNTIL},
    "unknown critical extension": {"extra": (UNKNOWN,)},
    "unknown extension": {"extra": ((UNKNOWN[0], False),)},
    "no key usage": {"usage": None},
    "signed by a stranger": {"signed_with": "a stranger"},
    "no subject key identifier": {"subject_key": False},
    "no authority key identifier": {"authority_key": False},
    "critical key identifiers": {"critical_identifiers": True},
    "no country": {"country": None},
    "another country": {"country": "LA"},
}
FOR_AUTHORITIES: Final[dict[str, Change]] = {
    "no basic constraints": {"constraints": None},
    "basic constraints without CA": {"constraints": x509.BasicConstraints(False, None)},
    "basic constraints not critical": {"critical_constraints": False},
    "path length 0": {"constraints": x509.BasicConstraints(True, 0)},
    "key usage without keyCertSign": {"usage": frozenset({"crl_sign"})},
    "key usage without cRLSign": {"usage": frozenset({"key_cert_sign"})},
    "extended key usage": {"extra": ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False),)},
}
FOR_SIGNERS: Final[dict[str, Change]] = {
    "key usage without digitalSignature": {"usage": frozenset({"key_encipherment"})},
    "extended key usage": {"extra": ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), True),)},
    "an authority": {
        "constraints": x509.BasicConstraints(True, None),
        "usage": frozenset({"digital_signature", "key_cert_sign"}),
    },
    "another issuer's name": {"issuer": "somebody else"},
    "basic constraints without CA": {"constraints": x509.BasicConstraints(False, None)},
}

STRICTER: Final[dict[tuple[str, str], str]] = {
    ("root", "expired"): "a root's dates count here (ICAO 9303-12, 4.1.4.1), in RFC 5280, 6.1 they do not",
    ("root", "not yet valid"): "a root's dates count here (ICAO 9303-12, 4.1.4.1), in RFC 5280, 6.1 they do not",
    ("root", "unknown critical extension"): "a root's extensions count here, in RFC 5280, 6.1 they do not",
    ("root", "signed by a stranger"): "a root whose own signature is damaged is no root here",
    ("root", "no basic constraints"): "a root has to be an authority here, in RFC 5280, 6.1 it need not",
    ("root", "basic constraints without CA"): "a root has to be an authority here, in RFC 5280, 6.1 it need not",
    ("root", "key usage without keyCertSign"): "a root's key usage counts here, in RFC 5280, 6.1 it does not",
    ("root", "no key usage"): "keyUsage is mandatory (ICAO 9303-12, Table 6)",
    ("link", "no key usage"): "keyUsage is mandatory (ICAO 9303-12, Table 6)",
    ("signer", "no key usage"): "keyUsage is mandatory (ICAO 9303-12, Table 6)",
    ("signer", "extended key usage"): "a document signer has no extended key usage (ICAO 9303-12, Table 6)",
    ("signer", "an authority"): "a document signer is no authority (ICAO 9303-12, Table 6)",
    **{
        (who, what): "countryName has to be there and the same (ICAO 9303-12, Table 5)"
        for who in ("root", "link", "signer")
        for what in ("no country", "another country")
    },
}
"""Whose change → why we refuse what the oracle accepts."""
MORE_LENIENT: Final[dict[tuple[str, str], str]] = {
    ("signer", "another issuer's name"): "an issuer is found by key identifier as well; its signature decides",
}
"""Whose change → why we accept what the oracle refuses."""
