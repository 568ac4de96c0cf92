"""JSON read strictly: limits before parsing, every key taken once with its type, nothing left over."""

import base64
import binascii
import contextlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from verifier.errors import EvidenceError

MAX_ENCODED_SIZE = 8 << 20
"""Bytes of an evidence file; many times what a card with a face image holds."""

_MAX_DEPTH = 4
_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
"""A string that is not closed goes on to the end: to look for its end from each of its quotes would take minutes."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}|EF\.ATR/INFO", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", re.ASCII)
_STATUS = re.compile(r"[0-9A-F]{4}", re.ASCII)

T = TypeVar("T")


def refuse(sentence: str) -> NoReturn:
    """Raise ``EvidenceError``."""
    raise EvidenceError(sentence)


class JsonObject:
    """A JSON object of which each key is taken exactly once."""

    def __init__(self, value: object, name: str) -> None:
        if not isinstance(value, dict):
            refuse(f"{name} is not a JSON object")
        self._values: dict[str, Any] = dict(value)
        self._name = name

    def take(self, key: str, decode: Callable[[Any, str], T]) -> T:
        """Return the decoded value of a key that must be there."""
        if key not in self._values:
            refuse(f"{self._name} lacks {key!r}")
        return decode(self._values.pop(key), f"{key!r} of {self._name}")

    def finish(self) -> None:
        """Refuse what was not taken."""
        if self._values:
            refuse(f"{self._name} holds {len(self._values)} entries that the format does not know")


def parse(encoded: bytes) -> object:
    """Parse at most 8 MiB of UTF-8 JSON, nested at most four levels, without duplicate keys."""
    if not isinstance(encoded, bytes):
        refuse(f"an evidence file is bytes, and no {type(encoded).__name__}")
    if len(encoded) > MAX_ENCODED_SIZE:
        refuse(f"an evidence file has at most {MAX_ENCODED_SIZE} bytes")
    _limit_depth(encoded)
    with contextlib.suppress(ValueError):  # JSONDecodeError and UnicodeDecodeError, which keep all that was to be read
        return json.loads(encoded.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    refuse("the evidence file is not well-formed JSON in UTF-8")


def _limit_depth(encoded: bytes) -> None:
    """Count brackets outside strings, so that nested hostile bytes meet a limit before a recursive parser."""
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(encoded):
        first = encoded[match.start()]
        if first in b"[{":
            depth += 1
            if depth > _MAX_DEPTH:
                refuse(f"the evidence file nests deeper than {_MAX_DEPTH} levels")
        elif first in b"]}":
            depth -= 1


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    collected = dict(pairs)
    if len(collected) != len(pairs):
        refuse("the evidence file names a key twice")
    return collected


def _no_constant(_: str) -> NoReturn:
    refuse("the evidence file holds a number that JSON does not know")


# --- values -------------------------------------------------------------------------------------------------------


def text(value: Any, name: str) -> str:
    """Take a string."""
    if not isinstance(value, str):
        refuse(f"{name} is not text")
    return value


def integer(value: Any, name: str) -> int:
    """Take a whole number of at most 63 bits; true and 1.0 are none."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 1 << 63:
        refuse(f"{name} is not a whole number of at most 63 bits")
    return value


def boolean(value: Any, name: str) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        refuse(f"{name} is neither true nor false")
    return value


def base64_bytes(value: Any, name: str) -> bytes:
    """Take base64 (RFC 4648, section 4) with padding, in its one canonical form."""
    encoded = text(value, name)
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        msg = f"{name} is not base64"
        raise EvidenceError(msg) from error
    if encode_bytes(content) != encoded:
        refuse(f"{name} is not base64 in its one canonical form")
    return content


def encode_bytes(content: bytes) -> str:
    """Return bytes as base64 with padding."""
    return base64.b64encode(content).decode("ascii")


def status_word(value: Any, name: str) -> int:
    """Take a status word: four upper-case hexadecimal digits."""
    return int(matching(_STATUS)(value, name), 16)


def utc_time(value: Any, name: str) -> datetime:
    """Take an ISO 8601 time in UTC: ``2026-11-22T08:00:00Z``, with six decimals where there are any."""
    written = matching(_TIME)(value, name)
    try:
        return datetime.fromisoformat(written)
    except ValueError as error:
        msg = f"{name} is no time"
        raise EvidenceError(msg) from error


def matching(pattern: re.Pattern[str]) -> Callable[[Any, str], str]:
    """Take a string that the whole pattern matches."""

    def decode(value: Any, name: str) -> str:
        written = text(value, name)
        if not pattern.fullmatch(written):
            refuse(f"{name} is not written as the format prescribes")
        return written

    return decode


def optional(decode: Callable[[Any, str], T]) -> Callable[[Any, str], T | None]:
    """Take null, or what ``decode`` takes."""
    return lambda value, name: None if value is None else decode(value, name)


def mapping_of(decode: Callable[[Any, str], T]) -> Callable[[Any, str], dict[str, T]]:
    """Take an object that maps the names of files to what ``decode`` takes."""

    def decode_all(value: Any, name: str) -> dict[str, T]:
        if not isinstance(value, dict):
            refuse(f"{name} is not a JSON object")
        if not all(_NAME.fullmatch(key) for key in value):
            refuse(f"{name} holds a name that no file has")
        return {key: decode(item, f"{key!r} in {name}") for key, item in value.items()}

    return decode_all


def list_of(decode: Callable[[Any, str], T], limit: int) -> Callable[[Any, str], tuple[T, ...]]:
    """Take an array of at most ``limit`` values that ``decode`` takes."""

    def decode_all(value: Any, name: str) -> tuple[T, ...]:
        if not isinstance(value, list) or len(value) > limit:
            refuse(f"{name} is not an array of at most {limit} values")
        return tuple(decode(item, f"an entry of {name}") for item in value)

    return decode_all
