"""A bundle: what one appliance recorded of one meeting, as lines of canonical JSON, the same by stick and by network.

The first line is the header, signed with the device key; then come all entries from the meeting's first one to the end
of that ledger, each signed by itself and chained to the one before, with the bodies of this meeting's (and of erasures)
and no others; last the signed head. So nothing can be left out between the first and the last.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.bundles.foreign_times import foreign_time, require_fit
from appliance.errors import BundleRefused, PlanRefused, RuleViolation
from appliance.ledger.canonical_json import canonical_json
from appliance.ledger.entry import (
    ERASED_PER_ENTRY,
    HASH_LENGTH,
    MAX_BODY_LENGTH,
    SALT_LENGTH,
    PublicEntry,
    commit_to,
    head_bytes,
)
from appliance.lists.strict_json import StrictJson
from appliance.meetings.plan import FORMAT as PLAN_FORMAT
from appliance.meetings.plan import MeetingPlan
from appliance.meetings.portable_members import PortableMember
from appliance.storage.base import utc_time

FORMAT: Final = "thechip-bundle-1"
DOMAIN: Final = b"thechip bundle 1\n"
_LONGEST_HEADER: Final = 4 * 1024 * 1024
_MOST_LINES: Final = 40_000
"""No line of an entry is shorter than 400 bytes, and no envelope longer than 16 MB."""
_LONGEST_LINE: Final = 2 * MAX_BODY_LENGTH + 2048
_MOST_PEOPLE: Final = 20_000
MOST_ERASED: Final = 100_000
"""Entries that one bundle may erase: many times as many as a bundle holds."""
_LONGEST_SUBJECT: Final = 100
_GREATEST: Final = 2**53 - 1
_SIGNATURE_LENGTH: Final = 64
_HEADER: Final = ("format", "device", "made_at", "clock_trusted", "meeting", "meeting_id", "people", "signature")
_PUBLIC: Final = frozenset(
    ("at", "commitment", "entry_hash", "kind", "meeting_id", "previous_hash", "refers_to", "sequence", "signature")
)
_WITH_BODY: Final = _PUBLIC | {"body", "salt"}
_JSON: Final = StrictJson("the bundle", BundleRefused)


@dataclass(frozen=True, slots=True)
class BundleHeader:
    """Who made it, when by their clock, of which meeting; ``people`` are whom that appliance means by its numbers."""

    device: bytes
    made_at: datetime
    clock_trusted: bool
    plan: MeetingPlan
    meeting_id: int
    people: Mapping[str, PortableMember] = field(repr=False)


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """One entry as that appliance signed it; salt (32 bytes) and canonical body where they are there."""

    public: PublicEntry
    entry_hash: bytes
    document: bytes
    salt: bytes | None = field(default=None, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose header was verified; ``entries`` verifies the rest."""

    header: BundleHeader
    sha256: bytes
    content: bytes = field(repr=False)

    @classmethod
    def read(cls, content: bytes) -> "Bundle":
        """Read and verify the header, and nothing else; BundleRefused for anything else than a bundle's beginning."""
        end = content.find(b"\n")
        if (len(content) if end < 0 else end) > _LONGEST_HEADER:
            _JSON.refuse(f"has a header of more than {_LONGEST_HEADER} bytes")
        header = _header(content if end < 0 else content[:end])
        return cls(header, hashlib.sha256(content).digest(), content)

    def entries(self) -> tuple[BundleEntry, ...]:
        """Return every entry, verified: signed, chained without a gap, with bodies that it committed to, to its end.

        BundleRefused with the first thing that is wrong. Call it once it is known who signed the header.
        """
        if self.content.count(b"\n") > _MOST_LINES:
            _JSON.refuse(f"has more than {_MOST_LINES} lines")
        key = Ed25519PublicKey.from_public_bytes(self.header.device)
        found: list[BundleEntry] = []
        lines = self.content.removesuffix(b"\n").split(b"\n")[1:]
        for line in lines[:-1]:
            found.append(_entry(line, key, found[-1] if found else None, self.header))
        if lines:  # else of an appliance that has recorded nothing yet
            _check_head(lines[-1], key, found)
        return tuple(found)


