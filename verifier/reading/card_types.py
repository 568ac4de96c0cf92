"""What readings have learned about types of card: which commands one type carries, so that the next tap need not ask.

Only the build of a card is remembered, never the card and never its holder. A type is known by a hash over the
profile's name and EF.CardAccess, which any reader gets without a password and which is the same for all cards of a
type: it lists protocols. DG14 and EF.ATR/INFO have no part in that hash, since they may hold keys and numbers of one
card. The facts are yes, no, and a length: they are of no use to tell one card of a type from another.

What was learned is a hint and no promise. A hint that helps too much shows at once, as a refused command, and is put
right in the same reading; one that only makes readings slow (no extended length, short responses, no short identifiers)
is dropped after ``RELEARN_AFTER`` readings and found out anew. So a hostile card can cost the others some time, and
nothing else: neither the access protocol nor anything that is verified depends on what is remembered.
"""

import hashlib
import json
import re
from collections import OrderedDict
from dataclasses import asdict, dataclass, field, replace
from threading import Lock
from typing import Any, Final, Self

from verifier.errors import EvidenceError, InvalidInput
from verifier.evidence import strict_json
from verifier.evidence.arguments import require_kind
from verifier.evidence.strict_json import JsonObject

RELEARN_AFTER: Final = 64
_FORMAT: Final = "thechip-card-types"
_VERSION: Final = 1
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_OID: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,20}){1,30}", re.ASCII)
_MAX_TYPES: Final = 10_000


@dataclass(frozen=True, slots=True)
class CardTraits:
    """What is known of one type of card; ``None`` where nothing is."""

    extended_length: bool | None = None
    """Whether it carries commands and responses of extended length."""
    short_identifiers: bool | None = None
    """Whether its files are read by short identifiers, or have to be selected."""
    max_response: int | None = None
    """The most bytes of a response, as EF.ATR/INFO tells (ICAO 9303-10, 3.11.1)."""
    atr_info_looked_at: bool = False
    """Whether EF.ATR/INFO need not be asked for again, be it there or not."""
    pace_oid: str | None = None
    """Which PACE opened it last, with ``pace_parameter_id``."""
    pace_parameter_id: int | None = None

    @property
    def slows_down(self) -> bool:
        """Whether something here makes readings slower, so that it is worth finding out anew."""
        return self.extended_length is False or self.short_identifiers is False or self.max_response is not None


@dataclass
class _Known:
    traits: CardTraits
    recalled: int = 0


class CardTypeMemory:
    """What readings have learned, in memory, for the process that owns it; give it to ``ReadingOptions``.

    Holds at most ``capacity`` types and forgets the one that was not seen for longest. Safe to share between threads,
    so between readers. ``to_bytes`` and ``from_bytes`` let it outlive the process; nothing is written by itself.
    """

    def __init__(self, *, capacity: int = 256) -> None:
        """Make an empty memory; raise ``InvalidInput`` for a capacity outside 1 to 10,000."""
        require_kind(capacity, int, "the capacity of a memory is a number of types")
        if not 1 <= capacity <= _MAX_TYPES:
            msg = f"a memory holds 1 to {_MAX_TYPES} types of card"
            raise InvalidInput(msg)
        self._capacity = capacity
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._known)

    def __repr__(self) -> str:
        return f"CardTypeMemory({len(self)} types)"

    def recall(self, fingerprint: str) -> CardTraits:
        """Return what is known of a type, for one reading; nothing, from time to time, of a type that reads slowly."""
        with self._lock:
            known = self._known.get(fingerprint)
            if known is None:
                return CardTraits()
            self._known.move_to_end(fingerprint)
            known.recalled += 1
            if known.traits.slows_down and known.recalled >= RELEARN_AFTER:
                del self._known[fingerprint]
                return CardTraits()
            return known.traits

    def learn(self, fingerprint: str, traits: CardTraits) -> None:
        """Replace what is known of a type."""
        with self._lock:
            known = self._known.setdefault(fingerprint, _Known(traits))
            if known.traits.slows_down != traits.slows_down:
                known.recalled = 0
            known.traits = traits
            self._known.move_to_end(fingerprint)
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self._known.clear()

    def to_bytes(self) -> bytes:
        """Return everything as JSON, the type seen last at the end."""
        with self._lock:
            types = {fingerprint: asdict(known.traits) for fingerprint, known in self._known.items()}
        return (json.dumps({"format": _FORMAT, "version": _VERSION, "types": types}, indent=1) + "\n").encode("ascii")

    @classmethod
    def from_bytes(cls, encoded: bytes, *, capacity: int = 256) -> Self:
        """Return what ``to_bytes`` wrote, as far as it fits; raise ``InvalidInput`` for anything else."""
        memory = cls(capacity=capacity)
        try:
            document = JsonObject(strict_json.parse(encoded), "the memory of card types")
            if document.take("format", strict_json.text) != _FORMAT:
                strict_json.refuse("this is no memory of card types")
            if document.take("version", strict_json.integer) != _VERSION:
                strict_json.refuse(f"this release reads memories of card types of version {_VERSION}")
            types = document.take("types", strict_json.mapping_of(_traits))
            document.finish()
        except EvidenceError as error:
            msg = f"the card types cannot be read: {error.sentence}"
            raise InvalidInput(msg) from error
        for fingerprint, traits in types.items():
            if _FINGERPRINT.fullmatch(fingerprint) is None:
                msg = "the card types cannot be read: a type is not named by its fingerprint"
                raise InvalidInput(msg)
            memory.learn(fingerprint, traits)
        return memory


@dataclass
class Learning:
    """What one reading knows of its card's type, and what it finds out; without a memory, for this reading only."""

    memory: CardTypeMemory | None
    traits: CardTraits = CardTraits()
    _fingerprint: str = field(default="", init=False)

    def recognise(self, profile: str, card_access: bytes | None) -> None:
        """Recall what is known of the type; what this reading itself found out before is kept."""
        if self.memory is None or self._fingerprint == (found := fingerprint_of(profile, card_access)):
            return
        self._fingerprint = found
        self.traits = self.memory.recall(found)

    def note(self, **found: Any) -> None:
        """Note what the card has just shown, for this reading and for those to come."""
        self.traits = replace(self.traits, **found)
        if self.memory is not None and self._fingerprint:
            self.memory.learn(self._fingerprint, self.traits)


def fingerprint_of(profile: str, card_access: bytes | None) -> str:
    """Return the name of a type: 32 hexadecimal digits over the profile's name and EF.CardAccess, if there is one."""
    shown = b"absent" if card_access is None else b"present" + card_access
    return hashlib.sha256(b"thechip card type\0" + profile.encode() + b"\0" + shown).hexdigest()[:32]


def _traits(value: Any, name: str) -> CardTraits:
    written = JsonObject(value, name)
    traits = CardTraits(
        extended_length=written.take("extended_length", strict_json.optional(strict_json.boolean)),
        short_identifiers=written.take("short_identifiers", strict_json.optional(strict_json.boolean)),
        max_response=written.take("max_response", strict_json.optional(strict_json.integer)),
        atr_info_looked_at=written.take("atr_info_looked_at", strict_json.boolean),
        pace_oid=written.take("pace_oid", strict_json.optional(strict_json.matching(_OID))),
        pace_parameter_id=written.take("pace_parameter_id", strict_json.optional(strict_json.integer)),
    )
    written.finish()
    return traits
