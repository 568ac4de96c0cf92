"""A meeting's list in the groups in which an officer looks at it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import get_template_attribute, render_template
from flask_babel import lazy_gettext as _

from appliance.meetings import MeetingState
from appliance.minutes.attendance import AttendanceList, AttendanceRow, AttendanceState
from appliance.roster import MemberClass
from web_admin.by_hand.forms import preset_reasons, reason_on_page
from web_admin.lists import words as list_words
from web_admin.services import attendance, services

CLASS_WORDS = {
    MemberClass.OFFICIAL: _("Official member"),
    MemberClass.PROBATIONARY: _("Probationary member"),
    MemberClass.TEMPORARY: _("Temporary member"),
}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class People:
    """Who is here (the newest first), who is missing, who is not expected, and who visits.

    ``proposed`` are those of whom one officer alone says that they are here; they are in none of the others.
    """

    here: tuple[AttendanceRow, ...] = field(repr=False)
    missing: tuple[AttendanceRow, ...] = field(repr=False)
    not_expected: tuple[AttendanceRow, ...] = field(repr=False)
    visitors: tuple[AttendanceRow, ...] = field(repr=False)
    proposed: tuple[AttendanceRow, ...] = field(repr=False)


def people_of(listed: AttendanceList) -> People:
    """Group the rows of a list."""
    here = (row for row in listed.rows if row.state.is_here)
    others = [row for row in listed.rows if not row.state.is_here and row.proposal is None]
    return People(
        here=tuple(sorted(here, key=_arrival, reverse=True)),
        missing=tuple(row for row in others if row.state is AttendanceState.ABSENT),
        not_expected=tuple(row for row in others if row.state is not AttendanceState.ABSENT),
        visitors=tuple(sorted(listed.visitors, key=_arrival, reverse=True)),
        proposed=listed.unconfirmed,
    )


def context_of(meeting_id: int) -> dict[str, Any]:
    """Return what the attendance part of the page is rendered from. Raises NotFound."""
    listed = attendance().attendance_of(meeting_id)
    is_open = listed.meeting.state is MeetingState.OPEN
    return {
        "listed": listed,
        "meeting": listed.meeting,
        "figures": listed.figures,
        "people": people_of(listed),
        "class_words": CLASS_WORDS,
        "reason_words": partial(reason_on_page, presets=preset_reasons()),
        "is_open": is_open,
        "checked": listed.checked_against,
        "list_words": list_words,
        "visit": services().home_visits.current() if is_open else None,
        "readable": {member.id for member in services().roster.members() if member.has_password} if is_open else set(),
    }


def event_of(meeting_id: int) -> Mapping[str, str]:
    """Return the live event: the attendance part as HTML, and the newest arrival as a sentence for screen readers."""
    context = context_of(meeting_id)
    people: People = context["people"]
    newest = max((*people.here, *people.visitors), key=_arrival, default=None)
    arrived = get_template_attribute("meetings/arrived.html", "arrived")
    return {
        "html": render_template("meetings/attendance.html", **context),
        "arrived": "" if newest is None else arrived(newest).unescape().strip(),
    }


def _arrival(row: AttendanceRow) -> datetime:
    return row.at or _LONG_AGO
