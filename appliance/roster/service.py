"""Roster: the members of the chi bộ, from its own list and from a published one.

Card and personal numbers are kept as keyed hashes only (``member_numbers``); names, notes and the passwords of cards
are sealed (``storage.sealed_text``, ``sealing``). Whoever left a published roster keeps a line, because old minutes
name it; no list, search or look-up finds it.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from appliance.errors import NotFound, RuleViolation
from appliance.keys import Keys
from appliance.names import clean, folded
from appliance.roster.leaving import let_go
from appliance.roster.member_numbers import MemberNumbers, local_hash
from appliance.roster.name_search import NameSearch
from appliance.sealing import Sealing
from appliance.storage.database import Database
from appliance.storage.members import MemberClass, MemberStatus, members
from appliance.storage.published_rosters import published_rosters
from verifier.sdk import Password

__all__ = ["Member", "MemberClass", "MemberStatus", "Newcomer", "RosterService", "TakenOver"]

_MOST_FOUND = 50
_COLUMNS = (
    members.c.id,
    members.c.name,
    members.c.member_class,
    members.c.status,
    members.c.note,
    (members.c.identifier_hash.is_not(None) | members.c.published_number.is_not(None)).label("has_identifier"),
    members.c.sealed_password.is_not(None).label("has_password"),
    members.c.left_at.is_not(None).label("has_left"),
)


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The published roster that was taken over last: whose, how many members it names, and when."""

    province: str
    chi_bo: str
    members: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """One line of the roster; ``has_identifier`` and ``has_password``: whether a card can be recognised, and read.

    ``has_left``: a published roster no longer names this person, whom old minutes still do.
    """

    id: int
    name: str = field(repr=False)
    member_class: MemberClass
    status: MemberStatus
    note: str = field(default="", repr=False)
    has_identifier: bool = False
    has_password: bool = False
    has_left: bool = False


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
        database.unlock(keys)
        self._local_key = keys.roster
        self._sealing = Sealing(keys.sealing, random)
        self._search = NameSearch()
        self._numbers = MemberNumbers(keys.roster, self._sealing)

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

    def known_among(self, numbers: Sequence[str], *, connection: Connection | None = None) -> frozenset[str]:
        """Return which of these card or personal numbers somebody on the roster has."""
        with self._database.reading(connection) as reader:
            return self._numbers.known_among(numbers, reader)

    def members(self, *, connection: Connection | None = None) -> tuple[Member, ...]:
        """Return everybody on the roster, in the order in which they were added."""
        with self._database.reading(connection) as reader:
            return tuple(_member(row) for row in reader.execute(_on_the_roster().order_by(members.c.id)))

    def taken_over(self) -> TakenOver | None:
        """Return which published roster is in use; ``None`` where there never was one."""
        query = select(published_rosters).order_by(published_rosters.c.id.desc()).limit(1)
        with self._database.reading() as reader:
            row = reader.execute(query).one_or_none()
        return None if row is None else TakenOver(row.province, row.chi_bo, row.members, row.applied_at)

    def get(self, member_id: int, *, connection: Connection | None = None) -> Member:
        """Return a member, also one who left; NotFound for a number that nobody has."""
        with self._database.reading(connection) as reader:
            row = reader.execute(select(*_COLUMNS).where(members.c.id == member_id)).one_or_none()
        if row is None:
            raise _unknown(member_id)
        return _member(row)

    def find_by_identifier(self, identifier: str, *, connection: Connection | None = None) -> Member | None:
        """Return whose card or personal number this is."""
        found = self.with_identifier(identifier, connection=connection)
        return found[0] if found else None

    def with_identifier(self, identifier: str, *, connection: Connection | None = None) -> tuple[Member, ...]:
        """Return every line with this number: two where a published roster and the chi bộ's own list have it.

        The published one comes first. It takes ``one_person.recognise`` to make one line of them.
        """
        with self._database.reading(connection) as reader:
            query = _on_the_roster().where(self._numbers.is_of(identifier, reader))
            return tuple(_member(row) for row in reader.execute(query.order_by(members.c.published_list.is_(None))))

    def search(self, text: str) -> tuple[Member, ...]:
        """Return up to 50 members whose name holds every word of the text, accents, strokes and case aside."""
        with self._database.reading() as reader:
            numbers = self._search.matching(reader, folded(text).split(), most=_MOST_FOUND)
            rows = reader.execute(select(*_COLUMNS).where(members.c.id.in_(numbers)))
            found = {row.id: _member(row) for row in rows}
        return tuple(found[number] for number in numbers)

    def change(
        self, member_id: int, *, member_class: MemberClass | None = None, status: MemberStatus | None = None
    ) -> Member:
        """Give a member of the chi bộ's own list another class, another lasting status, or both.

        Closed meetings keep theirs; a status for a time is an exemption (``standing.exemptions``). Raises NotFound for
        whoever is not on the roster, RuleViolation for a line that a published roster names: it is changed there.
        """
        changed = {"member_class": member_class, "status": status}
        with self._database.writing() as writer:
            self._require_own(writer, member_id)
            values = {column: value for column, value in changed.items() if value is not None}
            if values:
                writer.execute(update(members).where(members.c.id == member_id).values(values))
            return self.get(member_id, connection=writer)

    def leave(self, member_id: int, *, at: datetime) -> Member:
        """Take a member of the chi bộ's own list off the roster; old minutes keep the name. Raises as ``change``."""
        with self._database.writing() as writer:
            self._require_own(writer, member_id)
            let_go(writer, [member_id], at=at)
            return self.get(member_id, connection=writer)

    def rejoin(self, member_id: int, identifier: str | None = None) -> Member:
        """Take a member who left the chi bộ's own list back on it, under the same number, with that of their card.

        Class and status are what they were. Raises NotFound for nobody, RuleViolation for whoever is on the roster, or
        on it by another line, whom a published roster named, and for a number that another member has.
        """
        with self._database.writing() as writer:
            _require_may_return(writer, member_id)
            values: dict[str, Any] = {"left_at": None}
            if identifier is not None:
                if self._is_known(writer, [identifier]):
                    raise _has_another()
                values["identifier_hash"] = self.identifier_hash(identifier)
            writer.execute(update(members).where(members.c.id == member_id).values(values))
            return self.get(member_id, connection=writer)

    def set_password(self, member_id: int, password: Password | None, *, connection: Connection | None = None) -> None:
        """Keep, replace or forget the password of a member's card."""
        with self._database.writing(connection) as writer:
            self.get(member_id, connection=writer)
            if password is None:
                writer.execute(update(members).where(members.c.id == member_id).values(sealed_password=None))
            else:
                self._seal_passwords(writer, [(member_id, password)])

    def password_of(self, member_id: int, *, connection: Connection | None = None) -> Password | None:
        """Return the password of a member's card; KeyDamaged where it does not open, NotFound for nobody."""
        with self._database.reading(connection) as reader:
            row = reader.execute(select(members.c.sealed_password).where(members.c.id == member_id)).one_or_none()
        if row is None:
            raise _unknown(member_id)
        return None if row.sealed_password is None else self._sealing.open_password(row.sealed_password, member_id)

    def identifier_hash(self, identifier: str) -> bytes:
        """Return the hash of a card or personal number under this appliance's own key, 32 bytes."""
        return local_hash(self._local_key, identifier)

    def _require_own(self, reader: Connection, member_id: int) -> None:
        on_the_roster = (members.c.id == member_id) & members.c.left_at.is_(None)
        row = reader.execute(select(members.c.published_list).where(on_the_roster)).one_or_none()
        if row is None:
            raise _unknown(member_id)
        if row.published_list is not None:
            msg = f"member {member_id} is on the roster that the province publishes; whoever publishes it changes it"
            raise RuleViolation(msg)

    def _add(self, writer: Connection, newcomers: Sequence[Newcomer]) -> Sequence[int]:
        """Insert all at once and return their numbers, which rise in the same order."""
        if not newcomers:
            return ()
        rows = [self._row(newcomer) for newcomer in newcomers]
        hashes = [row["identifier_hash"] for row in rows if row["identifier_hash"] is not None]
        identifiers = [newcomer.identifier for newcomer in newcomers if newcomer.identifier is not None]
        if len(set(hashes)) < len(hashes) or self._is_known(writer, identifiers):
            raise _has_another()
        writer.execute(insert(members), rows)
        newest = select(members.c.id).order_by(members.c.id.desc()).limit(len(rows))
        numbers = sorted(writer.scalars(newest))
        pairs = zip(numbers, newcomers, strict=True)
        self._seal_passwords(writer, [(number, new.password) for number, new in pairs if new.password is not None])
        return numbers

    def _row(self, new: Newcomer) -> dict[str, Any]:
        return {
            "name": clean(new.name, "the name"),
            "member_class": new.member_class,
            "status": new.status,
            "note": clean(new.note, "the note", longest=1000) if new.note.strip() else "",
            "identifier_hash": None if new.identifier is None else self.identifier_hash(new.identifier),
        }

    def _is_known(self, writer: Connection, numbers: Sequence[str]) -> bool:
        if len(numbers) == 1:
            return bool(self.with_identifier(numbers[0], connection=writer))
        return bool(self.known_among(numbers, connection=writer))

    def _seal_passwords(self, writer: Connection, passwords: Sequence[tuple[int, Password]]) -> None:
        if not passwords:
            return
        rows = [
            {"of_member": member_id, "sealed": self._sealing.seal_password(password, member_id)}
            for member_id, password in passwords
        ]
        statement = update(members).where(members.c.id == bindparam("of_member"))
        writer.execute(statement.values(sealed_password=bindparam("sealed")), rows)


def _on_the_roster() -> Select[Any]:
    return select(*_COLUMNS).where(members.c.left_at.is_(None))


def _member(row: Row[Any]) -> Member:
    return Member(
        id=row.id,
        name=row.name,
        member_class=row.member_class,
        status=row.status,
        note=row.note,
        has_identifier=bool(row.has_identifier),
        has_password=bool(row.has_password),
        has_left=bool(row.has_left),
    )


def _require_may_return(reader: Connection, member_id: int) -> None:
    query = select(members.c.left_at, members.c.became, members.c.published_list).where(members.c.id == member_id)
    row = reader.execute(query).one_or_none()
    if row is None:
        raise _unknown(member_id)
    if row.became is not None:
        msg = f"member {member_id} is member {row.became}, whose line stands for both"
        raise RuleViolation(msg)
    if row.left_at is None:
        msg = f"member {member_id} is on the roster"
        raise RuleViolation(msg)
    if row.published_list is not None:
        msg = f"member {member_id} left the roster that the province publishes, and comes back with it alone"
        raise RuleViolation(msg)


def _has_another() -> RuleViolation:
    return RuleViolation("another member of the roster has this card or personal number")


def _unknown(member_id: int) -> NotFound:
    return NotFound(f"the roster has no member {member_id}")
