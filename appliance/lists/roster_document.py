"""The roster of one chi bộ as a published document: strict JSON, which leaves the publisher's desk sealed only.

    {"format": "thechip-roster-1", "province": "01", "chi_bo": "phuong-mau-3", "title": "Chi bộ 3, phường Mẫu",
     "number_key": 64 hexadecimal digits,
     "members": [{"id": "DV-0012", "name": "Đỗ Thị Hoa", "class": "official", "status": "active", "note": "",
                  "number": 64 hexadecimal digits or null, "can": six digits or null}]}

``number`` is HMAC-SHA256 of the card's or personal number under ``number_key``: the plain number never leaves the
publisher's machine. ``id`` is what makes somebody the same member in the next publication. ``docs/rosters.md`` says
what all this protects, and what it does not.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from appliance.errors import ListRefused, RosterRefused
from appliance.lists.catalogue import require_name, require_province
from appliance.lists.strict_json import StrictJson
from appliance.roster.member_numbers import published_hash
from appliance.roster_sheet.sheet import RosterRow
from appliance.storage.members import MemberClass, MemberStatus

FORMAT: Final = "thechip-roster-1"
LONGEST_PLAIN: Final = 5_000_000
"""Bytes."""
MOST_MEMBERS: Final = 5_000
KEY_LENGTH: Final = 32
"""Bytes of ``number_key`` and of the publisher's ``desk_secret``, both random."""
DERIVED: Final = "~"
"""How an id begins that was derived; no code of a list begins so."""

_HASH_LENGTH: Final = 32
_FIELDS: Final = ("format", "province", "chi_bo", "title", "number_key", "members")
_MEMBER_FIELDS: Final = ("id", "name", "class", "status", "note", "number", "can")
_ID: Final = re.compile(r"~[0-9a-f]{40}|[0-9A-Za-z][0-9A-Za-z._/-]{0,63}")
_CAN: Final = re.compile(r"[0-9]{6}")
_JSON: Final = StrictJson("the roster", RosterRefused)

_Word = TypeVar("_Word", MemberClass, MemberStatus)


@dataclass(frozen=True, slots=True)
class PublishedMember:
    """One member as a publication names them; ``number`` is a hash of 32 bytes, ``can`` six digits."""

    id: str = field(repr=False)
    name: str = field(repr=False)
    member_class: MemberClass
    status: MemberStatus
    note: str = field(default="", repr=False)
    number: bytes | None = field(default=None, repr=False)
    can: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RosterDocument:
    """A chi bộ's members, and the key of 32 bytes under which their numbers are hashed."""

    province: str
    chi_bo: str
    title: str
    number_key: bytes = field(repr=False)
    members: tuple[PublishedMember, ...] = field(repr=False)

    def encode(self) -> bytes:
        """Return the document. Raises ``RosterRefused`` for one that ``decode`` would refuse."""
        fields = {
            "format": FORMAT,
            "province": self.province,
            "chi_bo": self.chi_bo,
            "title": self.title,
            "number_key": self.number_key.hex(),
            "members": [_fields_of(member) for member in self.members],
        }
        content = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")
        self.decode(content)
        return content

    @classmethod
    def decode(cls, content: bytes) -> "RosterDocument":
        """Read a document. Raises ``RosterRefused`` for anything else than one roster; no sentence names a person."""
        fields = _JSON.parse(content, longest=LONGEST_PLAIN)
        _JSON.require_fields(fields, _FIELDS)
        if fields["format"] != FORMAT:
            _JSON.refuse("is of a format that this release does not know")
        province, chi_bo = _place(fields)
        members = tuple(_member(item) for item in _JSON.items(fields["members"], "members", most=MOST_MEMBERS))
        _require_once([member.id for member in members], "id")
        _require_once([member.number for member in members if member.number is not None], "number")
        return cls(
            province=province,
            chi_bo=chi_bo,
            title=_JSON.clean(fields["title"], "title", longest=200),
            number_key=_JSON.hexadecimal(fields["number_key"], "number_key", KEY_LENGTH),
            members=members,
        )


