"""Mirroring: what another appliance recorded first-hand becomes an entry of our own ledger, of the same kind.

So it counts in lists, figures and years like anything that was recorded here; it is corrected, erased and verified in
the same ways, and what arrives after a meeting was closed comes after its closing. Its body says whose it is. It is
done a few entries at a time, each few in a transaction of their own, so that nobody at the reader waits for it; what a
power cut leaves waiting is taken over next time.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select, update

from appliance.bundles.deciding import DECIDED, is_decided, may_decide
from appliance.bundles.foreign_bodies import MIRRORED, understood
from appliance.bundles.foreign_times import require_fit
from appliance.bundles.keeping import Vault
from appliance.bundles.pairing import Device, devices_in
from appliance.errors import KeyDamaged, RuleViolation
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.ledger.canonical_json import JsonValue
from appliance.ledger.time_of_entries import at_an_uncertain_time
from appliance.meetings.portable_members import match_members
from appliance.standing.entries import ARRIVED, FROM, LEFT, PRESENCE, TAKES_OUT, member_subject, subject_here
from appliance.storage.base import utc_text
from appliance.storage.devices import Taken, foreign_entries, foreign_people
from appliance.storage.ledger import ledger_entries
from appliance.storage.meetings import meetings

AT_ONCE: Final = 20
"""Entries in one transaction: about a tenth of a second."""
PAUSE_SECONDS: Final = 0.12
"""Between two of them: whoever waits for the store looks every tenth of a second (SQLite's busy handler)."""
_ORIGIN: Final = ("device", "sequence", "entry_hash")
_ANYBODY: Final = ("member", "visitor", "guest")
_ABOUT: Final[Mapping[EntryKind, tuple[str, ...]]] = {
    EntryKind.CHECK_IN: ("member",),
    EntryKind.CHECK_IN_BY_HAND: ("member",),
    EntryKind.EXCUSED: ("member",),
    EntryKind.PROPOSED: ("member",),
    EntryKind.VISIT: ("visitor",),
    EntryKind.VISIT_BY_HAND: ("guest",),
    EntryKind.GUEST: ("guest",),
}
"""Whom an entry of a kind is about, by how their subjects begin; others are about anybody who was there."""
_ABOUT_NOBODY: Final = frozenset((EntryKind.COUNTED, EntryKind.REFUSED))


_IS_MEMBER = (
    update(foreign_people).where(foreign_people.c.id == bindparam("person")).values(member_id=bindparam("member"))
)
_WAITS_AGAIN = (
    update(foreign_entries)
    .where(foreign_entries.c.person_id == bindparam("person"), foreign_entries.c.taken == Taken.UNMATCHED)
    .values(taken=Taken.WAITING)
)
_BECAME = (
    update(foreign_entries)
    .where(foreign_entries.c.device_id == bindparam("device"), foreign_entries.c.sequence == bindparam("number"))
    .values(taken=bindparam("outcome"), mirrored_as=bindparam("here"))
)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What becomes of an entry: the entry to be appended here, or why there is none."""

    taken: Taken
    entry: NewEntry | None = None


@dataclass
class Mirror:
    """Takes over what waits, inside one transaction."""

    writer: Connection
    ledger: Ledger
    vault: Vault
    own_key: bytes

    def match_people(self) -> None:
        """Find out who of our members is meant; entries about whoever is known now wait to be taken over."""
        for device in devices_in(self.writer):
            query = select(foreign_people).where(foreign_people.c.device_id == device.id)
            rows = self.writer.execute(query).all()
            if all(row.member_id is not None for row in rows):
                continue
            # all of them, also those who are known: of two namesakes neither is told by the name
            meant = {row.id: self.vault.open_person(row.subject, row.sealed)[1] for row in rows}
            matched = match_members(self.writer, meant.values())
            taken = {row.member_id for row in rows}
            found = {row.id: matched.get(meant[row.id]) for row in rows if row.member_id is None}
            self.are({person: member for person, member in found.items() if member is not None and member not in taken})

    def are(self, members: Mapping[int, int]) -> None:
        """Say which of our members (values) people of another appliance (keys) are."""
        if not members:
            return
        pairs = [{"person": person, "member": member} for person, member in members.items()]
        self.writer.execute(_IS_MEMBER, pairs)
        self.writer.execute(_WAITS_AGAIN, [{"person": pair["person"]} for pair in pairs])

    def take_over_some(self, *, at: datetime) -> int:
        """Take over up to ``AT_ONCE`` entries that wait, in their order; return how many there were."""
        known = {device.id: device for device in devices_in(self.writer)}
        query = (
            select(foreign_entries, foreign_people.c.member_id, meetings.c.id.label("meeting_id"))
            .outerjoin(foreign_people, foreign_people.c.id == foreign_entries.c.person_id)
            .join(meetings, meetings.c.uid == foreign_entries.c.meeting_uid)
            .where(foreign_entries.c.taken == Taken.WAITING)
            .order_by(foreign_entries.c.device_id, foreign_entries.c.sequence)
            .limit(AT_ONCE)
        )
        rows = self.writer.execute(query).all()
        for row in rows:
            outcome, number = self._appended(self._outcome(row, known[row.device_id]), at)
            became = {"device": row.device_id, "number": row.sequence, "outcome": outcome.taken, "here": number}
            self.writer.execute(_BECAME, became)  # at once: a later one may refer to it
            if outcome.taken is Taken.HEARSAY:
                self._keep_whose_it_is(row)
        return len(rows)

    def _appended(self, outcome: _Outcome, at: datetime) -> tuple[_Outcome, int | None]:
        """Append what is to be appended; what cannot be recorded is put aside, and the others go on."""
        if outcome.entry is None:
            return outcome, None
        try:
            return outcome, self.ledger.append(outcome.entry, at=at, connection=self.writer)
        except RuleViolation:  # raised before anything was written
            return _Outcome(Taken.UNREADABLE), None

    def _outcome(self, row: Row[Any], device: Device) -> _Outcome:
        if row.kind not in {kind.value for kind in MIRRORED}:
            return _Outcome(Taken.NOT_NEEDED)
        kind = EntryKind(row.kind)
        try:
            require_fit(row.at)
            body = self.vault.open_body(device.id, row.sequence, row.sealed)
            if FROM in body:
                return _Outcome(Taken.HEARSAY)
            subject = _subject(kind, body.get("subject"), row, device)
            said = {**understood(kind, body), **_times(kind, body, row.at), FROM: _from(row, device, body)}
            entry = NewEntry(kind, row.meeting_id, subject=subject, body=said)
            at_an_uncertain_time(entry).body_bytes()  # it fits, whatever our own clock is worth
        except (KeyDamaged, RuleViolation, TypeError, ValueError):
            return _Outcome(Taken.UNREADABLE)
        if subject is None and row.person_id is not None:
            return _Outcome(Taken.UNMATCHED)
        if subject is None and (body.get("subject") is not None or kind not in _ABOUT_NOBODY | set(TAKES_OUT)):
            return _Outcome(Taken.UNREADABLE)
        return self._referring(entry, row)

    def _keep_whose_it_is(self, row: Row[Any]) -> None:
        """Of what an appliance has from another one keep only from where: who was erased there is in nothing here."""
        origin = self.vault.open_body(row.device_id, row.sequence, row.sealed)[FROM]
        kept = {name: origin.get(name) for name in _ORIGIN} if isinstance(origin, Mapping) else {}
        plain = json.dumps({FROM: kept}).encode()
        sealed = self.vault.seal_body(row.device_id, row.sequence, plain)
        which = (foreign_entries.c.device_id == row.device_id) & (foreign_entries.c.sequence == row.sequence)
        self.writer.execute(update(foreign_entries).where(which).values(sealed=sealed, person_id=None))

    def _referring(self, entry: NewEntry, row: Row[Any]) -> _Outcome:
        """Find the entry here that one over there decides about; without it there is nothing to take out."""
        if entry.kind not in DECIDED:
            return _Outcome(Taken.MIRRORED, entry)
        number = None if row.refers_to is None else self._here(row.device_id, row.refers_to)
        meant = None if number is None else self.ledger.entry(number, connection=self.writer)
        is_fit = meant is not None and may_decide(entry, meant)
        is_new = meant is not None and meant.body is not None and not is_decided(self.writer, meant.sequence)
        if entry.kind not in TAKES_OUT:  # by hand, with or without a proposal before it
            return _Outcome(Taken.MIRRORED, replace(entry, refers_to=number) if is_fit and is_new else entry)
        if row.refers_to is None or (meant is not None and not is_fit):
            return _Outcome(Taken.UNREADABLE)
        if meant is None or not is_new:
            return _Outcome(Taken.NOT_NEEDED)
        return _Outcome(Taken.MIRRORED, replace(entry, refers_to=number, subject=meant.subject))

    def _here(self, device_id: int, sequence: int) -> int | None:
        """Return the number here of an entry over there: what mirrors it, or what it mirrors itself."""
        which = (foreign_entries.c.device_id == device_id) & (foreign_entries.c.sequence == sequence)
        row = self.writer.execute(select(foreign_entries).where(which)).one_or_none()
        if row is None or row.mirrored_as is not None or row.sealed is None:
            return None if row is None else row.mirrored_as
        origin = self.vault.open_body(device_id, sequence, row.sealed).get(FROM)
        if not isinstance(origin, Mapping) or type(origin.get("sequence")) is not int:  # True is an int, too
            return None
        if origin.get("device") == self.own_key.hex():
            return self._own(origin["sequence"], origin.get("entry_hash"))
        third = [
            device.id for device in devices_in(self.writer) if device.card.public_key.hex() == origin.get("device")
        ]
        mirrored = select(foreign_entries.c.mirrored_as).where(
            foreign_entries.c.device_id.in_(third), foreign_entries.c.sequence == origin["sequence"]
        )
        return self.writer.scalar(mirrored)

    def _own(self, sequence: int, entry_hash: Any) -> int | None:
        """Return the number of an own entry, if it is the one that they mean."""
        found = self.writer.scalar(select(ledger_entries.c.entry_hash).where(ledger_entries.c.sequence == sequence))
        return sequence if found is not None and found.hex() == entry_hash else None


def _subject(kind: EntryKind, subject: Any, row: Row[Any], device: Device) -> str | None:
    """Return whom it is about, as we call them; None for nobody whom we know, RuleViolation for whom it cannot be."""
    if not isinstance(subject, str) or kind in _ABOUT_NOBODY:
        return None
    prefix, _, _ = subject.partition(":")
    if prefix not in _ABOUT.get(kind, _ANYBODY):
        msg = f"an entry of the kind {kind} is about nobody of that sort"
        raise RuleViolation(msg)
    if prefix == "member":
        return None if row.member_id is None else member_subject(row.member_id)
    return subject_here(device.card.public_key, subject)


def _times(kind: EntryKind, body: Mapping[str, Any], at: datetime) -> dict[str, JsonValue]:
    """Return when it happened, where the list would otherwise show when we heard of it."""
    if kind in PRESENCE:
        return {} if ARRIVED in body else {ARRIVED: utc_text(at)}
    if kind is EntryKind.CHECK_OUT:
        return {} if LEFT in body else {LEFT: utc_text(at)}
    return {}


def _from(row: Row[Any], device: Device, body: Mapping[str, Any]) -> dict[str, JsonValue]:
    said: dict[str, JsonValue] = {
        "device": device.card.public_key.hex(),
        "name": device.name,
        "sequence": row.sequence,
        "entry_hash": row.entry_hash.hex(),
        "at": utc_text(row.at),
    }
    if "clock" in body:
        said["clock"] = "not-trusted"
    return said
