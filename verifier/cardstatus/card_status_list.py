"""The card status list: which cards are no longer good, signed, looked up exactly.

A sorted file of fixed-width records is mapped and searched by bisection: no filter that lies now and then, since a
false hit would shame a member, and no memory for what is not looked up. ``docs/card-status-list.md`` has the format.
"""

import mmap
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from verifier.cardstatus.issuer_key import decode_issuer_key
from verifier.cardstatus.layout import (
    HEADER,
    KEY_LENGTH,
    MAGIC,
    MAX_COUNT,
    RECORD,
    SIGNATURE_LENGTH,
    STATE_OFFSET,
    VERSION,
    CardState,
    is_strictly_ascending,
    keys_of,
    signed_message,
    to_datetime,
    truncated,
)
from verifier.cardstatus.publishing import CardStatusEntry, build_card_status_list
from verifier.errors import InvalidInput, MalformedData, TrustMaterialError, UnsupportedFeature

__all__ = ["CardState", "CardStatus", "CardStatusEntry", "CardStatusList", "build_card_status_list"]

_STATES = frozenset(CardState)
_PIECE = 65_536 * RECORD.size


@dataclass(frozen=True, slots=True)
class CardStatus:
    """One card's entry: its state, and since when (UTC)."""

    state: CardState
    since: datetime


class CardStatusList:
    """A list whose signature and order were checked when it was opened. Use it as a context manager, or ``close`` it.

    Thread-safe for reading. Replace the file by renaming another over it: the open list keeps the old one. A file that
    is cut short in place takes the process down with it, as every mapped file does, and one that is written to in place
    answers what was written, unsigned: keep it where nobody else may write. ``decode`` keeps a copy of its own.
    """

    def __init__(
        self, data: bytes | mmap.mmap, issuer_public_key: Ed25519PublicKey | bytes, path: Path | None = None
    ) -> None:
        self._data = data
        self._path = path
        self._issuer = _key(issuer_public_key)
        with memoryview(data) as view:
            self.issued_at, self.next_update, self.sequence, self.count = _check(view, self._issuer)

    def __repr__(self) -> str:
        return f"<CardStatusList {self.sequence} of {self.issued_at:%Y-%m-%d}: {self.count} cards>"

    def __len__(self) -> int:
        return self.count

    def __reduce__(self) -> tuple[object, ...]:
        """Go to another process as what it was made of: a mapped file is mapped there again."""
        issuer = self._issuer.public_bytes_raw()
        if self._path is None:
            return CardStatusList.decode, (self._data, issuer)
        return _reopened, (self._path, issuer, self.sequence)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @classmethod
    def decode(cls, encoded: bytes, issuer_public_key: Ed25519PublicKey | bytes) -> "CardStatusList":
        """Check a list in memory; ``issuer_public_key`` is an Ed25519 key, or what ``issuer_key`` decodes.

        Raises ``TrustMaterialError`` when it is not signed with that key, ``MalformedData`` when it is cut off, not
        sorted or holds a card twice, ``UnsupportedFeature`` for another version.
        """
        return cls(bytes(encoded), issuer_public_key)

    @staticmethod
    def issuer_key(encoded: bytes) -> Ed25519PublicKey:
        """Decode the bytes of a key file: 32 bytes, 64 hexadecimal digits, base64, PEM or DER.

        Raises ``TrustMaterialError`` for anything else.
        """
        return decode_issuer_key(encoded)

    @classmethod
    def open(cls, path: Path | str, issuer_public_key: Ed25519PublicKey | bytes) -> "CardStatusList":
        """Map a file and check it as ``decode`` does; a file that cannot be read is a ``TrustMaterialError``."""
        try:
            if not Path(path).is_file():  # to open a pipe would be to wait for whoever writes into it
                raise _unreadable(path)
            with Path(path).open("rb") as file:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise _unreadable(path) from error
        try:
            return cls(data, issuer_public_key, Path(path).absolute())
        except BaseException:
            data.close()
            raise

    def close(self) -> None:
        """Let go of the file; the list cannot be asked any more."""
        if isinstance(self._data, mmap.mmap):
            self._data.close()

    def status_of(self, key_hash: bytes) -> CardStatus | None:
        """Return a card's entry, or ``None`` if it is not listed.

        ``key_hash`` is a SHA-256 of 32 bytes, or its first 16 bytes, over the chip's public key
        (SubjectPublicKeyInfo in DER) or over what its EF.SOD signs. Raises ``InvalidInput`` for another length, and
        where the list was closed.
        """
        key = truncated(key_hash)
        try:
            return self._find(key)
        except ValueError as error:
            msg = "the card status list was closed, and cannot be asked any more"
            raise InvalidInput(msg) from error

    def _find(self, key: bytes) -> CardStatus | None:
        """Search in halves. Raises ``ValueError`` where the file is mapped no more."""
        low, high = 0, self.count
        while low < high:
            middle = (low + high) // 2
            start = HEADER.size + middle * RECORD.size
            if self._data[start : start + KEY_LENGTH] < key:
                low = middle + 1
            else:
                high = middle
        if low == self.count:
            return None
        found, state, since = RECORD.unpack_from(self._data, HEADER.size + low * RECORD.size)
        return CardStatus(CardState(state), to_datetime(since)) if found == key else None


