"""Strict JSON: one object whose fields are named, of the kind they must be, and nobody else's.

What is refused, and what the sentence never repeats, is what the document holds: it may be about persons.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from appliance.errors import ListRefused, RuleViolation
from appliance.names import clean

_MOST_BRACKETS, _MOST_COLONS = 50_000, 200_000
"""Lists, objects and fields in one document: hundreds of thousands fit into a few megabytes, and fill the memory."""


@dataclass(frozen=True, slots=True)
class StrictJson:
    """Reads documents of one kind; everything wrong with one is raised as ``refused``.

    Args:
        what: what the document is, as it stands in a sentence: ``"the roster"``.
        refused: the error to raise.
    """

    what: str
    refused: type[ListRefused]

    def parse(self, document: bytes, *, longest: int) -> dict[str, Any]:
        """Return the object that these bytes are: UTF-8, at most ``longest`` bytes, no name twice, no fractions."""
        if len(document) > longest:
            self.refuse(f"is longer than {longest} bytes")
        if document.count(b"{") + document.count(b"[") > _MOST_BRACKETS or document.count(b":") > _MOST_COLONS:
            self.refuse("has too many parts")
        try:
            parsed = json.loads(
                document.decode(),
                object_pairs_hook=self._object,
                parse_float=self._no_fraction,
                parse_constant=self._no_fraction,
            )
        except (ValueError, RecursionError) as error:
            msg = f"{self.what} is no JSON"
            raise self.refused(msg) from error
        return self.object(parsed)

    def object(self, value: Any) -> dict[str, Any]:
        """Return an object."""
        if not isinstance(value, dict):
            self.refuse("has something else where an object must be")
        return value

    def require_fields(self, found: dict[str, Any], names: Iterable[str]) -> None:
        """Refuse an object that lacks one of these fields, or has another one."""
        wanted = frozenset(names)
        if missing := sorted(wanted - found.keys()):
            self.refuse(f"lacks the field {missing[0]!r}")
        if found.keys() - wanted:
            self.refuse("has a field that this release does not know")

    def text(self, value: Any, name: str) -> str:
        """Return a text."""
        if not isinstance(value, str):
            self.refuse(f"has no text in {name!r}")
        return value

    def clean(self, value: Any, name: str, *, longest: int) -> str:
        """Return a text that people read: NFC, single spaces, printable, not empty, at most ``longest`` characters."""
        text = self.text(value, name)
        if not _is_clean(text, longest):
            self.refuse(f"has a text in {name!r} that is empty, too long, or not written as it must be")
        return text

    def number(self, value: Any, name: str, lowest: int, highest: int) -> int:
        """Return a whole number within these bounds."""
        if type(value) is not int or not lowest <= value <= highest:  # True is an int, and no number here
            self.refuse(f"has no number from {lowest} to {highest} in {name!r}")
        return value

    def hexadecimal(self, value: Any, name: str, length: int) -> bytes:
        """Return ``length`` bytes, written in lower-case hexadecimal."""
        text = self.text(value, name)
        if not re.fullmatch(rf"[0-9a-f]{{{2 * length}}}", text):
            self.refuse(f"has no {2 * length} hexadecimal digits in {name!r}")
        return bytes.fromhex(text)

    def items(self, value: Any, name: str, *, most: int) -> list[Any]:
        """Return a list of at most ``most`` items."""
        if not isinstance(value, list) or len(value) > most:
            self.refuse(f"has no list of at most {most} in {name!r}")
        return value

    def refuse(self, sentence: str) -> NoReturn:
        """Raise the error: ``the roster`` and this sentence."""
        msg = f"{self.what} {sentence}"
        raise self.refused(msg)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            self.refuse("has a field twice")
        return found

    def _no_fraction(self, _text: str) -> NoReturn:
        self.refuse("has a number that is no whole one")


def _is_clean(text: str, longest: int) -> bool:
    try:
        return clean(text, "the text", longest=longest) == text
    except RuleViolation:
        return False
