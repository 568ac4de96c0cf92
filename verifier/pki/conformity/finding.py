"""A finding: one deviation of one object, in a sentence."""

from dataclasses import dataclass

from verifier.pki.conformity.catalogue import Entry, entry_of
from verifier.pki.conformity.deviation import Deviation, Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One deviation that was found; ``detail`` says more than the meaning of the code where there is more to say."""

    code: Deviation
    detail: str = ""

    @property
    def entry(self) -> Entry:
        """What the table says of the code."""
        return entry_of(self.code)

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return self.entry.severity

    @property
    def sentence(self) -> str:
        """For people: the detail, else the meaning of the code."""
        return self.detail or self.entry.meaning

    def to_dict(self) -> dict[str, str]:
        """Return it as plain types that ``json`` writes."""
        return {
            "code": self.code.value,
            "severity": self.severity.value,
            "sentence": self.sentence,
            "clause": self.entry.clause,
            "treatment": self.entry.treatment.value,
        }
