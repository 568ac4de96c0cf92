"""What an appliance remembers of the time: what has certainly passed, and what it found out since it started.

The *floor* is a time that has passed, for certain; it only rises. The *anchor* is a moment of this boot at which the
time was known: from there on the kernel's uptime counts, whatever becomes of the system's clock. Events say what
happened to the clock, and name no person.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Self

from appliance.errors import ClockError

BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""This program is younger: a floor where nothing else is known."""
NOTHING_KNOWN: Final = "release"
"""The source of that floor. How long the appliance was switched off by then, nobody can tell."""
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Nothing that outlives this is a time that anybody meant."""
MOST_EVENTS: Final = 32
LONGEST_SOURCE: Final = 40
_VERSION: Final = 1
_SECONDS: Final = 1e10


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
class Memory:
    """All that is remembered. ``signed`` is the newest signed time that was seen."""

    floor: Floor = Floor(BEGINNING, NOTHING_KNOWN)
    signed: datetime | None = None
    anchor: Anchor | None = None
    events: tuple[Event, ...] = ()
    generation: int = 0
    """How often the floor was lowered: the one thing in which a later memory is not the one that knows more."""

    def raised(self, at: datetime, source: str) -> Self:
        """Return the memory with a floor no lower than this."""
        return replace(self, floor=Floor(at, source)) if at > self.floor.at else self

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
        signed = [at for at in (self.signed, other.signed) if at is not None]
        anchors = [anchor for anchor in (self.anchor, other.anchor) if anchor is not None]
        return Memory(
            floor=max(self.floor, other.floor, key=lambda floor: floor.at),
            signed=max(signed, default=None),
            anchor=max(anchors, key=lambda anchor: (anchor.boot_id == boot_id, anchor.boottime), default=None),
            events=tuple(dict.fromkeys((*self.events, *other.events)))[-MOST_EVENTS:],
            generation=self.generation,
        )

    def encode(self) -> bytes:
        """Return the file's content: JSON, UTF-8."""
        content = {"version": _VERSION, **asdict(self)}
        return json.dumps(content, default=datetime.isoformat, indent=1).encode() + b"\n"

    @classmethod
    def decode(cls, content: bytes) -> "Memory":
        """Read what ``encode`` wrote. Raises ``ClockError`` for anything else."""
        try:
            found = json.loads(content)
            return _memory(found)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError) as error:
            msg = "the clock's file is damaged"
            raise ClockError(msg) from error


def certain(at: datetime) -> datetime:
    """Return a time as UTC. Raises ``ClockError`` for one without a zone, and one that nobody can mean."""
    if at.tzinfo is None or not datetime(1970, 1, 2, tzinfo=UTC) < at < _LATEST:
        msg = "a time needs a time zone, and lies between 1970 and 2200"
        raise ClockError(msg)
    return at.astimezone(UTC)


# --- decoding ------------------------------------------------------------------------------------------------------


def _memory(found: Any) -> Memory:
    if found["version"] != _VERSION or not isinstance(found["generation"], int):
        raise ValueError
    return Memory(
        floor=Floor(_time(found["floor"]["at"]), _text(found["floor"]["source"])),
        signed=_or_none(_time, found["signed"]),
        anchor=_or_none(_anchor, found["anchor"]),
        events=tuple(_event(one) for one in found["events"][-MOST_EVENTS:]),
        generation=found["generation"],
    )


def _anchor(found: Any) -> Anchor:
    return Anchor(
        boot_id=_text(found["boot_id"]),
        boottime=_number(found["boottime"]),
        at=_time(found["at"]),
        wall=_any_time(found["wall"]),
        source=_text(found["source"]),
        stepped=_number(found["stepped"]),
    )


def _event(found: Any) -> Event:
    return Event(EventKind(found["kind"]), _any_time(found["before"]), _any_time(found["after"]))


def _or_none(decode: Callable[[Any], Any], found: Any) -> Any:
    return None if found is None else decode(found)


def _time(found: Any) -> datetime:
    return certain(_any_time(found))


def _any_time(found: Any) -> datetime:
    return datetime.fromisoformat(found).astimezone(UTC)


def _text(found: Any) -> str:
    if not isinstance(found, str) or len(found) > LONGEST_SOURCE or not found.isprintable():
        raise ValueError
    return found


def _number(found: Any) -> float:
    if not -_SECONDS < float(found) < _SECONDS:
        raise ValueError
    return float(found)
