"""What kill-station plays with: a state directory, seeded issuers, and any number of invented people with cards."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from appliance.checkin.service import Decision
from appliance.config import Config
from appliance.config.clock import ClockConfig
from appliance.demo.cards import DemoCard
from appliance.demo.people import DemoMember
from appliance.meetings import MeetingKind
from appliance.roster import MemberClass, MemberStatus
from appliance.services import Services
from verifier.sdk.testing import ChipOptions, Person, SyntheticCardStatus, SyntheticPki, write_chip_data

MEMBERS = 400
"""Whoever has a higher number is a visitor: in the ledger, too."""
_CURVE = "P-256"  # the chips calculate in Python: the quickest curve gives the most taps


class World:
    """Everything follows from state directory, seed and time, so that two processes have the same issuers."""

    def __init__(self, state: Path, seed: int, at: datetime) -> None:
        self.config = replace(Config.for_state(state), clock=ClockConfig(trust="system"))
        self._at = at
        random = Random(seed).randbytes  # noqa: S311 – nobody trusts these issuers
        self._pki = SyntheticPki(at=at - timedelta(days=30), random=random)
        self._signer = self._pki.issue_document_signer()
        self._status = SyntheticCardStatus(random=random)

    def found(self) -> None:
        """Write lists and roster into the empty state directory, and open a meeting."""
        self._pki.issue_crl()
        self._pki.write_to(self.config.trust_directory)
        self.config.card_status_path.write_bytes(self._status.issue(at=self._at))
        self.config.card_status_key_path.write_bytes(self._status.public_key)
        services = Services.open(self.config)
        with services.database.writing() as writer:
            for number in range(1, MEMBERS + 1):
                person = _person(number)
                services.roster.add(
                    person.display_name, MemberClass.OFFICIAL, identifier=person.personal_number, connection=writer
                )
        meeting = services.meetings.create(
            kind=MeetingKind.EVENT, title="Thử", place="Thử", starts_at=self._at + timedelta(hours=12)
        )
        services.meetings.open(meeting.id, at=self._at, officer="Mẫu Cán Bộ")
        services.database.close()

    def card(self, number: int) -> DemoCard:
        """Make the card of that person, from 1: the same each time."""
        person, can = _person(number), f"{number % 1_000_000:06d}"
        options = ChipOptions(can=can, bac=False, pace_curve=_CURVE, chip_authentication_curve=_CURVE)
        random = Random(number).randbytes  # noqa: S311 – nor these chips
        chip = write_chip_data(self._signer, person, options=options, random=random)
        decision = Decision.PRESENT if number <= MEMBERS else Decision.VISITING
        member = DemoMember(person, can, MemberClass.OFFICIAL, MemberStatus.ACTIVE)
        return DemoCard(str(number), "", "", decision, decision.value, chip, can, member)


def _person(number: int) -> Person:
    return Person(display_name=f"Mẫu Thử {number}", personal_number=f"{number:012d}")
