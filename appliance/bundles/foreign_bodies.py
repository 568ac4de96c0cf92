"""The bodies of other appliances' entries, as far as this release understands them.

What lists are made of must be of the kind that they expect; so a body is made anew from the fields that are known, each
read strictly. The whole one is kept as it was received.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from appliance.bundles.foreign_times import foreign_time
from appliance.checkin.officers import two_officers
from appliance.errors import RuleViolation
from appliance.ledger import EntryKind
from appliance.ledger.canonical_json import JsonValue
from appliance.lists.checked_against import LISTS
from appliance.lists.freshness import ListsAge
from appliance.names import clean
from appliance.standing.entries import ARRIVED, LATE, LEFT, PRESENCE, TAKES_OUT

MIRRORED: Final = frozenset(
    (
        *PRESENCE,
        *TAKES_OUT,
        EntryKind.EXCUSED,
        EntryKind.PROPOSED,
        EntryKind.CHECK_OUT,
        EntryKind.GUEST,
        EntryKind.COUNTED,
        EntryKind.REFUSED,
    )
)
"""The kinds that a meeting's list and its figures are made of."""

_LONGEST: Final = 1000
_NEEDED: Final[Mapping[EntryKind, tuple[str, ...]]] = {
    EntryKind.VISIT: ("name",),
    EntryKind.VISIT_BY_HAND: ("name", "reason", "recorded_by"),
    EntryKind.GUEST: ("name",),
    EntryKind.EXCUSED: ("reason",),
    EntryKind.CHECK_IN_BY_HAND: ("reason", "recorded_by", "confirmed_by"),
    EntryKind.CORRECTION: ("reason", "recorded_by", "confirmed_by"),
    EntryKind.DECLINED: ("reason", "recorded_by"),
    EntryKind.EXCUSE_WITHDRAWN: ("reason", "recorded_by"),
    EntryKind.PROPOSED: ("reason", "recorded_by", LATE),
}
"""What a list cannot do without."""


def understood(kind: EntryKind, body: Mapping[str, Any]) -> dict[str, JsonValue]:
    """Return what is known of a body; RuleViolation where a field is of another kind, or one that is needed lacks."""
    for name in _NEEDED.get(kind, ()):
        if name not in body:
            msg = f"the body of an entry of the kind {kind} lacks {name!r}"
            raise RuleViolation(msg)
    known: dict[str, JsonValue] = {name: read(body[name]) for name, read in _FIELDS.items() if name in body}
    if kind is EntryKind.CORRECTION:
        two_officers(str(known["recorded_by"]), str(known["confirmed_by"]))
    if kind is EntryKind.PROPOSED:
        known["recorded_by_account"] = None  # accounts have numbers of their own on every appliance
    return known


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _of_another_kind()
    return clean(value, "a text", longest=_LONGEST)


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _of_another_kind()
    return value


def _time(value: Any) -> str:
    try:
        foreign_time(value)
    except (TypeError, ValueError) as error:
        raise _of_another_kind() from error
    return str(value)


def _lists(value: Any) -> dict[str, JsonValue]:
    kinds = {"age_days": int, "timestamp": int, "card_status": int, "at_least": bool, "content": str}
    try:
        is_fit = all(type(value[name]) is kind for name, kind in kinds.items() if name in value)
        age = ListsAge.from_body(value)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise _of_another_kind() from error
    if not is_fit:
        raise _of_another_kind()
    return age.as_body()


def _of_another_kind() -> RuleViolation:
    return RuleViolation("the body of an entry has a field of another kind")


_FIELDS: Final[Mapping[str, Callable[[Any], JsonValue]]] = {
    LATE: _yes_or_no,
    LISTS: _lists,
    ARRIVED: _time,
    LEFT: _time,
    **dict.fromkeys(
        (
            "name",
            "issuing_state",
            "reason",
            "recorded_by",
            "confirmed_by",
            "officer",
            "place",
            "origin",
            "organisation",
            "invited_by",
        ),
        _text,
    ),
}
