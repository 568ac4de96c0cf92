"""The trust store: whose certificates are believed, found by key and by name in constant time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from verifier.errors import InvalidInput, TrustMaterialError, VerifierError
from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.names import Name
from verifier.pki.sources.deviation_list import DeviationList, KnownDeviation
from verifier.pki.sources.pkd import PkdRemark
from verifier.pki.trust.index_file import FolderState
from verifier.pki.trust.store_content import NOTHING, StoreContent
from verifier.pki.trust.trust_folder import files_of, scan_files
from verifier.pki.trust.trust_index import IndexHead, TrustIndex, encode_index
from verifier.pki.trust.verified_signatures import VerifiedSignatures
from verifier.whole_file import write_whole_file

if TYPE_CHECKING:
    from verifier.pki.sources.signed_list import ListSigners

T = TypeVar("T")
Problem = tuple[str, str]
"""(file name, sentence): something in a folder that was not loaded, or is loaded but damaged."""
_TOLD = 3
"""Problems that are told where there is no root at all."""


class TrustStore:
    """CSCA certificates, link certificates and CRLs. Never changes; ``adding`` returns another.

    A certificate is an *anchor* when it is in the store, is a CA, is self-issued and its signature is its own: a root.
    It is believed because whoever keeps the store put it there (ICAO 9303-12, 6.1.1). Link certificates only lead from
    one CSCA key to another (4.1.4.3); they, and document signers that lie in the same folder, never anchor anything. A
    document signer in the store serves cards whose EF.SOD does not enclose its certificate.

    May be shared between threads. ``adding`` is cheap, and keeps what was verified before.
    """

    def __init__(
        self,
        certificates: Iterable[Certificate],
        crls: Iterable[CertificateRevocationList] = (),
        problems: Iterable[Problem] = (),
        signatures: VerifiedSignatures | None = None,
        *,
        deviation_lists: Iterable[DeviationList] = (),
        remarks: Mapping[bytes, PkdRemark] | None = None,
        index: TrustIndex | None = None,
    ) -> None:
        certificates, crls = _all_of(certificates, Certificate), _all_of(crls, CertificateRevocationList)
        self._index = index
        self._certificates = tuple(c for c in dict.fromkeys(certificates) if index is None or c not in index)
        self._crls = tuple(dict.fromkeys(crls))
        self.problems = tuple(problems)
        self.signatures = VerifiedSignatures() if signatures is None else signatures
        """What was verified with the keys of this store; stores made by ``adding`` share it."""
        self._own_deviation_lists = tuple(deviation_lists)
        self.deviation_lists = (*(() if index is None else index.deviation_lists), *self._own_deviation_lists)
        self.remarks: Mapping[bytes, PkdRemark] = remarks or {}
        """What the ICAO directory says of a certificate or CRL, by its SHA-256."""
        self._by_key_identifier: defaultdict[bytes, list[Certificate]] = defaultdict(list)
        self._by_subject: defaultdict[Name, list[Certificate]] = defaultdict(list)
        self._crls_by_issuer: defaultdict[Name, list[CertificateRevocationList]] = defaultdict(list)
        self._members = frozenset(self._certificates)
        self._anchors: dict[Certificate, bool] = {}
        for certificate in self._certificates:
            self._by_subject[certificate.subject].append(certificate)
            if certificate.subject_key_identifier is not None:
                self._by_key_identifier[certificate.subject_key_identifier].append(certificate)
        for crl in self._crls:
            for name in dict.fromkeys(crl.issuers):
                self._crls_by_issuer[name].append(crl)

    def __repr__(self) -> str:
        return f"<TrustStore: {len(self.certificates)} certificates, {len(self.crls)} CRLs>"

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """Every certificate once, in the order in which they came. Of a store from an index: all are decoded now."""
        return self._certificates if self._index is None else (*self._index.certificates, *self._certificates)

    @property
    def crls(self) -> tuple[CertificateRevocationList, ...]:
        """Every CRL once. Of a store from an index: all are decoded now."""
        return self._crls if self._index is None else tuple(dict.fromkeys((*self._index.crls, *self._crls)))

    @classmethod
    def from_certificates(
        cls, certificates: Iterable[Certificate], crls: Iterable[CertificateRevocationList] = ()
    ) -> "TrustStore":
        """Make a store of what is in memory."""
        return cls(certificates, crls)

    @classmethod
    def from_folder(
        cls,
        folder: Path | str,
        *,
        list_signers: "ListSigners | None" = None,
        directory_signers: bool = False,
        index: Path | str | None = None,
    ) -> "TrustStore":
        """Load a folder: certificates and CRLs as DER or PEM, signed lists (``.ml``), the ICAO directory (``.ldif``).

        A certificate that lies there as a file is believed, for somebody put it there. Master lists and deviation lists
        count if ``list_signers`` vouch for them. Of the directory CRLs are taken, and with ``directory_signers`` its
        tens of thousands of document signers. What cannot be used is named in ``problems`` and spoils nothing else,
        roots with a damaged signature included. A zip archive counts as the files that are in it.

        ``index`` is a file that is written and read instead of the folder as long as the folder does not change; it
        decides whom to trust as the folder does, so keep it where nobody else may write. One that cannot be used is
        made anew. Raises ``TrustMaterialError`` when there is no such folder or no root in it.
        """
        _require_paths(folder, index)
        index_path = None if index is None else Path(index)
        files = [path for path in files_of(Path(folder)) if path != index_path]
        if index_path is None:
            return _load(files, list_signers, directory_signers=directory_signers)[0].require_root(folder)
        how = repr((directory_signers, None if list_signers is None else list_signers.identity))
        state = FolderState(Path(folder), files, how)
        found = state.read_index(index_path)
        if found is not None and _holds(found.head.window, list_signers):
            return cls((), problems=found.head.problems, remarks=found.head.remarks, index=found).require_root(folder)
        store, window = _load(files, list_signers, directory_signers=directory_signers)
        store.require_root(folder)
        head = IndexHead(state.key, window, store.problems, store.remarks)
        marked = ((certificate, store.is_anchor(certificate)) for certificate in store.certificates)
        try:
            write_whole_file(index_path, encode_index(head, marked, store.crls, store.deviation_lists))
        except OSError as error:
            store.problems += ((index_path.name, f"the index cannot be written ({error.strerror})"),)
        return store

    def require_root(self, where: Path | str) -> "TrustStore":
        """Return the store itself. Raises ``TrustMaterialError`` when nothing in it is a root."""
        if not self.has_anchor:
            why = "".join(f"; {name}: {sentence}" for name, sentence in self.problems[:_TOLD])
            msg = f"the folder {where} holds no usable root certificate{why}"
            raise TrustMaterialError(msg)
        return self

    def adding(
        self,
        certificates: Iterable[Certificate] = (),
        crls: Iterable[CertificateRevocationList] = (),
        deviation_lists: Iterable[DeviationList] = (),
        problems: Iterable[Problem] = (),
    ) -> "TrustStore":
        """Return a store with these as well; a root among them becomes an anchor, so be sure of it."""
        return TrustStore(
            (*self._certificates, *certificates),
            (*self._crls, *crls),
            (*self.problems, *problems),
            self.signatures,
            deviation_lists=(*self._own_deviation_lists, *deviation_lists),
            remarks=self.remarks,
            index=self._index,
        )

    def known_deviations(self, signer: Certificate) -> tuple[KnownDeviation, ...]:
        """Return what the state of a document signer says is wrong with documents of it (deviation lists)."""
        return tuple(known for listed in self.deviation_lists for known in listed.of(signer))

    def with_key_identifier(self, identifier: bytes) -> tuple[Certificate, ...]:
        """Return the certificates with this subject key identifier."""
        loaded = tuple(self._by_key_identifier.get(identifier, ()))
        return loaded if self._index is None else (*self._index.with_key_identifier(identifier), *loaded)

    def issuers_of(self, certificate: Certificate) -> tuple[Certificate, ...]:
        """Return the candidates for the issuer: by authority key identifier first, then by normalised name."""
        found: dict[Certificate, None] = {}
        if certificate.authority_key_identifier is not None:
            found.update(dict.fromkeys(self.with_key_identifier(certificate.authority_key_identifier)))
        found.update(dict.fromkeys(self.named(certificate.issuer)))
        return tuple(found)

    def crl_signers_of(self, crl: CertificateRevocationList) -> tuple[Certificate, ...]:
        """Return the candidates for who signed a CRL: they bear its name, and those with its key come first."""
        candidates = dict.fromkeys(candidate for name in crl.issuers for candidate in self.named(name))
        key = crl.authority_key_identifier
        return tuple(sorted(candidates, key=lambda candidate: candidate.subject_key_identifier != key))

    def named(self, subject: Name) -> tuple[Certificate, ...]:
        """Return the certificates of this subject."""
        loaded = tuple(self._by_subject.get(subject, ()))
        return loaded if self._index is None else (*self._index.named(subject), *loaded)

    def crls_of(self, issuer: Certificate | Name) -> tuple[CertificateRevocationList, ...]:
        """Return the CRLs that claim this issuer, by any name that they give it; none of them verified."""
        name = issuer.subject if isinstance(issuer, Certificate) else issuer
        loaded = tuple(self._crls_by_issuer.get(name, ()))
        return loaded if self._index is None else tuple(dict.fromkeys((*self._index.crls_of(name), *loaded)))

    @property
    def anchors(self) -> tuple[Certificate, ...]:
        """Every root, its own signature verified."""
        return tuple(certificate for certificate in self.certificates if self.is_anchor(certificate))

    @property
    def has_anchor(self) -> bool:
        """Whether there is a root at all."""
        if self._index is not None and self._index.has_root:
            return True
        return any(self.is_anchor(certificate) for certificate in self._certificates)

    @property
    def identity(self) -> str:
        """The same for stores of the same certificates and CRLs, in whatever order and from whatever source."""
        return self.content.identity

    @cached_property
    def content(self) -> StoreContent:
        """What it holds, in short. Of a store from an index nothing is decoded for it."""
        held = NOTHING if self._index is None else self._index.content
        return held.adding(self._certificates, self._crls)

    def is_anchor(self, certificate: Certificate) -> bool:
        """Whether this is one of the store's roots; its signature is verified once."""
        if self._index is not None and self._index.is_root(certificate):
            return True
        if certificate not in self._members:
            return False
        if certificate not in self._anchors:
            self._anchors[certificate] = is_root(certificate)
        return self._anchors[certificate]

    def anchor_problem(self, certificate: Certificate) -> str | None:
        """Return what is wrong with a certificate that was meant as a root; ``None`` for a good one or another kind."""
        if not looks_like_root(certificate) or self.is_anchor(certificate):
            return None
        return f"the self-signature of {certificate.subject} is damaged or of an unsupported kind"


