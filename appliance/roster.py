"""Roster: the members of the chi bộ.

Card and personal numbers are kept as keyed hashes only (they are short, so a plain hash could be tried out), the
password of a card sealed with AES-256-GCM. Names are plain: the list is read by people.
"""

import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Row, insert, select, update

from appliance.errors import KeyDamaged, NotFound, RuleViolation
from appliance.keys import Keys
from appliance.names import clean, folded
from appliance.storage.database import Database
from appliance.storage.members import MemberClass, MemberStatus, members
from verifier.sdk import CanPassword, MrzPassword, Password

__all__ = ["Member", "MemberClass", "MemberStatus", "RosterService"]

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
        with self._database.writing(connection) as writer:
            row = {
                "name": clean(name, "the name"),
                "folded_name": folded(name),
                "member_class": member_class,
                "status": status,
                "note": clean(note, "the note", longest=1000) if note.strip() else "",
                "identifier_hash": None if identifier is None else self._free_hash(writer, identifier),
            }
            member_id = writer.scalars(insert(members).returning(members.c.id), row).one()
            if password is not None:
                self._seal_password(writer, member_id, password)
            return self.get(member_id, connection=writer)

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
                self._seal_password(writer, member_id, password)

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

    def _free_hash(self, writer: Connection, identifier: str) -> bytes:
        hashed = self.identifier_hash(identifier)
        if writer.execute(select(members.c.id).where(members.c.identifier_hash == hashed)).first() is not None:
            msg = "another member of the roster has this card or personal number"
            raise RuleViolation(msg)
        return hashed

    def _seal_password(self, writer: Connection, member_id: int, password: Password) -> None:
        nonce = self._random(_NONCE_LENGTH)
        plain = json.dumps(_password_fields(password)).encode()
        sealed = nonce + AESGCM(self._keys.sealing).encrypt(nonce, plain, _sealed_for(member_id))
        writer.execute(update(members).where(members.c.id == member_id).values(sealed_password=sealed))

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
