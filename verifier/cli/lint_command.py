"""``thechip trust lint``: what certificates, CRLs and lists do differently from the standard."""

import argparse
import base64
import binascii
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from verifier.cli.exit_codes import ExitCode, of_several
from verifier.cli.output import Output, one_line
from verifier.pki.conformity.deviation import Deviation, Severity
from verifier.pki.conformity.finding import Finding
from verifier.pki.conformity.lint import Linted, authorities_in, lint
from verifier.pki.conformity.role import Role
from verifier.pki.sources.pkd import read_directory
from verifier.pki.trust.trust_folder import ARCHIVE_SUFFIX, DIRECTORY_SUFFIX, files_of
from verifier.sdk import TrustStore
from verifier.sdk.errors import TrustMaterialError

MAX_FILE_LENGTH: Final = 64 << 20
"""Bytes of a file that is read as a whole; directories (LDIF) are read piece by piece."""
_PEM = re.compile(rb"-----BEGIN [A-Z0-9 ]{1,40}-----([^-]*)-----END [A-Z0-9 ]{1,40}-----")
_FIRST_BYTES: Final = (b"\x30", b"\x77")
"""Those of a SEQUENCE, which certificates, CRLs and lists are, and of EF.SOD."""
_NOTHING: Final = "this is no certificate, CRL, signed list or EF.SOD (DER or PEM), and no LDIF or zip by its name"
_LIST_SIGNERS: Final = frozenset({Role.MASTER_LIST_SIGNER.value, Role.DEVIATION_LIST_SIGNER.value})
"""Shown with the whole fingerprint, which ``--list-signer`` takes, also where nothing is wrong with them."""
_WEIGHT: Final = {severity: weight for weight, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class _Object:
    """One object of a file, or why it cannot be had."""

    source: str
    encoded: bytes
    problem: str | None = None


def add_lint_command(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``trust lint``."""
    parser = actions.add_parser(
        "lint",
        help="say what certificates, CRLs and lists do differently from the standard",
        description="Compare certificates, CRLs, master lists, EF.SOD and LDIF with ICAO 9303-12. docs/deviations.md "
        "explains the codes. Exit status: 0 nothing but notices, 3 warnings, 1 errors, 5 a file that cannot be read or "
        "is no such thing.",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE", help="a file, or a folder of files")
    parser.add_argument(
        "--at-least",
        choices=[severity.value for severity in Severity],
        default=Severity.NOTICE.value,
        help="the least severity that is shown and counts (default: notice)",
    )
    parser.add_argument("--summary", action="store_true", help="only count, for each code")
    parser.add_argument("--json", action="store_true", help="write JSON, one object a line, the counts last")
    parser.set_defaults(run=run_lint)


def run_lint(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Lint every object; issuers are looked for in all that was named."""
    files = [file for path in arguments.paths for file in _files(path)]
    known = TrustStore.from_certificates(one for found in _objects(files) for one in authorities_in(found.encoded))
    tally = _Tally(Severity(arguments.at_least))
    unusable = []
    for found in _objects(files):
        if found.problem == _NOTHING:
            output.error(TrustMaterialError(f"{found.source}: {_NOTHING}"), source=found.source)
            unusable.append(ExitCode.UNUSABLE_FILE)
            continue
        for linted in _lint(found, known):
            kept = tally.count(linted)
            if (kept.findings or output.as_json or linted.role in _LIST_SIGNERS) and not arguments.summary:
                _show(found.source, kept, output)
    if not tally.objects and not unusable:
        msg = "nothing was found to look at: the folders hold no file (folders inside them do not count)"
        raise TrustMaterialError(msg)
    if tally.objects:
        _conclude(tally, output)
    return of_several([tally.exit_code, *unusable])


class _Tally:
    """What was found in all."""

    def __init__(self, least: Severity) -> None:
        self.least = least
        self.objects = 0
        self.clean = 0
        self.codes: Counter[Deviation] = Counter()
        self.severities: set[Severity] = set()
        self.left_out: Counter[Severity] = Counter()

    def count(self, linted: Linted) -> Linted:
        """Count an object; return it with what is grave enough to be shown."""
        grave = [finding for finding in linted.findings if _WEIGHT[finding.severity] <= _WEIGHT[self.least]]
        kept = tuple(sorted(grave, key=lambda finding: _WEIGHT[finding.severity]))
        self.objects += 1
        self.clean += not linted.findings
        self.left_out.update(finding.severity for finding in linted.findings if finding not in grave)
        self.codes.update({finding.code for finding in kept})
        self.severities.update(finding.severity for finding in kept)
        return Linted(linted.kind, linted.role, linted.name, linted.fingerprint, kept)

    @property
    def exit_code(self) -> ExitCode:
        if Severity.ERROR in self.severities:
            return ExitCode.FAILED
        return ExitCode.UNDECIDED if Severity.WARNING in self.severities else ExitCode.OK


def _lint(found: _Object, known: TrustStore) -> Iterator[Linted]:
    if found.problem is None:
        yield from lint(found.encoded, known)
        return
    finding = Finding(Deviation.MALFORMED, f"It cannot be read: {found.problem}.")
    for nothing in lint(b""):
        yield Linted(nothing.kind, nothing.role, nothing.name, nothing.fingerprint, (finding,))


def _show(source: str, linted: Linted, output: Output) -> None:
    lines = [f"{source}: {linted.role} {linted.fingerprint[:16]}  {linted.name}"]
    if linted.role in _LIST_SIGNERS:
        lines.append(f"  SHA-256 {linted.fingerprint}")
    lines += [f"  {finding.severity:<7}  {finding.code:<36}  {finding.sentence}" for finding in linted.findings]
    output.result("\n".join(map(one_line, lines)), source=source, **linted.to_dict())


def _conclude(tally: _Tally, output: Output) -> None:
    left_out = {severity: tally.left_out[severity] for severity in Severity if tally.left_out[severity]}
    text = f"{tally.objects} objects, {tally.clean} without deviations"
    if left_out:
        lesser = ", ".join(f"{count} {severity}s" for severity, count in left_out.items())
        text += f"; left out, as --at-least {tally.least} asks: {lesser}"
    ordered = sorted(tally.codes.items(), key=lambda item: (_WEIGHT[Finding(item[0]).severity], -item[1]))
    text += "".join(f"\n  {count:>6}  {Finding(code).severity:<7}  {code}" for code, count in ordered)
    output.result(
        text,
        objects=tally.objects,
        without_deviations=tally.clean,
        counts={code.value: count for code, count in ordered},
        left_out={severity.value: count for severity, count in left_out.items()},
    )


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return files_of(path)
    path.stat()  # a file that is not there is the caller's mistake
    return [path]


def _objects(files: Iterable[Path]) -> Iterator[_Object]:
    for file in files:
        if file.suffix.lower() == DIRECTORY_SUFFIX:
            with file.open("rb") as directory:
                yield from _entries(file.name, directory)
        elif file.suffix.lower() == ARCHIVE_SUFFIX:
            yield from _members(file.name, _content_of(file))
        else:
            yield from _blocks(file.name, _content_of(file))


def _entries(source: str, directory: BinaryIO) -> Iterator[_Object]:
    for entry in read_directory(directory):
        yield _Object(f"{source}: {entry.dn}", entry.der, entry.problem)


def _members(source: str, encoded: bytes) -> Iterator[_Object]:
    from verifier.pki.sources.archive import read_archive  # noqa: PLC0415 - zipfile takes 20 ms to import

    for member in read_archive(encoded):
        place = f"{source}: {member.name}"
        if member.problem is not None:
            yield _Object(place, b"", member.problem)
        elif member.suffix == DIRECTORY_SUFFIX:
            yield from _entries(place, io.BytesIO(member.content))
        else:
            yield from _blocks(place, member.content)


def _content_of(file: Path) -> bytes:
    if not file.is_file():  # to open a pipe would be to wait for whoever writes into it
        msg = f"{file}: it is no regular file"
        raise TrustMaterialError(msg)
    with file.open("rb") as stream:
        content = stream.read(MAX_FILE_LENGTH + 1)
    if len(content) > MAX_FILE_LENGTH:
        msg = f"{file}: it is longer than {MAX_FILE_LENGTH} bytes"
        raise TrustMaterialError(msg)
    return content


def _blocks(source: str, content: bytes) -> Iterator[_Object]:
    """Yield each PEM block decoded, or the file's bytes."""
    blocks = [match[1] for match in _PEM.finditer(content)]
    if not blocks:
        yield _Object(source, content, None if content[:1] in _FIRST_BYTES else _NOTHING)
    for block in blocks:
        try:
            yield _Object(source, base64.b64decode(b"".join(block.split()), validate=True))
        except binascii.Error:
            yield _Object(source, b"")
