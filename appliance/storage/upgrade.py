"""Alembic, run from the package's own migrations on a connection that is already inside its transaction."""

from pathlib import Path

from alembic.command import upgrade as run_upgrade
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from appliance.errors import StorageVersion
from appliance.keys import Keys

TO_BE_FORGOTTEN = 1
"""The file's ``user_version`` after a revision that sealed something: free pages and the log may hold it plain."""

_MIGRATIONS = Path(__file__).with_name("migrations")


def is_current(connection: Connection) -> bool:
    """Tell whether the tables are at this release's revision; StorageVersion where they are from a newer one."""
    script = ScriptDirectory(str(_MIGRATIONS))
    known = {revision.revision for revision in script.walk_revisions()}
    found = set(MigrationContext.configure(connection).get_current_heads())
    if not found <= known:
        msg = "the store was written by a newer release of this program; install that release"
        raise StorageVersion(msg)
    return found == set(script.get_heads())


def upgrade(connection: Connection, keys: Keys | None) -> None:
    """Bring the tables to this release's revision, all of the way or not at all.

    ``keys`` seal what older releases kept in plain; StorageVersion where there is such, and they are ``None``.
    """
    if is_current(connection):
        return
    config = AlembicConfig()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["keys"] = keys
    run_upgrade(config, "head")
