"""``thechip trust``: the folder of certificates and CRLs that decides whom to believe."""

import argparse
import hashlib
import re
from pathlib import Path
from typing import Any, TypeAlias

from verifier.cli.exit_codes import ExitCode
from verifier.cli.lint_command import add_lint_command
from verifier.cli.output import Output, one_line
from verifier.cli.sources import now
from verifier.cli.trust_loading import how_to_vouch, load_trust
from verifier.lds.states import codes_of
from verifier.pki.certificate import Certificate
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.sources.signed_list import ListSigners
from verifier.pki.trust.trust_folder import DIRECTORY_SUFFIX, FolderContent, scan_file, scan_folder
from verifier.sdk import TrustStore
from verifier.sdk.errors import InvalidInput, TrustMaterialError, VerifierError

Item: TypeAlias = Certificate | CertificateRevocationList


def add_trust_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``trust list``, ``trust show`` and ``trust add``."""
    parser = commands.add_parser("trust", help="look after the trusted certificates", description="Whom to believe.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list what a folder holds")
    showing = actions.add_parser("show", help="show one certificate or CRL in full")
    adding = actions.add_parser("add", help="add roots, link certificates, CRLs, or what a signed list holds")
    for action, run in ((listing, run_list), (showing, run_show), (adding, run_add)):
        action.add_argument("folder", type=Path, metavar="FOLDER")
        action.add_argument("--json", action="store_true", help="write JSON, one object a line")
        _add_list_signers(action)
        action.set_defaults(run=run)
    showing.add_argument("fingerprint", metavar="FINGERPRINT", help="the beginning of its SHA-256, as list prints it")
    adding.add_argument("file", type=Path, metavar="FILE", help="DER, PEM, a master list, LDIF")
    adding.add_argument("--fingerprint", metavar="SHA256", help="refuse the file unless it holds exactly this")
    add_lint_command(actions)


def _add_list_signers(action: argparse.ArgumentParser) -> None:
    """Who may vouch for master lists: nobody, unless it is said."""
    action.add_argument(
        "--list-signer",
        action="append",
        default=[],
        metavar="SHA256",
        help="believe lists that this list signer signed, or one that this CSCA issued (may be repeated)",
    )
    action.add_argument(
        "--own-roots", action="store_true", help="believe lists whose signer was issued by a root of the folder"
    )
    action.add_argument(
        "--country",
        action="append",
        type=_country_from,
        metavar="XX",
        help="take only this state's certificates from lists: two letters, or three as in an MRZ (may be repeated)",
    )


def _country_from(text: str) -> frozenset[str]:
    """Take a state's code as in certificates or in an MRZ; return all that a certificate may have."""
    if not re.fullmatch(r"[A-Za-z]{1,3}", text):
        msg = "not the code of a state, such as VN or VNM"
        raise argparse.ArgumentTypeError(msg)
    return frozenset(code for code in codes_of(text) if len(code) > 1)  # Germany's D is in MRZs alone


def _list_signers(arguments: argparse.Namespace) -> ListSigners:
    countries = None if arguments.country is None else frozenset().union(*arguments.country)
    return ListSigners(now(), arguments.list_signer, own_roots=arguments.own_roots, countries=countries)


