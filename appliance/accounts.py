"""Who may sign in to the page: accounts, and the one-time codes by which somebody gets one.

There is no default password. A fresh appliance issues one set-up code (shown on its own screen, or printed where it
was started); whoever holds it becomes the administrator. An administrator invites others in the same way, so that each
officer chooses a password that nobody else knows: only then does a second officer's confirmation mean anything.

Passwords arrive here already hashed. Codes are kept as SHA-256 only: 80 random bits need no slow hash.
"""

import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from appliance.errors import ApplianceError
from appliance.names import clean
from appliance.storage.accounts import AccountState, CodePurpose, Role, account_codes, accounts
from appliance.storage.database import Database

__all__ = ["Account", "AccountError", "AccountService", "AccountState", "CodeNotValid", "Role", "UsernameTaken"]

SET_UP_LIFETIME = timedelta(hours=24)
INVITATION_LIFETIME = timedelta(days=3)
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_CODE_LENGTH = 16


class AccountError(ApplianceError):
    """An account cannot be made or used as asked; the sentence says why."""

    reason = "account-error"


class CodeNotValid(AccountError):
    """The one-time code is wrong, expired or already used; which of these is not told."""

    reason = "code-not-valid"


class UsernameTaken(AccountError):
    """Another account has this username."""

    reason = "username-taken"


@dataclass(frozen=True, slots=True)
class Account:
    """One person who may sign in, or is invited to (``password_hash`` is ``None``)."""

    id: int
    username: str = field(repr=False)
    display_name: str = field(repr=False)
    role: Role
    state: AccountState
    password_hash: str | None = field(repr=False)
    session_key: str = field(repr=False)
    created_at: datetime

    @property
    def is_active(self) -> bool:
        """Whether this account can sign in."""
        return self.state is AccountState.ACTIVE

    @property
    def in_records(self) -> str:
        """The person as the ledger names an officer: display name, and the username that is nobody else's."""
        return f"{self.display_name} ({self.username})"


class AccountService:
    """Accounts and one-time codes in the appliance's database."""

    def __init__(self, database: Database, *, random: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._database = database
        self._random = random

    def needs_set_up(self) -> bool:
        """Return whether nobody can sign in yet."""
        with self._database.reading() as connection:
            return _count(connection) == 0

    def issue_setup_token(self, *, at: datetime) -> str:
        """Issue the set-up code and return it, the only time it is seen; an earlier one is void from now on.

        Raises ``AccountError`` once the appliance has an account: a set-up never happens twice.
        """
        with self._database.writing() as connection:
            if _count(connection):
                msg = "this appliance is set up already; an administrator invites others on the page"
                raise AccountError(msg)
            _void_codes(connection, CodePurpose.SET_UP, at=at)
            return self._issue(connection, CodePurpose.SET_UP, None, at=at, lifetime=SET_UP_LIFETIME)

    def set_up(self, code: str, *, username: str, display_name: str, password_hash: str, at: datetime) -> Account:
        """Spend the set-up code and create the administrator.

        Raises ``CodeNotValid``, or ``RuleViolation`` for a name that could not stand in the records.
        """
        with self._database.writing() as connection:
            if _count(connection):
                raise CodeNotValid(_CODE_SENTENCE)
            _spend(connection, code, CodePurpose.SET_UP, at=at)
            values = self._new_account(username, display_name, Role.ADMINISTRATOR, at=at)
            return _create(connection, {**values, "password_hash": password_hash, "state": AccountState.ACTIVE})

    def invite(
        self, *, username: str, display_name: str, role: Role, invited_by: int, at: datetime
    ) -> tuple[Account, str]:
        """Create an account without a password, and its owner's code to set one.

        Raises ``UsernameTaken``, or ``RuleViolation`` for a name that could not stand in the records.
        """
        with self._database.writing() as connection:
            values = self._new_account(username, display_name, role, at=at)
            account = _create(connection, {**values, "invited_by": invited_by, "state": AccountState.INVITED})
            code = self._issue(connection, CodePurpose.INVITATION, account.id, at=at, lifetime=INVITATION_LIFETIME)
            return account, code

    def invite_again(self, account_id: int, *, at: datetime) -> str:
        """Return a new code for an invitation not accepted yet; the earlier code is void from now on."""
        with self._database.writing() as connection:
            account = _one(connection, accounts.c.id == account_id)
            if account is None or account.password_hash is not None:
                msg = "there is no open invitation for this account"
                raise AccountError(msg)
            _void_codes(connection, CodePurpose.INVITATION, at=at, account_id=account_id)
            return self._issue(connection, CodePurpose.INVITATION, account_id, at=at, lifetime=INVITATION_LIFETIME)

    def invited(self, code: str, *, at: datetime) -> Account | None:
        """Return whose invitation this code is, as long as it is good."""
        with self._database.reading() as connection:
            row = _find(connection, code, CodePurpose.INVITATION, at=at)
            return None if row is None else _one(connection, accounts.c.id == row["account_id"])

    def accept(self, code: str, *, password_hash: str, at: datetime) -> Account:
        """Spend an invitation: its account is active from now on. Raises ``CodeNotValid``."""
        with self._database.writing() as connection:
            row = _spend(connection, code, CodePurpose.INVITATION, at=at)
            where = accounts.c.id == row["account_id"]
            connection.execute(
                update(accounts).where(where).values(password_hash=password_hash, state=AccountState.ACTIVE)
            )
            account = _one(connection, where)
            if account is None:
                raise CodeNotValid(_CODE_SENTENCE)
            return account

    def set_password_hash(self, account_id: int, password_hash: str) -> None:
        """Replace a password's hash, as after a change of the hash's parameters."""
        with self._database.writing() as connection:
            connection.execute(update(accounts).where(accounts.c.id == account_id).values(password_hash=password_hash))

    def renew_session_key(self, account_id: int) -> None:
        """Sign an account out everywhere: every session that it has is worth nothing from now on."""
        with self._database.writing() as connection:
            key = self._random(32).hex()
            connection.execute(update(accounts).where(accounts.c.id == account_id).values(session_key=key))

    def get(self, account_id: int) -> Account | None:
        """Return the account with this id."""
        with self._database.reading() as connection:
            return _one(connection, accounts.c.id == account_id)

    def by_username(self, username: str) -> Account | None:
        """Return the account with this username, compared folded (NFC, lower case, no spaces around)."""
        with self._database.reading() as connection:
            return _one(connection, accounts.c.username_tag == fold_username(username))

    def by_session_key(self, session_key: str) -> Account | None:
        """Return the account that a signed-in session belongs to."""
        with self._database.reading() as connection:
            return _one(connection, accounts.c.session_key == session_key)

    def all(self) -> tuple[Account, ...]:
        """Return every account, the oldest first."""
        with self._database.reading() as connection:
            return tuple(
                _account(row) for row in connection.execute(select(accounts).order_by(accounts.c.id)).mappings()
            )

    def _new_account(self, username: str, display_name: str, role: Role, *, at: datetime) -> dict[str, object]:
        folded = fold_username(username)
        return {
            "username_tag": folded,
            "username": folded,
            "display_name": clean(display_name, "the name", longest=100),
            "role": role,
            "session_key": self._random(32).hex(),
            "created_at": at,
        }

    def _issue(
        self, connection: Connection, purpose: CodePurpose, account_id: int | None, *, at: datetime, lifetime: timedelta
    ) -> str:
        """Store a new code's hash and return the code as four groups of four characters."""
        code = "".join(_ALPHABET[octet % len(_ALPHABET)] for octet in self._random(_CODE_LENGTH))
        connection.execute(
            insert(account_codes).values(
                purpose=purpose,
                code_hash=_code_hash(code),
                account_id=account_id,
                issued_at=at,
                expires_at=at + lifetime,
            )
        )
        return "-".join(code[start : start + 4] for start in range(0, _CODE_LENGTH, 4))


_CODE_SENTENCE = "this code is not valid: it was used, is too old, or was not typed as shown"


def fold_username(username: str) -> str:
    """Return a username as it is stored and compared."""
    return unicodedata.normalize("NFC", username).strip().lower()


def _code_hash(code: str) -> bytes:
    """SHA-256 (32 bytes) of a code however it was typed: spaces, hyphens, lower case, O for 0, I or L for 1."""
    plain = "".join(code.upper().replace("O", "0").replace("I", "1").replace("L", "1").replace("-", " ").split())
    return hashlib.sha256(plain.encode()).digest()


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(accounts)).scalar_one()


