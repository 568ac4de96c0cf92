"""Times that other appliances wrote: whatever a page may do with one, it stays within what a calendar holds."""

from datetime import UTC, datetime
from typing import Final

from appliance.storage.base import utc_time

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2199, 12, 31, tzinfo=UTC)


def foreign_time(text: str) -> datetime:
    """Read what ``utc_text`` wrote; ValueError for anything else, and for a time outside 2000 to 2199."""
    at = utc_time(text)
    require_fit(at)
    return at


def require_fit(at: datetime) -> None:
    """Raise ValueError for a time to which a day cannot be added, or to which no clock is ever set."""
    if not EARLIEST <= at < LATEST:
        msg = "this time is of no year from 2000 to 2199"
        raise ValueError(msg)
