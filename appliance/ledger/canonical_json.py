"""Canonical JSON: one value, one text, so that hashing it means something.

The rules (docs/ledger.md): UTF-8, NFC, keys sorted by code point, no space between tokens, only the escapes that JSON
demands, whole numbers within ±(2⁵³ - 1), no floating point, at most eight levels.
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from appliance.errors import RuleViolation

JsonValue: TypeAlias = "str | int | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"

MAX_DEPTH = 8
GREATEST_NUMBER = 2**53 - 1


def canonical_json(value: JsonValue) -> bytes:
    """Write a value in the one way; RuleViolation for one that has no such text.

    >>> canonical_json({"b": 1, "a": ["Đỗ", None]}).decode()
    '{"a":["Đỗ",null],"b":1}'
    """
    normal = _normal(value, MAX_DEPTH)
    try:
        return json.dumps(normal, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        msg = "a text with half a surrogate pair cannot be recorded"
        raise RuleViolation(msg) from error


def _normal(value: JsonValue, depth: int) -> JsonValue:
    if depth == 0:
        msg = f"what is recorded may nest {MAX_DEPTH} levels"
        raise RuleViolation(msg)
    match value:
        case None | bool():
            return value
        case str():
            return unicodedata.normalize("NFC", value)
        case int() if abs(value) <= GREATEST_NUMBER:
            return int(value)
        case Mapping() if all(isinstance(key, str) for key in value):
            return {unicodedata.normalize("NFC", key): _normal(item, depth - 1) for key, item in value.items()}
        case list() | tuple():
            return [_normal(item, depth - 1) for item in value]
        case _:
            msg = "only texts, whole numbers, yes and no, lists and tables can be recorded"
            raise RuleViolation(msg)