def _create(connection: Connection, values: dict[str, object]) -> Account:
    try:
        account_id = connection.execute(insert(accounts).values(values).returning(accounts.c.id)).scalar_one()
    except IntegrityError as error:
        msg = "this username is taken"
        raise UsernameTaken(msg) from error
    row = connection.execute(select(accounts).where(accounts.c.id == account_id)).mappings().one()
    return _account(row)


def _one(connection: Connection, where: ColumnElement[bool]) -> Account | None:
    row = connection.execute(select(accounts).where(where)).mappings().one_or_none()
    return None if row is None else _account(row)


def _find(connection: Connection, code: str, purpose: CodePurpose, *, at: datetime) -> RowMapping | None:
    """The row of a code that is unused and not expired."""
    wanted = select(account_codes).where(
        account_codes.c.code_hash == _code_hash(code),
        account_codes.c.purpose == purpose,
        account_codes.c.used_at.is_(None),
        account_codes.c.expires_at > at,
    )
    return connection.execute(wanted).mappings().one_or_none()


def _spend(connection: Connection, code: str, purpose: CodePurpose, *, at: datetime) -> RowMapping:
    row = _find(connection, code, purpose, at=at)
    if row is None:
        raise CodeNotValid(_CODE_SENTENCE)
    connection.execute(update(account_codes).where(account_codes.c.id == row["id"]).values(used_at=at))
    return row


def _void_codes(connection: Connection, purpose: CodePurpose, *, at: datetime, account_id: int | None = None) -> None:
    """Mark open codes as used; ``account_id`` none means every account's."""
    statement = update(account_codes).where(account_codes.c.purpose == purpose, account_codes.c.used_at.is_(None))
    if account_id is not None:
        statement = statement.where(account_codes.c.account_id == account_id)
    connection.execute(statement.values(used_at=at))


def _account(row: RowMapping) -> Account:
    return Account(
        id=row["id"],
        username=row["username"],
        display_name=row["display_name"],
        role=row["role"],
        state=row["state"],
        password_hash=row["password_hash"],
        session_key=row["session_key"],
        created_at=row["created_at"],
    )
