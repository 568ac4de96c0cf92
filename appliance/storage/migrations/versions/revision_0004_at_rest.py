"""What is recorded lies encrypted: the bodies of the ledger are sealed, and their subjects blinded.

Chain and signatures stay as they are: they cover a commitment, and it is to the same salt and body. A revision stands
for ever, so it spells out how it seals.
"""

import hmac
import json
import secrets
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import context, op
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.errors import StorageVersion
from appliance.keys import Keys

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_AT_ONCE = 500
_NONCE_LENGTH = 12
_BLOCK = 64
_NEVER_CHANGE = """
    CREATE TRIGGER ledger_bodies_never_change BEFORE UPDATE ON ledger_bodies
    BEGIN SELECT RAISE(ABORT, 'the body of an entry is erased or left as it is'); END
    """


def upgrade() -> None:
    """Seal what is there; StorageVersion where there is something to seal, and no keys to do it with."""
    op.drop_index("ix_ledger_bodies_subject")
    op.rename_table("ledger_bodies", "plain_bodies")
    op.create_table(
        "ledger_bodies",
        sa.Column("sequence", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("subject", sa.LargeBinary),
        sa.PrimaryKeyConstraint("sequence", name="pk_ledger_bodies"),
        sa.ForeignKeyConstraint(["sequence"], ["ledger_entries.sequence"], name="fk_ledger_bodies_sequence"),
        sqlite_strict=True,
    )
    connection = op.get_bind()
    into = sa.text("INSERT INTO ledger_bodies (sequence, sealed, subject) VALUES (:sequence, :sealed, :subject)")
    for rows in _plain(connection):
        connection.execute(into, _sealed(rows))
    op.drop_table("plain_bodies")
    op.create_index("ix_ledger_bodies_subject", "ledger_bodies", ["subject"])
    op.execute(_NEVER_CHANGE)
    op.execute("PRAGMA user_version = 1")  # upgrade.TO_BE_FORGOTTEN: pages and log may still hold what was plain


def _plain(connection: sa.Connection) -> Iterator[list[Any]]:
    # by the bytes, and a batch at a time: what somebody put there by hand may be no text, and no JSON
    query = sa.text(
        "SELECT sequence, CAST(salt AS BLOB) AS salt, CAST(body AS BLOB) AS body FROM plain_bodies"
        " WHERE sequence > :after ORDER BY sequence LIMIT :most"
    )
    after = -(2**63)
    while rows := list(connection.execute(query, {"after": after, "most": _AT_ONCE})):
        yield rows
        after = rows[-1].sequence


def _sealed(rows: list[Any]) -> list[dict[str, Any]]:
    keys: Keys | None = context.config.attributes.get("keys")
    if keys is None:
        msg = "the store's upgrade seals what was recorded, for which it needs this appliance's keys"
        raise StorageVersion(msg)
    cipher = AESGCM(keys.derived(b"thechip ledger bodies 1"))
    subject_key = keys.derived(b"thechip ledger subjects 1")
    sealed = []
    for row in rows:
        nonce = secrets.token_bytes(_NONCE_LENGTH)
        sealed_for = b"thechip ledger body 1\n%d" % row.sequence
        subject, plain = _subject(row.body), row.salt + row.body
        sealed.append(
            {
                "sequence": row.sequence,
                "sealed": nonce + cipher.encrypt(nonce, plain + bytes(-len(plain) % _BLOCK), sealed_for),
                "subject": None if subject is None else hmac.digest(subject_key, subject.encode(), "sha256"),
            }
        )
    return sealed


def _subject(body: bytes) -> str | None:
    """Return whom a body is about; nobody where it is none that the ledger wrote, which a verification will say."""
    try:
        subject = json.loads(body).get("subject")
    except (ValueError, AttributeError, RecursionError):
        return None
    return subject if isinstance(subject, str) else None