def run_list(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """List roots, other certificates, CRLs, and what could not be used."""
    store = load_trust(arguments.folder, list_signers=_list_signers(arguments))
    for item in _items(store):
        facts = describe(item, store)
        until = facts["not_after"] or "no end"
        text = f"{facts['fingerprint'][:16]}  {facts['kind']:<6}  until {until[:10]}  {facts['name']}"
        output.result(one_line(text), **facts)
    for name, sentence in store.problems:
        output.result(one_line(f"not usable: {name}: {sentence}"), kind="problem", file=name, sentence=sentence)
    return ExitCode.OK


def run_show(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Show the one whose fingerprint begins as asked."""
    store = load_trust(arguments.folder, list_signers=_list_signers(arguments))
    wanted = _normalised(arguments.fingerprint)
    found = [item for item in _items(store) if _fingerprint(item).startswith(wanted)]
    if len(found) != 1 or not wanted:
        msg = f"{len(found)} of the folder's certificates and CRLs have a fingerprint that begins so"
        raise InvalidInput(msg)
    facts = describe(found[0], store)
    lines = (one_line(f"{name + ':':<14} {value}") for name, value in facts.items() if value is not None)
    output.result("\n".join(lines), **facts)
    return ExitCode.OK


def run_add(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Add a file's certificates and CRLs, each as a file of its own; nothing is added unless all can be.

    Of a signed list or a directory, which hold what many states made, whatever can be used is added and the rest named.
    """
    arguments.file.stat()  # a file that is not there is the caller's mistake, and no problem of what it holds
    content = scan_file(arguments.file)
    present = scan_folder(arguments.folder) if arguments.folder.exists() else FolderContent()
    known = (*(certificate for _, certificate in present.certificates), *present.crls)
    store = TrustStore((certificate for _, certificate in present.certificates), present.crls)
    if content.signed_lists or arguments.file.suffix.lower() == DIRECTORY_SUFFIX:
        items = _usable(content, store, arguments, output)
    else:
        items = _required(content, arguments, store)
    store = store.adding([item for item in items if isinstance(item, Certificate)])
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for item in items:
        facts = describe(item, store)
        path = arguments.folder / _file_name(item, facts["kind"])
        is_new = item not in known
        if is_new:
            with path.open("xb") as file:
                file.write(item.der)
        verb = "added" if is_new else "was there already"
        text = one_line(f"{facts['kind']} {verb}: {facts['name']}") + f"\nSHA-256 {facts['fingerprint']}"
        output.result(text, added=is_new, **facts)
    if not arguments.fingerprint and not content.signed_lists:
        output.remark("Compare the fingerprint with one that the issuer published elsewhere.")
    return ExitCode.OK


def _required(content: FolderContent, arguments: argparse.Namespace, store: TrustStore) -> tuple[Item, ...]:
    """Everything that a plain file holds; raise ``TrustMaterialError`` unless all of it can be used."""
    if content.problems:
        msg = f"{arguments.file.name}: {content.problems[0][1]}"
        raise TrustMaterialError(msg)
    certificates = dict.fromkeys(certificate for _, certificate in content.certificates)
    items: tuple[Item, ...] = (*certificates, *dict.fromkeys(content.crls))
    _require_fingerprint(arguments.fingerprint, items)
    store = store.adding([item for item in items if isinstance(item, Certificate)])
    for item in items:
        _require_useful(item, store)
    return items


def _usable(
    content: FolderContent, store: TrustStore, arguments: argparse.Namespace, output: Output
) -> tuple[Item, ...]:
    """What signed lists and directories hold and can be used. Raises ``TrustMaterialError`` when that is nothing."""
    list_signers = _list_signers(arguments)
    listed, vouchers = list_signers.extend(TrustStore(()).adding(store.certificates, store.crls), content.signed_lists)
    for voucher in vouchers:
        output.remark(f"vouched for by {voucher.signer.subject}, SHA-256 {voucher.signer.fingerprint.hex()}")
    problems = [*content.problems, *listed.problems]
    useful: list[Item] = []
    candidates: tuple[Item, ...] = (*listed.certificates[len(store.certificates) :], *dict.fromkeys(content.crls))
    for item in candidates:
        try:
            _require_useful(item, listed)
            useful.append(item)
        except TrustMaterialError as error:
            problems.append((str(item.subject if isinstance(item, Certificate) else item.issuer), error.sentence))
    told = problems if useful else problems[1:]
    for name, sentence in told:
        output.remark(f"not added: {name}: {sentence}")
    if not useful:
        why = ": ".join(problems[0]) if problems else "the folder holds all of it already"
        advice = (
            f". {how_to_vouch(arguments.folder, str(arguments.file))}" if content.signed_lists and not vouchers else ""
        )
        msg = f"nothing was added: {why}{advice}"
        raise TrustMaterialError(msg)
    return tuple(useful)


def describe(item: Item, store: TrustStore) -> dict[str, Any]:
    """Return what people compare and machines store."""
    if isinstance(item, CertificateRevocationList):
        return {
            "kind": "crl",
            "name": item.issuer.text,
            "fingerprint": _fingerprint(item),
            "country": None,
            "not_before": item.this_update.isoformat(),
            "not_after": item.next_update.isoformat() if item.next_update else None,
            "revoked": len(item.revoked),
        }
    kind = "root" if store.is_anchor(item) else "link" if item.is_ca else "signer"
    return {
        "kind": kind,
        "name": item.subject.text,
        "fingerprint": _fingerprint(item),
        "country": item.country,
        "not_before": item.not_before.isoformat(),
        "not_after": item.not_after.isoformat(),
        "issuer": item.issuer.text,
        "serial": f"{item.serial:X}",
        "key_identifier": item.subject_key_identifier.hex() if item.subject_key_identifier else None,
    }


def _items(store: TrustStore) -> tuple[Item, ...]:
    return (*store.certificates, *store.crls)


def _require_fingerprint(expected: str | None, items: tuple[Item, ...]) -> None:
    if expected is not None and [_fingerprint(item) for item in items] != [_normalised(expected)]:
        msg = "the file does not hold exactly what has this fingerprint; nothing was added"
        raise TrustMaterialError(msg)


def _require_useful(item: Item, store: TrustStore) -> None:
    if isinstance(item, Certificate):
        if not item.is_ca:
            msg = f"{item.subject.text} is no certification authority: nothing would ever be believed because of it"
            raise TrustMaterialError(msg)
        if (problem := store.anchor_problem(item)) is not None:
            raise TrustMaterialError(problem)
    elif not any(_has_signed(signer, item) for signer in store.crl_signers_of(item)):
        msg = f"the CRL of {item.issuer.text} is not signed by any certificate of the folder; add its root first"
        raise TrustMaterialError(msg)


def _has_signed(signer: Certificate, crl: CertificateRevocationList) -> bool:
    try:
        return crl.is_signed_by(signer.public_key).valid
    except VerifierError:
        return False


def _fingerprint(item: Item) -> str:
    return hashlib.sha256(item.der).hexdigest()


def _normalised(fingerprint: str) -> str:
    return "".join(fingerprint.replace(":", "").split()).lower()


def _file_name(item: Item, kind: str) -> str:
    country = item.country if isinstance(item, Certificate) else None
    prefix = f"{country.lower()}-" if country and country.isascii() and country.isalpha() else ""
    return f"{prefix}{kind}-{_fingerprint(item)[:16]}.{'crl' if kind == 'crl' else 'cer'}"
