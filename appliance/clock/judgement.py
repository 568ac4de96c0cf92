"""What time it is, judged by what the machine says and what is remembered. No I/O: ``trusted_clock`` does that.

After a start nothing is believed but what somebody vouches for: a time server, or a clock with a battery. And neither
is believed beyond what is possible: not before the floor, and not long after the last time that was signed, or that an
officer confirmed; nobody signs what a time server says, and small lies add up. From then on the uptime counts, and the
system's clock only as far as it goes along.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from appliance.clock.memory import Anchor, EventKind, Memory
from appliance.clock.reading import ClockState, Reading
from appliance.config.clock import SYSTEM as BY_CONFIGURATION
from appliance.config.clock import ClockConfig

NTP: Final = "ntp"
RTC: Final = "rtc"
OFFICER: Final = "officer"
SYSTEM: Final = "system"
REMEMBER_EVERY: Final = timedelta(hours=1)
"""How often a floor that rises by itself is written down: a memory card does not live for ever."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the machine said at one moment; see ``machine``."""

    wall: datetime
    boottime: float
    boot_id: str
    synchronised: bool = False
    hardware_clocks: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """The reading, and what is to be remembered from now on: the same memory where nothing is."""

    reading: Reading
    memory: Memory


def judge(seen: Seen, memory: Memory, config: ClockConfig) -> Judged:
    """Judge what time it is."""
    if config.trust == BY_CONFIGURATION:
        return _by_the_system(seen, memory, config)
    anchor = memory.anchor_in(seen.boot_id, seen.boottime)
    if anchor is None:
        return _after_a_start(seen, memory, config)
    possible = possibility(seen.wall, memory, config) is ClockState.TRUSTED
    if seen.synchronised and possible:
        return _by_a_time_server(seen, memory, anchor, config)
    return _by_the_uptime(seen, memory, anchor, config)


def possibility(at: datetime, memory: Memory, config: ClockConfig) -> ClockState:
    """Return ``TRUSTED`` for a time that can be, ``BEHIND`` or ``AHEAD`` for one that cannot.

    A floor is good to ``jump_seconds``: whoever signs lists, or kept the time before, may be a little fast. Where
    nothing is known but the age of this program, nothing lies too far ahead. Otherwise what lies ahead is measured from
    what was signed or confirmed, not from the floor, which time servers raise by themselves.
    """
    if at < memory.floor.at - config.jump:
        return ClockState.BEHIND
    if memory.vouched is not None and at > memory.vouched + config.longest_gap:
        return ClockState.AHEAD
    return ClockState.TRUSTED


def anchored(seen: Seen, memory: Memory, at: datetime, source: str) -> Memory:
    """Return the memory in which the time is known from this moment on."""
    anchor = Anchor(seen.boot_id, seen.boottime, at, seen.wall, source)
    return replace(memory.raised(at, source), anchor=anchor)


def _by_the_system(seen: Seen, memory: Memory, config: ClockConfig) -> Judged:
    state = possibility(seen.wall, memory, config)
    if state is ClockState.BEHIND:
        return Judged(_floor(memory, state), memory)
    return _known(seen.wall, SYSTEM, memory, rises=state is ClockState.TRUSTED)  # a leap would stay for ever


def _after_a_start(seen: Seen, memory: Memory, config: ClockConfig) -> Judged:
    state = possibility(seen.wall, memory, config)
    if state is not ClockState.TRUSTED:
        return Judged(_floor(memory, state), memory)
    agreeing = any(abs(clock - seen.wall) < config.jump for clock in seen.hardware_clocks)
    if not (seen.synchronised or agreeing):
        return Judged(_unconfirmed(seen.wall, memory.floor.at), memory)
    source = NTP if seen.synchronised else RTC
    return _known(seen.wall, source, anchored(seen, memory, seen.wall, source))


def _by_a_time_server(seen: Seen, memory: Memory, anchor: Anchor, config: ClockConfig) -> Judged:
    """The system's clock is right. A jump is told; the anchor is renewed when there is something to write anyhow."""
    estimate = _estimate(seen, anchor)
    if abs(seen.wall - estimate) >= config.jump:
        memory = anchored(seen, memory.noting(EventKind.JUMP_FOLLOWED, estimate, seen.wall), seen.wall, NTP)
    elif anchor.source != NTP or seen.wall - memory.floor.at >= REMEMBER_EVERY:
        memory = anchored(seen, memory, seen.wall, NTP)
    return _known(seen.wall, NTP, memory)


def _by_the_uptime(seen: Seen, memory: Memory, anchor: Anchor, config: ClockConfig) -> Judged:
    """The system's clock is followed where it was moved a little, and not where it jumped."""
    estimate = _estimate(seen, anchor)
    stepped = (seen.wall - anchor.wall - _uptime(seen, anchor)).total_seconds()
    if abs(stepped - anchor.stepped) >= config.jump_seconds:
        if abs(stepped) >= config.jump_seconds:
            memory = memory.noting(EventKind.JUMP_NOT_FOLLOWED, estimate, seen.wall)
        memory = replace(memory, anchor=replace(anchor, stepped=stepped))
    if abs(stepped) < config.jump_seconds:
        estimate += timedelta(seconds=stepped)
    state = possibility(estimate, memory, config)
    if state is not ClockState.TRUSTED:  # sources contradict each other; or nobody has answered for the time for long
        return Judged(_floor(memory, state), memory)
    return _known(estimate, anchor.source, memory)


def _uptime(seen: Seen, anchor: Anchor) -> timedelta:
    return timedelta(seconds=seen.boottime - anchor.boottime)


def _estimate(seen: Seen, anchor: Anchor) -> datetime:
    return anchor.at + _uptime(seen, anchor)


def _known(at: datetime, source: str, memory: Memory, *, rises: bool = True) -> Judged:
    if rises and at - memory.floor.at >= REMEMBER_EVERY:
        memory = memory.raised(at, source)
    floor = memory.floor.at
    return Judged(Reading(max(at, floor), trusted=True, state=ClockState.TRUSTED, source=source, floor=floor), memory)


def _unconfirmed(wall: datetime, floor: datetime) -> Reading:
    return Reading(max(wall, floor), trusted=False, state=ClockState.UNCONFIRMED, source=SYSTEM, floor=floor)


def _floor(memory: Memory, state: ClockState) -> Reading:
    floor = memory.floor
    return Reading(floor.at, trusted=False, state=state, source=floor.source, floor=floor.at)
