"""Bundles: given to another appliance, and taken from it."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, Select, select

from appliance.bundles.adopting import adopt
from appliance.bundles.alarms import Alarms
from appliance.bundles.awaited import Awaited, awaited_in, note_given
from appliance.bundles.bundle import Bundle, BundleEntry, erased_by
from appliance.bundles.envelope import open_bundle, seal_bundle
from appliance.bundles.erasing import erase_what_they_erased
from appliance.bundles.keeping import Contradiction, Vault, keep, require_same_history
from appliance.bundles.making import bundle_of
from appliance.bundles.mirrored import Mirrored
from appliance.bundles.mirroring import AT_ONCE, PAUSE_SECONDS, Mirror, TakenOver
from appliance.bundles.on_record import Device, PairingRecord, as_of_now, reading_pairing
from appliance.bundles.pairing import Pairing, device_of_key
from appliance.bundles.receipt import Receipt, put_on_record
from appliance.bundles.status import unknown_person
from appliance.errors import DeviceContradicts, StorageError
from appliance.keys import Keys
from appliance.ledger import EntryKind, Ledger, NewEntry
from appliance.ledger.canonical_json import JsonValue
from appliance.lists.identity import RosterIdentity
from appliance.meetings import Meeting, MeetingService, MeetingState
from appliance.names import clean
from appliance.roster import RosterService
from appliance.standing.entries import member_subject
from appliance.storage.database import Database
from appliance.storage.devices import received_bundles
from appliance.storage.meetings import meetings
from appliance.storage.members import lines_of

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a bundle: ``new`` entries, 0 where all of it was known; ``late`` after the meeting was closed.

    ``adopted``: the meeting was not known here before.
    """

    device: Device
    meeting: Meeting
    new: int
    late: bool
    adopted: bool = False