def _all_of(items: Iterable[T], kind: type[T]) -> tuple[T, ...]:
    """Return the items. Raises ``InvalidInput`` unless all are of the kind: bytes that nobody decoded are none."""
    try:
        found = tuple(items)
    except TypeError:
        found = None
    if found is None or not all(isinstance(item, kind) for item in found):
        msg = f"a trust store is made of objects of the kind {kind.__name__}: {kind.__name__}.decode makes one of bytes"
        raise InvalidInput(msg)
    return found


def _require_paths(folder: object, index: object) -> None:
    if not isinstance(folder, str | Path) or not isinstance(index, str | Path | None):
        msg = "a folder, and the file of its index, are a Path or a str"
        raise InvalidInput(msg)


def looks_like_root(certificate: Certificate) -> bool:
    """Whether a certificate claims to be a root: a CA that names itself, and no other key, as its issuer."""
    return (
        certificate.is_ca
        and certificate.is_self_issued
        and certificate.authority_key_identifier in {None, certificate.subject_key_identifier}
    )


def is_root(certificate: Certificate) -> bool:
    """Whether a certificate is a root: a CA under its own name, signed with its own key.

    Decided by the signature: some real roots carry a wrong authority key identifier.
    """
    if not (certificate.is_ca and certificate.is_self_issued):
        return False
    try:
        return certificate.is_signed_by(certificate.public_key).valid
    except VerifierError:
        return False


