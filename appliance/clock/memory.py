"""What an appliance remembers of the time: what has certainly passed, and what it found out since it started.

The *floor* is a time that has passed, for certain; it only rises. The *anchor* is a moment of this boot at which the
time was known: from there on the kernel's uptime counts, whatever becomes of the system's clock. Events say what
happened to the clock, and name no person. No I/O: ``memory_format`` is how it is written, ``memory_file`` where.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Self

from appliance.errors import ClockError

BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""This program is younger: a floor where nothing else is known."""
NOTHING_KNOWN: Final = "release"
"""The source of that floor. How long the appliance was switched off by then, nobody can tell."""
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Nothing that outlives this is a time that anybody meant."""
MOST_EVENTS: Final = 32
LONGEST_SOURCE: Final = 40


class EventKind(StrEnum):
    """What happened to the clock."""

    JUMP_FOLLOWED = "jump-followed"
    """The system's clock jumped, and a time server says that it is right now."""
    JUMP_NOT_FOLLOWED = "jump-not-followed"
    """The system's clock jumped, and nobody says that it is right now."""
    CONFIRMED = "confirmed"
    """An officer said what time it is."""
    FLOOR_LOWERED = "floor-lowered"
    """A wrong confirmation was taken back at the machine."""
    FILE_MISSING = "file-missing"
    """Nothing was remembered: the first start, or the file was taken away."""
    FILE_DAMAGED = "file-damaged"
    """The file held something else and was written anew."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: the estimate before it, and what the system's clock or an officer said."""

    kind: EventKind
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Floor:
    """A time that has certainly passed, and by whose word."""

    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment of one boot at which the time was known.

    ``boottime`` is the uptime in seconds then, ``wall`` what the system's clock showed. ``stepped`` is by how many
    seconds that clock had jumped since, when somebody last wrote it down.
    """

    boot_id: str
    boottime: float
    at: datetime
    wall: datetime
    source: str
    stepped: float = 0.0


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What had been believed wrongly when the floor was lowered to ``after``: it would raise it again at every start.

    That is entries of the ledger up to ``entries``; and the signed time ``signed``, where that was wrong, too: it
    stands in the lists in use until others come.
    """

    after: datetime
    entries: datetime
    signed: datetime | None = None

    def has_entry(self, at: datetime) -> bool:
        """Whether an entry of the ledger bears a time that was taken back."""
        return self.after < at <= self.entries

    def has_signed(self, at: datetime) -> bool:
        """Whether this is the signed time that was taken back."""
        return at == self.signed


@dataclass(frozen=True, slots=True)
class Memory:
    """All that is remembered.

    ``signed`` is the newest signed time that was seen, ``confirmed`` the newest one that an officer confirmed, and
    ``first`` the first time that was known at all.
    """

    floor: Floor = Floor(BEGINNING, NOTHING_KNOWN)
    signed: datetime | None = None
    anchor: Anchor | None = None
    events: tuple[Event, ...] = ()
    generation: int = 0
    """How often the floor was lowered: the one thing in which a later memory is not the one that knows more."""
    confirmed: datetime | None = None
    first: datetime | None = None
    taken_back: TakenBack | None = None

    @property
    def vouched(self) -> datetime | None:
        """The newest time that somebody answers for, by a signature or as an officer; else the first that was known.

        Time servers and clocks with a battery answer for nothing: how far they are believed is measured from here.
        """
        return max(_known(self.signed, self.confirmed), default=self.first)

    def raised(self, at: datetime, source: str) -> Self:
        """Return the memory with a floor no lower than this."""
        if at <= self.floor.at:
            return self
        return replace(self, floor=Floor(at, source), first=at if self.first is None else self.first)

    def noting(self, kind: EventKind, before: datetime, after: datetime) -> Self:
        """Return the memory with one more event; the oldest goes where there are too many."""
        return replace(self, events=(*self.events, Event(kind, before, after))[-MOST_EVENTS:])

    def anchor_in(self, boot_id: str, boottime: float) -> Anchor | None:
        """Return the anchor where it is of this boot."""
        anchor = self.anchor
        if anchor is None or anchor.boot_id != boot_id or boottime < anchor.boottime:
            return None
        return anchor

    def merged(self, other: "Memory", boot_id: str) -> "Memory":
        """Return what two processes know together: the higher floor, the newest anchor of this boot."""
        if self.generation != other.generation:
            return max(self, other, key=lambda memory: memory.generation)
        anchors = [anchor for anchor in (self.anchor, other.anchor) if anchor is not None]
        return Memory(
            floor=max(self.floor, other.floor, key=lambda floor: floor.at),
            signed=max(_known(self.signed, other.signed), default=None),
            confirmed=max(_known(self.confirmed, other.confirmed), default=None),
            first=min(_known(self.first, other.first), default=None),
            anchor=max(anchors, key=lambda anchor: (anchor.boot_id == boot_id, anchor.boottime), default=None),
            events=tuple(dict.fromkeys((*self.events, *other.events)))[-MOST_EVENTS:],
            generation=self.generation,
            taken_back=self.taken_back or other.taken_back,
        )


def certain(at: datetime) -> datetime:
    """Return a time as UTC. Raises ``ClockError`` for one without a zone, and one that nobody can mean."""
    if at.tzinfo is None or not datetime(1970, 1, 2, tzinfo=UTC) < at < _LATEST:
        msg = "a time needs a time zone, and lies between 1970 and 2200"
        raise ClockError(msg)
    return at.astimezone(UTC)


def _known(*times: datetime | None) -> list[datetime]:
    return [at for at in times if at is not None]
