"""Bodies: what entries say of people, sealed as it lies on the card, and found by a blinded subject.

Salt and body are sealed together, for one number: with the salt in plain, whoever finds the card could try bodies
against the public commitment. Chain and signatures cover the commitment, so that sealing changes nothing of them.
"""

import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Self

from appliance.errors import KeyDamaged, LedgerDamaged
from appliance.keys import Keys
from appliance.ledger.entry import SALT_LENGTH
from appliance.sealing import Sealing

_BODY_KEY = b"thechip ledger bodies 1"
_SUBJECT_KEY = b"thechip ledger subjects 1"
WAY_OUT: Final = "run ledger verify, then restore the newest backup, and keep the list on paper until then"
"""What somebody does of whose open meeting a row is damaged: no list is made of it, and it is not closed."""
_BLOCK = 64
"""Bytes: bodies are filled up to a multiple, so that no name is told by its length."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """Seals, opens and finds bodies under two keys of 32 bytes, both derived from ``Keys.sealing``."""

    sealing: Sealing
    subject_key: bytes = field(repr=False)

    @classmethod
    def under(cls, keys: Keys, *, random: Callable[[int], bytes] = secrets.token_bytes) -> Self:
        """Return those of one appliance."""
        return cls(Sealing(keys.derived(_BODY_KEY), random), keys.derived(_SUBJECT_KEY))

    def tag_of(self, subject: str) -> bytes:
        """Return what stands in the store for a subject: HMAC-SHA256, 32 bytes, the same for the same subject."""
        return hmac.digest(self.subject_key, subject.encode(), "sha256")

    def row(self, sequence: int, salt: bytes, body: bytes, subject: str | None) -> dict[str, Any]:
        """Return the row of ``ledger_bodies`` that keeps a salt of 32 bytes and a canonical body."""
        plain = salt + body
        sealed = self.sealing.seal(plain + bytes(-len(plain) % _BLOCK), sealed_for=_entry(sequence))
        return {"sequence": sequence, "sealed": sealed, "subject": None if subject is None else self.tag_of(subject)}

    def open(self, sequence: int, sealed: bytes) -> dict[str, Any]:
        """Return the body of an entry, read; LedgerDamaged where it does not open, which a verification explains."""
        try:
            _, body = self.salt_and_body(sequence, sealed)
        except KeyDamaged as error:
            why = "it was changed, or the sealing key is another one"
            msg = f"the body of entry {sequence} does not open: {why}; {WAY_OUT}"
            raise LedgerDamaged(msg) from error
        content: dict[str, Any] = json.loads(body.decode())
        return content

    def salt_and_body(self, sequence: int, sealed: bytes) -> tuple[bytes, bytes]:
        """Return salt (32 bytes) and canonical body as they were sealed for this number; KeyDamaged otherwise.

        So also for what is no bytes at all: a row of the store may hold anything.
        """
        try:
            opened = self.sealing.open(sealed, sealed_for=_entry(sequence), what="body of the ledger")
        except TypeError as error:
            msg = "a row of the ledger's bodies is none that this program wrote"
            raise KeyDamaged(msg) from error
        return opened[:SALT_LENGTH], opened[SALT_LENGTH:].rstrip(b"\0")  # no JSON ends with one


def _entry(sequence: int) -> bytes:
    return b"thechip ledger body 1\n%d" % sequence
