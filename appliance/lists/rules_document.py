"""The rules as a published document: one version of them, as strict JSON.

    {"format": "thechip-rules-2", "version": "2026-3", "in_force_from": "2026-07-01",
     "late_after_minutes": 15, "window": {"minutes_before": 120, "minutes_after": 360},
     "by_kind": {"event": {"late_after_minutes": 15, "window": null}},
     "outside_ratio": ["exempt", "special-duty"], "line_percent": 85,
     "in_year": ["regular", "thematic"], "excused_running": 3,
     "check_out_after_minutes": 10, "event_retention_days": 30}

``docs/rosters.md`` says what the fields mean. A document of the older format ``thechip-rules-1`` has five of them; it
is read for ever, and written for rules that say no more, so that an older appliance understands them.
"""

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeVar

from appliance.errors import ListRefused, RulesRefused
from appliance.lists.catalogue import require_name
from appliance.lists.strict_json import StrictJson
from appliance.rules import BUILT_INS, RuleSet, Timing, Window
from appliance.storage.meetings import MeetingKind
from appliance.storage.members import MemberStatus

FORMAT_1: Final = "thechip-rules-1"
FORMAT_2: Final = "thechip-rules-2"
LONGEST_DOCUMENT: Final = 65_536
"""Bytes."""
LATEST_MINUTES: Final = 240
"""After a meeting's start; what the page takes, too."""
WIDEST_MINUTES: Final = 4_320
"""Three days: how far a window reaches before or after a meeting's start."""
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
"""Days on which rules may come into force."""

_OF_BOTH: Final = ("format", "version", "late_after_minutes", "outside_ratio", "line_percent", "in_force_from")
_OF_2: Final = ("window", "by_kind", "in_year", "excused_running", "check_out_after_minutes", "event_retention_days")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_JSON: Final = StrictJson("the document of the rules", RulesRefused)
_MINUTE, _A_DAY = timedelta(minutes=1), timedelta(days=1)

_Word = TypeVar("_Word", bound=StrEnum)


def encode_rules(rules: RuleSet) -> bytes:
    """Return the document of these rules. Raises ``RulesRefused`` for rules that ``decode_rules`` would refuse."""
    says_more = rules != _as_of_1(rules)
    fields = {
        "format": FORMAT_2 if says_more else FORMAT_1,
        "version": rules.version,
        "late_after_minutes": rules.late_after // _MINUTE,
        "outside_ratio": sorted(rules.outside_ratio),
        "line_percent": rules.line_percent,
        **(_fields_of_2(rules) if says_more else {}),
        "in_force_from": rules.in_force_from.isoformat(),
    }
    document = json.dumps(fields, indent=1).encode() + b"\n"
    if decode_rules(document) != rules:
        _JSON.refuse("says times in whole minutes, and retention in whole days")
    return document


def decode_rules(document: bytes) -> RuleSet:
    """Read a document. Raises ``RulesRefused`` for anything else than one version of the rules.

    A version that is built into this release must say what the release says.
    """
    fields = _JSON.parse(document, longest=LONGEST_DOCUMENT)
    is_of_2 = fields.get("format") == FORMAT_2
    _JSON.require_fields(fields, (*_OF_BOTH, *_OF_2) if is_of_2 else _OF_BOTH)
    if not is_of_2 and fields["format"] != FORMAT_1:
        _JSON.refuse("is of a format that this release does not know")
    rules = RuleSet(
        version=_version(fields["version"]),
        late_after=_minutes(fields["late_after_minutes"], "late_after_minutes", LATEST_MINUTES),
        outside_ratio=_words(fields["outside_ratio"], "outside_ratio", _OUTSIDE),
        line_percent=_JSON.number(fields["line_percent"], "line_percent", 1, 99),
        in_force_from=_day(fields["in_force_from"]),
        **(_values_of_2(fields) if is_of_2 else {}),
    )
    if BUILT_INS.get(rules.version, rules) != rules:
        _JSON.refuse("gives a built-in version another meaning; a change needs a new version")
    return rules


# --- what only the newer format says ----------------------------------------------------------------------------------


