"""Leaving the roster: of a line stays what old minutes need, and not what a card is recognised or read by."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from appliance.storage.members import members


def let_go(writer: Connection, member_ids: Iterable[int], *, at: datetime) -> None:
    """Take members off the roster inside a transaction."""
    rows = [{"of_member": member_id} for member_id in member_ids]
    if rows:
        gone = {"left_at": at, "note": "", "sealed_password": None, "identifier_hash": None}
        writer.execute(update(members).where(members.c.id == bindparam("of_member")).values(gone), rows)
