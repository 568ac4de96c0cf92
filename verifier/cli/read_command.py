"""``thechip read`` and ``thechip inspect``: from a card in a reader."""

import argparse
import contextlib
import errno
import os
import stat
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verifier.cli import exit_codes
from verifier.cli.card_readers import ChosenReader, HeldCard, add_reader_arguments, carries_extended_length, reader_from
from verifier.cli.exit_codes import ExitCode
from verifier.cli.output import Output, one_line
from verifier.cli.passwords import add_password_arguments, password_from
from verifier.cli.report_text import assumption_lines
from verifier.cli.sources import add_verification_arguments, card_status_from, now, trust_from
from verifier.cli.steps import Steps, following
from verifier.cli.terminal import Terminal
from verifier.reading.purpose import ReadingPurpose
from verifier.sdk import (
    AccessProtocol,
    CardProfile,
    Evidence,
    Password,
    ReadingOptions,
    ReadingStep,
    RecordingConnection,
    Report,
    load_profile,
    policy_for,
    read,
    verify,
)
from verifier.sdk.errors import CardProtocolError, DeadlineExceeded, InvalidInput, MalformedData, UnsupportedFeature

DEFAULT_PROFILE = "party-card"
SESSION_SECONDS = 60.0
"""For the whole session with a card: a hostile one could answer each command in time and never come to an end."""
_PROTOCOLS = {protocol.value.lower(): protocol for protocol in AccessProtocol}
_STEPS = {
    ReadingStep.LOOKING: "Looking how the card is opened",
    ReadingStep.OPENING: "Opening the card",
    ReadingStep.READING: "Reading",
    ReadingStep.PROVING: "Asking the chip to prove itself",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a card gave, and with how many commands."""

    evidence: Evidence
    apdus: int

    @property
    def facts(self) -> dict[str, Any]:
        """What machines are told of it."""
        return {
            "profile": self.evidence.profile,
            "access": self.evidence.access.protocol,
            "files": list(self.evidence.files),
            "refused": {name: f"{status:04X}" for name, status in self.evidence.refused.items()},
            "apdus": self.apdus,
        }


def add_read_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``read``."""
    parser = commands.add_parser(
        "read",
        help="read a card, verify it, keep the evidence",
        description="Read a card. With --trust it is verified; with --evidence the evidence is kept.",
    )
    _add_arguments(parser, trust_is_required=False)


def add_inspect_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``inspect``."""
    parser = commands.add_parser(
        "inspect", help="read a card and verify it", description="Read a card and verify it: read with --trust."
    )
    _add_arguments(parser, trust_is_required=True)


def _add_arguments(parser: argparse.ArgumentParser, *, trust_is_required: bool) -> None:
    parser.add_argument("--profile", default=DEFAULT_PROFILE, help=f"the kind of card (default: {DEFAULT_PROFILE})")
    parser.add_argument(
        "--purpose",
        type=ReadingPurpose,
        choices=list(ReadingPurpose),
        default=ReadingPurpose.ATTENDANCE,
        help="what the card is read for, and so how much of it: attendance (default), identity-check or full",
    )
    parser.add_argument(
        "--access", nargs="+", choices=_PROTOCOLS, default=["pace", "bac"], help="what may open it, in order (pace bac)"
    )
    parser.add_argument("--short", action="store_true", help="use no extended length")
    parser.add_argument("-o", "--evidence", "--output", type=Path, metavar="FILE", help="write the evidence to FILE")
    parser.add_argument("--trace", type=Path, metavar="FILE", help="write the APDU trace to FILE, redacted")
    parser.add_argument("--assumptions", action="store_true", help="print what the profile assumes of the card")
    parser.add_argument("--json", action="store_true", help="write JSON, one object a line")
    add_reader_arguments(parser)
    add_password_arguments(parser)
    add_verification_arguments(parser.add_argument_group("verification"), trust_is_required=trust_is_required)
    parser.set_defaults(run=run_read)


def run_read(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Read a card; verify it where there is somebody to believe. All lists come before anybody holds a card."""
    _require_use(arguments)
    _require_new(arguments.evidence, arguments.trace)
    profile = load_profile(arguments.profile)
    profile.plan_for(arguments.purpose)
    report = None
    with ExitStack() as stack:
        trust = None if arguments.trust is None else trust_from(arguments, output)
        card_status = stack.enter_context(card_status_from(arguments))
        reader = reader_from(arguments)
        reader.open()
        stack.callback(reader.close)
        password = password_from(arguments)
        steps = stack.enter_context(following(Terminal(sys.stderr), quiet=output.as_json))
        reading = _read(reader, arguments, steps, profile, password)
        if arguments.evidence is not None:
            write_private(arguments.evidence, reading.evidence.to_bytes())
        if trust is not None:
            steps.begin("Verifying what was read")
            at = arguments.at or now()
            report = verify(reading.evidence, trust, policy_for(profile), at=at, card_status=card_status)
    if report is None:
        _tell_of_reading(reading, arguments, output)
        return ExitCode.OK
    _tell_of_report(report, reading, profile, arguments, output)
    return exit_codes.of_outcome(report.outcome)


def _tell_of_reading(reading: Reading, arguments: argparse.Namespace, output: Output) -> None:
    output.result(
        f"Read {len(reading.evidence.files)} files with {reading.apdus} commands "
        f"({reading.evidence.access.protocol}); the evidence is in {arguments.evidence}.\n"
        "Nothing was verified: say whom to believe by --trust FOLDER, now or with thechip verify.",
        output=str(arguments.evidence),
        **reading.facts,
    )


def _tell_of_report(
    report: Report, reading: Reading, profile: CardProfile, arguments: argparse.Namespace, output: Output
) -> None:
    notes = assumption_lines(
        profile.name, profile.assumptions, Terminal(sys.stdout).width, in_full=arguments.assumptions
    )
    kept = None if arguments.evidence is None else str(arguments.evidence)
    output.report(report, notes=notes, reading=reading.facts, output=kept, assumptions=list(profile.assumptions))
    if kept is not None:
        output.remark(f"The evidence is in {kept}.")


def _read(
    reader: ChosenReader, arguments: argparse.Namespace, steps: Steps, profile: CardProfile, password: Password
) -> Reading:
    """Wait for a card and read it."""
    steps.begin(f"Waiting for a card: {one_line(reader.name)}")
    card = reader.wait_for_card(arguments.wait)
    if card is None:
        msg = f"no card came within {arguments.wait:g} seconds"
        raise DeadlineExceeded(msg)
    with card:
        card.set_deadline(SESSION_SECONDS)
        recording = RecordingConnection(card)
        try:
            evidence = read(
                recording,
                profile=profile,
                password=password,
                at=now(),
                options=_options(arguments, card, steps),
                progress=lambda begun: steps.begin(_STEPS[begun]) if begun in _STEPS else None,
            )
        except (MalformedData, UnsupportedFeature) as error:
            raise CardProtocolError(error.sentence) from error
        finally:
            if arguments.trace is not None:
                write_private(arguments.trace, recording.trace.to_bytes())
    return Reading(evidence, recording.apdus)


def _options(arguments: argparse.Namespace, card: HeldCard, steps: Steps) -> ReadingOptions:
    return ReadingOptions(
        access=tuple(_PROTOCOLS[name] for name in dict.fromkeys(arguments.access)),
        extended_length=not arguments.short and carries_extended_length(card),
        purpose=arguments.purpose,
        file_progress=lambda come: steps.detail(f"{come.file}, {come.received} of {come.total} bytes"),
    )


def _require_use(arguments: argparse.Namespace) -> None:
    if arguments.trust is None and arguments.evidence is None:
        msg = "nothing would come of it: verify the card by --trust FOLDER, or keep its evidence by --evidence FILE"
        raise InvalidInput(msg)
    if arguments.trust is None and arguments.trust_index is not None:
        msg = "--trust-index is the index of a folder: name the folder by --trust"
        raise InvalidInput(msg)
    if arguments.trust is None and arguments.card_status is not None:
        msg = "--card-status belongs to a verification: say whom to believe by --trust FOLDER"
        raise InvalidInput(msg)


def _require_new(*paths: Path | None) -> None:
    """Raise ``OSError`` or ``InvalidInput`` where a file cannot be written, before anybody holds a card in vain."""
    wanted = [path for path in paths if path is not None]
    if len({path.absolute() for path in wanted}) != len(wanted):
        msg = "the evidence and the trace are two files"
        raise InvalidInput(msg)
    for path in wanted:
        with contextlib.suppress(FileNotFoundError):
            path.lstat()
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        if not stat.S_ISDIR(path.parent.stat().st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path.parent))
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path.parent))


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read; never over another."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