def _as_of_1(rules: RuleSet) -> RuleSet:
    """Return what a document of the older format would say of these rules."""
    return RuleSet(rules.version, rules.late_after, rules.outside_ratio, rules.line_percent, rules.in_force_from)


def _fields_of_2(rules: RuleSet) -> dict[str, Any]:
    return {
        "window": _window_fields(rules.window),
        "by_kind": {
            kind.value: {
                "late_after_minutes": timing.late_after // _MINUTE,
                "window": _window_fields(timing.window),
            }
            for kind, timing in sorted(rules.by_kind.items())
        },
        "in_year": sorted(rules.in_year),
        "excused_running": rules.excused_running,
        "check_out_after_minutes": rules.check_out_after // _MINUTE,
        "event_retention_days": None if rules.event_retention is None else rules.event_retention // _A_DAY,
    }


def _window_fields(window: Window | None) -> dict[str, int] | None:
    if window is None:
        return None
    return {"minutes_before": window.before // _MINUTE, "minutes_after": window.after // _MINUTE}


def _values_of_2(fields: Mapping[str, Any]) -> dict[str, Any]:
    days = fields["event_retention_days"]
    retention = None if days is None else timedelta(days=_JSON.number(days, "event_retention_days", 1, 36_500))
    return {
        "window": _window(fields["window"]),
        "by_kind": _by_kind(fields["by_kind"]),
        "in_year": _words(fields["in_year"], "in_year", _KINDS),
        "excused_running": _JSON.number(fields["excused_running"], "excused_running", 1, 99),
        "check_out_after": _minutes(fields["check_out_after_minutes"], "check_out_after_minutes", LATEST_MINUTES),
        "event_retention": retention,
    }


def _by_kind(value: Any) -> Mapping[MeetingKind, Timing]:
    found = _JSON.object(value)
    if not found.keys() <= _KINDS.keys():
        _JSON.refuse(f"has none of {', '.join(_KINDS)} in 'by_kind'")
    return MappingProxyType({_KINDS[name]: _timing(timing) for name, timing in found.items()})


def _timing(value: Any) -> Timing:
    fields = _JSON.object(value)
    _JSON.require_fields(fields, ("late_after_minutes", "window"))
    late_after = _minutes(fields["late_after_minutes"], "late_after_minutes", LATEST_MINUTES)
    return Timing(late_after, _window(fields["window"]))


def _window(value: Any) -> Window | None:
    if value is None:
        return None
    fields = _JSON.object(value)
    _JSON.require_fields(fields, ("minutes_before", "minutes_after"))
    before = _minutes(fields["minutes_before"], "minutes_before", WIDEST_MINUTES)
    return Window(before, _minutes(fields["minutes_after"], "minutes_after", WIDEST_MINUTES))


# --- fields -----------------------------------------------------------------------------------------------------------

_OUTSIDE: Final = {status.value: status for status in MemberStatus if status is not MemberStatus.ACTIVE}
"""Who may be outside the ratio. Never those who simply are members: then nobody would be counted."""
_KINDS: Final = {kind.value: kind for kind in MeetingKind}


def _version(value: Any) -> str:
    try:
        return require_name(_JSON.text(value, "version"))
    except ListRefused as error:
        msg = f"{_JSON.what} has no version: {error.sentence}"
        raise RulesRefused(msg) from error


def _minutes(value: Any, name: str, most: int) -> timedelta:
    return timedelta(minutes=_JSON.number(value, name, 0, most))


def _words(value: Any, name: str, known: Mapping[str, _Word]) -> frozenset[_Word]:
    texts = [_JSON.text(word, name) for word in _JSON.items(value, name, most=len(known))]
    if not known.keys() >= set(texts) or len(set(texts)) < len(texts):
        _JSON.refuse(f"has no list of some of {', '.join(known)} in {name!r}")
    return frozenset(known[text] for text in texts)


def _day(value: Any) -> date:
    text = _JSON.text(value, "in_force_from")
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        _JSON.refuse("has no day from 2000 to 2199 in 'in_force_from', written 2026-07-01")
    return day
