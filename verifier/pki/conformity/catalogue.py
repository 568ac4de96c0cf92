"""The table of deviations: severity, what verification does about it, the clause, and what it means.

Severity and treatment are two questions. A missing subjectAltName breaks a MUST and harms nobody; SHA-1 is what the
standard itself once prescribed, and is refused. Why each is treated as it is: docs/decisions, "Deviations are tolerated
by code".
"""

from dataclasses import dataclass
from functools import cache

from verifier.pki.conformity.deviation import Deviation, Severity, Treatment


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known about one deviation before anything deviates."""

    code: Deviation
    severity: Severity
    treatment: Treatment
    clause: str
    meaning: str
    """One sentence."""


def entry_of(code: Deviation) -> Entry:
    """Return the entry of a code; there is one for each."""
    return _entries()[code]


@cache
def _entries() -> dict[Deviation, Entry]:
    lines = [line for line in _TABLE.splitlines() if line]
    entries = {}
    for head, meaning in zip(lines[::2], lines[1::2], strict=True):
        code, severity, treatment, clause = head.split(" | ")
        entry = Entry(Deviation(code), Severity(severity), Treatment(treatment), clause, meaning.strip())
        entries[entry.code] = entry
    return entries


_TABLE = """
malformed | error | never | ICAO 9303-12, Table 5
    It does not decode.
encoding-not-der | warning | borne | ITU-T X.690, 10
    It is encoded in BER instead of DER.
default-value-encoded | notice | borne | ICAO 9303-12, Table 5
    A default value is written out.
version-not-3 | error | borne | ICAO 9303-12, Table 5
    The certificate is not of version 3.
serial-not-positive | warning | borne | ICAO 9303-12, Table 5
    The serial number is not positive.
serial-too-long | warning | borne | ICAO 9303-12, Table 5
    The serial number has more than 20 bytes.
signature-algorithms-differ | error | never | ICAO 9303-12, Table 5
    The signature algorithm inside is not the one outside.
algorithm-parameters-wrong | notice | borne | RFC 4055, 5; RFC 5758, 3.2
    The parameters of an algorithm are there and must not be, or the other way round.
unique-identifier-present | warning | borne | ICAO 9303-12, Table 5
    issuerUniqueID or subjectUniqueID is there.
extensions-missing | error | borne | ICAO 9303-12, Table 5
    There are no extensions.
extension-twice | error | never | RFC 5280, 4.2
    An extension is there twice.

country-missing | error | refused | ICAO 9303-12, 7.1.1.1
    A name has no country.
country-mismatch | error | never | ICAO 9303-12, Table 5
    Issuer and subject belong to different countries.
country-not-upper-case | warning | borne | ICAO 9303-12, Table 5
    A country is written in small letters.
country-not-two-letters | warning | borne | ICAO 9303-12, Table 5
    A country is not a code of two letters.
name-string-type-wrong | warning | borne | ICAO 9303-12, Table 5
    A part of a name is a string of a type that does not belong there.
issuer-name-differs | error | borne | ICAO 9303-12, Table 5
    The issuer is named in another way than in the certificate whose key signed.

time-type-wrong | warning | borne | ICAO 9303-12, Table 5
    A time until 2049 is no UTCTime, or one from 2050 no GeneralizedTime.
time-form-wrong | warning | borne | ICAO 9303-12, Table 5
    A time lacks its seconds or its Z, or has fractions of a second.
validity-reversed | error | never | ICAO 9303-12, Table 5
    It ends before it begins.

public-key-unusable | error | never | ICAO 9303-12, 4.1.6
    The public key is of a kind or on a curve that is not known, or damaged.
ec-parameters-named | notice | borne | ICAO 9303-12, 4.1.6.3
    The curve is named instead of written out in full.
ec-cofactor-missing | notice | borne | ICAO 9303-12, 4.1.6.3
    The curve's parameters lack the cofactor.
ec-point-compressed | warning | borne | ICAO 9303-12, 4.1.6.3
    A point of the curve is compressed.
deprecated-hash-sha1 | error | refused | ICAO 9303-12, 4.1.6
    The signature is made with SHA-1.
