"""Whom appliances believe: CSCA and link certificates and their CRLs, from whatever files issuers hand out.

What a file holds is for ``verifier.sdk.trust`` to say: a certificate in a file counts because whoever adds it vouches
for it, those of a master list if a named list signer does. Published are certification authorities alone, and of each
CRL the newest, if one of them signed it.
"""

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from appliance.lists.catalogue import CRLS, ISSUERS
from publisher.archives import pack
from publisher.desk_folder import DeskFolder
from publisher.errors import ListRejected
from publisher.moments import Ending
from publisher.published import unaltered_target
from verifier.sdk.errors import TrustMaterialError, VerifierError
from verifier.sdk.trust import Certificate, CertificateRevocationList, ListSigners, TrustStore

_SHORTEST_FINGERPRINT = 8
_SHOWN = 16
_CERTIFICATE_WARNING = timedelta(days=90)
_WARNED_WITHIN = 4
"""Less than this part of a CRL's time is left: told."""
_ROOT_FIRST = (
    "a CRL counts only with the CSCA certificate that signed it, and a document signer, being no certification "
    "authority, not at all: add the root first, or with the others"
)
_ORDER = re.compile(r"^[0-9]{4} ")
Item: TypeAlias = Certificate | CertificateRevocationList


@dataclass(frozen=True, slots=True)
class TrustItem:
    """A certificate or CRL, as people compare it."""

    kind: str
    """``root``, ``link`` or ``crl``."""
    fingerprint: str
    """SHA-256, hexadecimal."""
    state: str
    """The country in its name; empty where there is none."""
    name: str
    until: datetime | None
    warning: timedelta
    """How long before its end that is told."""

    @property
    def ending(self) -> Ending | None:
        """Its end, if it has one."""
        named = f"{self.fingerprint[:_SHOWN]} {self.name}"
        kind = "csca" if self.kind == "root" else self.kind
        return None if self.until is None else Ending(kind, named, self.until, self.warning)


@dataclass(frozen=True, slots=True)
class TrustChange:
    """What an addition or removal does to the trust list."""

    new: tuple[TrustItem, ...]
    gone: tuple[TrustItem, ...]
    roots: int
    links: int
    crls: int
    problems: tuple[tuple[str, str], ...] = ()
    """(name of a file or an issuer, sentence): what was not taken."""


def add_trust(
    desk: DeskFolder, files: Sequence[Path], *, at: datetime, list_signers: Iterable[str] = (), replace: bool = False
) -> TrustChange:
    """Stage certificates, CRLs and what lists hold; ``replace`` drops all that was published.

    Raises ``ListRejected`` where nothing of the files can be used, or no root would be left; ``OSError``.
    """
    before = current_trust(desk)
    with TemporaryDirectory() as name:
        folder = Path(name)
        for number, file in enumerate(files, 1):
            shutil.copyfile(file, folder / f"{number:04} {file.name}")
        if not replace:
            _copy_archives(desk, folder, desk.staged.files())
        after, problems = _useful(_load(folder, ListSigners(at, tuple(list_signers))))
    known = {item.der for item in _items(before)}
    if problems and known >= {item.der for item in _items(after)}:
        msg = f"nothing of these files can be used: {': '.join(problems[0])}"
        raise ListRejected(msg)
    return _stage(desk, before, after, problems)


def remove_trust(desk: DeskFolder, fingerprint: str) -> TrustChange:
    """Stage the list without a certificate or CRL, named by its SHA-256 or its beginning, 8 digits or more.

    CRLs that nobody signed any more go with it. Raises ``ListRejected``.
    """
    before = current_trust(desk)
    wanted = fingerprint.replace(":", "").lower()
    found = [item for item in _items(before) if item.fingerprint.hex().startswith(wanted)]
    if len(found) != 1 or len(wanted) < _SHORTEST_FINGERPRINT:
        msg = f"{len(found)} certificates and CRLs of the list have a fingerprint that begins so"
        raise ListRejected(msg)
    kept = TrustStore(
        [certificate for certificate in before.certificates if certificate not in found],
        [crl for crl in before.crls if crl not in found],
    )
    return _stage(desk, before, *_useful(kept))


def current_trust(desk: DeskFolder) -> TrustStore:
    """Return what is staged, else what is published; an empty store where neither is."""
    return _stored(desk, desk.staged.files())


def trust_endings(desk: DeskFolder) -> tuple[Ending, ...]:
    """Return when the certificates and CRLs that are published end. Raises as ``current_trust``."""
    store = _stored(desk, {})
    endings = (describe(item, store).ending for item in _items(store))
    return tuple(ending for ending in endings if ending is not None)


