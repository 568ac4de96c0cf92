"""The plan of a meeting: what is the same on every appliance that holds it, as canonical JSON.

    {"format": "thechip-meeting-1", "uid": 32 hexadecimal digits, "kind": "congress", "title": …, "place": …,
     "starts_at": "2026-11-03T12:00:00.000000Z", "late_after_seconds": 900, "window_before_seconds": 14400,
     "window_after_seconds": 129600, "rules_version": "built-in-2", "check_out": false, "mode": "roster",
     "admission": null}

Two rooms, two appliances, one meeting: it is planned on one of them, and the other adopts this.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self, TypeVar

from appliance.errors import PlanRefused
from appliance.ledger.canonical_json import JsonValue, canonical_json
from appliance.lists.strict_json import StrictJson
from appliance.meetings.admission import Admission
from appliance.rules import Window
from appliance.storage.base import utc_text, utc_time
from appliance.storage.meetings import MeetingKind, MeetingMode

FORMAT: Final = "thechip-meeting-1"
LONGEST_PLAN: Final = 16_384
"""Bytes."""
UID_LENGTH: Final = 16
"""Bytes."""
LATEST: Final = timedelta(days=1)
"""The longest time after its start at which lateness may begin."""
WIDEST: Final = timedelta(days=3)
"""How far a window may reach before or after a meeting's start."""
EARLIEST_START: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The first start of a meeting that is believed."""
START_BEFORE: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Every meeting starts before this; near the last day of the calendar nothing can be added to a start."""

_UID: Final = re.compile(r"[0-9a-f]{32}")
_JSON: Final = StrictJson("the plan of the meeting", PlanRefused)
_FIELDS: Final = (
    "format", "uid", "kind", "title", "place", "starts_at", "late_after_seconds", "window_before_seconds",
    "window_after_seconds", "rules_version", "check_out", "mode", "admission",
)  # fmt: skip

_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class MeetingPlan:
    """What was planned; ``uid`` is 16 random bytes in hexadecimal, by which other appliances know the meeting.

    A second tap is the leaving where ``check_out`` says so. ``admission`` is only for an event without a roll.
    """

    uid: str
    kind: MeetingKind
    title: str
    place: str
    starts_at: datetime
    late_after: timedelta
    window: Window | None
    rules_version: str
    check_out: bool = False
    mode: MeetingMode = MeetingMode.ROSTER
    admission: Admission | None = None

    def as_body(self) -> dict[str, JsonValue]:
        """Return the plan as the entry that opens the meeting holds it."""
        return {
            "uid": self.uid,
            "kind": self.kind.value,
            "title": self.title,
            "place": self.place,
            "starts_at": utc_text(self.starts_at),
            "late_after_seconds": seconds(self.late_after),
            "window_before_seconds": None if self.window is None else seconds(self.window.before),
            "window_after_seconds": None if self.window is None else seconds(self.window.after),
            "rules_version": self.rules_version,
            "check_out": self.check_out,
            "mode": self.mode.value,
            "admission": None if self.admission is None else self.admission.as_body(),
        }

    def encode(self) -> bytes:
        """Return the document. Raises PlanRefused for a plan that ``decode`` would refuse."""
        document = canonical_json({"format": FORMAT, **self.as_body()})
        self.decode(document)
        return document

    @classmethod
    def decode(cls, document: bytes) -> Self:
        """Read a document; PlanRefused for anything else than one plan."""
        fields = _JSON.parse(document, longest=LONGEST_PLAN)
        _JSON.require_fields(fields, _FIELDS)
        if fields["format"] != FORMAT:
            _JSON.refuse("is of a format that this release does not know")
        if not isinstance(fields["check_out"], bool):
            _JSON.refuse("says neither yes nor no in 'check_out'")
        plan = cls(
            uid=_uid(fields["uid"]),
            kind=_word(fields["kind"], "kind", MeetingKind),
            title=_JSON.clean(fields["title"], "title", longest=200),
            place=_JSON.clean(fields["place"], "place", longest=200),
            starts_at=_time(fields["starts_at"]),
            late_after=_span(fields["late_after_seconds"], "late_after_seconds", LATEST),
            window=_window(fields["window_before_seconds"], fields["window_after_seconds"]),
            rules_version=_JSON.clean(fields["rules_version"], "rules_version", longest=200),
            check_out=fields["check_out"],
            mode=_word(fields["mode"], "mode", MeetingMode),
            admission=None if fields["admission"] is None else Admission.from_body(fields["admission"]),
        )
        if problem := plan.contradiction():
            _JSON.refuse(problem)
        return plan

    def contradiction(self) -> str | None:
        """Return what does not fit together in this plan, as the end of a sentence; None where all does."""
        if not is_believable_start(self.starts_at):
            return "starts before the year 2000, or after 2199"
        if self.mode is not MeetingMode.ROSTER and self.kind is not MeetingKind.EVENT:
            return "counts without a roll, which only an event may"
        if self.mode is MeetingMode.ROSTER and self.admission is not None:
            return "has a rule of admission beside a roll; members of the roll are always admitted"
        if self.mode is MeetingMode.COUNTS and self.check_out:
            return "wants to know who leaves, and keeps nothing about who came"
        return None


def is_believable_start(starts_at: datetime) -> bool:
    """Tell whether a meeting can start then: from 2000 to 2199."""
    return EARLIEST_START <= starts_at < START_BEFORE


def seconds(span: timedelta) -> int:
    """Return a span in whole seconds."""
    return int(span.total_seconds())


def as_admission(text: str | None) -> Admission | None:
    """Return the rule of admission that the store keeps as text; PlanRefused for a text that is none."""
    if text is None:
        return None
    try:
        return Admission.from_body(json.loads(text))
    except ValueError as error:
        msg = "the rule of admission is no JSON"
        raise PlanRefused(msg) from error


def _uid(value: Any) -> str:
    text = _JSON.text(value, "uid")
    if not _UID.fullmatch(text):
        _JSON.refuse("has no 32 hexadecimal digits in 'uid'")
    return text


def _word(value: Any, name: str, words: type[_Word]) -> _Word:
    text = _JSON.text(value, name)
    if text not in {word.value for word in words}:
        _JSON.refuse(f"has none of {', '.join(words)} in {name!r}")
    return words(text)


def _time(value: Any) -> datetime:
    text = _JSON.text(value, "starts_at")
    try:
        return utc_time(text)
    except ValueError:
        _JSON.refuse("has no time in 'starts_at', written 2026-11-03T12:00:00.000000Z")


def _span(value: Any, name: str, most: timedelta) -> timedelta:
    return timedelta(seconds=_JSON.number(value, name, 0, seconds(most)))


def _window(before: Any, after: Any) -> Window | None:
    if before is None and after is None:
        return None
    return Window(_span(before, "window_before_seconds", WIDEST), _span(after, "window_after_seconds", WIDEST))
