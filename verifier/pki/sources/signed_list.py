"""Signed lists of trust material, and who may vouch for them (ICAO 9303-12, 7.1.3 and 9; 10 for deviation lists).

A list on a stick is only bytes. What makes its certificates roots is somebody whom the integrator named: a list signer
by the fingerprint of its certificate, or a CSCA that issued the list signer and is believed already. A list that nobody
vouches for adds nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Final

from verifier.errors import InvalidInput, TrustMaterialError, VerifierError
from verifier.pki.asn1.der_time import whole_seconds
from verifier.pki.certificate import Certificate
from verifier.pki.cms import SignedData
from verifier.pki.cms_signer import SignerInfo
from verifier.pki.conformity.strength import weaknesses_of_signature
from verifier.pki.extensions import KeyUsage
from verifier.pki.keys.algorithms import SignatureAlgorithm
from verifier.pki.path import find_issuer_path
from verifier.pki.revocation import RevocationState, revocation_status
from verifier.pki.sources.deviation_list import DeviationList
from verifier.pki.sources.master_list import MasterList
from verifier.pki.trust.trust_store import TrustStore, is_root

MAX_LENGTH: Final = 16 << 20
"""Bytes of a list; the longest public one has 0.9 MB."""
MAX_CANDIDATES = 8
"""Issuers tried for one list signer."""
FINGERPRINT_LENGTH = 32
_COUNTRY_LENGTHS = (2, 3)
_DAY = timedelta(days=1)


class ListKind(StrEnum):
    """A kind of signed list, as its content type (9303-12, 9.2 and 10.2)."""

    MASTER_LIST = "2.23.136.1.1.2"
    DEVIATION_LIST = "2.23.136.1.1.7"

    @property
    def named(self) -> str:
        """For sentences."""
        return "master list" if self is ListKind.MASTER_LIST else "deviation list"

    @property
    def purpose(self) -> str:
        """The extended key usage that the signer's certificate must have (9303-12, Table 6)."""
        return "2.23.136.1.1.3" if self is ListKind.MASTER_LIST else "2.23.136.1.1.8"


