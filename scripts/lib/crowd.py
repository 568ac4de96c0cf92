"""A crowd of invented people with chip cards, and the state directory that expects them.

Everything follows from directory, seed and time, so that each process that asks makes the same issuers, keys and cards.
Cards are made when they are asked for: fifteen hundred of them take a while.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from random import Random

from appliance.checkin.service import Decision
from appliance.config import Config
from appliance.config.clock import ClockConfig
from appliance.demo.cards import DemoCard
from appliance.demo.people import DemoMember
from appliance.demo.stage import Stage
from appliance.meetings import MeetingKind
from appliance.roster import MemberClass, MemberStatus
from appliance.services import Services
from verifier.sdk.testing import (
    ActiveAuthenticationKind,
    CardState,
    ChipData,
    ChipOptions,
    DocumentSigner,
    Person,
    SyntheticCardStatus,
    SyntheticPki,
    write_chip_data,
)

_BEFORE = timedelta(days=30)
_EXPIRED = "240630"


class CardKind(StrEnum):
    """What a card offers."""

    PACE_CA = "PACE + CA"
    BAC_AA = "BAC + AA"


@dataclass(frozen=True, slots=True)
class CrowdPlan:
    """Who is expected, and whose cards are no good; people are numbers from 1."""

    members: int
    revoked: Collection[int] = ()
    expired: Collection[int] = ()
    curve: str = "P-256"
    """Of PACE and Chip Authentication. The chips calculate in Python, on this one quickest."""


class Crowd:
    """The people of a plan in one state directory."""

    def __init__(self, state: Path, plan: CrowdPlan, *, seed: int, at: datetime) -> None:
        self.config = replace(Config.for_state(state), clock=ClockConfig(trust="system"))
        self.plan = plan
        self._at = at
        random = Random(seed).randbytes  # noqa: S311 – nobody trusts these issuers
        self._pki = SyntheticPki(at=at - _BEFORE, random=random)
        self._signer: DocumentSigner = self._pki.issue_document_signer()
        self._status = SyntheticCardStatus(random=random)

    def found(self) -> None:
        """Write lists and roster into the empty state directory, and open a meeting."""
        self._pki.issue_crl()
        self._pki.write_to(self.config.trust_directory)
        for number in self.plan.revoked:
            self._status.enter(self.chip(number), CardState.REVOKED)
        self.config.card_status_path.write_bytes(self._status.issue(at=self._at))
        self.config.card_status_key_path.write_bytes(self._status.public_key)
        services = Services.open(self.config)
        with services.database.writing() as writer:
            for number in range(1, self.plan.members + 1):
                who = person(number)
                services.roster.add(
                    who.display_name, MemberClass.OFFICIAL, identifier=who.personal_number, connection=writer
                )
        meeting = services.meetings.create(
            kind=MeetingKind.CONGRESS, title="Đại hội thử", place="Thử", starts_at=self._at + timedelta(minutes=20)
        )
        services.meetings.open(meeting.id, at=self._at, officer="Mẫu Cán Bộ")
        services.database.close()

    def stage(self) -> Stage:
        """Return what a simulation plays on, after ``found``."""
        return Stage(Services.open(self.config), ())

    def chip(self, number: int, kind: CardKind = CardKind.PACE_CA) -> ChipData:
        """Make that person's chip: the same each time, its RSA key apart."""
        who = person(number)
        if number in self.plan.expired:
            who = replace(who, date_of_expiry=_EXPIRED)
        random = Random(number).randbytes  # noqa: S311 – nor these chips
        return write_chip_data(self._signer, who, options=self._options(number, kind), random=random)

    def card(self, number: int, kind: CardKind = CardKind.PACE_CA) -> DemoCard:
        """Make that person's card, and say what must become of it if nothing else happens."""
        chip = self.chip(number, kind)
        decision, reason = Decision.PRESENT, "present"
        if number in self.plan.revoked:
            decision, reason = Decision.REFUSED, "card-revoked"
        elif number in self.plan.expired:
            decision, reason = Decision.REFUSED, "document-expired"
        member = DemoMember(person(number), can(number), MemberClass.OFFICIAL, MemberStatus.ACTIVE)
        scanned = chip.mrz if kind is CardKind.BAC_AA else can(number)
        return DemoCard(str(number), "", "", decision, reason, chip, scanned, member)

    def _options(self, number: int, kind: CardKind) -> ChipOptions:
        if kind is CardKind.PACE_CA:
            curve = self.plan.curve
            return ChipOptions(can=can(number), bac=False, pace_curve=curve, chip_authentication_curve=curve)
        return ChipOptions(
            can=None,
            pace_curve=None,
            chip_authentication_curve=None,
            active_authentication=ActiveAuthenticationKind.RSA,
        )


def clone_of(chip: ChipData) -> ChipData:
    """Copy all files of a chip; its key cannot be copied, so the copier made one."""
    keys = tuple(replace(key, scalar=key.scalar // 2 + 1) for key in chip.chip_authentication)
    return replace(chip, chip_authentication=keys)


def person(number: int) -> Person:
    """Return the invented person of that number."""
    return Person(display_name=f"Mẫu Thử {number}", personal_number=f"{number:012d}")


def can(number: int) -> str:
    """Return the card access number of that person's card."""
    return f"{number % 1_000_000:06d}"
