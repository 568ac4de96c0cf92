"""``thechip read`` and ``thechip inspect``: from a card in a reader."""

import argparse
import errno
import os
import stat
from pathlib import Path

from verifier.cli import exit_codes
from verifier.cli.exit_codes import ExitCode
from verifier.cli.output import Output
from verifier.cli.passwords import add_password_arguments, password_from
from verifier.cli.sources import add_verification_arguments, card_status_from, now, seconds_from
from verifier.sdk import (
    AccessProtocol,
    CardProfile,
    Evidence,
    Password,
    ReadingOptions,
    ReadingStep,
    RecordingConnection,
    TrustStore,
    load_profile,
    policy_for,
    read,
    verify,
)
from verifier.sdk.errors import CardProtocolError, DeadlineExceeded, InvalidInput, MalformedData, UnsupportedFeature
from verifier.transport.vpcd import VpcdReader
from verifier.transport.vpcd_framing import DEFAULT_HOST, DEFAULT_PORT

DEFAULT_PROFILE = "party-card"
SESSION_SECONDS = 60.0
"""For the whole session with a card: a hostile one could answer each command in time and never come to an end."""
_PROTOCOLS = {protocol.value.lower(): protocol for protocol in AccessProtocol}
_STEPS = {
    ReadingStep.LOOKING: "Looking how the card is opened …",
    ReadingStep.OPENING: "Opening the card …",
    ReadingStep.READING: "Reading …",
    ReadingStep.PROVING: "Asking the chip to prove itself …",
}


def add_read_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``read``."""
    parser = commands.add_parser("read", help="read a card and keep the evidence", description="Read a card.")
    _add_reader_arguments(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="write the evidence to FILE")
    parser.set_defaults(run=run_read)


def add_inspect_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``inspect``."""
    parser = commands.add_parser("inspect", help="read a card and verify it", description="Read a card and verify it.")
    _add_reader_arguments(parser)
    add_verification_arguments(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="also write the evidence to FILE")
    parser.set_defaults(run=run_inspect)


def _add_reader_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--transport", choices=["vpcd"], default="vpcd", help="the kind of reader (default: vpcd)")
    parser.add_argument("--host", default=DEFAULT_HOST, help=f"where to listen for a virtual card ({DEFAULT_HOST})")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"on which port ({DEFAULT_PORT})")
    parser.add_argument(
        "--wait", type=seconds_from, default=60.0, metavar="SECONDS", help="how long to wait for a card (60)"
    )
    parser.add_argument("--profile", default=DEFAULT_PROFILE, help=f"the kind of card (default: {DEFAULT_PROFILE})")
    parser.add_argument(
        "--access", nargs="+", choices=_PROTOCOLS, default=["pace", "bac"], help="what may open it, in order (pace bac)"
    )
    parser.add_argument("--short", action="store_true", help="use no extended length")
    parser.add_argument("--trace", type=Path, metavar="FILE", help="write the APDU trace to FILE, redacted")
    parser.add_argument("--json", action="store_true", help="write JSON, one object a line")
    add_password_arguments(parser)


def run_read(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Read a card and write its evidence."""
    _require_new(arguments.output, arguments.trace)
    profile, password = load_profile(arguments.profile), password_from(arguments)
    evidence, recording = _read(arguments, output, profile, password)
    write_private(arguments.output, evidence.to_bytes())
    output.result(
        f"Read {len(evidence.files)} files with {recording.apdus} commands ({evidence.access.protocol}); "
        f"the evidence is in {arguments.output}.",
        output=str(arguments.output),
        profile=evidence.profile,
        access=evidence.access.protocol,
        files=list(evidence.files),
        refused={name: f"{status:04X}" for name, status in evidence.refused.items()},
        apdus=recording.apdus,
    )
    return ExitCode.OK


def run_inspect(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Read a card and verify it. The lists are loaded first, so that nobody holds a card in vain."""
    _require_new(arguments.output, arguments.trace)
    profile, trust = load_profile(arguments.profile), TrustStore.from_folder(arguments.trust)
    with card_status_from(arguments) as card_status:
        password = password_from(arguments)
        evidence, _ = _read(arguments, output, profile, password)
        if arguments.output is not None:
            write_private(arguments.output, evidence.to_bytes())
        at = arguments.at or now()
        report = verify(evidence, trust, policy_for(profile), at=at, card_status=card_status)
    output.report(report)
    return exit_codes.of_outcome(report.outcome)


def _read(
    arguments: argparse.Namespace, output: Output, profile: CardProfile, password: Password
) -> tuple[Evidence, RecordingConnection]:
    options = ReadingOptions(
        access=tuple(_PROTOCOLS[name] for name in dict.fromkeys(arguments.access)),
        extended_length=not arguments.short,
    )
    with VpcdReader(arguments.host, arguments.port) as reader:
        output.remark(f"Waiting for a card: {reader.name}.")
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
                    options=options,
                    progress=lambda step: output.remark(_STEPS[step]) if step in _STEPS else None,
                )
            except (MalformedData, UnsupportedFeature) as error:
                raise CardProtocolError(error.sentence) from error
            finally:
                if arguments.trace is not None:
                    write_private(arguments.trace, recording.trace.to_bytes())
    return evidence, recording


def _require_new(*paths: Path | None) -> None:
    """Raise ``OSError`` or ``InvalidInput`` where a file cannot be written, before anybody holds a card in vain."""
    wanted = [path for path in paths if path is not None]
    if len({path.absolute() for path in wanted}) != len(wanted):
        msg = "the evidence and the trace are two files"
        raise InvalidInput(msg)
    for path in wanted:
        if os.path.lexists(path):
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
