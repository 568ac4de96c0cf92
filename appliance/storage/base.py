"""The metadata that every table belongs to, and the column types that they share."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import MetaData, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from appliance.errors import RuleViolation, StorageDamaged

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

_T = TypeVar("_T")

metadata = MetaData(naming_convention=NAMING_CONVENTION)


def utc_text(at: datetime) -> str:
    """Write a time as text of 27 characters, UTC with microseconds, which sorts as the times do.

    >>> utc_text(datetime(2026, 11, 3, 19, 0, tzinfo=UTC))
    '2026-11-03T19:00:00.000000Z'
    """
    if at.tzinfo is None:
        msg = "a time without a time zone cannot be recorded"
        raise RuleViolation(msg)
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def utc_time(text: str) -> datetime:
    """Read what ``utc_text`` wrote; ValueError for anything else."""
    at = datetime.fromisoformat(text)  # strptime takes five times as long, and a list reads thousands of times
    if not text.endswith("Z") or at.isoformat(timespec="microseconds") != f"{text[:-1]}+00:00":
        msg = "this is no time as it is recorded"
        raise ValueError(msg)
    return at


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, kept as ``utc_text``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """To the store."""
        return None if value is None else utc_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """From the store."""
        return None if value is None else _decoded(utc_time, value)


class Vocabulary(TypeDecorator[StrEnum]):
    """A member of a StrEnum, kept as its value."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """To the store."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """From the store."""
        return None if value is None else _decoded(self.words, value)


def _decoded(decode: Callable[[Any], _T], value: Any) -> _T:
    try:
        return decode(value)
    except (ValueError, TypeError) as error:
        msg = "the store holds a value that this program never wrote"
        raise StorageDamaged(msg) from error
