"""Names lie sealed; who looked at whom is on record, and so is what persons asked for.

A revision stands for ever, so it spells out how it seals, and the tables that it makes.
"""

import hmac
import secrets
from collections.abc import Callable

import sqlalchemy as sa
from alembic import context, op
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.errors import StorageVersion
from appliance.keys import Keys

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BLOCK = 64
_TRIGGERS = (
    """
    CREATE TRIGGER access_log_never_changes BEFORE UPDATE ON access_log
    BEGIN SELECT RAISE(ABORT, 'a line of the access log never changes'); END
    """,
    """
    CREATE TRIGGER access_log_goes_from_its_beginning BEFORE DELETE ON access_log
    WHEN OLD.id IS NOT (SELECT min(id) FROM access_log)
    BEGIN SELECT RAISE(ABORT, 'of the access log only the oldest line goes'); END
    """,
    # also stops INSERT OR REPLACE, whose deletion fires no trigger
    """
    CREATE TRIGGER access_log_goes_on BEFORE INSERT ON access_log
    WHEN NEW.id IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'access_log')
    BEGIN SELECT RAISE(ABORT, 'a line of the access log follows the last one'); END
    """,
    """
    CREATE TRIGGER person_requests_stay BEFORE DELETE ON person_requests
    WHEN OLD.answered_at IS NULL
    BEGIN SELECT RAISE(ABORT, 'a request stays until it is answered'); END
    """,
)


def upgrade() -> None:
    """Seal what is there and make the tables; StorageVersion where there is something to seal, and no keys."""
    _seal_members()
    _seal_accounts()
    _access_log()
    _person_requests()
    for trigger in _TRIGGERS:
        op.execute(trigger)
    op.execute("PRAGMA user_version = 1")  # upgrade.TO_BE_FORGOTTEN: pages and log may still hold what was plain


def _seal_members() -> None:
    _seal_names()
    _seal_codes()


def _seal_names() -> None:
    rows = op.get_bind().execute(sa.text("SELECT id, name, note FROM members")).all()
    # added one by one: to copy the table would forget its highest number, which is never given again
    for column in ("name", "note"):
        op.execute(f"ALTER TABLE members ADD COLUMN sealed_{column} BLOB DEFAULT (x'') NOT NULL")
    if rows:
        seal = _seal_under(_keys())
        into = sa.text("UPDATE members SET sealed_name = :name, sealed_note = :note WHERE id = :id")
        op.get_bind().execute(into, [{"id": row.id, "name": seal(row.name), "note": seal(row.note)} for row in rows])
    for column in ("folded_name", "name", "note"):
        op.execute(f"ALTER TABLE members DROP COLUMN {column}")
    for column in ("name", "note"):
        op.execute(f"ALTER TABLE members RENAME COLUMN sealed_{column} TO {column}")


def _seal_codes() -> None:
    """Seal the codes of published members; the same code to the same bytes, for the index that keeps it unique."""
    query = sa.text("SELECT id, published_id FROM members WHERE published_id IS NOT NULL")
    rows = op.get_bind().execute(query).all()
    op.drop_index("ix_members_published_id")
    op.execute("ALTER TABLE members ADD COLUMN sealed_id BLOB")
    if rows:
        keys = _keys()
        cipher, tag_key = AESGCM(keys.derived(b"thechip names 1")), keys.derived(b"thechip name tags 1")
        sealed = [{"id": row.id, "sealed": _sealed_alike(cipher, tag_key, row.published_id)} for row in rows]
        op.get_bind().execute(sa.text("UPDATE members SET sealed_id = :sealed WHERE id = :id"), sealed)
    op.execute("ALTER TABLE members DROP COLUMN published_id")
    op.execute("ALTER TABLE members RENAME COLUMN sealed_id TO published_id")
    op.create_index("ix_members_published_id", "members", ["published_list", "published_id"], unique=True)


def _sealed_alike(cipher: AESGCM, tag_key: bytes, text: str) -> bytes:
    plain = text.encode()
    nonce = hmac.digest(tag_key, b"nonce\n" + plain, "sha256")[:12]
    return nonce + cipher.encrypt(nonce, plain + bytes(-len(plain) % _BLOCK), b"thechip text 1\n")


def _seal_accounts() -> None:
    rows = op.get_bind().execute(sa.text("SELECT id, username, display_name FROM accounts")).all()
    for column in ("sealed_username", "sealed_name"):
        op.execute(f"ALTER TABLE accounts ADD COLUMN {column} BLOB DEFAULT (x'') NOT NULL")
    if rows:
        keys = _keys()
        seal, tag_key = _seal_under(keys), keys.derived(b"thechip name tags 1")
        into = sa.text(
            "UPDATE accounts SET username = :tag, sealed_username = :username, sealed_name = :name WHERE id = :id"
        )
        sealed = [
            {
                "id": row.id,
                "tag": hmac.digest(tag_key, row.username.encode(), "sha256").hex(),
                "username": seal(row.username),
                "name": seal(row.display_name),
            }
            for row in rows
        ]
        op.get_bind().execute(into, sealed)
    op.execute("ALTER TABLE accounts DROP COLUMN display_name")
    op.execute("ALTER TABLE accounts RENAME COLUMN sealed_name TO display_name")
    op.execute("ALTER TABLE accounts RENAME COLUMN username TO username_tag")
    op.execute("ALTER TABLE accounts RENAME COLUMN sealed_username TO username")


def _keys() -> Keys:
    keys: Keys | None = context.config.attributes.get("keys")
    if keys is None:
        msg = "the store's upgrade seals the names in it, for which it needs this appliance's keys"
        raise StorageVersion(msg)
    return keys


def _seal_under(keys: Keys) -> Callable[[str], bytes]:
    cipher = AESGCM(keys.derived(b"thechip names 1"))

    def seal(text: str) -> bytes:
        plain, nonce = text.encode(), secrets.token_bytes(12)
        return nonce + cipher.encrypt(nonce, plain + bytes(-len(plain) % _BLOCK), b"thechip text 1\n")

    return seal


def _access_log() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("account_id", sa.Integer),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("meeting_id", sa.Integer),
        sa.Column("subject", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_access_log"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_access_log_subject", "access_log", ["subject"])
    op.create_index("ix_access_log_account_id", "access_log", ["account_id", "at"])


def _person_requests() -> None:
    op.create_table(
        "person_requests",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.LargeBinary),
        sa.Column("received_at", sa.Text, nullable=False),
        sa.Column("due_on", sa.Text, nullable=False),
        sa.Column("received_by", sa.LargeBinary, nullable=False),
        sa.Column("answered_at", sa.Text),
        sa.Column("answered_by", sa.LargeBinary),
        sa.Column("answer", sa.Text),
        sa.Column("entries", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_person_requests"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_person_requests_subject", "person_requests", ["subject"])
