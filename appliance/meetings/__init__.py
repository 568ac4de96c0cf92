"""Meetings and who came to them: planning, rolls, check-in, the list, and the figures of the minutes."""

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
