"""What was written when a meeting closed, and what its figures are since."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from appliance.ledger import Bodies, EntryKind, Sequence
from appliance.ledger.reading import entries_of_meetings
from appliance.meetings.meeting import Meeting
from appliance.meetings.roll import RollLine, figures_of
from appliance.rules import Figures, RuleSet
from appliance.standing.entries import MeetingEntry
from appliance.standing.standing import Standing, standing_of


@dataclass(frozen=True, slots=True)
class Closing:
    """The entry that closed a meeting: its number, the figures of the minutes, and who signs them."""

    sequence: Sequence
    figures: Figures
    chair: str | None = field(repr=False)
    secretary: str | None = field(repr=False)

    def standing(self, entries: Iterable[MeetingEntry]) -> Standing:
        """Return what stood then, as far as it is still on record."""
        return standing_of(entry for entry in entries if entry.sequence < self.sequence)

    def changes(self, entries: Iterable[MeetingEntry]) -> tuple[MeetingEntry, ...]:
        """Return what was recorded of the meeting since."""
        return tuple(entry for entry in entries if entry.sequence > self.sequence)


def closings_in(reader: Connection, meeting_ids: Collection[int], bodies: Bodies) -> Mapping[int, Closing]:
    """Return how these meetings were closed, those of them that were, in one query."""
    found = entries_of_meetings(reader, bodies, meeting_ids, kinds=(EntryKind.MEETING_CLOSED,))
    return {
        entry.meeting_id: Closing(
            entry.sequence,
            Figures.from_body(entry.body["figures"]),
            entry.body.get("chair"),
            entry.body.get("secretary"),
        )
        for entry in found
        if entry.meeting_id is not None and entry.body is not None
    }


def figures_now(
    meeting: Meeting,
    rules: RuleSet,
    roll: Collection[RollLine],
    entries: Collection[MeetingEntry],
    closing: Closing | None,
) -> Figures:
    """Return what a meeting comes to: after its closing the figures of the minutes, and what was corrected since."""
    if closing is not None and all(entry.sequence < closing.sequence for entry in entries):
        return closing.figures
    now = figures_of(rules, roll, standing_of(entries), meeting.mode)
    if closing is None:
        return now
    return closing.figures.changed(figures_of(rules, roll, closing.standing(entries), meeting.mode), now)
