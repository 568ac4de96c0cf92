"""The rules as a published document: one version of them, as strict JSON.

    {"format": "thechip-rules-1", "version": "2026-2", "late_after_minutes": 15,
     "outside_ratio": ["exempt", "special-duty"], "line_percent": 85, "in_force_from": "2026-07-01"}

``docs/rosters.md`` says what the fields mean.
"""

import json
import re
from datetime import date, timedelta
from typing import Any, Final

from appliance.errors import ListRefused, RulesRefused
from appliance.lists.catalogue import require_name
from appliance.lists.strict_json import StrictJson
from appliance.rules import BUILT_IN, RuleSet
from appliance.storage.members import MemberStatus

FORMAT: Final = "thechip-rules-1"
LONGEST_DOCUMENT: Final = 65_536
"""Bytes."""
LATEST_MINUTES: Final = 240
"""After a meeting's start; what the page takes, too."""
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
"""Days on which rules may come into force."""

_FIELDS: Final = ("format", "version", "late_after_minutes", "outside_ratio", "line_percent", "in_force_from")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_JSON: Final = StrictJson("the document of the rules", RulesRefused)


def encode_rules(rules: RuleSet) -> bytes:
    """Return the document of these rules. Raises ``RulesRefused`` for rules that ``decode_rules`` would refuse."""
    fields = {
        "format": FORMAT,
        "version": rules.version,
        "late_after_minutes": rules.late_after // timedelta(minutes=1),
        "outside_ratio": sorted(rules.outside_ratio),
        "line_percent": rules.line_percent,
        "in_force_from": rules.in_force_from.isoformat(),
    }
    document = json.dumps(fields, indent=1).encode() + b"\n"
    if decode_rules(document) != rules:
        _JSON.refuse("says lateness in whole minutes")
    return document


def decode_rules(document: bytes) -> RuleSet:
    """Read a document. Raises ``RulesRefused`` for anything else than one version of the rules.

    A version that is built into this release must say what the release says.
    """
    fields = _JSON.parse(document, longest=LONGEST_DOCUMENT)
    _JSON.require_fields(fields, _FIELDS)
    if fields["format"] != FORMAT:
        _JSON.refuse("is of a format that this release does not know")
    minutes = _JSON.number(fields["late_after_minutes"], "late_after_minutes", 0, LATEST_MINUTES)
    rules = RuleSet(
        version=_version(fields["version"]),
        late_after=timedelta(minutes=minutes),
        outside_ratio=_statuses(fields["outside_ratio"]),
        line_percent=_JSON.number(fields["line_percent"], "line_percent", 1, 99),
        in_force_from=_day(fields["in_force_from"]),
    )
    if rules.version == BUILT_IN.version and rules != BUILT_IN:
        _JSON.refuse("gives a built-in version another meaning; a change needs a new version")
    return rules


def _version(value: Any) -> str:
    try:
        return require_name(_JSON.text(value, "version"))
    except ListRefused as error:
        msg = f"{_JSON.what} has no version: {error.sentence}"
        raise RulesRefused(msg) from error


def _statuses(value: Any) -> frozenset[MemberStatus]:
    """Read who is outside the ratio. Never those who simply are members: then nobody would be counted."""
    words = _JSON.items(value, "outside_ratio", most=len(MemberStatus))
    known = {status.value: status for status in MemberStatus if status is not MemberStatus.ACTIVE}
    texts = [_JSON.text(word, "outside_ratio") for word in words]
    if not known.keys() >= set(texts) or len(set(texts)) < len(texts):
        _JSON.refuse(f"has no list of some of {', '.join(known)} in 'outside_ratio'")
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
