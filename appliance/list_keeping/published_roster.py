"""A published roster becomes the appliance's roster: who is named, who is new, who left.

Somebody is the same member as before by the published id. A member of the chi bộ's own list is taken over where the
name tells who it is, once here and once there; numbers cannot tell, being hashed under different keys, until a card
does (``one_person``). Own members whom no publication names stay as they are.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from appliance.keys import Keys
from appliance.lists.roster_document import PublishedMember, RosterDocument
from appliance.lists.roster_envelope import OpenedRoster
from appliance.roster.leaving import let_go
from appliance.roster.member_numbers import MemberNumbers
from appliance.sealing import Sealing
from appliance.storage.members import members
from appliance.storage.published_rosters import published_rosters
from verifier.sdk import CanPassword


@dataclass(frozen=True, slots=True)
class AppliedRoster:
    """What a published roster did: how many members it names, and how many of them were added or updated, or left.

    ``changed`` is False where it was the one applied last, and nothing was done.
    """

    changed: bool
    members: int
    added: int = 0
    updated: int = 0
    left: int = 0


def apply_roster(
    opened: OpenedRoster,
    keys: Keys,
    writer: Connection,
    *,
    at: datetime,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> AppliedRoster:
    """Make the store's roster that of the publication, inside the transaction of ``writer``.

    The roster that was applied last is not applied again: what was erased or changed here since then stays so until
    the next publication. A roster of another chi bộ takes the place of the one before, whose members leave.
    """
    document = opened.document
    if _is_last(opened, writer):
        return AppliedRoster(changed=False, members=len(document.members))
    sealing = Sealing(keys.sealing, random)
    key_id = MemberNumbers(keys.roster, sealing).replace_key(writer, document.number_key)
    applied = _Application(document, writer, sealing, key_id, at).run()
    _record(opened, applied, writer, at)
    return applied


@dataclass
class _Application:
    document: RosterDocument
    writer: Connection
    sealing: Sealing
    key_id: int
    at: datetime
    list_name: str = field(init=False)

    def __post_init__(self) -> None:
        self.list_name = f"{self.document.province}/{self.document.chi_bo}"

    def run(self) -> AppliedRoster:
        """Match, then write."""
        rows = self.writer.execute(select(members)).all()
        matched = self._matched(rows)
        changed = [
            self._values_of(member, matched[member.id]) for member in self.document.members if member.id in matched
        ]
        if changed:
            self.writer.execute(update(members).where(members.c.id == bindparam("of_member")), changed)
        added = [member for member in self.document.members if member.id not in matched]
        self._add(added)
        updated = sum(
            self._differs(member, matched[member.id]) for member in self.document.members if member.id in matched
        )
        named = {row.id for row in matched.values()}
        left = [
            row.id for row in rows if row.published_list is not None and row.left_at is None and row.id not in named
        ]
        let_go(self.writer, left, at=self.at)
        return AppliedRoster(True, len(self.document.members), len(added), updated, len(left))

    def _matched(self, rows: Iterable[Row[Any]]) -> dict[str, Row[Any]]:
        """Return the lines that the document's members have already, by published id."""
        before = {row.published_id: row for row in rows if row.published_list == self.list_name}
        matched = {member.id: before[member.id] for member in self.document.members if member.id in before}
        own = _by_name((row.name, row) for row in rows if row.published_list is None and row.left_at is None)
        new = _by_name((member.name, member) for member in self.document.members if member.id not in matched)
        for name, namesakes in new.items():
            if len(namesakes) == 1 and len(own[name]) == 1:
                matched[namesakes[0].id] = own[name][0]
        return matched

    def _values_of(self, member: PublishedMember, row: Row[Any]) -> dict[str, Any]:
        values = self._row_of(member) | {"of_member": row.id, "sealed_password": row.sealed_password}
        if member.number is None:
            values["identifier_hash"] = row.identifier_hash
        if member.can is not None and self._has_other_can(member, row):
            values["sealed_password"] = self.sealing.seal_password(CanPassword(member.can), row.id)
        return values

    def _row_of(self, member: PublishedMember) -> dict[str, Any]:
        return {
            "name": member.name,
            "member_class": member.member_class,
            "status": member.status,
            "note": member.note,
            "identifier_hash": None,
            "published_list": self.list_name,
            "published_id": member.id,
            "published_number": member.number,
            "number_key_id": None if member.number is None else self.key_id,
            "left_at": None,
        }

    def _add(self, added: Iterable[PublishedMember]) -> None:
        new = {member.id: member for member in added}
        if not new:
            return
        self.writer.execute(insert(members), [self._row_of(member) for member in new.values()])
        query = select(members.c.id, members.c.published_id).where(members.c.published_list == self.list_name)
        passwords = []
        for row in self.writer.execute(query).all():
            can = new[row.published_id].can if row.published_id in new else None
            if can is not None:
                sealed = self.sealing.seal_password(CanPassword(can), row.id)
                passwords.append({"of_member": row.id, "sealed_password": sealed})
        if passwords:
            self.writer.execute(update(members).where(members.c.id == bindparam("of_member")), passwords)

    def _differs(self, member: PublishedMember, row: Row[Any]) -> bool:
        said = (member.name, member.member_class, member.status, member.note, member.id)
        known = (row.name, row.member_class, row.status, row.note, row.published_id)
        return said != known or row.left_at is not None or (member.can is not None and self._has_other_can(member, row))

    def _has_other_can(self, member: PublishedMember, row: Row[Any]) -> bool:
        if row.sealed_password is None:
            return True
        return self.sealing.open_password(row.sealed_password, row.id) != CanPassword(member.can or "")


def _by_name(pairs: Iterable[tuple[str, Any]]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for name, one in pairs:
        found[name.casefold()].append(one)
    return found


def _is_last(opened: OpenedRoster, reader: Connection) -> bool:
    query = select(published_rosters).order_by(published_rosters.c.id.desc()).limit(1)
    last = reader.execute(query).one_or_none()
    if last is None:
        return False
    document = opened.document
    return (last.province, last.chi_bo, last.sha256) == (document.province, document.chi_bo, opened.sha256)


def _record(opened: OpenedRoster, applied: AppliedRoster, writer: Connection, at: datetime) -> None:
    row = {
        "province": opened.document.province,
        "chi_bo": opened.document.chi_bo,
        "sha256": opened.sha256,
        "applied_at": at,
        "members": applied.members,
        "added": applied.added,
        "updated": applied.updated,
        "left_members": applied.left,
    }
    writer.execute(insert(published_rosters), row)
