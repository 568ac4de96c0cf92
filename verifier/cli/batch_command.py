"""``thechip batch``: many evidence files, in constant memory, on several cores if asked, and resumable."""

import argparse
import errno
import hashlib
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from verifier.cli import exit_codes
from verifier.cli.counting import counting
from verifier.cli.evidence_paths import EvidencePaths
from verifier.cli.exit_codes import ExitCode
from verifier.cli.journal import Journal, Terms, plain, time_of
from verifier.cli.output import Output, one_line
from verifier.cli.sources import add_verification_arguments, card_status_from, now, trust_from
from verifier.sdk import CardStatusList, CheckName, Policy, TrustStore, load_profile, policy_for
from verifier.sdk.batch import Judgement, verify_files
from verifier.sdk.errors import EvidenceError, InvalidInput

_WORKER_ENDED = "a worker was ended from outside, perhaps for want of memory; --resume goes on"


def add_batch_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``batch``."""
    parser = commands.add_parser(
        "batch",
        help="verify many evidence files",
        description="Verify many evidence files: tells which did not pass and why, then how many had which reason.",
    )
    parser.add_argument(
        "sources", nargs="+", metavar="PATH", help="evidence files, folders of them, or - for a list on standard input"
    )
    parser.add_argument("--recursive", action="store_true", help="look into the folders inside folders, too")
    parser.add_argument("--profile", help="whose policy judges: name it, for without it each file chooses")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes that share the work; default: 1")
    parser.add_argument("--output", type=Path, metavar="FILE", help="keep every result here, one JSON object a line")
    parser.add_argument("--resume", action="store_true", help="go on with what the file of --output lacks")
    parser.add_argument(
        "--data-only", action="store_true", help="do without the chip's proof: a copy of the data passes as well"
    )
    parser.add_argument("--json", action="store_true", help="write every result as JSON, one object a line")
    add_verification_arguments(parser)
    parser.set_defaults(run=run_batch)


def run_batch(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Verify each file and tell of those that did not pass; the exit status is that of the worst."""
    policy = _policy(arguments)
    trust = trust_from(arguments, output)
    paths = EvidencePaths(arguments.sources, recursive=arguments.recursive)
    with ExitStack() as stack:
        card_status = stack.enter_context(card_status_from(arguments))
        journal = stack.enter_context(_journal(arguments, _terms(arguments, trust, card_status)))
        if len(journal):
            output.remark(f"{len(journal)} results are there already; going on with the others.")
        step = stack.enter_context(counting(quiet=output.as_json, done=len(journal)))
        judgements = verify_files(
            (path for path in paths if path not in journal),
            trust,
            policy,
            at=time_of(journal.terms),
            card_status=card_status,
            workers=arguments.workers,
        )
        try:
            for judgement in judgements:
                journal.keep(judgement)
                _tell(judgement, output, arguments.profile)
                step()
        except KeyboardInterrupt:
            output.remark(_stopped(journal, arguments))
            raise
        except BrokenProcessPool as error:
            raise InterruptedError(errno.EINTR, _WORKER_ENDED, "--workers") from error
    if paths.left_out:
        output.remark(f"{paths.left_out} folders inside folders were left out; --recursive looks into them.")
    if not len(journal):
        msg = f"{', '.join(arguments.sources)}: no file was found, so nothing was verified"
        raise EvidenceError(msg)
    _summarise(journal, arguments, output)
    return exit_codes.of_several(journal.codes)


def _stopped(journal: Journal, arguments: argparse.Namespace) -> str:
    if arguments.output is None:
        return f"Stopped after {len(journal)} results; without --output none of them is kept."
    kept = f"Stopped: {len(journal)} results are kept in {arguments.output}"
    return f"{kept}; the same command{'' if arguments.resume else ' with --resume'} goes on."


def _summarise(journal: Journal, arguments: argparse.Namespace, output: Output) -> None:
    for reason, count in journal.reasons.most_common():
        output.remark(f"{count:>9}  {reason}")
    if journal.not_looked_up:
        output.remark(f"{journal.not_looked_up:>9}  of those that passed were looked up in no card status list")
    if journal.refused_before:
        output.remark(f"{journal.refused_before:>9}  did not pass in the earlier run; {arguments.output} tells which")
    theirs = " by the policies that they chose themselves; --profile names yours"
    output.remark(f"{len(journal):>9}  files{theirs if arguments.profile is None else ''}")


def _tell(judgement: Judgement, output: Output, profile: str | None) -> None:
    if output.as_json:
        output.result("", **plain(judgement, include_holder=output.show_holder, profile=profile))
    elif not judgement.passed:
        outcome = "unusable" if judgement.report is None else judgement.report.outcome
        output.result(one_line(f"{judgement.path}: {outcome}: {judgement.sentence} ({judgement.reason})"))


def _journal(arguments: argparse.Namespace, terms: Terms) -> Journal:
    if not arguments.resume:
        return Journal.begin(arguments.output, terms)
    if arguments.output is None:
        msg = "--resume goes on with a file of results: say with which by --output"
        raise InvalidInput(msg)
    return Journal.resume(arguments.output, terms, same_time=arguments.at is None)


def _terms(arguments: argparse.Namespace, trust: TrustStore, card_status: CardStatusList | None) -> Terms:
    digest = hashlib.sha256()
    for fingerprint in sorted(item.fingerprint for item in (*trust.certificates, *trust.crls)):
        digest.update(fingerprint)
    return Terms(
        at=(arguments.at or now()).isoformat(),
        trust=digest.hexdigest(),
        card_status=None if card_status is None else card_status.sequence,
        profile=arguments.profile,
        data_only=arguments.data_only,
        holders=arguments.show_holder,
    )


def _policy(arguments: argparse.Namespace) -> Policy | None:
    if arguments.profile is None:
        if arguments.data_only:
            msg = "a batch with --data-only needs --profile: what may be left out depends on the kind of card"
            raise InvalidInput(msg)
        return None
    policy = policy_for(load_profile(arguments.profile))
    if arguments.data_only:
        policy = replace(policy, required=policy.required - {CheckName.CHIP_AUTHENTICITY}, proof_where_offered=False)
    return policy
