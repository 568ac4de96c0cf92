"""Report: what a verification found, check by check."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NoReturn

from verifier.errors import InvalidInput
from verifier.evidence.arguments import member
from verifier.evidence.requirements import CheckName

__all__ = ["CheckName", "CheckResult", "Holder", "Outcome", "Report", "Tolerated"]


class Outcome(StrEnum):
    """What became of a check, or of a whole verification."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    INDETERMINATE = "INDETERMINATE"
    """Looked, but could not tell: a list is missing or too old, a clock is not trusted."""
    NOT_PERFORMED = "NOT_PERFORMED"
    """Not looked at: nothing was there to look at. Absence never passes."""

    def __bool__(self) -> NoReturn:
        """Refuse ``if outcome:``, which would be true of ``FAILED`` too."""
        msg = "an outcome is not true or false; write: outcome is Outcome.PASSED"
        raise TypeError(msg)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check: its outcome, a stable reason code, a sentence for people, and the clause it comes from."""

    check: CheckName
    outcome: Outcome
    reason: str
    sentence: str
    clause: str


@dataclass(frozen=True, slots=True)
class Tolerated:
    """A deviation from the standard that was met: its stable code, whose it is, and what it means."""

    code: str
    """As ``docs/deviations.md`` lists it."""
    subject: str
    """The name of the certificate that deviates, or of the signer of what does."""
    sentence: str


@dataclass(frozen=True, slots=True)
class Holder:
    """The person of DG1. Exists only in a report that authenticated the data; nothing of it is in a repr."""

    surname: str = field(repr=False)
    given_names: str = field(repr=False)
    document_number: str = field(repr=False)
    personal_number: str | None = field(repr=False)
    """The first optional data of the MRZ up to its first filler, where there is any: the 12 digits of a Vietnamese
    citizen card, whose document number is only the last nine of them."""
    issuing_state: str = field(repr=False)
    """Three letters as in the MRZ."""
    nationality: str = field(repr=False)
    date_of_birth: str = field(repr=False)
    """YYMMDD as in the MRZ; unknown parts are ``<``."""
    sex: str = field(repr=False)
    date_of_expiry: date | None = field(repr=False)
    document_type: str = field(repr=False)
    full_name: str | None = field(default=None, repr=False)
    """In national characters and never truncated, surname first; only where DG11 was read, has it, and is authentic."""


@dataclass(frozen=True, slots=True)
class Report:
    """The result of ``verify``.

    ``outcome`` is FAILED when any check failed, PASSED when every check that the policy requires passed, else
    INDETERMINATE, or NOT_PERFORMED where nothing was looked at. ``reason`` and ``sentence`` are those of the check that
    decided: the gravest failure first (``verify.DECISIVE``), for a forged card is not "expired".
    """

    outcome: Outcome
    reason: str
    sentence: str
    profile: str
    at: datetime
    results: tuple[CheckResult, ...]
    tolerated: tuple[Tolerated, ...] = ()
    """Deviations that would have stopped the verification, had the policy not tolerated them by their codes."""
    remarks: tuple[Tolerated, ...] = ()
    """Deviations that stop nothing, and those that the issuing state admits in a deviation list."""
    holder: Holder | None = field(default=None, repr=False)
    """Who the card belongs to: set only where the SOD's signature, its signer's path and the hash of DG1 passed, the
    signer is not revoked and the issuing state is right. So an expired or revoked card still has a name."""
    chip_key_hash: bytes | None = field(default=None, repr=False)
    """SHA-256 of the chip's public key (SubjectPublicKeyInfo in DER), 32 bytes; the key of a card status list. Set only
    where the chip proved that key, its signer is not revoked and the issuing state is right."""
    not_readable: tuple[str, ...] = ()
    """Data groups that the issuer signed and that are not readable for us: fingerprints (DG3) and irises (DG4), behind
    Terminal Authentication."""

    def __bool__(self) -> NoReturn:
        """Refuse ``if report:``, which would be true of a forged card too."""
        msg = "a report is not true or false; write: report.passed"
        raise TypeError(msg)

    @property
    def passed(self) -> bool:
        """Whether the outcome is ``PASSED``: every check that the policy requires passed, and none failed."""
        return self.outcome is Outcome.PASSED

    def result(self, check: CheckName | str) -> CheckResult:
        """Return the result of one check, named as a ``CheckName`` or by its text; every report holds all of them.

        Raises ``InvalidInput``, with the nearest name, where there is no such check.
        """
        named = member(CheckName, check, "check", InvalidInput)
        for result in self.results:
            if result.check is named:
                return result
        msg = f"this report was not made by verify: it holds no result of {named.value!r}"
        raise InvalidInput(msg)

    def to_dict(self, *, include_holder: bool = False) -> dict[str, object]:
        """Return the report as plain types that ``json`` writes.

        The holder and the hash of the chip's key tell who it was: they are left out unless ``include_holder``.
        """
        plain: dict[str, object] = {
            "outcome": self.outcome.value,
            "reason": self.reason,
            "sentence": self.sentence,
            "profile": self.profile,
            "at": self.at.isoformat(),
            "not_readable": list(self.not_readable),
            "results": [_plain_result(result) for result in self.results],
            "tolerated": [asdict(one) for one in self.tolerated],
            "remarks": [asdict(one) for one in self.remarks],
        }
        if include_holder:
            plain["holder"] = None if self.holder is None else _plain_holder(self.holder)
            plain["chip_key_hash"] = None if self.chip_key_hash is None else self.chip_key_hash.hex()
        return plain


def _plain_result(result: CheckResult) -> dict[str, str]:
    return {
        "check": result.check.value,
        "outcome": result.outcome.value,
        "reason": result.reason,
        "sentence": result.sentence,
        "clause": result.clause,
    }


def _plain_holder(holder: Holder) -> dict[str, str | None]:
    expiry = holder.date_of_expiry
    return asdict(holder) | {"date_of_expiry": None if expiry is None else expiry.isoformat()}