@dataclass(frozen=True, slots=True)
class Voucher:
    """Who vouches for a list. ``path`` is the signer's certificate and, unless that was pinned, those above it."""

    path: tuple[Certificate, ...]
    pinned: bool

    @property
    def signer(self) -> Certificate:
        """The list signer."""
        return self.path[0]


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why nobody vouches for a list; the reason that came furthest is told."""

    rank: int
    sentence: str


_STRANGER = _Refusal(0, "its signer is not trusted: name a list signer, or a CSCA that may issue them")


@dataclass(frozen=True)
class ListSigners:
    """Who may vouch for master lists and deviation lists.

    ``fingerprints`` are SHA-256 of certificates, 32 bytes or hexadecimal, colons allowed: of a list signer, which is
    then believed whatever its dates and purpose say, or of a CSCA, which may then issue list signers. ``trust`` is a
    store whose roots may issue list signers. ``own_roots`` lets the roots that lie in the same folder as files do so.
    ``countries`` (as certificates name them: two letters), where given, are the only states of which certificates are
    taken from lists.

    ``at`` is when: list signers and those who issued them must be valid then, to the second. Raises ``InvalidInput``.
    """

    at: datetime
    fingerprints: Iterable[bytes | str] = ()
    trust: TrustStore | None = field(default=None, repr=False)
    own_roots: bool = False
    countries: Iterable[str] | None = None
    _pinned: frozenset[bytes] = field(init=False, repr=False, compare=False)
    _countries: frozenset[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            msg = "the time at which list signers must be valid needs a time zone"
            raise InvalidInput(msg)
        object.__setattr__(self, "at", whole_seconds(self.at))
        object.__setattr__(self, "_pinned", frozenset(map(_fingerprint, self.fingerprints)))
        countries = None if self.countries is None else frozenset(map(_country, self.countries))
        object.__setattr__(self, "_countries", countries)

    def takes(self, certificate: Certificate) -> bool:
        """Whether certificates of this one's state are taken from lists."""
        return self._countries is None or certificate.country in self._countries

    def vouch(self, signed: SignedData, so_far: TrustStore | None = None) -> Voucher:
        """Return who vouches for a list. ``so_far`` is what the folder holds as files, for ``own_roots``.

        Raises ``TrustMaterialError`` with the reason why nobody does.
        """
        kind = _kind_of(signed)
        believed = self._believed(signed, so_far)
        best = _STRANGER
        for signer in signed.signers:
            for certificate in self._candidates(signed, signer, believed):
                outcome = self._judge(signed, signer, certificate, kind, believed)
                if isinstance(outcome, Voucher):
                    return outcome
                best = max(best, outcome, key=lambda refusal: refusal.rank)
        msg = f"a {kind.named} that adds nothing: {best.sentence}"
        raise TrustMaterialError(msg)

    def extend(self, store: TrustStore, lists: Iterable[tuple[str, bytes]]) -> tuple[TrustStore, tuple[Voucher, ...]]:
        """Return the store with what the lists add, and who vouched for it; a list that adds nothing is a problem.

        Lists come with a name for ``problems``. A list does not vouch for another: ``own_roots`` are those that
        ``store`` has beforehand.
        """
        vouchers: list[Voucher] = []
        certificates: list[Certificate] = []
        deviation_lists: list[DeviationList] = []
        problems: list[tuple[str, str]] = []
        for name, encoded in lists:
            try:
                signed = decode_signed_list(encoded)
                voucher = self.vouch(signed, store)
                vouchers.append(voucher)
                if _kind_of(signed) is ListKind.DEVIATION_LIST:
                    country = voucher.signer.country or ""
                    deviation_lists.append(DeviationList.decode(signed.encap_content, country))
                    continue
                listed = MasterList.decode(signed.encap_content)
            except VerifierError as error:
                problems.append((name, error.sentence))
                continue
            problems += ((name, sentence) for sentence in listed.problems)
            taken = tuple(filter(self.takes, listed.certificates))
            if not taken and listed.certificates:
                problems.append((name, self._nobody_of(listed.certificates)))
            certificates += taken
        extended = store.adding(certificates, deviation_lists=deviation_lists, problems=problems)
        return extended, tuple(vouchers)

    def window(self, vouchers: Iterable[Voucher]) -> tuple[datetime, datetime]:
        """Return from when to when the same lists would be judged in the same way; a day at most."""
        first, last = self.at - _DAY, self.at + _DAY
        for certificate in (certificate for voucher in vouchers if not voucher.pinned for certificate in voucher.path):
            first, last = max(first, certificate.not_before), min(last, certificate.not_after)
        return first, last

    @property
    def identity(self) -> str:
        """Who may vouch, in a form that is the same for the same; without the time."""
        pins = sorted(pin.hex() for pin in self._pinned)
        countries = None if self._countries is None else sorted(self._countries)
        return repr((pins, countries, self.own_roots, self.trust.identity if self.trust is not None else None))

    def _nobody_of(self, certificates: Iterable[Certificate]) -> str:
        wanted = ", ".join(sorted(self._countries or ()))
        there = ", ".join(sorted({certificate.country or "no state" for certificate in certificates}))
        return f"none of its certificates is of {wanted}; it has those of {there}"

    def _believed(self, signed: SignedData, so_far: TrustStore | None) -> TrustStore:
        """The CSCAs that may have issued the signer, and what leads to them."""
        store = self.trust or TrustStore(())
        if self.own_roots and so_far is not None:
            store = store.adding(so_far.certificates, so_far.crls)
        links = [enclosed for enclosed in signed.certificates if enclosed.is_ca and not is_root(enclosed)]
        return store.adding((*self._pinned_of(signed, so_far), *links))

    def _pinned_of(self, signed: SignedData, so_far: TrustStore | None) -> list[Certificate]:
        """The certificates that were named by fingerprint, wherever they lie; some lists hold their signer's CSCA."""
        if not self._pinned:
            return []
        around = (*signed.certificates, *(so_far.certificates if so_far is not None else ()))
        found = [certificate for certificate in around if certificate.fingerprint in self._pinned]
        if not found and signed.content_type == ListKind.MASTER_LIST:
            listed = MasterList.decode(signed.encap_content).certificates
            found = [certificate for certificate in listed if certificate.fingerprint in self._pinned]
        return found

    def _candidates(self, signed: SignedData, signer: SignerInfo, believed: TrustStore) -> Iterator[Certificate]:
        yield from signed.certificates_of(signer)
        if signer.subject_key_identifier is not None:
            yield from islice(believed.with_key_identifier(signer.subject_key_identifier), MAX_CANDIDATES)

    def _judge(
        self, signed: SignedData, signer: SignerInfo, certificate: Certificate, kind: ListKind, believed: TrustStore
    ) -> Voucher | _Refusal:
        verdict = signed.verify(signer, certificate)
        if not verdict.valid:
            return _Refusal(1, f"its signature does not hold ({verdict.sentence})")
        if certificate.fingerprint in self._pinned:
            return Voucher((certificate,), pinned=True)
        path = self._path(certificate, believed)
        if path is None:
            return _STRANGER
        problem = self._problem(certificate, kind) or _weakness(signer, path)
        if problem is None:
            status = revocation_status(certificate, path, believed, self.at)
            problem = status.sentence if status.state is RevocationState.REVOKED else None
        return Voucher(path, pinned=False) if problem is None else _Refusal(2, problem)

    def _path(self, certificate: Certificate, believed: TrustStore) -> tuple[Certificate, ...] | None:
        """From the list signer to a root of the same state; the dates of those above it are looked at on the way."""
        for issuer in islice(believed.issuers_of(certificate), MAX_CANDIDATES):
            if certificate.country != issuer.country or issuer == certificate:
                continue
            try:
                is_signed = bool(believed.signatures.verify(certificate, issuer.public_key))
            except VerifierError:
                continue
            above = find_issuer_path(issuer, believed, self.at) if is_signed else None
            if above is not None and above.found:
                return (certificate, *above.path)
        return None

    def _problem(self, certificate: Certificate, kind: ListKind) -> str | None:
        if kind.purpose not in (certificate.extended_key_usage or ()):
            return f"its signer's certificate is not for signing {kind.named}s (extended key usage {kind.purpose})"
        if KeyUsage.DIGITAL_SIGNATURE not in (certificate.key_usage or ()):
            return "its signer's key may not sign"
        if certificate.unknown_critical_extensions:
            return f"its signer has a critical extension {certificate.unknown_critical_extensions[0]}, not known here"
        if self.at < certificate.not_before:
            return f"its signer is valid only from {certificate.not_before:%Y-%m-%d}"
        if self.at > certificate.not_after:
            return f"its signer expired on {certificate.not_after:%Y-%m-%d}"
        return None


