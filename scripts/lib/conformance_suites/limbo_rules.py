"""Which limbo cases do not apply, and which come out otherwise on purpose."""

from typing import Final

_HOSTS = "host names, mail addresses and what a name constraint says of them: cards have none"
_WEB_EKU = "extended key usages of web servers: a document signer has none (ICAO 9303-12, Table 6)"
_SUBTREES = (
    "name constraints are not processed; being critical, they are refused: right for every case that ought to fail"
)
EXCLUDED_GROUPS: Final[dict[str, str]] = {
    "webpki::san": _HOSTS,
    "webpki::cn": _HOSTS,
    "rfc5280::san": _HOSTS,
    "webpki::eku": _WEB_EKU,
}
CONSTRAINED_GROUPS: Final = {"rfc5280::nc": _SUBTREES, "webpki::nc": _SUBTREES}
"""Groups whose cases that ought to succeed are not run."""

_DEPTH = "no length is asked for: there are no authorities below a CSCA (ICAO 9303-12, 2)"
_AUTHORITY_AS_SIGNER = "the end entity is an authority, which no document signer may be (ICAO 9303-12, Table 6)"
EXCLUDED_CASES: Final[dict[str, str]] = {
    "pathlen::intermediate-pathlen-may-increase": _DEPTH,
    "pathlen::self-issued-certs-pathlen": _DEPTH,
    "pathlen::max-chain-depth-0": _DEPTH,
    "pathlen::max-chain-depth-0-exhausted": _DEPTH,
    "pathlen::max-chain-depth-1": _DEPTH,
    "pathlen::max-chain-depth-1-exhausted": _DEPTH,
    "pathlen::max-chain-depth-1-self-issued": _DEPTH,
    "pathlen::validation-ignores-pathlen-in-leaf": _AUTHORITY_AS_SIGNER,
    "rfc5280::ca-as-leaf": _AUTHORITY_AS_SIGNER,
    "rfc5280::ca-as-leaf-wrong-san": _HOSTS,
    "rfc5280::eku::ee-eku-empty": _WEB_EKU,
    "rfc5280::eku::ee-wrong-eku": _WEB_EKU,
    "rfc5280::ca-empty-subject": "an empty name has no country, and is refused for that",
    "rfc5280::serial::negative": "the signer's issuer is not among the roots given, whatever its serial number",
    "webpki::malformed-aia": "authorityInfoAccess is not looked at: nothing is fetched",
}

PROFILE = (
    "a form that the profile forbids but that no forger gains by, found in real certificates: borne with, and named by "
    "`thechip trust lint`"
)
_HINT = "authorityKeyIdentifier is a hint to find an issuer by; what makes a root is its own signature, and the store"
_KEYS = "keys that the Web PKI forbids and ICAO 9303-12 allows, or real issuers use"
_USAGE = "keyUsage is mandatory here (ICAO 9303-12, Table 6): stricter"
_CONSTRAINT = "a constraint that is not critical is not processed (RFC 5280, 4.2)"
DEVIATING: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "crl::crlnumber-critical",
            "crl::crlnumber-missing",
            "rfc5280::aki::critical-aki",
            "rfc5280::aki::cross-signed-root-missing-aki",
            "rfc5280::aki::intermediate-missing-aki",
            "rfc5280::aki::leaf-missing-aki",
            "rfc5280::leaf-ku-keycertsign",
            "rfc5280::root-non-critical-basic-constraints",
            "rfc5280::serial::too-long",
            "rfc5280::serial::zero",
            "rfc5280::ski::critical-ski",
            "rfc5280::ski::intermediate-missing-ski",
            "rfc5280::ski::root-missing-ski",
        ),
        PROFILE,
    ),
    **dict.fromkeys(
        (
            "webpki::explicit-curve",
            "webpki::forbidden-dsa-leaf",
            "webpki::forbidden-dsa-root",
            "webpki::forbidden-p192-leaf",
            "webpki::forbidden-rsa-key-not-divisible-by-8-in-leaf",
            "webpki::forbidden-rsa-not-divisible-by-8-in-root",
            "webpki::forbidden-weak-rsa-in-leaf",
        ),
        _KEYS,
    ),
    **dict.fromkeys(
        (
            "webpki::aki::root-with-aki-all-fields",
            "webpki::aki::root-with-aki-authoritycertissuer",
            "webpki::aki::root-with-aki-authoritycertserialnumber",
            "webpki::aki::root-with-aki-missing-keyidentifier",
            "webpki::aki::root-with-aki-ski-mismatch",
        ),
        _HINT,
    ),
    **dict.fromkeys(("crl::issuer-no-keyusage-extension", "rfc5280::no-keyusage"), _USAGE),
    **dict.fromkeys(
        (
            "rfc5280::nc::not-allowed-in-ee-noncritical",
            "rfc5280::nc::permitted-dns-match-noncritical",
            "rfc5280::pc::ica-noncritical-pc",
        ),
        _CONSTRAINT,
    ),
    "rfc5280::ee-empty-issuer": "an issuer is found by key identifier as well as by name; its signature decides",
}
"""Case → why we come to another result on purpose."""

ONE_AUTHORITY: Final = "pathlen::"
"""Cases about path length: judged with one authority below the root, and none below that."""
