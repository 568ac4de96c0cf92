"""A chi bộ with months of meetings behind it, in a real store.

Its roster and its meetings are made by the services: planned, opened, closed with a frozen roll and figures, as on an
evening. What is said of each member in between is appended in bulk (``appended``), one meeting in one transaction.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from backlog.appended import append_all
from crowd import person

from appliance.config import Config
from appliance.config.clock import ClockConfig
from appliance.ledger import EntryKind, NewEntry
from appliance.lists.checked_against import LISTS
from appliance.lists.freshness import Light, ListsAge
from appliance.meetings import MeetingKind
from appliance.roster import MemberClass, Newcomer
from appliance.services import Services
from appliance.standing.entries import LATE, member_subject

EXCUSED_SHARE: Final = 0.08
BY_HAND_SHARE: Final = 0.02
LATE_SHARE: Final = 0.03
_MONTHS: Final = 12
_OFFICERS: Final = ("Mẫu Cán Bộ", "Mẫu Bí Thư")
_LASTS: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Past:
    """So many members, and so many monthly meetings, the last of them in the December before ``at``."""

    members: int
    meetings: int
    seed: int
    at: datetime

    def starts(self) -> Iterator[datetime]:
        """Yield when the meetings began, the oldest first.

        >>> at = datetime(2026, 11, 29, tzinfo=UTC)
        >>> [f"{start:%Y-%m-%d}" for start in Past(1, 14, 0, at).starts()][::13]
        ['2024-11-03', '2025-12-03']
        """
        end = self.at.year * _MONTHS
        for month in range(end - self.meetings, end):
            yield datetime(month // _MONTHS, month % _MONTHS + 1, 3, 12, tzinfo=UTC)


def config_of(state: Path) -> Config:
    """Return the configuration of a state directory, on a machine whose clock is right."""
    return replace(Config.for_state(state), clock=ClockConfig(trust="system"))


def fill(state: Path, past: Past, told: Callable[[int], object]) -> None:
    """Make the store of such a past in an empty directory; ``told`` is given the meetings that are done."""
    services, random = Services.open(config_of(state)), Random(past.seed)  # noqa: S311 – who comes and who does not
    try:
        people = [person(number) for number in range(1, past.members + 1)]
        services.roster.add_all(
            [Newcomer(who.display_name, MemberClass.OFFICIAL, identifier=who.personal_number) for who in people]
        )
        numbers = [member.id for member in services.roster.members()]
        for done, start in enumerate(past.starts(), start=1):
            _hold(services, numbers, start, random)
            told(done)
        services.database.forget()
    finally:
        services.database.close()


def _hold(services: Services, numbers: list[int], start: datetime, random: Random) -> None:
    meeting = services.meetings.create(
        kind=MeetingKind.REGULAR, title=f"Sinh hoạt tháng {start:%m/%Y}", place="Thử", starts_at=start
    )
    services.meetings.open(meeting.id, at=start - timedelta(minutes=30), officer=_OFFICERS[0])
    with services.database.writing() as writer:
        coming = enumerate(random.sample(numbers, len(numbers)))
        entries = (
            (_entry(meeting.id, member_subject(number), random.random()), start + timedelta(milliseconds=100 * place))
            for place, number in coming
        )
        append_all(services, entries, writer)
    services.meetings.close(meeting.id, at=start + _LASTS, officer=_OFFICERS[0])


def _entry(meeting_id: int, subject: str, luck: float) -> NewEntry:
    """Return what is recorded of a member, with the keys and about the length that the services give it."""
    if luck < EXCUSED_SHARE:
        return NewEntry(
            EntryKind.EXCUSED, meeting_id, subject=subject, body={"reason": "ốm", "recorded_by": _OFFICERS[0]}
        )
    if luck < EXCUSED_SHARE + BY_HAND_SHARE:
        body = {"reason": "quên thẻ", "recorded_by": _OFFICERS[0], "confirmed_by": _OFFICERS[1], LATE: False}
        return NewEntry(EntryKind.CHECK_IN_BY_HAND, meeting_id, subject=subject, body=body)
    lists = ListsAge(Light.GREEN, 3, timestamp=120, card_status=118, content="0" * 64)
    return NewEntry(
        EntryKind.CHECK_IN,
        meeting_id,
        subject=subject,
        body={LATE: luck > 1 - LATE_SHARE, LISTS: lists.as_body()},
    )