def _reopened(path: Path, issuer: bytes, sequence: int) -> CardStatusList:
    opened = CardStatusList.open(path, issuer)
    if opened.sequence != sequence:
        opened.close()
        msg = f"the card status list {path} was replaced by another one meanwhile"
        raise TrustMaterialError(msg)
    return opened


def _unreadable(path: Path | str) -> TrustMaterialError:
    return TrustMaterialError(f"the card status list {path} cannot be read, or is empty")


def _key(public_key: Ed25519PublicKey | bytes) -> Ed25519PublicKey:
    return public_key if isinstance(public_key, Ed25519PublicKey) else decode_issuer_key(public_key)


def _check(view: memoryview, key: Ed25519PublicKey) -> tuple[datetime, datetime, int, int]:
    """Check length, signature and records; return issued at, next update, sequence and count."""
    if len(view) < HEADER.size + SIGNATURE_LENGTH or bytes(view[: len(MAGIC)]) != MAGIC:
        msg = "this is no card status list, or it is cut off"
        raise MalformedData(msg)
    _, version, record_length, issued, due, sequence, count = HEADER.unpack_from(view)
    if version != VERSION:
        msg = f"card status lists of version {version} are not supported"
        raise UnsupportedFeature(msg)
    end = HEADER.size + count * RECORD.size
    if record_length != RECORD.size or count > MAX_COUNT or len(view) != end + SIGNATURE_LENGTH:
        msg = "a card status list is cut off, or longer than it says"
        raise MalformedData(msg)
    try:
        key.verify(bytes(view[end:]), signed_message(view[:end]))
    except InvalidSignature as error:
        msg = "the card status list is not signed by the issuer whose key was given"
        raise TrustMaterialError(msg) from error
    issued_at, next_update = to_datetime(issued), to_datetime(due)
    if next_update <= issued_at:
        msg = "a card status list that ends before it begins"
        raise MalformedData(msg)
    _check_records(view[HEADER.size : end])
    return issued_at, next_update, sequence, count


def _check_records(records: memoryview) -> None:
    """Piece by piece: of a list of millions, no more than a small part is ever in memory."""
    if not is_strictly_ascending(keys_of(records)):
        msg = "a card status list that is not sorted, or lists a card twice"
        raise MalformedData(msg)
    for start in range(0, len(records), _PIECE):
        if not _STATES.issuperset(bytes(records[start + STATE_OFFSET : start + _PIECE : RECORD.size])):
            msg = "a card status list with a state that is not known"
            raise MalformedData(msg)
