"""What the commands work on: evidence files, folders of dumped files, trust, card status, the time."""

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from verifier.access.proofs import AccessRecord
from verifier.cli.output import Output
from verifier.cli.trust_loading import load_trust
from verifier.sdk import (
    AccessProtocol,
    CardStatusList,
    CheckName,
    Evidence,
    Policy,
    TrustStore,
    load_profile,
    policy_for,
)
from verifier.sdk.errors import EvidenceError, InvalidInput

DEFAULT_PROFILE = "icao-mrtd"
_MAX_EVIDENCE = 16 << 20
_MAX_DUMPED_FILE = 1 << 20
_MAX_KEY_FILE = 1 << 14
_MAX_SECONDS = 86_400
_DUMPED = re.compile(
    r"(?:ef[._-]?)?(?:(sod|com|cardaccess|cardsecurity)|(?:dg|datagroup)[._-]?0?([1-9]|1[0-6]))(?:\.(?:bin|der|dat|raw|ef))?",
    re.ASCII | re.IGNORECASE,
)
_NAMES = {"sod": "EF.SOD", "com": "EF.COM", "cardaccess": "EF.CardAccess", "cardsecurity": "EF.CardSecurity"}


@dataclass(frozen=True, slots=True)
class Source:
    """Evidence to verify, the policy to verify it with, and the checks that say nothing about it."""

    evidence: Evidence
    policy: Policy
    judged_by: "JudgedBy"
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class JudgedBy:
    """The profile whose policy judges, and who chose it: ``evidence``, ``option`` (``--profile``), or ``default``."""

    profile: str
    chosen_by: str

    @classmethod
    def of(cls, profile_name: str | None, evidence_names: str) -> "JudgedBy":
        """Return ``--profile`` where it was given, else what the file says of itself."""
        return cls(evidence_names, "evidence") if profile_name is None else cls(profile_name, "option")

    def sentence(self, evidence_names: str) -> str | None:
        """Tell people what they might not expect; ``None`` where the evidence names what they asked for."""
        if self.chosen_by == "evidence":
            return f"The file itself chose the policy, that of {self.profile}; --profile names yours."
        if self.profile != evidence_names:
            return f"Judged by the policy of {self.profile}; the file names {evidence_names}."
        return None


def add_verification_arguments(parser: argparse._ActionsContainer, *, trust_is_required: bool = True) -> None:
    """Add what every verification needs: trust, card status, the time, and whether to name the holder."""
    parser.add_argument(
        "--trust", type=Path, required=trust_is_required, metavar="FOLDER", help="CSCA certificates and CRLs"
    )
    parser.add_argument(
        "--trust-index",
        type=Path,
        metavar="FILE",
        help="keep an index of --trust here and read it instead while the folder does not change; keep it as safe",
    )
    parser.add_argument("--card-status", type=Path, metavar="FILE", help="a signed card status list")
    parser.add_argument(
        "--card-status-key", type=Path, metavar="FILE", help="its issuer's Ed25519 key: PEM, DER, hex, base64"
    )
    parser.add_argument(
        "--at",
        type=time_from,
        metavar="TIME",
        help="verify as of this time, with its zone: 2026-11-22T08:00:00+07:00; default: now",
    )
    parser.add_argument("--show-holder", action="store_true", help="say who the card belongs to")


def trust_from(arguments: argparse.Namespace, output: Output) -> TrustStore:
    """Load the trust folder of the command line, by its index if one was named; say where that cannot be written.

    Raises ``TrustMaterialError``.
    """
    store = load_trust(arguments.trust, index=arguments.trust_index)
    for name, sentence in store.problems:
        if arguments.trust_index is not None and name == arguments.trust_index.name:
            output.remark(f"{arguments.trust_index}: {sentence}")
    return store


def now() -> datetime:
    """Return the time; the one place of the engine that asks a clock."""
    return datetime.now(UTC)  # noqa: TID251 - a command line is a composition root


