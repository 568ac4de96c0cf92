"""The number of a form is spent together with what it says, or not at all."""

import math
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from appliance.errors import FormSentBefore
from appliance.storage.database import Database

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
NUMBER = bytes(32)


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path / "x.sqlite3")
    database.upgrade()
    yield database
    database.close()


def add(database: Database) -> None:
    with database.writing() as writer:
        writer.execute(text("INSERT INTO members (member_class, status) VALUES ('official', 'active')"))


def count(database: Database, table: str = "members") -> int:
    with database.reading() as reader:
        return reader.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - a table of this test


def add_once(database: Database, at: datetime = AT) -> None:
    with database.once(NUMBER, at=at):
        add(database)


def test_the_second_time_nothing_is_written_whoever_opened_the_store(database):
    add_once(database)
    again = Database(database.path)
    with pytest.raises(FormSentBefore):
        add_once(again)
    again.close()
    assert count(database) == 1


def broken_off(database: Database) -> None:
    with database.once(NUMBER, at=AT), database.writing() as writer:
        writer.execute(text("INSERT INTO members (member_class, status) VALUES ('official', 'active')"))
        math.sqrt(-1)


def test_what_was_not_committed_spent_nothing(database):
    with pytest.raises(ValueError, match="math domain"):
        broken_off(database)
    assert (count(database), count(database, "sent_forms")) == (0, 0)
    add_once(database)
    assert count(database) == 1


def test_what_is_written_after_the_first_transaction_and_by_other_threads_is_not_held_to_the_number(database):
    with database.once(NUMBER, at=AT):
        add(database)
        add(database)
        other = threading.Thread(target=add, args=(database,))
        other.start()
        other.join()
    add(database)
    assert (count(database), count(database, "sent_forms")) == (4, 1)


def test_a_number_is_kept_for_a_day(database):
    add_once(database)
    with pytest.raises(FormSentBefore):
        add_once(database, at=AT + timedelta(hours=23))
    add_once(database, at=AT + timedelta(hours=25))
    assert (count(database), count(database, "sent_forms")) == (2, 1)
