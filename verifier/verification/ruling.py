"""A ruling: everything about a possible result of a check that is known before a card is seen."""

from dataclasses import dataclass, replace

from verifier.pki.conformity.deviation import Deviation
from verifier.verification.report import CheckName, CheckResult, Outcome

TOLERABLE = "A policy may tolerate this deviation by its code {code}."


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

    def result_tolerable(self, code: Deviation | None) -> CheckResult:
        """Return the ruling as a check's result that names the code which a policy may tolerate, if there is one."""
        plain = self.result()
        return plain if code is None else replace(plain, sentence=f"{plain.sentence} {TOLERABLE.format(code=code)}")
