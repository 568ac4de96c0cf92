"""Say what real certificates, CRLs and lists are like: what loads, which roots hold, what deviates and how often.

Nothing is trusted and nothing is kept: lists are opened whoever signed them. Files in folders are read by the rules for
a trust folder; other files are named as problems. The tables are Markdown, as in docs/real-certificates.md.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from verifier.errors import VerifierError
from verifier.pki.asn1.der import OBJECT_IDENTIFIER, SEQUENCE, read_one
from verifier.pki.certificate import Certificate
from verifier.pki.conformity.lint import lint
from verifier.pki.keys.ec_parameters import decode_curve
from verifier.pki.keys.public_key import PublicKey
from verifier.pki.sources.master_list import MasterList
from verifier.pki.sources.signed_list import ListKind, decode_signed_list
from verifier.pki.trust.trust_folder import FolderContent, files_of, scan_files
from verifier.pki.trust.trust_store import TrustStore, looks_like_root

_MOST = 12


@dataclass
class Survey:
    """Everything that was found, each certificate once."""

    certificates: dict[bytes, Certificate] = field(default_factory=dict)
    lists: list[tuple[str, int, int, str]] = field(default_factory=list)
    """Name, certificates, those that do not decode, what became of its signature."""
    crls: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)

    def add(self, content: FolderContent) -> None:
        self.problems += content.problems
        self.crls += len(content.crls)
        self._take(certificate for _, certificate in content.certificates)
        for name, encoded in content.signed_lists:
            try:
                self._add_list(name, encoded)
            except VerifierError as error:
                self.problems.append((name, error.sentence))

    def _add_list(self, name: str, encoded: bytes) -> None:
        signed = decode_signed_list(encoded)
        outcomes = [
            signed.verify(signer, certificate)
            for signer in signed.signers
            for certificate in signed.certificates_of(signer)
        ]
        outcome = ", ".join(verdict.reason.value for verdict in outcomes) or "no signer enclosed"
        self._take(signed.certificates)
        if signed.content_type != ListKind.MASTER_LIST:
            self.lists.append((name, 0, 0, outcome))
            return
        listed = MasterList.decode(signed.encap_content)
        self.problems += [(name, sentence) for sentence in listed.problems]
        self.lists.append((name, len(listed.certificates), len(listed.problems), outcome))
        self._take(listed.certificates)

    def _take(self, certificates: Iterable[Certificate]) -> None:
        for certificate in certificates:
            self.certificates[certificate.fingerprint] = certificate


def kind_of(certificate: Certificate, store: TrustStore) -> str:
    """What a certificate is to a store that has it."""
    if store.is_anchor(certificate):
        return "root"
    if looks_like_root(certificate):
        return "broken root"
    if certificate.is_ca:
        return "link"
    return "other"


def key_of(certificate: Certificate) -> str:
    """The kind of key, and whether its curve is written out."""
    try:
        description = certificate.public_key.description
    except VerifierError as error:
        return f"not usable: {error.sentence}"
    return description + (" explicit" if _is_explicit(certificate.public_key) else "")


def _is_explicit(key: PublicKey) -> bool:
    algorithm = read_one(key.der, SEQUENCE, "a public key").reader().take(SEQUENCE).reader()
    algorithm.take(OBJECT_IDENTIFIER)
    parameters = algorithm.take_if(SEQUENCE)
    return parameters is not None and bool(decode_curve(parameters))


def report(survey: Survey) -> Iterator[str]:
    """Yield the tables, line by line."""
    certificates = list(survey.certificates.values())
    store = TrustStore.from_certificates(certificates)
    kinds = {certificate.fingerprint: kind_of(certificate, store) for certificate in certificates}
    codes = {c.fingerprint: {f.code.value for one in lint(c.der, store) for f in one.findings} for c in certificates}
    yield f"{len(certificates)} certificates, {survey.crls} CRLs, {len(survey.lists)} signed lists"
    yield from _table("what they are", Counter(kinds.values()).items(), ("kind", "count"))
    yield from _table("keys", Counter(map(key_of, certificates)).most_common(), ("key", "count"))
    yield from _groups("country", certificates, kinds, lambda c: c.country or "none")
    yield from _groups("issued in", certificates, kinds, lambda c: str(c.not_before.year))
    counted = Counter(code for found in codes.values() for code in found)
    yield from _table("deviations", counted.most_common(), ("code", "certificates"))
    if survey.lists:
        yield from _table("lists", sorted(survey.lists), ("list", "certificates", "not decoded", "signature"))
    if survey.problems:
        yield from _table("not usable", survey.problems[:100], ("where", "why"))


def _groups(title, certificates, kinds, group_of) -> Iterator[str]:  # type: ignore[no-untyped-def]
    grouped = defaultdict(list)
    for certificate in certificates:
        grouped[group_of(certificate)].append(certificate)
    rows = []
    for name, members in sorted(grouped.items()):
        found = Counter(kinds[certificate.fingerprint] for certificate in members)
        keys = Counter(map(key_of, members))
        shown = ", ".join(f"{key} {count}" for key, count in keys.most_common(_MOST))
        rows.append((name, len(members), found["root"], found["link"], found["broken root"], found["other"], shown))
    head = (title, "certificates", "roots", "links", "broken roots", "others", "keys")
    yield from _table(f"by {title}", rows, head)


def _table(title: str, rows: Iterable[tuple[object, ...]], head: tuple[str, ...]) -> Iterator[str]:
    yield from ("", f"### {title}", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head))
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "/") for cell in row) + " |"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/survey", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="FOLDER", help="a folder, or a file")
    options = parser.parse_args()
    survey = Survey()
    for path in options.paths:
        survey.add(scan_files(files_of(path) if path.is_dir() else [path], directory_signers=True))
    for line in report(survey):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
