"""Leaving the roster: of a line stays what old minutes need, and not what a card is recognised or read by."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from appliance.storage.devices import foreign_people
from appliance.storage.members import members


def let_go(writer: Connection, member_ids: Iterable[int], *, at: datetime) -> None:
    """Take members off the roster inside a transaction."""
    rows = [{"of_member": member_id} for member_id in member_ids]
    if rows:
        gone = {"left_at": at, "note": "", "sealed_password": None, "identifier_hash": None}
        writer.execute(update(members).where(members.c.id == bindparam("of_member")).values(gone), rows)


def let_stand(writer: Connection, *, leaves: int, stays: int) -> None:
    """Note inside a transaction that one line stands from now on for the person who had the other one.

    Lines that left for the one that leaves now are theirs as well. What other appliances call by it is about the line
    that stays: one of them may have two lines of its own for this person.
    """
    which = (members.c.id == leaves) | (members.c.became == leaves)
    writer.execute(update(members).where(which).values(became=stays))
    meant = foreign_people.c.member_id == leaves
    writer.execute(update(foreign_people).where(meant).values(member_id=stays))
