"""Roster: the members of the chi bộ.

Card and personal numbers are kept as keyed hashes only (they are short, so a plain hash could be tried out), the
password of a card sealed with AES-256-GCM. Names are plain: the list is read by people.
"""

import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from appliance.errors import KeyDamaged, NotFound, RuleViolation
from appliance.keys import Keys
from appliance.names import clean, folded
from appliance.storage.database import Database
from appliance.storage.members import MemberClass, MemberStatus, members
from verifier.sdk import CanPassword, MrzPassword, Password

__all__ = ["Member", "MemberClass", "MemberStatus", "Newcomer", "RosterService"]

_NONCE_LENGTH = 12
_MOST_FOUND = 50
_COLUMNS = (
    members.c.id,
    members.c.name,
    members.c.member_class,
    members.c.status,
    members.c.note,
    members.c.identifier_hash.is_not(None).label("has_identifier"),
    members.c.sealed_password.is_not(None).label("has_password"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """One line of the roster; ``has_identifier`` and ``has_password``: whether a card can be recognised, and read."""

    id: int
    name: str = field(repr=False)
    member_class: MemberClass
    status: MemberStatus
    note: str = field(default="", repr=False)
    has_identifier: bool = False
    has_password: bool = False


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody to be added to the roster; ``identifier`` is the number by which a card is recognised."""

    name: str = field(repr=False)
    member_class: MemberClass
    identifier: str | None = field(default=None, repr=False)
    status: MemberStatus = MemberStatus.ACTIVE
    password: Password | None = field(default=None, repr=False)
    note: str = field(default="", repr=False)


class RosterService:
    """Reads and changes the roster."""

    def __init__(self, database: Database, keys: Keys, *, random: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._database = database
        self._keys = keys
        self._random = random

    def add(
        self,
        name: str,
        member_class: MemberClass,
        identifier: str | None = None,
        status: MemberStatus = MemberStatus.ACTIVE,
        password: Password | None = None,
        *,
        note: str = "",
        connection: Connection | None = None,
    ) -> Member:
        """Add a member; RuleViolation for an empty name or an identifier that another member has."""
        newcomer = Newcomer(name, member_class, identifier, status, password, note)
        with self._database.writing(connection) as writer:
            (member_id,) = self._add(writer, [newcomer])
            return self.get(member_id, connection=writer)

    def add_all(self, newcomers: Sequence[Newcomer], *, connection: Connection | None = None) -> None:
        """Add members, all or none, in their order; RuleViolation as for ``add``. Thousands take less than a second."""
        with self._database.writing(connection) as writer:
            self._add(writer, newcomers)

    def known_hashes(self, *, connection: Connection | None = None) -> frozenset[bytes]:
        """Return the hashes of all numbers on the roster, as ``identifier_hash`` makes them."""
        with self._database.reading(connection) as reader:
            query = select(members.c.identifier_hash).where(members.c.identifier_hash.is_not(None))
            return frozenset(reader.scalars(query))

    def members(self, *, connection: Connection | None = None) -> tuple[Member, ...]:
        """Return everybody, in the order in which they were added."""
        with self._database.reading(connection) as reader:
            return tuple(_member(row) for row in reader.execute(select(*_COLUMNS).order_by(members.c.id)))

    def get(self, member_id: int, *, connection: Connection | None = None) -> Member:
        """Return a member; NotFound for a number that nobody has."""
        with self._database.reading(connection) as reader:
            row = reader.execute(select(*_COLUMNS).where(members.c.id == member_id)).one_or_none()
        if row is None:
            raise _unknown(member_id)
        return _member(row)

    def find_by_identifier(self, identifier: str, *, connection: Connection | None = None) -> Member | None:
        """Return whose card or personal number this is."""
        with self._database.reading(connection) as reader:
            query = select(*_COLUMNS).where(members.c.identifier_hash == self.identifier_hash(identifier))
            row = reader.execute(query).one_or_none()
        return None if row is None else _member(row)

    def search(self, text: str) -> tuple[Member, ...]:
        """Return up to 50 members whose name holds every word of the text, accents, strokes and case aside."""
        query = select(*_COLUMNS).order_by(members.c.folded_name, members.c.id).limit(_MOST_FOUND)
        for word in folded(text).split():
            query = query.where(members.c.folded_name.contains(word, autoescape=True))
        with self._database.reading() as reader:
            return tuple(_member(row) for row in reader.execute(query))

    def set_status(self, member_id: int, status: MemberStatus, *, note: str = "") -> Member:
        """Change whether a member is expected, with the resolution or reason as a note; closed meetings keep theirs."""
        values = {"status": status, "note": clean(note, "the note", longest=1000) if note.strip() else ""}
        with self._database.writing() as writer:
            if writer.execute(update(members).where(members.c.id == member_id).values(values)).rowcount == 0:
                raise _unknown(member_id)
            return self.get(member_id, connection=writer)

    def set_password(self, member_id: int, password: Password | None) -> None:
        """Keep, replace or forget the password of a member's card."""
        with self._database.writing() as writer:
            self.get(member_id, connection=writer)
            if password is None:
                writer.execute(update(members).where(members.c.id == member_id).values(sealed_password=None))
            else:
                self._seal_passwords(writer, [(member_id, password)])

    def password_of(self, member_id: int) -> Password | None:
        """Return the password of a member's card; KeyDamaged where it does not open, NotFound for nobody."""
        with self._database.reading() as reader:
            row = reader.execute(select(members.c.sealed_password).where(members.c.id == member_id)).one_or_none()
        if row is None:
            raise _unknown(member_id)
        return None if row.sealed_password is None else self._open_password(member_id, row.sealed_password)

    def identifier_hash(self, identifier: str) -> bytes:
        """Return the keyed hash of a card or personal number, 32 bytes (HMAC-SHA256 over NFC, stripped, upper case)."""
        normal = unicodedata.normalize("NFC", identifier).strip().upper()
        if not normal:
            msg = "the card or personal number is empty"
            raise RuleViolation(msg)
        return hmac.digest(self._keys.roster, b"thechip identifier 1\n" + normal.encode(), hashlib.sha256)

    def _add(self, writer: Connection, newcomers: Sequence[Newcomer]) -> Sequence[int]:
        """Insert all at once and return their numbers, which rise in the same order."""
        if not newcomers:
            return ()
        rows = [self._row(newcomer) for newcomer in newcomers]
        hashes = [row["identifier_hash"] for row in rows if row["identifier_hash"] is not None]
        if len(set(hashes)) < len(hashes) or self._is_known(writer, hashes):
            msg = "another member of the roster has this card or personal number"
            raise RuleViolation(msg)
        writer.execute(insert(members), rows)
        newest = select(members.c.id).order_by(members.c.id.desc()).limit(len(rows))
        numbers = sorted(writer.scalars(newest))
        pairs = zip(numbers, newcomers, strict=True)
        self._seal_passwords(writer, [(number, new.password) for number, new in pairs if new.password is not None])
        return numbers

    def _row(self, new: Newcomer) -> dict[str, Any]:
        return {
            "name": clean(new.name, "the name"),
            "folded_name": folded(new.name),
            "member_class": new.member_class,
            "status": new.status,
            "note": clean(new.note, "the note", longest=1000) if new.note.strip() else "",
            "identifier_hash": None if new.identifier is None else self.identifier_hash(new.identifier),
        }

    def _is_known(self, writer: Connection, hashes: Sequence[bytes]) -> bool:
        if len(hashes) == 1:
            return (
                writer.execute(select(members.c.id).where(members.c.identifier_hash == hashes[0])).first() is not None
            )
        return not self.known_hashes(connection=writer).isdisjoint(hashes)

    def _seal_passwords(self, writer: Connection, passwords: Sequence[tuple[int, Password]]) -> None:
        if not passwords:
            return
        sealing = AESGCM(self._keys.sealing)
        rows = []
        for member_id, password in passwords:
            nonce = self._random(_NONCE_LENGTH)
            plain = json.dumps(_password_fields(password)).encode()
            sealed = nonce + sealing.encrypt(nonce, plain, _sealed_for(member_id))
            rows.append({"of_member": member_id, "sealed": sealed})
        statement = update(members).where(members.c.id == bindparam("of_member"))
        writer.execute(statement.values(sealed_password=bindparam("sealed")), rows)

    def _open_password(self, member_id: int, sealed: bytes) -> Password:
        nonce, sealed_text = sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:]
        try:
            plain = AESGCM(self._keys.sealing).decrypt(nonce, sealed_text, _sealed_for(member_id))
        except (InvalidTag, ValueError) as error:
            msg = "a sealed password does not open: it was changed, or the sealing key is another one"
            raise KeyDamaged(msg) from error
        fields = json.loads(plain)
        return CanPassword(**fields) if "digits" in fields else MrzPassword(**fields)


def _password_fields(password: Password) -> dict[str, str]:
    if isinstance(password, CanPassword):
        return {"digits": password.digits}
    return {
        "document_number": password.document_number,
        "date_of_birth": password.date_of_birth,
        "date_of_expiry": password.date_of_expiry,
    }


def _sealed_for(member_id: int) -> bytes:
    # the sealed text opens in its own row only
    return b"thechip password 1\n%d" % member_id


def _member(row: Row[Any]) -> Member:
    return Member(
        id=row.id,
        name=row.name,
        member_class=row.member_class,
        status=row.status,
        note=row.note,
        has_identifier=bool(row.has_identifier),
        has_password=bool(row.has_password),
    )


def _unknown(member_id: int) -> NotFound:
    return NotFound(f"the roster has no member {member_id}")