def _weakness(signer: SignerInfo, path: tuple[Certificate, ...]) -> str | None:
    """What no longer protects the list or its signer's certificate; a forged list is as good as any number of roots.

    The certificates above the signer were looked at as their path was searched.
    """
    certificate, issuer = path[:2]
    named = SignatureAlgorithm.decode(signer.signature_algorithm_der).hash_name
    for what, key, hashes in (
        ("it", certificate.public_key, {signer.hash_name, named}),
        ("its signer's certificate", issuer.public_key, {certificate.signature_algorithm.hash_name}),
    ):
        if any(weaknesses_of_signature(hash_name, key) for hash_name in hashes):
            return f"{what} bears a signature of a kind that no longer protects against forgery"
    return None


def decode_signed_list(encoded: bytes) -> SignedData:
    """Decode a list of at most 16 MiB, nothing verified. Raises ``MalformedData`` or ``UnsupportedFeature``."""
    return SignedData.decode(encoded, MAX_LENGTH)


def _kind_of(signed: SignedData) -> ListKind:
    try:
        return ListKind(signed.content_type)
    except ValueError:
        msg = f"a signed message of the kind {signed.content_type}, which is no list that is known"
        raise TrustMaterialError(msg) from None


def _country(given: object) -> str:
    if not (isinstance(given, str) and given.isascii() and given.isalpha() and len(given) in _COUNTRY_LENGTHS):
        msg = "the countries of which certificates are taken are codes such as VN, in a list"
        raise InvalidInput(msg)
    return given.upper()


def _fingerprint(given: bytes | str) -> bytes:
    try:
        found = given if isinstance(given, bytes) else bytes.fromhex(given.replace(":", " "))
    except ValueError:
        found = b""
    if len(found) != FINGERPRINT_LENGTH:
        msg = "the fingerprint of a list signer is a SHA-256: 64 hexadecimal digits"
        raise InvalidInput(msg)
    return found
