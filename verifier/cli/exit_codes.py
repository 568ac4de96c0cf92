"""What ``thechip`` tells its caller by its exit status. Documented in ``docs/cli.md``; codes never change meaning."""

from collections.abc import Iterable
from enum import IntEnum

from verifier.sdk import Outcome
from verifier.sdk.errors import CardError, DeadlineExceeded, InvalidInput, PolicyError, ReaderError, VerifierError


class ExitCode(IntEnum):
    """Zero is success: what was asked for was done, and every card passed."""

    OK = 0
    FAILED = 1
    """A card failed verification."""
    USAGE = 2
    """The command line or an input on it is not usable (argparse uses this number too)."""
    UNDECIDED = 3
    """A verification was indeterminate or not performed."""
    CARD_OR_READER = 4
    """A card or the reader could not be used: removed, refused, wrong password, none came."""
    UNUSABLE_FILE = 5
    """A file or folder is missing, damaged, or not what it must be."""
    INTERRUPTED = 130
    """Ctrl-C."""
    BROKEN_PIPE = 141
    """Whoever read the output went away."""


_OF_OUTCOME = {
    Outcome.PASSED: ExitCode.OK,
    Outcome.FAILED: ExitCode.FAILED,
    Outcome.INDETERMINATE: ExitCode.UNDECIDED,
    Outcome.NOT_PERFORMED: ExitCode.UNDECIDED,
}
_BY_WEIGHT = (ExitCode.FAILED, ExitCode.UNUSABLE_FILE, ExitCode.CARD_OR_READER, ExitCode.USAGE, ExitCode.UNDECIDED)


def of_outcome(outcome: Outcome) -> ExitCode:
    """Return the code of a verification."""
    return _OF_OUTCOME[outcome]


def of_error(error: VerifierError | OSError) -> ExitCode:
    """Return the code of an error."""
    if isinstance(error, InvalidInput | PolicyError):
        return ExitCode.USAGE
    if isinstance(error, CardError | ReaderError | DeadlineExceeded):
        return ExitCode.CARD_OR_READER
    return ExitCode.UNUSABLE_FILE


def of_several(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the code of a run over several cards: that of the worst."""
    seen = set(codes)
    return next((code for code in _BY_WEIGHT if code in seen), ExitCode.OK)
