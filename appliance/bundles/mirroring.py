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
from appliance.bundles.keeping import Vault
from appliance.bundles.kept_entries import KeptEntries, SignedEntry
from appliance.bundles.mirrored import Mirrored
from appliance.bundles.pairing import Device, devices_in
from appliance.errors import KeyDamaged, RuleViolation
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.ledger.canonical_json import JsonValue
from appliance.ledger.proven import Prover
from appliance.ledger.time_of_entries import at_an_uncertain_time
from appliance.meetings.portable_members import match_members
from appliance.meetings.roll import line_of_meeting
from appliance.standing.entries import ARRIVED, FROM, LEFT, PRESENCE, TAKES_OUT, member_of, member_subject, subject_here
from appliance.storage.base import utc_text
from appliance.storage.devices import Taken, foreign_entries, foreign_people
from appliance.storage.ledger import ledger_entries
from appliance.storage.meetings import meetings
from appliance.storage.members import lines_that_stayed

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
    """What becomes of an entry: the entry to be appended here, the one that is here, or why there is none."""

    taken: Taken
    entry: NewEntry | None = None
    here: int | None = None


@dataclass(frozen=True, slots=True)
class TakenOver:
    """How many entries waited, and whether a body was shortened, of which the store's log has the whole one still."""

    entries: int
    shortened: bool


@dataclass
class Mirror:
    """Takes over what waits, inside one transaction."""

    writer: Connection
    ledger: Ledger
    vault: Vault
    prover: Prover
    mirrored: Mirrored

    def match_people(self) -> None:
        """Find out who of our members is meant; entries about whoever is known now wait to be taken over."""
        stayed = lines_that_stayed(self.writer)
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
            fits = {person: line for person, line in found.items() if line is not None and line not in taken}
            self.are({person: stayed.get(line, line) for person, line in fits.items()})

    def are(self, members: Mapping[int, int]) -> None:
        """Say which of our members (values) people of another appliance (keys) are."""
        if not members:
            return
        pairs = [{"person": person, "member": member} for person, member in members.items()]
        self.writer.execute(_IS_MEMBER, pairs)
        self.writer.execute(_WAITS_AGAIN, [{"person": pair["person"]} for pair in pairs])

    def take_over_some(self, *, at: datetime) -> TakenOver:
        """Take over up to ``AT_ONCE`` entries that wait, in their order.

        What was kept in a line of the store that is not as it was put on record waits until it is put right.
        """
        kept = KeptEntries(self.writer, self.prover, self.vault)
        known = kept.devices()
        query = (
            select(foreign_entries)
            .join(meetings, meetings.c.uid == foreign_entries.c.meeting_uid)
            .where(foreign_entries.c.taken == Taken.WAITING, foreign_entries.c.device_id.in_(known))
            .order_by(foreign_entries.c.device_id, foreign_entries.c.sequence)
            .limit(AT_ONCE)
        )
        rows = self.writer.execute(query).all()
        shortened = False
        for row in rows:
            outcome, number = self._appended(self._outcome(kept, row, known[row.device_id]), at)
            became = {"device": row.device_id, "number": row.sequence, "outcome": outcome.taken, "here": number}
            self.writer.execute(_BECAME, became)  # at once: a later one may refer to it
            if outcome.taken is Taken.HEARSAY:
                self._keep_whose_it_is(row)
                shortened = True
        return TakenOver(len(rows), shortened)

    def _appended(self, outcome: _Outcome, at: datetime) -> tuple[_Outcome, int | None]:
        """Append what is to be appended; what cannot be recorded is put aside, and the others go on."""
        if outcome.entry is None:
            return outcome, outcome.here
        try:
            return outcome, self.ledger.append(outcome.entry, at=at, connection=self.writer)
        except RuleViolation:  # raised before anything was written
            return _Outcome(Taken.UNREADABLE), None

    def _outcome(self, kept: KeptEntries, row: Row[Any], device: Device) -> _Outcome:
        try:
            signed = kept.signed(row, device)
            if signed.meeting_id is None or signed.public.kind not in {kind.value for kind in MIRRORED}:
                return _Outcome(Taken.NOT_NEEDED)
            here = self.mirrored.number(self.writer, signed.meeting_id, device.card.public_key.hex(), row.sequence)
            if here is not None:
                return _Outcome(Taken.MIRRORED, here=here)
            return self._mirror(signed, kept.body(row, signed), row, device)
        except (KeyDamaged, RuleViolation, TypeError, ValueError):
            return _Outcome(Taken.UNREADABLE)

    def _mirror(self, signed: SignedEntry, body: Mapping[str, Any], row: Row[Any], device: Device) -> _Outcome:
        if FROM in body:
            return _Outcome(Taken.HEARSAY)
        kind = EntryKind(signed.public.kind)
        person = self._person(device, body.get("subject"))
        subject = self._line_there(_subject(kind, body.get("subject"), person, device), signed.meeting_id)
        said = {**understood(kind, body), **_times(kind, body, signed.at), FROM: _from(row, device, signed, body)}
        entry = NewEntry(kind, signed.meeting_id, subject=subject, body=said)
        at_an_uncertain_time(entry).body_bytes()  # it fits, whatever our own clock is worth
        if subject is None and person is not None:
            return _Outcome(Taken.UNMATCHED)
        if subject is None and (body.get("subject") is not None or kind not in _ABOUT_NOBODY | set(TAKES_OUT)):
            return _Outcome(Taken.UNREADABLE)
        return self._referring(entry, signed, device)

    def _line_there(self, subject: str | None, meeting_id: int | None) -> str | None:
        """Return a member by the line that the meeting means, where they had two; anybody else as they are."""
        member_id = None if subject is None else member_of(subject)
        if member_id is None or meeting_id is None:
            return subject
        return member_subject(line_of_meeting(self.writer, meeting_id, member_id, self.ledger.bodies))

    def _person(self, device: Device, subject: Any) -> Row[Any] | None:
        """Return whom that appliance means, found by the body that it signed."""
        if not isinstance(subject, str):
            return None
        tag = self.vault.tag_of(device.id, subject)
        query = select(foreign_people).where(foreign_people.c.device_id == device.id, foreign_people.c.subject == tag)
        return self.writer.execute(query).one_or_none()

    def _keep_whose_it_is(self, row: Row[Any]) -> None:
        """Of what an appliance has from another one keep only from where: who was erased there is in nothing here."""
        origin = self.vault.open_body(row.device_id, row.sequence, row.sealed)[FROM]
        kept = {name: origin.get(name) for name in _ORIGIN} if isinstance(origin, Mapping) else {}
        plain = json.dumps({FROM: kept}).encode()
        sealed = self.vault.seal_body(row.device_id, row.sequence, plain)
        which = (foreign_entries.c.device_id == row.device_id) & (foreign_entries.c.sequence == row.sequence)
        self.writer.execute(update(foreign_entries).where(which).values(sealed=sealed, person_id=None))

    def _referring(self, entry: NewEntry, signed: SignedEntry, device: Device) -> _Outcome:
        """Find the entry here that one over there decides about; without it there is nothing to take out."""
        if entry.kind not in DECIDED:
            return _Outcome(Taken.MIRRORED, entry)
        refers_to = signed.public.refers_to
        number = None if refers_to is None else self._here(entry, device, refers_to)
        meant = None if number is None else self.ledger.entry(number, connection=self.writer)
        is_fit = meant is not None and may_decide(entry, meant)
        is_new = meant is not None and meant.body is not None and not is_decided(self.writer, meant.sequence)
        if entry.kind not in TAKES_OUT:  # by hand, with or without a proposal before it
            return _Outcome(Taken.MIRRORED, replace(entry, refers_to=number) if is_fit and is_new else entry)
        if refers_to is None or (meant is not None and not is_fit):
            return _Outcome(Taken.UNREADABLE)
        if meant is None or not is_new:
            return _Outcome(Taken.NOT_NEEDED)
        return _Outcome(Taken.MIRRORED, replace(entry, refers_to=number, subject=meant.subject))

    def _here(self, entry: NewEntry, device: Device, sequence: int) -> int | None:
        """Return the number here of an entry over there: what mirrors it, or what it mirrors itself."""
        number = self._mirrored(entry, device.card.public_key.hex(), sequence)
        which = (foreign_entries.c.device_id == device.id) & (foreign_entries.c.sequence == sequence)
        row = self.writer.execute(select(foreign_entries).where(which)).one_or_none()
        if number is not None or row is None or row.sealed is None:
            return number
        origin = self.vault.open_body(device.id, sequence, row.sealed).get(FROM)
        if not isinstance(origin, Mapping) or type(origin.get("sequence")) is not int:  # True is an int, too
            return None
        if origin.get("device") == self.prover.public_key.public_bytes_raw().hex():
            return self._own(origin["sequence"], origin.get("entry_hash"))
        return self._mirrored(entry, origin.get("device"), origin["sequence"])

    def _mirrored(self, entry: NewEntry, device: Any, sequence: int) -> int | None:
        if entry.meeting_id is None or not isinstance(device, str):
            return None
        return self.mirrored.number(self.writer, entry.meeting_id, device, sequence)

    def _own(self, sequence: int, entry_hash: Any) -> int | None:
        """Return the number of an own entry, if it is the one that they mean."""
        found = self.writer.scalar(select(ledger_entries.c.entry_hash).where(ledger_entries.c.sequence == sequence))
        return sequence if found is not None and found.hex() == entry_hash else None


