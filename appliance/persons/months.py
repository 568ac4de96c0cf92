"""Calendar months, in which retention is counted."""

import calendar
from datetime import datetime

_FIRST_YEAR = 1


def months_before(at: datetime, months: int) -> datetime:
    """Return the same time of the day so many months earlier; the last day of a month that has fewer days.

    >>> from datetime import UTC
    >>> months_before(datetime(2027, 3, 31, 12, tzinfo=UTC), 13).isoformat()
    '2026-02-28T12:00:00+00:00'
    """
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    year = max(year, _FIRST_YEAR)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)