def _stored(desk: DeskFolder, staged: Mapping[str, Path]) -> TrustStore:
    with TemporaryDirectory() as name:
        folder = Path(name)
        return _load(folder, None) if _copy_archives(desk, folder, staged) else TrustStore(())


def _copy_archives(desk: DeskFolder, folder: Path, staged: Mapping[str, Path]) -> bool:
    """Copy what is staged, else published, into a folder; say whether there was any."""
    published = desk.published().target_files()
    for path in (ISSUERS, CRLS):
        place = folder / path.rpartition("/")[2]
        if path in staged:
            shutil.copyfile(staged[path], place)
        elif path in published:
            shutil.copyfile(unaltered_target(desk.public, published[path]), place)
    return any(folder.iterdir())


def _load(folder: Path, signers: ListSigners | None) -> TrustStore:
    """Load a folder into memory. Raises ``ListRejected`` where no root is in it."""
    try:
        store = TrustStore.from_folder(folder, list_signers=signers)
    except TrustMaterialError as error:
        found = error.sentence.replace(f"the folder {folder} holds", "the list would hold")
        msg = f"{found}; {_ROOT_FIRST}"
        raise ListRejected(msg) from error
    problems = ((_ORDER.sub("", name), sentence) for name, sentence in store.problems)
    return TrustStore(store.certificates, store.crls, problems)


def _useful(store: TrustStore) -> tuple[TrustStore, list[tuple[str, str]]]:
    """Return what appliances get of a store, and what they do not get, with the reason.

    Raises ``ListRejected`` where no root is among it.
    """
    problems = list(store.problems)
    certificates = []
    for certificate in store.certificates:
        problem = "it is no certification authority" if not certificate.is_ca else store.anchor_problem(certificate)
        if problem is None:
            certificates.append(certificate)
        else:
            problems.append((certificate.subject.text, problem))
    issuers = TrustStore(certificates)
    if not issuers.has_anchor:
        msg = f"the list would hold no usable root{''.join(f'; {name}: {why}' for name, why in problems[:1])}"
        raise ListRejected(msg)
    signed = []
    for crl in store.crls:
        if any(_has_signed(issuer, crl) for issuer in issuers.crl_signers_of(crl)):
            signed.append(crl)
        else:
            problems.append((crl.issuer.text, "the CRL is not signed by any certificate of the list"))
    return TrustStore(certificates, _newest(signed)), problems


def _newest(crls: Iterable[CertificateRevocationList]) -> list[CertificateRevocationList]:
    """Return the newest CRL of each issuer's key, and of each part where an issuer divides its own."""
    newest: dict[object, CertificateRevocationList] = {}
    for crl in sorted(crls, key=lambda crl: (crl.this_update, crl.number or 0)):
        newest[crl.issuer, crl.authority_key_identifier, crl.point_names, crl.is_partial] = crl
    return list(newest.values())


def _has_signed(issuer: Certificate, crl: CertificateRevocationList) -> bool:
    try:
        return crl.is_signed_by(issuer.public_key).valid
    except VerifierError:
        return False


def _stage(desk: DeskFolder, before: TrustStore, after: TrustStore, problems: Iterable[tuple[str, str]]) -> TrustChange:
    old, new = {item.der: item for item in _items(before)}, {item.der: item for item in _items(after)}
    desk.staged.put(ISSUERS, pack((certificate.der for certificate in after.certificates), "cer"))
    desk.staged.put(CRLS, pack((crl.der for crl in after.crls), "crl"))
    roots = len(after.anchors)
    return TrustChange(
        new=tuple(describe(item, after) for der, item in new.items() if der not in old),
        gone=tuple(describe(item, before) for der, item in old.items() if der not in new),
        roots=roots,
        links=len(after.certificates) - roots,
        crls=len(after.crls),
        problems=tuple(problems),
    )


def describe(item: Item, store: TrustStore) -> TrustItem:
    """Return a certificate or CRL as people compare it."""
    fingerprint = item.fingerprint.hex()
    if isinstance(item, CertificateRevocationList):
        until = item.next_update
        warning = timedelta(0) if until is None else (until - item.this_update) / _WARNED_WITHIN
        return TrustItem("crl", fingerprint, "", item.issuer.text, until, warning)
    kind = "root" if store.is_anchor(item) else "link"
    return TrustItem(kind, fingerprint, item.country or "", item.subject.text, item.not_after, _CERTIFICATE_WARNING)


def _items(store: TrustStore) -> tuple[Item, ...]:
    return (*store.certificates, *store.crls)
