"""EF.CardAccess: which PACE protocols the chip offers, readable before any access (ICAO 9303-10, 3.11.3)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from verifier.lds.security_infos import SecurityInfos

_decode = lru_cache(maxsize=32)(SecurityInfos.decode)
"""All cards of a type have the same file: it is decoded once, and says nothing about a person."""


@dataclass(frozen=True, slots=True)
class CardAccess:
    """EF.CardAccess. Unsigned: nothing in it is trusted beyond choosing a protocol (DG14 repeats it, signed)."""

    security_infos: SecurityInfos

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Decode the file's bytes, which are SecurityInfos without a wrapper; raise ``MalformedData`` otherwise."""
        return cls(_decode(bytes(raw)))
