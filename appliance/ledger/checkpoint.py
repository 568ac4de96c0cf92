"""Checkpoint: the ledger's signed head in a file of its own, outside the store.

Somebody who puts an older copy of the whole store back also puts its older, rightly signed head back. The file beside
it, or a copy of it elsewhere, still says how far the ledger had come.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.errors import LedgerDamaged, RuleViolation
from appliance.keys import write_atomically
from appliance.ledger.canonical_json import JsonValue, canonical_json
from appliance.ledger.entry import head_bytes

_MAX_LENGTH = 1024
_NOT_OURS = (ValueError, LookupError, TypeError, OverflowError, RecursionError)
"""What comes of decoding a file that we did not write."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the ledger had come: the number of an entry and its hash (32 bytes)."""

    sequence: int
    entry_hash: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The file; it may not exist yet."""

    path: Path

    @classmethod
    def beside(cls, database_path: Path) -> Self:
        """Name the file of a store."""
        return cls(database_path.with_name("ledger.checkpoint"))

    def write(self, sequence: int, entry_hash: bytes, signature: bytes) -> None:
        """Replace the file atomically; OSError where that fails."""
        content: JsonValue = {"sequence": sequence, "entry_hash": entry_hash.hex(), "signature": signature.hex()}
        write_atomically(self.path, canonical_json(content) + b"\n")

    def read(self, public_key: Ed25519PublicKey) -> Mark | None:
        """Return what the file says, None where there is none; LedgerDamaged where it is not what was signed."""
        try:
            if self.path.exists() and not self.path.is_file():
                raise _damaged()  # to open a pipe would be to wait for whoever writes into it
            with self.path.open("rb") as file:
                content = json.loads(file.read(_MAX_LENGTH))
            mark = Mark(int(content["sequence"]), bytes.fromhex(content["entry_hash"]))
            public_key.verify(bytes.fromhex(content["signature"]), head_bytes(mark.sequence, mark.entry_hash))
        except FileNotFoundError:
            return None
        except (OSError, *_NOT_OURS, RuleViolation, InvalidSignature) as error:
            raise _damaged() from error
        return mark


def _damaged() -> LedgerDamaged:
    return LedgerDamaged("the ledger's checkpoint file is damaged, or was not signed with this appliance's key")
