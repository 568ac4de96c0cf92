"""A backup of any released store is restored on today's release, with its people in it."""

import shutil
from contextlib import closing
from importlib.resources import files

import pytest
from alembic.command import upgrade
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import text

import appliance.storage.migrations
from appliance.backup.restoring import restore
from appliance.keys import Keys
from appliance.storage.database import Database

from .conftest import PASSPHRASE, Appliance

MIGRATIONS = str(files(appliance.storage.migrations))
REVISIONS = sorted(one.revision for one in ScriptDirectory(MIGRATIONS).walk_revisions())
SEN = (
    "INSERT INTO members (id, name, folded_name, member_class, status, note)"
    " VALUES (3, 'Mẫu Thị Sen', 'mau thi sen', 'official', 'active', 'x')"
)


@pytest.mark.parametrize("revision", [one for one in REVISIONS if one < "0006"])
def test_a_store_of_an_older_release(appliance, tmp_path, revision):
    state = tmp_path / "older"
    shutil.copytree(appliance.config.keys_directory, state / "keys")
    (state / "appliance.toml").write_text(f'state_directory = "{state}"\n')
    with closing(Database(state / "thechip.sqlite3")) as database, database.writing() as writer:
        config = AlembicConfig()
        config.set_main_option("script_location", MIGRATIONS)
        config.attributes |= {"connection": writer, "keys": Keys.load_or_create(state / "keys")}
        upgrade(config, revision)
        writer.execute(text(SEN))
    older = Appliance(state / "appliance.toml", type(appliance.config).load(state / "appliance.toml"), None)
    before = older.config.database_path.read_bytes()
    examined = restore(older.back_up(tmp_path / "older.backup").path, PASSPHRASE, tmp_path / "new")
    assert older.config.database_path.read_bytes() == before  # a backup is made before an upgrade, and is none
    assert (examined.members, examined.verdict.entries) == (1, 0)
    new = Appliance.at(tmp_path / "new")
    (sen,) = new.services.roster.members()
    assert (sen.id, sen.name, sen.note) == (3, "Mẫu Thị Sen", "x")
    new.services.database.close()
