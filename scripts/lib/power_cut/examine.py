"""What must hold of an appliance's state after a power cut: nothing that was acknowledged is missing, and it goes on.

The store is opened with the genuine services, on the files that the power cut left.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from power_cut.acknowledged import Acknowledgement
from power_cut.errors import NotSurvived
from power_cut.workload import AT, CLOSED, ENTRY, ERASED, MEMBER, OPENED, READY, STATE, config_of
from sqlalchemy import select

from appliance.errors import ApplianceError, NotFound
from appliance.ledger import EntryKind, NewEntry
from appliance.ledger.verdict import Finding
from appliance.meetings import MeetingState
from appliance.services import Services
from appliance.storage.ledger import ledger_entries

History: TypeAlias = Sequence[bytes]
"""The hash of every entry that was recorded before the machine was switched off in the end."""

LOST: Final = "acknowledged and lost"
NOT_OPENED: Final = "store not opened"
NOT_VERIFIED: Final = "ledger not verified"
ALTERED: Final = "another history"
_UNDER_WAY: Final = 2
"""Entries that station and page may have recorded without having said so: one each."""
_ALL: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: how many entries, how many of them had been acknowledged, and the hash of each."""

    entries: int
    acknowledged: int
    history: History = field(repr=False)


def examine(files: Path, acknowledged: Sequence[Acknowledgement], history: History | None = None) -> Found:
    """Examine the files of a recovered disk against what was acknowledged; its ledger must begin as ``history`` does.

    Raises ``NotSurvived``.
    """
    (files / STATE).mkdir(exist_ok=True)
    try:
        with _services(files) as services:
            verdict = services.ledger.verify()
            not_verified = NotSurvived(NOT_VERIFIED, f"{verdict.reason}: {verdict.sentence}")
            if not verdict.ok and verdict.reason != Finding.ROLLED_BACK:
                raise not_verified
            found = _Examination(services, verdict.checkpoint or 0).require(acknowledged, history)
            if not verdict.ok:  # what is there is whole, and it is known now what is not
                raise not_verified
            _require_next(services, found.entries)
    except ApplianceError as error:
        raise NotSurvived(NOT_OPENED, f"{error.reason}: {error.sentence}") from error
    return found


class _Examination:
    """One store, and what it knows of each acknowledgement."""

    def __init__(self, services: Services, checkpoint: int) -> None:
        self._services = services
        self._checkpoint = checkpoint
        self._entries = {int(entry.sequence): entry for entry in services.ledger.entries(limit=_ALL)}
        self._recorded = 0

    def require(self, acknowledged: Sequence[Acknowledgement], history: History | None) -> Found:
        """Raise ``NotSurvived`` unless all that was acknowledged is there, and no more than was under way."""
        require: Mapping[str, Callable[..., None]] = {
            READY: self._require_key,
            MEMBER: self._require_member,
            ENTRY: self._require_entry,
            OPENED: self._require_opened,
            CLOSED: self._require_closed,
            ERASED: self._require_erased,
        }
        for one in acknowledged:
            require[one.what](**one.more)
        if not 0 <= len(self._entries) - self._recorded <= _UNDER_WAY:
            msg = f"{len(self._entries)} entries were recorded, and {self._recorded} acknowledged"
            raise NotSurvived(ALTERED, msg)
        found = Found(len(self._entries), self._recorded, self._hashes())
        if history is not None and found.history != history[: found.entries]:
            raise NotSurvived(ALTERED, "its entries are not the ones that were recorded")
        return found

    def _require_key(self, *, key: str) -> None:
        if self._services.keys.device_public.public_bytes_raw().hex() != key:
            raise NotSurvived(LOST, "the device key is another one")

    def _require_member(self, *, id: int) -> None:  # noqa: A002 – as it was acknowledged
        try:
            self._services.roster.get(id)
        except NotFound as error:
            raise NotSurvived(LOST, f"member {id} is not there") from error

    def _require_entry(self, *, sequence: int, kind: str) -> None:
        self._recorded += 1
        if sequence not in self._entries or self._entries[sequence].kind != kind:
            raise NotSurvived(LOST, f"entry {sequence}, {kind}, is not there")

    def _require_opened(self, *, meeting: int) -> None:
        self._require_meeting(meeting, EntryKind.MEETING_OPENED)

    def _require_closed(self, *, meeting: int) -> None:
        self._require_meeting(meeting, EntryKind.MEETING_CLOSED)
        if self._services.meetings.get(meeting).state is not MeetingState.CLOSED:
            raise NotSurvived(LOST, f"meeting {meeting} is not closed")

    def _require_meeting(self, meeting: int, kind: EntryKind) -> None:
        self._recorded += 1
        found = [one.sequence for one in self._entries.values() if one.kind is kind and one.meeting_id == meeting]
        if not found:
            raise NotSurvived(LOST, f"meeting {meeting}: the entry {kind} is not there")
        if self._checkpoint < found[0]:
            raise NotSurvived(
                LOST, f"the checkpoint vouches up to {self._checkpoint}, not for entry {found[0]}, {kind}"
            )

    def _require_erased(self, *, sequences: list[int]) -> None:
        self._recorded += 1
        for sequence in sequences:
            if sequence not in self._entries or self._entries[sequence].body is not None:
                raise NotSurvived(LOST, f"entry {sequence} is not erased")

    def _hashes(self) -> History:
        query = select(ledger_entries.c.entry_hash).order_by(ledger_entries.c.sequence)
        with self._services.database.reading() as reader:
            return tuple(reader.scalars(query))


@contextmanager
def _services(files: Path) -> Iterator[Services]:
    services = Services.open(config_of(files, files / "run"))
    try:
        yield services
    finally:
        services.database.close()


def _require_next(services: Services, entries: int) -> None:
    """Record one more entry, as the station would."""
    sequence = services.ledger.append(NewEntry(EntryKind.REFUSED, body={"reason": "tried"}), at=AT)
    if sequence != entries + 1:
        raise NotSurvived(NOT_VERIFIED, f"the next entry after {entries} has the number {sequence}")
