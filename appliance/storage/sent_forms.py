"""Forms that were sent: the number of each is spent in the transaction that records what it says."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Connection, LargeBinary, Table, delete
from sqlalchemy.dialects.sqlite import insert

from appliance.errors import FormSentBefore
from appliance.storage.base import UtcTime, metadata

_KEPT_FOR: Final = timedelta(days=1)
"""Longer than anybody stays signed in: an older form is refused for its session."""

sent_forms = Table(
    "sent_forms",
    metadata,
    Column("number", LargeBinary, primary_key=True),  # SHA-256 of what the form carries; tells of nobody and nothing
    Column("sent_at", UtcTime, nullable=False),
    sqlite_strict=True,
)


def spend(writer: Connection, number: bytes, *, at: datetime) -> None:
    """Spend the number of a form (32 bytes) inside the transaction; FormSentBefore where it is spent already."""
    writer.execute(delete(sent_forms).where(sent_forms.c.sent_at < at - _KEPT_FOR))
    row = {"number": number, "sent_at": at}
    if not writer.execute(insert(sent_forms).on_conflict_do_nothing(), row).rowcount:
        msg = "this form was recorded already; nothing was changed"
        raise FormSentBefore(msg)