def _subject(kind: EntryKind, subject: Any, person: Row[Any] | None, device: Device) -> str | None:
    """Return whom it is about, as we call them; None for nobody whom we know, RuleViolation for whom it cannot be."""
    if not isinstance(subject, str) or kind in _ABOUT_NOBODY:
        return None
    prefix, _, _ = subject.partition(":")
    if prefix not in _ABOUT.get(kind, _ANYBODY):
        msg = f"an entry of the kind {kind} is about nobody of that sort"
        raise RuleViolation(msg)
    if prefix == "member":
        return None if person is None or person.member_id is None else member_subject(person.member_id)
    return subject_here(device.card.public_key, subject)


def _times(kind: EntryKind, body: Mapping[str, Any], at: datetime) -> dict[str, JsonValue]:
    """Return when it happened, where the list would otherwise show when we heard of it."""
    if kind in PRESENCE:
        return {} if ARRIVED in body else {ARRIVED: utc_text(at)}
    if kind is EntryKind.CHECK_OUT:
        return {} if LEFT in body else {LEFT: utc_text(at)}
    return {}


def _from(row: Row[Any], device: Device, signed: SignedEntry, body: Mapping[str, Any]) -> dict[str, JsonValue]:
    said: dict[str, JsonValue] = {
        "device": device.card.public_key.hex(),
        "name": device.name,
        "sequence": signed.public.sequence,
        "entry_hash": row.entry_hash.hex(),
        "at": utc_text(signed.at),
    }
    if "clock" in body:
        said["clock"] = "not-trusted"
    return said
