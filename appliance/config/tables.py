"""From a TOML table to keyword arguments, by the fields and types of the dataclass that they are for."""

import difflib
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path

from appliance.errors import ConfigError

_LONGEST_FILE = 1 << 16
_GREATEST_NUMBER = 2**31 - 1


def text_of(path: Path) -> str:
    """Return the text of a settings file; ``ConfigError`` for one that is far too long."""
    with path.open("rb") as file:
        content = file.read(_LONGEST_FILE + 1)
    if len(content) > _LONGEST_FILE:
        msg = f"the configuration file {path} is longer than {_LONGEST_FILE} bytes"
        raise ConfigError(msg)
    return content.decode("utf-8")


def values_of(kind: type, table: Mapping[str, typing.Any], where: str) -> dict[str, typing.Any]:
    """Return a table as keyword arguments of ``kind``; ``ConfigError`` for an unknown key, or a wrong kind of value."""
    hints = typing.get_type_hints(kind)
    known = [item.name for item in fields(kind)]
    for key in table:
        if key not in known:
            nearest = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
            msg = f"unknown key {where + key!r} in the configuration; the nearest known one is {where + nearest[0]!r}"
            raise ConfigError(msg)
    return {key: _value(hints[key], value, where + key) for key, value in table.items()}


def _value(hint: typing.Any, value: typing.Any, name: str) -> typing.Any:
    if isinstance(hint, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not types.NoneType)
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list):
            msg = f"{name} must be a list"
            raise ConfigError(msg)
        return tuple(_value(typing.get_args(hint)[0], item, name) for item in value)
    if isinstance(hint, type) and is_dataclass(hint):
        return _table(hint, value, name)
    return _scalar(hint, value, name)


def _table(hint: type, value: typing.Any, name: str) -> typing.Any:
    if not isinstance(value, dict):
        msg = f"{name} must be a table"
        raise ConfigError(msg)
    values = values_of(hint, value, f"{name}.")
    for item in fields(hint):
        if item.default is MISSING and item.default_factory is MISSING and item.name not in values:
            msg = f"{name}.{item.name} is missing"
            raise ConfigError(msg)
    return hint(**values)


def _scalar(hint: type, value: typing.Any, name: str) -> typing.Any:
    words = {str: "a text", int: "a whole number", float: "a number", Path: "a path in quotes", bool: "true or false"}
    accepted = {str: (str,), int: (int,), float: (int, float), Path: (str,), bool: (bool,)}[hint]
    is_other = isinstance(value, bool) and hint is not bool  # Python counts with them
    if not isinstance(value, accepted) or is_other or (hint is Path and not value):
        msg = f"{name} must be {words[hint]}"
        raise ConfigError(msg)
    if isinstance(value, str) and "\0" in value:
        msg = f"{name} holds a character that neither a path nor a name can have"
        raise ConfigError(msg)
    if isinstance(value, int) and abs(value) > _GREATEST_NUMBER:
        msg = f"{name} is beyond all measure"
        raise ConfigError(msg)
    return hint(value)
