"""Meetings: planned, opened and closed, their kinds and rules, who is expected, home visits, events."""

from appliance.meetings.admission import Admission
from appliance.meetings.meeting import Meeting, meeting_in
from appliance.meetings.plan import MeetingPlan
from appliance.meetings.service import MeetingService
from appliance.storage.meetings import MeetingKind, MeetingMode, MeetingState

__all__ = [
    "Admission",
    "Meeting",
    "MeetingKind",
    "MeetingMode",
    "MeetingPlan",
    "MeetingService",
    "MeetingState",
    "meeting_in",
]
