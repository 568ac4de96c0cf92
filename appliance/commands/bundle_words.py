"""What ``bundle`` and ``device`` say of other appliances, in the appliance's own time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.bundles.alarms import Alarm, Contradicting, SignedEntry
from appliance.bundles.awaited import Awaited
from appliance.bundles.service import Received
from appliance.bundles.status import DeviceStatus, ForeignEntry, ReceivedBundle
from appliance.names import count
from appliance.services import Services
from appliance.storage.devices import Taken

_MOST_RANGES = 5
_HASH_DIGITS = 16


@dataclass(frozen=True, slots=True)
class BundleWords:
    """Words in one time zone."""

    zone: ZoneInfo

    @classmethod
    def of(cls, services: Services) -> "BundleWords":
        """Return those of an appliance."""
        return cls(ZoneInfo(services.config.time_zone))

    def time(self, at: datetime) -> str:
        """Return a day and a time of day."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"

    def device(self, status: DeviceStatus) -> Iterator[str]:
        """Say what arrived from an appliance, what lacks, and its alarms."""
        past = "" if status.is_believed else " (not paired now: device list)"
        yield f"{shown(status.device.name)}{past}: {count(len(status.bundles), 'bundle')}; {_counts(status)}"
        for alarm in status.alarms:
            yield f"  {self.alarm(alarm)}"
        for bundle in status.bundles:
            yield f"  {self._bundle(bundle)}"
        ranges = [f"{first}–{last}" if first != last else str(first) for first, last in status.missing]
        if ranges:
            more = len(ranges) - _MOST_RANGES
            and_more = f" and {count(more, 'more range')}" if more > 0 else ""
            yield f"  never received: its entries {', '.join(ranges[:_MOST_RANGES])}{and_more}"

    def alarm(self, alarm: Alarm) -> str:
        """Say of which number an appliance signed two entries, and what became of that."""
        if alarm.settlement is not None:
            settled = alarm.settlement
            return (
                f"settled {self.time(settled.at)} by {settled.officer}: it had signed two different entries"
                f" {alarm.sequence}. {settled.finding}"
            )
        return (
            f"ALARM: it signed two different entries {alarm.sequence} [device-contradicts-itself]. Its key is used"
            " twice, perhaps by a restored backup: find out which appliance is the right one, then device settle"
        )

    def contradiction(self, both: Contradicting) -> Iterator[str]:
        """Show both entries of an alarm, as far as they are public."""
        seen = f"seen {self.time(both.alarm.seen_at)}, entry {both.alarm.recorded_as} of our ledger"
        yield f"two different entries {both.alarm.sequence} ({seen}):"
        for name, entry in (("kept", both.kept), ("refused", both.other)):
            yield f"  {name:8} {'not here' if entry is None else self._signed(entry)}"

    def awaited(self, one: Awaited) -> str:
        """Say whose bundle of which meeting is missing, and when the last one came."""
        last = (
            "none came yet"
            if one.made_at is None
            else f"the last one was made {self.time(one.made_at)} by its clock, before it closed the meeting there"
        )
        state = "closed" if one.is_closed else "open"
        which = f"a bundle of {shown(one.device)} of meeting {one.meeting_id}, {one.title} ({state})"
        return f"MISSING: {which}: {last}{'' if one.is_believed else '. NOT BELIEVED now: device list'}"

    def entry(self, entry: ForeignEntry) -> str:
        """Say when an entry was recorded there and received here, and what became of it."""
        there, received = (f"{at.astimezone(self.zone):%H:%M:%S}" for at in (entry.at, entry.received_at))
        here = "" if entry.here is None else f"  here {entry.here}"
        times = f"{there} there  {received} received"
        return f"{shown(entry.device):12} {entry.sequence:6}  {times}  {entry.kind:18} {entry.taken}{here}"

    def _signed(self, entry: SignedEntry) -> str:
        digits = entry.entry_hash.hex()[:_HASH_DIGITS]
        return f"{entry.kind:18} {self.time(entry.at)} by its clock  SHA-256 {digits}…"

    def _bundle(self, bundle: ReceivedBundle) -> str:
        parts = [
            f"{_meeting(bundle)}: entries {bundle.first}–{bundle.last}, made {self.time(bundle.made_at)} by its clock"
            f"{_trusted(bundle.their_clock_trusted)}, received {self.time(bundle.received_at)} by ours"
            f"{_trusted(bundle.our_clock_trusted)}"
        ]
        if bundle.ahead is not None:
            seconds = round(bundle.ahead.total_seconds())
            about = "about" if bundle.by_network else "at least"
            parts.append(f"its clock is {about} {abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} ours")
        if bundle.late:
            parts.append("after the meeting was closed here")
        return "; ".join(parts)


def _meeting(bundle: ReceivedBundle) -> str:
    return "a meeting" if bundle.meeting_id is None else f"meeting {bundle.meeting_id}, {bundle.title}"


def shown(name: str) -> str:
    """Return an appliance's name as the terminal may have it, whoever wrote it into the store."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)


def received_words(received: Received) -> Iterator[str]:
    """Say what became of a bundle."""
    meeting = f"meeting {received.meeting.id}, {received.meeting.title}"
    if received.adopted:
        yield f"New here: {meeting}, planned by {received.device.name}. Open it here, too."
    elif received.new == 0:
        yield f"Nothing new from {received.device.name} ({meeting})."
    if received.new == 0:
        return
    yield f"{count(received.new, 'new entry')} from {received.device.name} ({meeting})."
    if received.late:
        yield "The meeting is closed: they came after it, and the figures of the minutes stay what they are."


def _trusted(is_trusted: bool) -> str:
    return "" if is_trusted else " (not trusted)"


def _counts(status: DeviceStatus) -> str:
    counts = (f"{status.taken[taken]} {taken}" for taken in Taken if status.taken.get(taken))
    return ", ".join(counts) or "nothing of this meeting"
