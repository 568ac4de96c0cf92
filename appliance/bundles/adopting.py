"""Adopting the meeting of a bundle, inside the transaction that keeps its entries: a refused bundle leaves none."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, insert, select

from appliance.bundles.pairing import Device
from appliance.errors import BundleRefused, RuleViolation
from appliance.meetings import Meeting, MeetingService
from appliance.meetings.plan import MeetingPlan
from appliance.storage.devices import adopted_meetings
from appliance.storage.meetings import meetings

MOST_ADOPTED: Final = 50
"""Meetings that one appliance may bring within ``WITHIN``."""
WITHIN: Final = timedelta(days=30)


def adopt(writer: Connection, service: MeetingService, device: Device, plan: MeetingPlan, *, at: datetime) -> Meeting:
    """Hold the meeting of a bundle. Raises PlanRefused, and BundleRefused for one too many, or that cannot be held."""
    is_new = writer.scalar(select(meetings.c.id).where(meetings.c.uid == plan.uid)) is None
    if is_new:
        _require_few(writer, device, at)
    try:
        meeting = service.adopt(plan, connection=writer)
    except RuleViolation as error:
        raise BundleRefused(error.sentence) from error
    if is_new:
        row = {"meeting_id": meeting.id, "device_id": device.id, "adopted_at": at}
        writer.execute(insert(adopted_meetings), row)
    return meeting


def _require_few(writer: Connection, device: Device, at: datetime) -> None:
    lately = adopted_meetings.c.adopted_at.between(at - WITHIN, at)
    query = select(func.count()).where(adopted_meetings.c.device_id == device.id, lately)
    if writer.scalars(query).one() >= MOST_ADOPTED:
        msg = f"the appliance brought {MOST_ADOPTED} meetings within {WITHIN.days} days; this one is not taken"
        raise BundleRefused(msg)
