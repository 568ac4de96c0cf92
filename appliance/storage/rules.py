"""The versions of the rules that arrived by signed lists. None of them is ever removed: old minutes name them."""

from sqlalchemy import Column, LargeBinary, Table, Text

from appliance.storage.base import UtcTime, metadata

rule_sets = Table(
    "rule_sets",
    metadata,
    Column("version", Text, primary_key=True),
    Column("document", LargeBinary, nullable=False),  # as it was received
    Column("received_at", UtcTime, nullable=False),
    sqlite_strict=True,
)
