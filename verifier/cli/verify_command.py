"""``thechip verify``: evidence that was read earlier or elsewhere."""

import argparse
from dataclasses import asdict
from pathlib import Path

from verifier.cli import exit_codes
from verifier.cli.exit_codes import ExitCode
from verifier.cli.output import Output
from verifier.cli.report_text import Line
from verifier.cli.sources import add_verification_arguments, card_status_from, load_source, now, trust_from
from verifier.sdk import verify
from verifier.sdk.errors import VerifierError


def add_verify_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``verify``."""
    parser = commands.add_parser("verify", help="verify evidence", description="Verify evidence, offline.")
    parser.add_argument(
        "sources", nargs="+", type=Path, metavar="EVIDENCE", help="an evidence file, or a folder of EF.SOD, DG1.bin …"
    )
    parser.add_argument(
        "--profile", help="whose policy judges: name it, for without it the file chooses (icao-mrtd for a folder)"
    )
    parser.add_argument(
        "--data-only", action="store_true", help="do without the chip's proof: a copy of the data passes as well"
    )
    parser.add_argument("--json", action="store_true", help="write JSON, one object a line")
    add_verification_arguments(parser)
    parser.set_defaults(run=run_verify)


def run_verify(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Verify each source; a damaged one does not keep the others from being looked at."""
    trust = trust_from(arguments, output)
    at = arguments.at or now()
    codes = []
    with card_status_from(arguments) as card_status:
        for path in arguments.sources:
            try:
                source = load_source(path, profile_name=arguments.profile, data_only=arguments.data_only, at=at)
                report = verify(source.evidence, trust, source.policy, at=at, card_status=card_status)
            except (VerifierError, OSError) as error:
                output.error(error, source=str(path))
                codes.append(exit_codes.of_error(error))
                continue
            said = source.judged_by.sentence(source.evidence.profile)
            output.report(
                report,
                source=str(path),
                hidden=source.hidden,
                notes=() if said is None else (Line(""), Line(said)),
                policy=asdict(source.judged_by),
            )
            codes.append(exit_codes.of_outcome(report.outcome))
    return exit_codes.of_several(codes)