class BundleService:
    """Exchanges bundles with paired appliances.

    ``clock_trusted`` tells whether our own clock is; ``pause`` waits for so many seconds.
    """

    def __init__(
        self,
        database: Database,
        keys: Keys,
        ledger: Ledger,
        roster: RosterService,
        meetings: MeetingService,
        *,
        identity: Callable[[], RosterIdentity],
        clock_trusted: Callable[[], bool] = lambda: True,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._keys = keys
        self._ledger = ledger
        self._roster = roster
        self._meetings = meetings
        self._identity = identity
        self._clock_trusted = clock_trusted
        self._pause = pause
        self.vault = Vault.under(keys)
        self.pairing = Pairing(database, keys, ledger, identity)
        self.alarms = Alarms(database, ledger, self.pairing.prover)

    def export(self, meeting_id: int, to: str, *, at: datetime, since: int | None = None) -> bytes:
        """Return a bundle of a meeting for the paired appliance of this name, from entry ``since`` on where it is told.

        Raises DeviceUnknown, NotFound, LedgerDamaged, and BundleRefused for one that would be too long.
        """
        device = self.pairing.named(to)
        with self._database.reading() as reader:
            meeting = self._meetings.get(meeting_id, connection=reader)
            trusted = self._clock_trusted()
            plain = bundle_of(
                reader, self._keys, self._ledger.bodies, meeting, at=at, clock_trusted=trusted, since=since
            )
        sealed = seal_bundle(plain, device.card.recipient)
        self._note_given(device, meeting, at)
        return sealed

    def receive(self, sealed: bytes, *, at: datetime, by_network: bool = False, take_over: bool = True) -> Received:
        """Keep a bundle, durably, and take over what is in it, now or by ``take_over``; again, it changes nothing.

        A meeting that is not known here is adopted. Raises BundleRefused (BundleNotForUs, DeviceUnknown), PlanRefused,
        and DeviceContradicts where the appliance signed two different entries of one number: that is put on record.
        """
        bundle = Bundle.read(open_bundle(sealed, self._identity().secret))
        with reading_pairing(self._database, self.pairing.prover) as (reader, paired):
            device = device_of_key(reader, paired, bundle.header.device)
            known = reader.scalar(_number_of(bundle))
            held = reader.scalar(select(meetings.c.id).where(meetings.c.uid == bundle.header.plan.uid))
        entries = () if known is not None else bundle.entries()
        try:
            self._erase(device, entries, at, paired)
            receipt = Receipt(bundle, entries, at, self._clock_trusted(), by_network)
            meeting, new = self._keep(receipt, paired)
        except Contradiction as contradiction:
            self.alarms.raise_for(device, contradiction.entry, at=at)
            msg = (
                f"the appliance {device.name!r} signed two different entries {contradiction.entry.public.sequence}: its"
                " key is used twice, perhaps by a restored backup; nothing was taken over"
            )
            raise DeviceContradicts(msg) from contradiction
        if take_over:
            self._take_over_kept(at)
        return Received(device, meeting, new, meeting.state is MeetingState.CLOSED, adopted=held is None)

    def awaited(self, meeting_id: int | None = None) -> tuple[Awaited, ...]:
        """Return whose bundle is missing of a meeting that is open or closed here, or of all of them."""
        with reading_pairing(self._database, self.pairing.prover) as (reader, paired):
            return awaited_in(reader, paired, meeting_id)

    def take_over(self, *, at: datetime) -> None:
        """Take over what waits, and what waited for somebody to be known; whoever taps a card meanwhile goes first."""
        mirrored = Mirrored(self._ledger.bodies)
        with self._database.writing() as writer:
            self._mirror(writer, mirrored).match_people()
        with self._database.reading() as reader:
            mirrored.read_what_waits(reader)
        took = [self._take_over_some(mirrored, at)]
        while took[-1].entries == AT_ONCE:
            self._pause(PAUSE_SECONDS)
            took.append(self._take_over_some(mirrored, at))
        self._ledger.checkpoint()
        if any(some.shortened for some in took):
            self._database.forget()

    def _take_over_kept(self, at: datetime) -> None:
        """Take over what a bundle brought; a StorageError says that the bundle itself is kept."""
        try:
            self.take_over(at=at)
        except StorageError as error:
            msg = f"the bundle is kept, and on record; what is in it waits for the next bundle status [{error.reason}]"
            raise type(error)(msg) from error

    def _take_over_some(self, mirrored: Mirrored, at: datetime) -> TakenOver:
        with self._database.writing() as writer:
            return self._mirror(writer, mirrored).take_over_some(at=at)

    def assign(self, person_id: int, member_id: int, *, officer: str, at: datetime) -> None:
        """Say which member a person of another appliance is, whom nobody could tell; what waited for it is taken over.

        Raises NotFound for an unknown person or member, RuleViolation where it is known already.
        """
        officer = clean(officer, "the officer")
        with self._database.writing() as writer:
            unknown_person(writer, person_id)
            member_id = lines_of(writer, self._roster.get(member_id, connection=writer).id)[0]
            self._mirror(writer, Mirrored(self._ledger.bodies)).are({person_id: member_id})
            body: dict[str, JsonValue] = {"officer": officer, "person": person_id}
            entry = NewEntry(EntryKind.PERSON_ASSIGNED, subject=member_subject(member_id), body=body)
            self._ledger.append(entry, at=at, connection=writer)
        self.take_over(at=at)

    def _note_given(self, device: Device, meeting: Meeting, at: datetime) -> None:
        """Remember who is awaited; a bundle is given all the same where the store takes nothing any more."""
        try:
            with self._database.writing() as writer:
                note_given(writer, device.id, meeting.uid, at)
        except StorageError as error:
            _logger.warning("that appliance %d was given a bundle is not remembered: %s", device.id, error.reason)

    def _erase(self, device: Device, entries: tuple[BundleEntry, ...], at: datetime, paired: PairingRecord) -> None:
        """Carry out the erasures of a bundle that will be kept, before it is."""
        numbers = erased_by(entries)
        with self._database.reading() as reader:
            require_same_history(reader, device.id, entries)
        pause = partial(self._pause, PAUSE_SECONDS)
        require = partial(self._believed, paired=paired, public_key=device.card.public_key)
        erase_what_they_erased(self._database, self._ledger, device, numbers, at=at, pause=pause, require=require)

    def _believed(self, writer: Connection, *, paired: PairingRecord, public_key: bytes) -> Device:
        """Return whose key this is by what is on record now; DeviceUnknown where nobody believes it any more."""
        return device_of_key(writer, as_of_now(writer, self.pairing.prover, paired), public_key)

    def _keep(self, receipt: Receipt, paired: PairingRecord) -> tuple[Meeting, int]:
        bundle, entries = receipt.bundle, receipt.entries
        with self._database.writing() as writer:
            paired = as_of_now(writer, self.pairing.prover, paired)
            device = device_of_key(writer, paired, bundle.header.device)
            meeting = adopt(writer, self._meetings, device, bundle.header.plan, at=receipt.at)
            if not entries or writer.scalar(_number_of(bundle)) is not None:  # another process was quicker
                return meeting, 0
            bundle_id = put_on_record(writer, self._ledger, receipt, device, meeting, paired=paired)
            return meeting, keep(writer, self.vault, device.id, bundle.header, entries, bundle_id=bundle_id)

    def _mirror(self, writer: Connection, mirrored: Mirrored) -> Mirror:
        return Mirror(writer, self._ledger, self.vault, self.pairing.prover, mirrored)


def _number_of(bundle: Bundle) -> Select[int]:
    return select(received_bundles.c.id).where(received_bundles.c.sha256 == bundle.sha256)
