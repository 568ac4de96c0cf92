"""Deviations: every way to differ from the standard that is known, by a stable code.

How grave each is, what verification makes of it and what it means stands in ``catalogue``; ``docs/deviations.md`` says
what to do about it.
"""

from enum import StrEnum


class Severity(StrEnum):
    """How grave a deviation is by the standard, whatever verification makes of it."""

    ERROR = "error"
    """What the standard builds trust upon is missing or contradicts itself; other inspection systems may refuse it."""
    WARNING = "warning"
    """A MUST of the profile is broken on which nobody's trust depends."""
    NOTICE = "notice"
    """A recommendation is not followed, or reality has overtaken the profile."""


class Treatment(StrEnum):
    """What a verification does about a deviation."""

    BORNE = "borne"
    """Borne with always: nothing depends on it."""
    REFUSED = "refused"
    """Refused, unless the policy tolerates the code."""
    NEVER = "never"
    """Refused, and no policy may tolerate it: whoever did would believe anybody."""


class Deviation(StrEnum):
    """One deviation; its value is the code, which never changes its meaning."""

    # encoding and fields
    MALFORMED = "malformed"
    ENCODING_NOT_DER = "encoding-not-der"
    DEFAULT_VALUE_ENCODED = "default-value-encoded"
    VERSION_NOT_3 = "version-not-3"
    SERIAL_NOT_POSITIVE = "serial-not-positive"
    SERIAL_TOO_LONG = "serial-too-long"
    SIGNATURE_ALGORITHMS_DIFFER = "signature-algorithms-differ"
    ALGORITHM_PARAMETERS_WRONG = "algorithm-parameters-wrong"
    UNIQUE_IDENTIFIER_PRESENT = "unique-identifier-present"
    EXTENSIONS_MISSING = "extensions-missing"
    EXTENSION_TWICE = "extension-twice"

    # names
    COUNTRY_MISSING = "country-missing"
    COUNTRY_MISMATCH = "country-mismatch"
    COUNTRY_NOT_UPPER_CASE = "country-not-upper-case"
    COUNTRY_NOT_TWO_LETTERS = "country-not-two-letters"
    NAME_STRING_TYPE_WRONG = "name-string-type-wrong"
    ISSUER_NAME_DIFFERS = "issuer-name-differs"

    # times
    TIME_TYPE_WRONG = "time-type-wrong"
    TIME_FORM_WRONG = "time-form-wrong"
    VALIDITY_REVERSED = "validity-reversed"

    # keys and algorithms
    PUBLIC_KEY_UNUSABLE = "public-key-unusable"
    EC_PARAMETERS_NAMED = "ec-parameters-named"
    EC_COFACTOR_MISSING = "ec-cofactor-missing"
    EC_POINT_COMPRESSED = "ec-point-compressed"
    DEPRECATED_HASH_SHA1 = "deprecated-hash-sha1"
    DEPRECATED_RSA_1024 = "deprecated-rsa-1024"
    DEPRECATED_CURVE_P192 = "deprecated-curve-p192"
    DEPRECATED_LDS_HASH_SHA1 = "deprecated-lds-hash-sha1"
    KEY_SHORTER_THAN_RECOMMENDED = "key-shorter-than-recommended"
    SELF_SIGNATURE_INVALID = "self-signature-invalid"
    SIGNATURE_INVALID = "signature-invalid"

    # extensions
    CRITICAL_EXTENSION_UNKNOWN = "critical-extension-unknown"
    EXTENSION_FORBIDDEN = "extension-forbidden"
    EXTENSION_CRITICAL = "extension-critical"
    EXTENSION_MALFORMED = "extension-malformed"
    AUTHORITY_KEY_IDENTIFIER_MISSING = "authority-key-identifier-missing"
    AUTHORITY_KEY_IDENTIFIER_WRONG = "authority-key-identifier-wrong"
    SUBJECT_KEY_IDENTIFIER_MISSING = "subject-key-identifier-missing"
    KEY_USAGE_MISSING = "key-usage-missing"
    KEY_USAGE_NOT_CRITICAL = "key-usage-not-critical"
    KEY_USAGE_EXCESSIVE = "key-usage-excessive"
    KEY_USAGE_WITHOUT_CERT_SIGN = "key-usage-without-cert-sign"
    KEY_USAGE_WITHOUT_CRL_SIGN = "key-usage-without-crl-sign"
    KEY_USAGE_WITHOUT_DIGITAL_SIGNATURE = "key-usage-without-digital-signature"
    PRIVATE_KEY_USAGE_PERIOD_MISSING = "private-key-usage-period-missing"
    PRIVATE_KEY_USAGE_PERIOD_EXCEEDED = "private-key-usage-period-exceeded"
    SUBJECT_ALTERNATIVE_NAME_MISSING = "subject-alternative-name-missing"
    ISSUER_ALTERNATIVE_NAME_MISSING = "issuer-alternative-name-missing"
    ALTERNATIVE_NAME_WITHOUT_CONTACT = "alternative-name-without-contact"
    ALTERNATIVE_NAME_WITHOUT_STATE = "alternative-name-without-state"
    BASIC_CONSTRAINTS_MISSING = "basic-constraints-missing"
    BASIC_CONSTRAINTS_NOT_CA = "basic-constraints-not-ca"
    BASIC_CONSTRAINTS_NOT_CRITICAL = "basic-constraints-not-critical"
    BASIC_CONSTRAINTS_PRESENT = "basic-constraints-present"
    SIGNER_IS_CA = "signer-is-ca"
    PATH_LENGTH_MISSING = "path-length-missing"
    PATH_LENGTH_NOT_ZERO = "path-length-not-zero"
    EXTENDED_KEY_USAGE_PRESENT = "extended-key-usage-present"
    EXTENDED_KEY_USAGE_NOT_CRITICAL = "extended-key-usage-not-critical"
    CRL_DISTRIBUTION_POINTS_MISSING = "crl-distribution-points-missing"
    CRL_DISTRIBUTION_POINT_SCHEME = "crl-distribution-point-scheme"
    DOCUMENT_TYPE_LIST_MISSING = "document-type-list-missing"
    DOCUMENT_TYPE_NOT_LISTED = "document-type-not-listed"
    NAME_CHANGE_MISSING = "name-change-missing"

    # CRLs
    CRL_VERSION_NOT_2 = "crl-version-not-2"
    CRL_NEXT_UPDATE_MISSING = "crl-next-update-missing"
    CRL_PERIOD_TOO_LONG = "crl-period-too-long"
    CRL_ENTRIES_EMPTY = "crl-entries-empty"
    CRL_ENTRY_EXTENSION_PRESENT = "crl-entry-extension-present"
    CRL_NUMBER_MISSING = "crl-number-missing"
    CRL_NUMBER_WRONG = "crl-number-wrong"
    CRL_PARTIAL = "crl-partial"
    CRL_DISTRIBUTION_POINT_DIFFERS = "crl-distribution-point-differs"

    # signed lists and objects (CMS)
    SIGNED_DATA_VERSION_WRONG = "signed-data-version-wrong"
    SIGNER_INFO_VERSION_WRONG = "signer-info-version-wrong"
    SIGNER_MISSING = "signer-missing"
    SEVERAL_SIGNERS = "several-signers"
    SIGNER_CERTIFICATE_MISSING = "signer-certificate-missing"
    SIGNER_IDENTIFIER_WRITTEN_DIFFERENTLY = "signer-identifier-written-differently"
    DIGEST_ALGORITHM_NOT_LISTED = "digest-algorithm-not-listed"
    DIGEST_ALGORITHM_DIFFERS = "digest-algorithm-differs"
    SIGNED_ATTRIBUTES_NOT_DER = "signed-attributes-not-der"
    SIGNED_ATTRIBUTE_TWICE = "signed-attribute-twice"
    SIGNING_TIME_MISSING = "signing-time-missing"
    DIGEST_INFO_WITHOUT_NULL = "digest-info-without-null"
    PSS_SALT_LENGTH_DIFFERS = "pss-salt-length-differs"
    CRLS_ENCLOSED = "crls-enclosed"
    MASTER_LIST_VERSION_WRONG = "master-list-version-wrong"
    MASTER_LIST_EMPTY = "master-list-empty"
    MASTER_LIST_WITHOUT_OWN_CSCA = "master-list-without-own-csca"
    MASTER_LIST_HOLDS_OTHERS = "master-list-holds-others"
