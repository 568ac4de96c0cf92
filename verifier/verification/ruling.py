"""A ruling: everything about a possible result of a check that is known before a card is seen."""

from dataclasses import dataclass

from verifier.verification.report import CheckName, CheckResult, Outcome


@dataclass(frozen=True, slots=True)
class Ruling:
    """One reason code of one check. The code is stable; the sentence may improve."""

    check: CheckName
    outcome: Outcome
    reason: str
    sentence: str
    """For an officer. May hold ``{file}``, the name of an elementary file, or ``{detail}``; nothing of a person."""
    clause: str

    def result(self, **details: str) -> CheckResult:
        """Return the ruling as a check's result, the sentence's placeholders filled."""
        return CheckResult(self.check, self.outcome, self.reason, self.sentence.format(**details), self.clause)
