"""The one boundary where SQLite's errors become the project's own."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from appliance.errors import (
    StorageBusy,
    StorageDamaged,
    StorageError,
    StorageFull,
    StorageReadOnly,
    StorageRefused,
    StorageUnreachable,
)

# primary result codes, https://www.sqlite.org/rescode.html
_MEANINGS: dict[int, tuple[type[StorageError], str]] = {
    sqlite3.SQLITE_FULL: (StorageFull, "no room is left in the store; nothing was recorded"),
    sqlite3.SQLITE_BUSY: (StorageBusy, "another process holds the store; nothing was recorded"),
    sqlite3.SQLITE_LOCKED: (StorageBusy, "another process holds the store; nothing was recorded"),
    sqlite3.SQLITE_READONLY: (StorageReadOnly, "the store can only be read; nothing was recorded"),
    sqlite3.SQLITE_PERM: (StorageUnreachable, "the store's file may not be opened"),
    sqlite3.SQLITE_CANTOPEN: (StorageUnreachable, "the store's file cannot be opened"),
    sqlite3.SQLITE_IOERR: (StorageUnreachable, "reading or writing the store's file failed; nothing was recorded"),
    sqlite3.SQLITE_CORRUPT: (StorageDamaged, "the store's file is damaged"),
    sqlite3.SQLITE_NOTADB: (StorageDamaged, "the store's file is not a store of this program"),
    sqlite3.SQLITE_ERROR: (StorageDamaged, "the store's tables are not those that this program made"),
    sqlite3.SQLITE_CONSTRAINT: (StorageRefused, "the store refused a row that breaks its rules; nothing was recorded"),
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise a StorageError for whatever SQLite or its driver raises inside."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        raise _storage_error(error) from error
    except UnicodeDecodeError as error:  # damage inside a text of the schema, which SQLite quotes
        raise StorageDamaged(_MEANINGS[sqlite3.SQLITE_CORRUPT][1]) from error
    except OverflowError as error:
        msg = "no row of the store can have a number that great"
        raise StorageRefused(msg) from error
    except PoolTimeout as error:
        msg = "every connection to the store is in use; nothing was recorded"
        raise StorageBusy(msg) from error


def _storage_error(error: DBAPIError | sqlite3.Error) -> StorageError:
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, sqlite3.OperationalError) and "decode" in str(origin):  # by the driver: it has no code
        return StorageDamaged("the store holds a text that this program never wrote")
    code = getattr(origin, "sqlite_errorcode", None)
    kind, sentence = _MEANINGS.get((code or 0) & 0xFF, (StorageError, "the store could not do what was asked of it"))
    return kind(sentence)
