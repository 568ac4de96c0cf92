"""The numbers by which cards are recognised: normalised in one way, kept as keyed hashes only (HMAC-SHA256).

Such numbers are short, so a plain hash could be tried out. A number of the chi bộ's own list is hashed under a key that
never leaves this appliance; one of a published roster under the key that came with it, which is kept sealed.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select

from appliance.errors import RuleViolation
from appliance.sealing import Sealing
from appliance.storage.members import members
from appliance.storage.published_rosters import number_keys

_SEALED_FOR = b"thechip number key 1\n"


def normal_number(number: str) -> str:
    """Return a number as it is hashed: NFC, stripped, upper case; RuleViolation for an empty one.

    >>> normal_number(" a1 ")
    'A1'
    """
    normal = unicodedata.normalize("NFC", number).strip().upper()
    if not normal:
        msg = "the card or personal number is empty"
        raise RuleViolation(msg)
    return normal


def local_hash(key: bytes, number: str) -> bytes:
    """Return a number's hash, 32 bytes, as this appliance keeps it under its own key."""
    return hmac.digest(key, b"thechip identifier 1\n" + normal_number(number).encode(), hashlib.sha256)


def published_hash(number_key: bytes, number: str) -> bytes:
    """Return a number's hash, 32 bytes, as a published roster holds it under its key of 32 bytes."""
    return hmac.digest(number_key, normal_number(number).encode(), hashlib.sha256)


@dataclass(frozen=True, slots=True)
class MemberNumbers:
    """Recognises numbers under the appliance's own key (``Keys.roster``) and under those of published rosters."""

    local_key: bytes = field(repr=False)
    sealing: Sealing

    def is_of(self, number: str, reader: Connection) -> ColumnElement[bool]:
        """Return the condition under which a row of ``members`` has this number; it may hold for two rows."""
        ways = [members.c.identifier_hash == local_hash(self.local_key, number)]
        for key_id, key in self._keys(reader):
            is_published = members.c.published_number == published_hash(key, number)
            ways.append(and_(members.c.number_key_id == key_id, is_published))
        return or_(*ways)

    def known_among(self, numbers: Iterable[str], reader: Connection) -> frozenset[str]:
        """Return which of these numbers somebody on the roster has."""
        query = select(members.c.identifier_hash, members.c.number_key_id, members.c.published_number)
        rows = reader.execute(query.where(members.c.left_at.is_(None))).all()
        local = {row.identifier_hash for row in rows}
        published = {(row.number_key_id, row.published_number) for row in rows}
        keys = self._keys(reader)
        return frozenset(
            number
            for number in numbers
            if local_hash(self.local_key, number) in local
            or any((key_id, published_hash(key, number)) in published for key_id, key in keys)
        )

    def replace_key(self, writer: Connection, number_key: bytes) -> int:
        """Forget every published number and the key that it was hashed under; return the number of the new key."""
        writer.execute(members.update().values(published_number=None, number_key_id=None))
        writer.execute(delete(number_keys))
        sealed = self.sealing.seal(number_key, sealed_for=_SEALED_FOR)
        row: dict[str, Any] = {"sealed_key": sealed}
        return int(writer.scalars(insert(number_keys).returning(number_keys.c.id), row).one())

    def _keys(self, reader: Connection) -> tuple[tuple[int, bytes], ...]:
        rows = reader.execute(select(number_keys)).all()
        return tuple((row.id, self._open(row.sealed_key)) for row in rows)

    def _open(self, sealed: bytes) -> bytes:
        return self.sealing.open(sealed, sealed_for=_SEALED_FOR, what="key of a published roster")