deprecated-rsa-1024 | error | refused | ICAO 9303-12, 4.1.6
    The RSA key has fewer than 2048 bits.
deprecated-curve-p192 | error | refused | ICAO 9303-12, 4.1.6
    The curve has fewer than 224 bits.
deprecated-lds-hash-sha1 | warning | borne | ICAO 9303-10, 4.6.2.3
    The hashes of the data groups are SHA-1.
key-shorter-than-recommended | notice | borne | ICAO 9303-12, 4.1.6
    The key is shorter than the standard recommends for its purpose.
self-signature-invalid | error | never | ICAO 9303-12, 6.1.1
    The certificate names itself as its issuer, but did not sign itself.
signature-invalid | error | never | RFC 5280, 6.1.3
    The signature was not made with the issuer's key.

critical-extension-unknown | error | never | RFC 5280, 4.2
    A critical extension is not known.
extension-forbidden | warning | borne | ICAO 9303-12, Table 6
    An extension does not belong there.
extension-critical | warning | borne | ICAO 9303-12, Table 6
    An extension must not be critical.
extension-malformed | error | borne | ICAO 9303-12, Table 6
    An extension does not decode.
authority-key-identifier-missing | warning | borne | ICAO 9303-12, Table 6
    The identifier of the issuer's key is missing.
authority-key-identifier-wrong | warning | borne | ICAO 9303-12, Table 6
    The identifier of the issuer's key is not that of the issuer's certificate.
subject-key-identifier-missing | warning | borne | ICAO 9303-12, Table 6
    The identifier of the own key is missing.
key-usage-missing | error | refused | ICAO 9303-12, Table 6
    It does not say what the key is for.
key-usage-not-critical | warning | borne | ICAO 9303-12, Table 6
    The key usage is not critical.
key-usage-excessive | warning | borne | ICAO 9303-12, Table 6
    The key may be used for more than its purpose asks.
key-usage-without-cert-sign | error | refused | ICAO 9303-12, Table 6
    The authority's key may not sign certificates.
key-usage-without-crl-sign | error | refused | ICAO 9303-12, Table 6
    The authority's key may not sign CRLs.
key-usage-without-digital-signature | error | refused | ICAO 9303-12, Table 6
    The signer's key may not make digital signatures.
private-key-usage-period-missing | warning | borne | ICAO 9303-12, Table 6
    It does not say how long the private key is used.
private-key-usage-period-exceeded | warning | borne | ICAO 9303-12, 4.1.1
    It was issued outside the time in which the issuer's key was to be used.
subject-alternative-name-missing | warning | borne | ICAO 9303-12, 7.1.1.2
    The subject's alternative name is missing.
issuer-alternative-name-missing | warning | borne | ICAO 9303-12, 7.1.1.2
    The issuer's alternative name is missing.
alternative-name-without-contact | notice | borne | ICAO 9303-12, 7.1.1.2
    An alternative name says neither where to write nor where to look.
alternative-name-without-state | notice | borne | ICAO 9303-12, 7.1.1.2
    An alternative name lacks the state's code as in the machine readable zone.
basic-constraints-missing | error | refused | ICAO 9303-12, Table 6
    The authority's certificate lacks basicConstraints.
basic-constraints-not-ca | error | refused | ICAO 9303-12, Table 6
    The authority's certificate says that it is none.
basic-constraints-not-critical | warning | borne | ICAO 9303-12, Table 6
    basicConstraints is not critical.
basic-constraints-present | notice | borne | ICAO 9303-12, Table 6
    A signer's certificate has basicConstraints, though it says that it is no authority.
signer-is-ca | error | refused | ICAO 9303-12, Table 6
    A signer's certificate says that it is an authority.
path-length-missing | warning | borne | ICAO 9303-12, Table 6
    The authority's certificate does not forbid further authorities.
path-length-not-zero | warning | borne | ICAO 9303-12, Table 6
    The authority's certificate allows further authorities.
extended-key-usage-present | error | refused | ICAO 9303-12, 7.1.1.3
    The certificate restricts its key to another purpose.
