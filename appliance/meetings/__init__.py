"""Meetings and who came to them: planning, rolls, check-in, the list, and the figures of the minutes."""

from appliance.meetings.service import Meeting, MeetingKind, MeetingService, MeetingState, meeting_in

__all__ = ["Meeting", "MeetingKind", "MeetingService", "MeetingState", "meeting_in"]
