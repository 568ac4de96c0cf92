"""Whether this machine's clock can be right: a wrong one would sign what no appliance takes, or for years."""

from datetime import datetime, timedelta

from publisher.errors import ClockSuspect
from publisher.moments import whole_seconds

LONGEST_SILENCE = timedelta(days=400)


def require_plausible(at: datetime, last: datetime | None) -> None:
    """Raise ``ClockSuspect`` for a time before the last publication, or more than 400 days after it."""
    if last is None:
        return
    if whole_seconds(at) < last:
        msg = f"the clock says {at:%Y-%m-%d %H:%M}, before the last publication ({last:%Y-%m-%d %H:%M}); set the clock"
        raise ClockSuspect(msg)
    if at - last > LONGEST_SILENCE:
        msg = (
            f"the clock says {at:%Y-%m-%d}, {(at - last).days} days after the last publication; set the clock, or say "
            "that it is right (--clock-is-right)"
        )
        raise ClockSuspect(msg)