def _header(line: bytes) -> BundleHeader:
    fields = _canonical(line, _LONGEST_HEADER)
    _JSON.require_fields(fields, _HEADER)
    if fields["format"] != FORMAT:
        _JSON.refuse("is of a format that this release does not know")
    device = _JSON.hexadecimal(fields["device"], "device", HASH_LENGTH)
    signature = _JSON.hexadecimal(fields.pop("signature"), "signature", _SIGNATURE_LENGTH)
    _require_signed(Ed25519PublicKey.from_public_bytes(device), signature, DOMAIN + canonical_json(fields))
    if not isinstance(fields["clock_trusted"], bool):
        _JSON.refuse("says neither yes nor no in 'clock_trusted'")
    return BundleHeader(
        device=device,
        made_at=_time(fields["made_at"], "made_at"),
        clock_trusted=fields["clock_trusted"],
        plan=_plan(_JSON.object(fields["meeting"])),
        meeting_id=_JSON.number(fields["meeting_id"], "meeting_id", 1, _GREATEST),
        people=dict(_people(_JSON.object(fields["people"]))),
    )


def _plan(fields: dict[str, Any]) -> MeetingPlan:
    try:
        plan = MeetingPlan.decode(canonical_json({**fields, "format": PLAN_FORMAT}))
        require_fit(plan.starts_at)
    except (PlanRefused, RuleViolation, ValueError) as error:
        msg = "the bundle is of a meeting that this release cannot hold"
        raise BundleRefused(msg) from error
    return plan


def _people(fields: dict[str, Any]) -> Iterator[tuple[str, PortableMember]]:
    if len(fields) > _MOST_PEOPLE:
        _JSON.refuse("names too many people")
    for subject, value in fields.items():
        who = _JSON.object(value)
        _JSON.require_fields(who, ("name", "published_list", "published_id"))
        name = _JSON.clean(who["name"], "name", longest=200)
        line = [who["published_list"], who["published_id"]]
        is_fit = line == [None, None] or all(isinstance(part, str) for part in line)
        if len(subject) > _LONGEST_SUBJECT or not is_fit:
            _JSON.refuse("has a person who is none")
        yield subject, PortableMember(name, *line)


def _entry(line: bytes, key: Ed25519PublicKey, before: BundleEntry | None, header: BundleHeader) -> BundleEntry:
    fields = _canonical(line, _LONGEST_LINE)
    _JSON.require_fields(fields, _WITH_BODY if "body" in fields else _PUBLIC)
    public = PublicEntry(
        sequence=_JSON.number(fields["sequence"], "sequence", 1, _GREATEST),
        at=_JSON.text(fields["at"], "at"),
        kind=_JSON.text(fields["kind"], "kind"),
        meeting_id=_number_or_none(fields["meeting_id"], "meeting_id"),
        refers_to=_number_or_none(fields["refers_to"], "refers_to"),
        commitment=_JSON.hexadecimal(fields["commitment"], "commitment", HASH_LENGTH),
        previous_hash=_JSON.hexadecimal(fields["previous_hash"], "previous_hash", HASH_LENGTH),
    )
    _time(public.at, "at", utc_time)  # of whatever year: a clock that is wrong makes one entry unreadable, not all
    signed = public.signed_bytes()
    _require_signed(key, _JSON.hexadecimal(fields["signature"], "signature", _SIGNATURE_LENGTH), signed)
    entry_hash = hashlib.sha256(signed).digest()
    if fields["entry_hash"] != entry_hash.hex():
        _JSON.refuse(f"says another hash of entry {public.sequence} than it has")
    if before is not None and (before.public.sequence + 1, before.entry_hash) != (
        public.sequence,
        public.previous_hash,
    ):
        _JSON.refuse(f"lacks an entry before entry {public.sequence}, or holds another one in its place")
    salt, body = _body(fields, public, header)
    document = canonical_json({name: fields[name] for name in sorted(_PUBLIC)})
    return BundleEntry(public, entry_hash, document, salt, body)


