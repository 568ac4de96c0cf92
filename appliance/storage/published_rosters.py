"""What published rosters left in the store: which ones were applied, and under which key their numbers are hashed."""

from sqlalchemy import Column, Integer, LargeBinary, Table, Text

from appliance.storage.base import UtcTime, metadata

number_keys = Table(
    "number_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sealed_key", LargeBinary, nullable=False),  # AES-256-GCM under the sealing key
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

published_rosters = Table(
    "published_rosters",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("province", Text, nullable=False),
    Column("chi_bo", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),  # of the document, its envelope opened
    Column("applied_at", UtcTime, nullable=False),
    Column("members", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("left_members", Integer, nullable=False),  # LEFT is a word of SQL
    sqlite_autoincrement=True,
    sqlite_strict=True,
)
