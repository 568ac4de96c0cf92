"""Moments in time, as signed metadata and the journal write them; and what ends at one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from appliance.lists.catalogue import ISSUED_FORMAT
from publisher.errors import WrongUsage


@dataclass(frozen=True, slots=True)
class Ending:
    """A list or certificate that ends by itself, and how long before that it is told."""

    kind: str
    """``card list``, ``crl``, ``csca`` or ``link``."""
    name: str
    until: datetime
    warning: timedelta

    def is_soon(self, at: datetime) -> bool:
        """Whether it has ended, or will before long."""
        return self.until - at < self.warning


def whole_seconds(at: datetime) -> datetime:
    """Return a moment in UTC without its fraction of a second. Raises ``WrongUsage`` for one without a time zone."""
    if at.tzinfo is None:
        msg = "a moment needs a time zone"
        raise WrongUsage(msg)
    return at.astimezone(UTC).replace(microsecond=0)


def write_moment(at: datetime) -> str:
    """Return ``2026-11-29T03:00:00Z``."""
    return whole_seconds(at).strftime(ISSUED_FORMAT)


def read_moment(text: str) -> datetime:
    """Read what ``write_moment`` wrote. Raises ``ValueError``, ``TypeError``."""
    return datetime.strptime(text, ISSUED_FORMAT).replace(tzinfo=UTC)
