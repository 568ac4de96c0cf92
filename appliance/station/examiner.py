"""The examiner: from the evidence of a card to a check-in, the same at every door."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from appliance.checkin.service import CheckIn, CheckInService
from appliance.lists.freshness import FreshnessPolicy, ListsAge
from appliance.lists.shared import SharedLists
from appliance.storage.database import Database
from verifier.sdk import CardProfile, Evidence, Policy, Report, verify


@dataclass(frozen=True, slots=True)
class Examined:
    """What a card showed, and how old the lists were that it was checked against."""

    report: Report
    lists: ListsAge


@dataclass(frozen=True, slots=True)
class Examiner:
    """Verifies evidence against the lists in use, applies the meeting's rules, and records.

    ``clock_is_trusted`` tells whether it is what ``clock`` says, and not perhaps later.
    """

    profile: CardProfile
    policy: Policy
    lists: SharedLists
    checkins: CheckInService
    database: Database
    clock: Callable[[], datetime]
    time_zone: tzinfo
    freshness: FreshnessPolicy = field(default_factory=FreshnessPolicy)
    clock_is_trusted: Callable[[], bool] = field(default=lambda: True)

    def examine(self, evidence: Evidence) -> Examined:
        """Verify what was read."""
        with self.lists.held() as lists:  # looked for before every tap
            trusted = self.clock_is_trusted()  # before the time: an officer may confirm it at this very moment
            at = self.clock().astimezone(self.time_zone)  # a card expires at the end of a day, and days are local
            status = lists.card_status
            report = verify(evidence, lists.trust, self.policy, at=at, card_status=status, clock_trusted=trusted)
            return Examined(report, lists.age(self.freshness, at=at).by_clock(trusted=trusted))

    def record(self, examined: Examined, *, patience_s: float) -> CheckIn:
        """Decide by the meeting's rules and commit. Raises ApplianceError where nothing could be recorded.

        ``patience_s`` is how long another process may hold the store.
        """
        report = examined.report
        identifier = self.profile.holder_identifier(report.holder) if report.holder is not None else None
        with self.database.hurried(patience_s):
            return self.checkins.admit(report, identifier=identifier, at=self.clock(), lists=examined.lists)