def _load(
    files: Iterable[Path], list_signers: "ListSigners | None", *, directory_signers: bool
) -> tuple[TrustStore, tuple[str, str] | None]:
    """Load files, and say from when to when the lists among them are judged so."""
    content = scan_files(files, directory_signers=directory_signers)
    loose = (certificate for _, certificate in content.certificates)
    store = TrustStore(loose, content.crls, content.problems, remarks=content.remarks)
    for name, certificate in content.certificates:
        sentence = store.anchor_problem(certificate)
        if sentence is not None:
            store.problems += ((name, sentence),)
    if not content.signed_lists:
        return store, None
    if list_signers is None:
        nobody = "a signed list that adds nothing: nobody was named who may vouch for it (list signers)"
        store.problems += tuple((name, nobody) for name, _ in content.signed_lists)
        return store, None
    store, vouchers = list_signers.extend(store, content.signed_lists)
    first, last = list_signers.window(vouchers)
    return store, (first.isoformat(), last.isoformat())


def _holds(window: tuple[str, str] | None, list_signers: "ListSigners | None") -> bool:
    if window is None or list_signers is None:
        return window is None
    try:
        return datetime.fromisoformat(window[0]) <= list_signers.at <= datetime.fromisoformat(window[1])
    except (ValueError, TypeError):
        return False