def build_roster(
    rows: Sequence[RosterRow], *, province: str, chi_bo: str, title: str, desk_secret: bytes, number_key: bytes
) -> RosterDocument:
    """Make the document of a roster from the rows of its file (``roster_file.read_roster_file``).

    Args:
        rows: the members.
        province: the code under which the province publishes.
        chi_bo: the name under which the chi bộ's roster is published.
        title: what people call the chi bộ.
        desk_secret: 32 random bytes that the publisher keeps for ever. The ids of members without a code of their own
            are derived with it; with another secret everybody would be somebody else.
        number_key: 32 random bytes, fresh for each publication.

    Raises ``RosterRefused`` for what no document can hold: too many members, a key of another length.
    """
    if len(desk_secret) != KEY_LENGTH or len(number_key) != KEY_LENGTH:
        _JSON.refuse(f"needs keys of {KEY_LENGTH} bytes")
    members = tuple(_published(row, desk_secret, number_key) for row in rows)
    document = RosterDocument(province, chi_bo, title, number_key, members)
    return RosterDocument.decode(document.encode())


def _published(row: RosterRow, desk_secret: bytes, number_key: bytes) -> PublishedMember:
    return PublishedMember(
        id=_derived_id(row, desk_secret) if row.code is None else row.code,
        name=row.name,
        member_class=row.member_class,
        status=row.status,
        note=row.note,
        number=None if row.number is None else published_hash(number_key, row.number),
        can=row.can,
    )


def _derived_id(row: RosterRow, desk_secret: bytes) -> str:
    known_by = f"name\n{row.name.casefold()}" if row.number is None else f"number\n{row.number}"
    digest = hmac.digest(desk_secret, b"thechip member id 1\n" + known_by.encode(), hashlib.sha256)
    return DERIVED + digest.hex()[:40]


def _fields_of(member: PublishedMember) -> dict[str, str | None]:
    return {
        "id": member.id,
        "name": member.name,
        "class": member.member_class.value,
        "status": member.status.value,
        "note": member.note,
        "number": None if member.number is None else member.number.hex(),
        "can": member.can,
    }


def _member(item: Any) -> PublishedMember:
    fields = _JSON.object(item)
    _JSON.require_fields(fields, _MEMBER_FIELDS)
    note = fields["note"]
    number = fields["number"]
    return PublishedMember(
        id=_matching(fields["id"], "id", _ID),
        name=_JSON.clean(fields["name"], "name", longest=200),
        member_class=_word(fields["class"], "class", MemberClass),
        status=_word(fields["status"], "status", MemberStatus),
        note=note if note == "" else _JSON.clean(note, "note", longest=1000),
        number=None if number is None else _JSON.hexadecimal(number, "number", _HASH_LENGTH),
        can=None if fields["can"] is None else _matching(fields["can"], "can", _CAN),
    )


def _place(fields: dict[str, Any]) -> tuple[str, str]:
    province, chi_bo = _JSON.text(fields["province"], "province"), _JSON.text(fields["chi_bo"], "chi_bo")
    try:
        return require_province(province), require_name(chi_bo)
    except ListRefused as error:
        msg = f"the roster does not say whose it is: {error.sentence}"
        raise RosterRefused(msg) from error


def _matching(value: Any, name: str, pattern: re.Pattern[str]) -> str:
    text = _JSON.text(value, name)
    if not pattern.fullmatch(text):
        _JSON.refuse(f"has a text in {name!r} that is none")
    return text


def _word(value: Any, name: str, words: type[_Word]) -> _Word:
    text = _JSON.text(value, name)
    try:
        return words(text)
    except ValueError as error:
        msg = f"the roster has none of {', '.join(words)} in {name!r}"
        raise RosterRefused(msg) from error


def _require_once(words: Sequence[object], name: str) -> None:
    if len(set(words)) < len(words):
        _JSON.refuse(f"gives two members the same {name!r}")