def _body(fields: dict[str, Any], public: PublicEntry, header: BundleHeader) -> tuple[bytes | None, bytes | None]:
    if "body" not in fields:
        return None, None
    salt = _JSON.hexadecimal(fields["salt"], "salt", SALT_LENGTH)
    body = canonical_json(_JSON.object(fields["body"]))
    if len(body) > MAX_BODY_LENGTH:
        _JSON.refuse(f"has a longer body of entry {public.sequence} than anybody records")
    if commit_to(salt, body) != public.commitment:
        _JSON.refuse(f"has another body of entry {public.sequence} than was recorded")
    is_opening = public.kind == "meeting-opened" and public.meeting_id == header.meeting_id
    if is_opening and fields["body"].get("uid") != header.plan.uid:
        _JSON.refuse("holds the entries of another meeting than it says")
    if public.kind == "erasure":
        _check_erased(fields["body"].get("erased"), public.sequence)
    return salt, body


def _check_erased(value: Any, sequence: int) -> None:
    numbers = _JSON.items(value, "erased", most=ERASED_PER_ENTRY)
    for number in numbers:
        _JSON.number(number, "erased", 1, sequence - 1)
    if len(set(numbers)) < len(numbers):
        _JSON.refuse("erases an entry twice")


def _check_head(line: bytes, key: Ed25519PublicKey, entries: Sequence[BundleEntry]) -> None:
    head = _JSON.object(_canonical(line, _LONGEST_LINE).get("head"))
    _JSON.require_fields(head, ("sequence", "entry_hash", "signature"))
    sequence = _JSON.number(head["sequence"], "sequence", 1, _GREATEST)
    entry_hash = _JSON.hexadecimal(head["entry_hash"], "entry_hash", HASH_LENGTH)
    _require_signed(
        key, _JSON.hexadecimal(head["signature"], "signature", _SIGNATURE_LENGTH), head_bytes(sequence, entry_hash)
    )
    if entries and (entries[-1].public.sequence, entries[-1].entry_hash) != (sequence, entry_hash):
        _JSON.refuse("does not reach to the end that was signed")


def _canonical(line: bytes, longest: int) -> dict[str, Any]:
    fields = _JSON.parse(line, longest=longest)
    try:
        is_canonical = canonical_json(fields) == line
    except RuleViolation:  # too deep, or a number that nobody records
        is_canonical = False
    if not is_canonical:
        _JSON.refuse("was not written by an appliance")
    return fields


def _require_signed(key: Ed25519PublicKey, signature: bytes, message: bytes) -> None:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        _refuse_signature()


def _refuse_signature() -> NoReturn:
    _JSON.refuse("was altered, or was not signed by the appliance that it names")


def _time(value: Any, name: str, read: Callable[[str], datetime] = foreign_time) -> datetime:
    try:
        return read(_JSON.text(value, name))
    except ValueError:
        _JSON.refuse(f"has no time in {name!r}")


def _number_or_none(value: Any, name: str) -> int | None:
    return None if value is None else _JSON.number(value, name, 1, _GREATEST)


def erased_by(entries: Sequence[BundleEntry]) -> frozenset[int]:
    """Return the numbers of the entries over there that lost their bodies by these; BundleRefused for far too many."""
    erasures = (entry for entry in entries if entry.public.kind == "erasure" and entry.body is not None)
    numbers = frozenset(number for entry in erasures for number in body_of(entry)["erased"])
    if len(numbers) > MOST_ERASED:
        _JSON.refuse(f"erases more than {MOST_ERASED} entries")
    return numbers


def body_of(entry: BundleEntry) -> dict[str, Any]:
    """Return the body of an entry that has one, read."""
    body: dict[str, Any] = json.loads(entry.body or b"{}")
    return body
