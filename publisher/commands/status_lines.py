"""How ``status`` shows a desk, a line for each thing; those that end soon are marked, and red."""

import sys
from collections.abc import Iterator
from datetime import datetime

from publisher.commands.console import count, printable, say, warn
from publisher.founding import CARD_STATUS
from publisher.status import DeskStatus, EndingStatus, KeyStatus, RoleStatus

_RED, _PLAIN = "\x1b[31m", "\x1b[0m"


def tell_status(status: DeskStatus) -> None:
    """Print a desk's status."""
    for role in status.roles:
        _tell_role(role)
    if status.card_status_key is not None:
        say(f"{CARD_STATUS:<12} {_told_key(status.card_status_key)}")
    for ending in _worth_telling(status.endings):
        _tell_ending(ending)
    last = "never" if status.published_at is None else f"{status.published_at:%Y-%m-%d %H:%M} UTC"
    say(f"published {last}: {count(len(status.targets), 'target')}, {sum(status.targets.values()):,} bytes")
    for line in _lines_of_work(status):
        say(line)
    if status.is_unfinished:
        warn("a publication was broken off; any command that changes something finishes it")


def _worth_telling(endings: tuple[EndingStatus, ...]) -> Iterator[EndingStatus]:
    """Of each kind the first to end, and all that end soon: there may be hundreds."""
    told: set[str] = set()
    for ending in endings:
        if ending.is_soon or ending.kind not in told:
            yield ending
        told.add(ending.kind)


def _lines_of_work(status: DeskStatus) -> Iterator[str]:
    yield from (f"staged  {path}, {length:,} bytes" for path, length in status.staged.items())
    yield from (f"staged  {path} will be gone" for path in status.removals)
    yield from (f"pending {name}" for name in status.pending)
    yield from status.waiting
    yield from (f"keys/{name} signs nothing: destroy it" for name in status.idle_keys)


def _tell_role(role: RoleStatus) -> None:
    keys = ", ".join(_told_key(key) for key in role.keys)
    _tell_line(
        f"{role.role:<12} version {role.version:<5} {_left(role.expires, role.days_left)}; {role.threshold} of {keys}",
        is_soon=role.is_soon,
    )


def _tell_ending(ending: EndingStatus) -> None:
    _tell_line(
        f"{ending.kind:<12} {_left(ending.until, ending.days_left)}; {ending.name}",
        is_soon=ending.is_soon,
    )


def _told_key(key: KeyStatus) -> str:
    known = [key.name] if key.name is not None else []
    return f"{key.keyid} ({', '.join(known if key.is_here else [*known, 'not here'])})"


def _left(until: datetime, days_left: int) -> str:
    return f"until {until:%Y-%m-%d}, {f'{days_left} days left' if days_left >= 0 else 'EXPIRED'}"


def _tell_line(line: str, *, is_soon: bool) -> None:
    if not is_soon:
        say(line)
    elif sys.stdout.isatty():
        print(f"{_RED}! {printable(line)}{_PLAIN}", flush=True)  # noqa: T201 – colours are no printable characters
    else:
        say(f"! {line}")