extended-key-usage-not-critical | warning | borne | ICAO 9303-12, 7.1.1.3
    The extended key usage is not critical.
crl-distribution-points-missing | warning | borne | ICAO 9303-12, Table 6
    It does not say where its CRL is published.
crl-distribution-point-scheme | notice | borne | ICAO 9303-12, Table 6
    The place of the CRL is no http, https or ldap address.
document-type-list-missing | warning | borne | ICAO 9303-12, 7.1.1.6
    A document signer does not say which types of document it signs.
document-type-not-listed | error | refused | ICAO 9303-12, 7.1.1.6
    The document is of a type that its signer does not sign.
name-change-missing | error | refused | ICAO 9303-12, 7.1.1.5
    A link certificate leads to another name without saying that the name changed.

crl-version-not-2 | warning | borne | ICAO 9303-12, 7.1.4
    The CRL is not of version 2.
crl-next-update-missing | error | never | ICAO 9303-12, 7.1.4
    The CRL does not say when the next one is due.
crl-period-too-long | notice | borne | ICAO 9303-12, 4.1.5
    The next CRL is due later than after 90 days.
crl-entries-empty | warning | borne | ICAO 9303-12, 7.1.4
    The list of entries is there, and empty.
crl-entry-extension-present | notice | borne | ICAO 9303-12, 7.1.4
    An entry of the CRL has an extension.
crl-number-missing | warning | borne | ICAO 9303-12, 7.1.4
    The CRL has no number.
crl-number-wrong | warning | borne | ICAO 9303-12, 7.1.4
    The CRL's number is negative or too long.
crl-partial | error | never | ICAO 9303-12, 7.1.4
    The CRL is a delta, or for a part of the certificates or another's certificates.
crl-distribution-point-differs | error | refused | RFC 5280, 6.3.3
    The CRL names a point of distribution that the signer's certificate does not name.

signed-data-version-wrong | notice | borne | ICAO 9303-10, 4.6.2.2
    SignedData is not of version 3.
signer-info-version-wrong | notice | borne | RFC 5652, 5.3
    The version of SignerInfo does not go with how it names the signer.
signer-missing | error | never | RFC 5652, 5.3
    Nobody signed it.
several-signers | notice | borne | ICAO 9303-10, 4.6.2.2
    There is more than one signer.
signer-certificate-missing | warning | borne | ICAO 9303-10, 4.6.2.2
    The signer's certificate is not enclosed.
signer-identifier-written-differently | notice | borne | RFC 5652, 5.3
    The signer is named in another way than in its certificate.
digest-algorithm-not-listed | notice | borne | RFC 5652, 5.1
    The signer's digest algorithm is not among those announced.
digest-algorithm-differs | warning | borne | RFC 5652, 5.3
    The signature uses another hash than its digest algorithm names.
signed-attributes-not-der | warning | borne | RFC 5652, 5.4
    The attributes are signed as they were sent instead of in DER.
signed-attribute-twice | warning | borne | RFC 5652, 5.3
    A signed attribute is there twice.
signing-time-missing | warning | borne | ICAO 9303-12, 9.1
    A list does not say when it was signed.
digest-info-without-null | notice | borne | RFC 8017, 9.2, note 1
    An RSA signature's hash identifier lacks its NULL parameters.
pss-salt-length-differs | warning | borne | RFC 8017, 9.1; RFC 4055, 3.1
    The salt of an RSASSA-PSS signature is longer or shorter than its parameters say.
crls-enclosed | notice | borne | ICAO 9303-10, 4.6.2.2
    CRLs are enclosed.
master-list-version-wrong | notice | borne | ICAO 9303-12, 9.1
    The master list is not of version 0.
master-list-empty | error | borne | ICAO 9303-12, 9.1
    The master list holds no certificate.
master-list-without-own-csca | warning | borne | ICAO 9303-12, 9.1
    The authority of the list's signer is not on the list.
master-list-holds-others | warning | borne | ICAO 9303-12, 9.1
    The master list holds a certificate that is no authority's.
"""
