"""How the clock's memory is written: JSON with a checksum, which notices damage and keeps out nobody who may write."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from appliance.clock.memory import (
    LONGEST_SOURCE,
    MOST_EVENTS,
    NOTHING_KNOWN,
    Anchor,
    Event,
    EventKind,
    Floor,
    Memory,
    TakenBack,
    certain,
)
from appliance.errors import ClockError

_VERSION: Final = 2
_WITHOUT_CHECKSUM: Final = 1
"""What older releases wrote: it is read still."""
_CHECKSUM: Final = "sha256"
_SECONDS: Final = 1e10


def encode_memory(memory: Memory) -> bytes:
    """Return the file's content: JSON, UTF-8."""
    fields = json.loads(json.dumps({"version": _VERSION, **asdict(memory)}, default=datetime.isoformat))
    return json.dumps(fields | {_CHECKSUM: _digest(fields)}, indent=1).encode() + b"\n"


def decode_memory(content: bytes) -> Memory:
    """Return what a file says. Raises ``ClockError`` for a damaged one, and for what this program never wrote."""
    try:
        fields = json.loads(content)
        _require_whole(fields)
        return _memory(fields)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        msg = "the clock's file is damaged"
        raise ClockError(msg) from error


def _require_whole(fields: dict[str, Any]) -> None:
    checksum = fields.pop(_CHECKSUM, None)
    if checksum is None and fields["version"] == _WITHOUT_CHECKSUM:
        return
    if fields["version"] != _VERSION or checksum != _digest(fields):
        raise ValueError


def _digest(fields: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _memory(found: Any) -> Memory:
    if not isinstance(found["generation"], int):
        raise TypeError
    floor = Floor(_time(found["floor"]["at"]), _text(found["floor"]["source"]))
    first = _or_none(_time, found.get("first"))
    if first is None and floor.source != NOTHING_KNOWN:
        first = floor.at  # an older release did not write it
    return Memory(
        floor=floor,
        signed=_or_none(_time, found["signed"]),
        confirmed=_or_none(_time, found.get("confirmed")),
        first=first,
        anchor=_or_none(_anchor, found["anchor"]),
        events=tuple(_event(one) for one in found["events"][-MOST_EVENTS:]),
        generation=found["generation"],
        taken_back=_or_none(_taken_back, found.get("taken_back")),
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


def _taken_back(found: Any) -> TakenBack:
    return TakenBack(_time(found["after"]), _time(found["entries"]), _or_none(_time, found["signed"]))


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