def time_from(text: str) -> datetime:
    """Take an ISO 8601 time with its zone: on which day a card expires is nothing to guess."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        msg = "not a time such as 2026-11-22T08:00:00Z"
        raise argparse.ArgumentTypeError(msg) from error
    if at.utcoffset() is None:
        msg = "the time has no zone; add one, as in 2026-11-22T08:00:00Z or 2026-11-22T08:00:00+07:00"
        raise argparse.ArgumentTypeError(msg)
    return at


def seconds_from(text: str) -> float:
    """Take a duration in seconds, from nought to a day."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _MAX_SECONDS:
        msg = f"not a number of seconds from 0 to {_MAX_SECONDS}"
        raise argparse.ArgumentTypeError(msg)
    return seconds


def load_source(path: Path, *, profile_name: str | None, data_only: bool, at: datetime) -> Source:
    """Load an evidence file, or a folder of dumped files."""
    if path.is_dir():
        judged_by = JudgedBy(DEFAULT_PROFILE, "default") if profile_name is None else JudgedBy(profile_name, "option")
        return _load_dump(path, judged_by, data_only=data_only, at=at)
    with path.open("rb") as file:
        evidence = Evidence.from_bytes(file.read(_MAX_EVIDENCE))
    judged_by = JudgedBy.of(profile_name, evidence.profile)
    policy = policy_for(load_profile(judged_by.profile))
    return Source(evidence, _without_chip(policy) if data_only else policy, judged_by)


def _load_dump(folder: Path, judged_by: JudgedBy, *, data_only: bool, at: datetime) -> Source:
    """Make evidence of dumped files. They tell neither how the card was opened nor whether the chip is the original.

    So access is left out of the report, and a chip's proof is required even where the profile does not, because it is
    what a copy lacks: without ``data_only`` such evidence never passes.
    """
    evidence = Evidence(judged_by.profile, at, AccessRecord(AccessProtocol.OPEN), dict(_dumped_files(folder)))
    policy = policy_for(load_profile(judged_by.profile))
    policy = replace(policy, allowed_access=policy.allowed_access | {AccessProtocol.OPEN})
    if data_only:
        policy = _without_chip(policy)
    else:
        policy = replace(policy, required=policy.required | {CheckName.CHIP_AUTHENTICITY})
    return Source(evidence, policy, judged_by, frozenset({CheckName.ACCESS.value}))


def _without_chip(policy: Policy) -> Policy:
    return replace(policy, required=policy.required - {CheckName.CHIP_AUTHENTICITY}, proof_where_offered=False)


def _dumped_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    seen: set[str] = set()
    for path in sorted(folder.iterdir()):
        match = _DUMPED.fullmatch(path.name)
        if not match or not path.is_file():
            continue
        name = _NAMES[match[1].lower()] if match[1] else f"DG{match[2]}"
        if name in seen:
            msg = f"the folder holds {name} twice"
            raise EvidenceError(msg)
        if path.stat().st_size > _MAX_DUMPED_FILE:
            msg = f"{path.name} is longer than {_MAX_DUMPED_FILE} bytes"
            raise EvidenceError(msg)
        seen.add(name)
        yield name, path.read_bytes()
    if not seen:
        msg = "the folder holds no file by the name of EF.SOD, DG1 or another of a card"
        if any(path.suffix.lower() == ".json" for path in folder.iterdir()):
            msg += f"; evidence files of many cards are for thechip batch {folder}"
        raise EvidenceError(msg)


@contextmanager
def card_status_from(arguments: argparse.Namespace) -> Iterator[CardStatusList | None]:
    """Open the card status list of the command line, if there is one."""
    if (arguments.card_status is None) != (arguments.card_status_key is None):
        msg = "--card-status and --card-status-key belong together"
        raise InvalidInput(msg)
    if arguments.card_status is None:
        yield None
        return
    with arguments.card_status_key.open("rb") as file:
        key = CardStatusList.issuer_key(file.read(_MAX_KEY_FILE))
    with CardStatusList.open(arguments.card_status, key) as card_status:
        yield card_status
