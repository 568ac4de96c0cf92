"""The exit status: documented whole, and one for every error."""

import re
from pathlib import Path

import pytest

from verifier.cli import exit_codes
from verifier.cli.exit_codes import ExitCode
from verifier.sdk import errors
from verifier.sdk.errors import VerifierError

DOCUMENTED = Path(__file__).parents[3] / "docs" / "cli.md"
OF_CARD_OR_READER = {
    "access-denied",
    "card-error",
    "card-protocol-error",
    "card-refused",
    "card-removed",
    "deadline-exceeded",
    "extended-length-refused",
    "reader-busy",
    "reader-error",
    "reader-fault",
    "reader-gone",
    "reader-unavailable",
    "secure-messaging-failed",
    "several-cards",
}
OF_USAGE = {"invalid-input", "faulty-table", "policy-error"}


def test_every_exit_status_is_documented_and_no_other() -> None:
    rows = re.findall(r"^\| ([\d, ]+) \| (.+) \|$", DOCUMENTED.read_text(), re.MULTILINE)
    documented = {int(code) for codes, meaning in rows for code in codes.split(",") if meaning}
    assert documented == set(ExitCode)


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_has_an_exit_status(name: str) -> None:
    kind: type[VerifierError] = getattr(errors, name)
    error = kind("a sentence", 0x6A82) if issubclass(kind, errors.CardRefused) else kind("a sentence")
    meant = ExitCode.UNUSABLE_FILE
    if kind.reason in OF_CARD_OR_READER:
        meant = ExitCode.CARD_OR_READER
    elif kind.reason in OF_USAGE:
        meant = ExitCode.USAGE
    assert exit_codes.of_error(error) is meant
