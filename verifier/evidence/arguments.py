"""What callers hand in, checked before anything is done with it: a typed program never notices, any other is told."""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from verifier.errors import InvalidInput, PolicyError, VerifierError

E = TypeVar("E", bound=StrEnum)
_MAX_QUOTED = 60


def require_zone(at: object, what: str) -> None:
    """Raise ``InvalidInput`` unless this is a ``datetime`` with a time zone: else nobody knows the day."""
    if not isinstance(at, datetime):
        msg = f"the time of {what} is a datetime with a time zone, such as datetime.now(UTC), and no {_kind_of(at)}"
        raise InvalidInput(msg)
    if at.utcoffset() is None:
        msg = f"the time of {what} needs a time zone; use datetime.now(UTC)"
        raise InvalidInput(msg)


def require_kind(value: object, kinds: type | tuple[type, ...], advice: str) -> None:
    """Raise ``InvalidInput`` with the advice unless the value is of one of the kinds."""
    if not isinstance(value, kinds):
        msg = f"{advice}; this is a {_kind_of(value)}"
        raise InvalidInput(msg)


def members_as_set(kind: type[E], values: object, what: str, error: type[VerifierError] = PolicyError) -> frozenset[E]:
    """Return the members that a set names, themselves or by their text. Raises ``error``."""
    if not isinstance(values, AbstractSet):
        msg = f"each {what} that is meant stands in a set, not in a {_kind_of(values)}"
        raise error(msg)
    return frozenset(_members(kind, values, what, error))


def members_as_tuple(
    kind: type[E], values: object, what: str, error: type[VerifierError] = PolicyError
) -> tuple[E, ...]:
    """Return the members that a tuple names, in its order, each once. Raises ``error``."""
    if not isinstance(values, tuple):
        msg = f"each {what} that is meant stands in a tuple, in order, not in a {_kind_of(values)}"
        raise error(msg)
    members = tuple(_members(kind, values, what, error))
    if len(set(members)) != len(members):
        msg = f"the same {what} is named twice"
        raise error(msg)
    return members


def quoted(text: object) -> str:
    """Return what was handed in, short enough for a sentence."""
    shown = repr(text)
    return shown if len(shown) <= _MAX_QUOTED else shown[:_MAX_QUOTED] + "…"


def _members(kind: type[E], values: Collection[object], what: str, error: type[VerifierError]) -> list[E]:
    return [member(kind, value, what, error) for value in values]


def member(kind: type[E], value: object, what: str, error: type[VerifierError]) -> E:
    """Return the member that a text names, or the member itself. Raises ``error``, naming what there is."""
    if isinstance(value, kind):
        return value
    known = [known.value for known in kind]
    if isinstance(value, str) and value in known:
        return kind(value)
    near = get_close_matches(value, known, n=1, cutoff=0.5) if isinstance(value, str) else []
    hint = f"the nearest is {near[0]!r}" if near else f"there are {', '.join(known)}"
    msg = f"there is no {what} {quoted(value)}; {hint}"
    raise error(msg)


def _kind_of(value: object) -> str:
    return "None" if value is None else type(value).__name__
