"""The card status list: which cards are no longer good, signed, looked up exactly.

A sorted file of fixed-width records is searched by bisection: no filter that lies now and then, since a false hit
would shame a member, and hardly any memory for what is not looked up. ``docs/card-status-list.md`` has the format.
"""

import contextlib
import hashlib
import os
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
    MAGIC,
    MAX_COUNT,
    RECORD,
    SIGNATURE_LENGTH,
    VERSION,
    CardState,
    message_of_digest,
    to_datetime,
    truncated,
)
from verifier.cardstatus.publishing import CardStatusEntry, build_card_status_list
from verifier.cardstatus.record_pieces import FileSource, MemorySource, RecordPieces, Source
from verifier.errors import InvalidInput, MalformedData, TrustMaterialError, UnsupportedFeature

__all__ = ["CardState", "CardStatus", "CardStatusEntry", "CardStatusList", "build_card_status_list"]


@dataclass(frozen=True, slots=True)
class CardStatus:
    """One card's entry: its state, and since when (UTC)."""

    state: CardState
    since: datetime


class CardStatusList:
    """A list whose signature and order were checked when it was opened. Use it as a context manager, or ``close`` it.

    Thread-safe for reading. Replace the file by renaming another over it: the open list keeps the old one. Of a file
    that is written to or cut short in place, no changed part is believed.
    """

    def __init__(
        self, source: Source, size: int, issuer_public_key: Ed25519PublicKey | bytes, path: Path | None = None
    ) -> None:
        self._source = source
        self._path = path
        self._issuer = _key(issuer_public_key)
        header = source.read(0, HEADER.size)
        self.issued_at, self.next_update, self.sequence, self.count = _check_header(header, size)
        self._pieces = RecordPieces(source, self.count)
        self._check_signature(header)

    def __repr__(self) -> str:
        return f"<CardStatusList {self.sequence} of {self.issued_at:%Y-%m-%d}: {self.count} cards>"

    def __len__(self) -> int:
        return self.count

    def __reduce__(self) -> tuple[object, ...]:
        """Go to another process as what it was made of: a file is opened there again."""
        issuer = self._issuer.public_bytes_raw()
        if isinstance(self._source, MemorySource):
            return CardStatusList.decode, (self._source.encoded, issuer)
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
        encoded = bytes(encoded)
        return cls(MemorySource(encoded), len(encoded), issuer_public_key)

    @staticmethod
    def issuer_key(encoded: bytes) -> Ed25519PublicKey:
        """Decode the bytes of a key file: 32 bytes, 64 hexadecimal digits, base64, PEM or DER.

        Raises ``TrustMaterialError`` for anything else.
        """
        return decode_issuer_key(encoded)

    @classmethod
    def open(cls, path: Path | str, issuer_public_key: Ed25519PublicKey | bytes) -> "CardStatusList":
        """Open a file and check it as ``decode`` does; a file that cannot be read is a ``TrustMaterialError``.

        The key is bytes, not the name of its file: ``CardStatusList.open(path, key_file.read_bytes())``. Raises
        ``InvalidInput`` for another kind.
        """
        path = _path(path)
        issuer = _key(issuer_public_key)
        try:
            if not path.is_file():  # to open a pipe would be to wait for whoever writes into it
                raise _unreadable(path)
            file = path.open("rb")
        except (OSError, ValueError) as error:
            raise _unreadable(path) from error
        with contextlib.ExitStack() as stack:
            stack.callback(file.close)
            try:
                size = os.fstat(file.fileno()).st_size
                if not size:
                    raise _unreadable(path)
                opened = cls(FileSource(file), size, issuer, path.absolute())
            except OSError as error:
                raise _unreadable(path) from error
            stack.pop_all()
        return opened

    def close(self) -> None:
        """Let go of the file; the list cannot be asked any more."""
        if isinstance(self._source, FileSource):
            self._source.file.close()

    def status_of(self, key_hash: bytes) -> CardStatus | None:
        """Return a card's entry, or ``None`` if it is not listed.

        ``key_hash`` is a SHA-256 of 32 bytes, or its first 16 bytes, over the chip's public key
        (SubjectPublicKeyInfo in DER) or over what its EF.SOD signs. Raises ``InvalidInput`` for another length, and
        where the list was closed; ``TrustMaterialError`` where the file was changed after it was opened.
        """
        found = self._pieces.record(truncated(key_hash))
        return None if found is None else CardStatus(CardState(found[0]), to_datetime(found[1]))

    def _check_signature(self, header: bytes) -> None:
        """Read every record once: what is signed is what is remembered."""
        digest = hashlib.sha512(header)
        for piece in self._pieces.check():
            digest.update(piece)
        signature = self._source.read(HEADER.size + self.count * RECORD.size, SIGNATURE_LENGTH)
        try:
            self._issuer.verify(signature, message_of_digest(digest.digest()))
        except InvalidSignature as error:
            msg = "the card status list is not signed by the issuer whose key was given"
            raise TrustMaterialError(msg) from error


def _reopened(path: Path, issuer: bytes, sequence: int) -> CardStatusList:
    opened = CardStatusList.open(path, issuer)
    if opened.sequence != sequence:
        opened.close()
        msg = f"the card status list {path} was replaced by another one meanwhile"
        raise TrustMaterialError(msg)
    return opened


def _unreadable(path: Path | str) -> TrustMaterialError:
    return TrustMaterialError(f"the card status list {path} cannot be read, or is empty")


def _path(path: object) -> Path:
    if not isinstance(path, str | Path):
        msg = "a card status list is opened by a Path or a str"
        raise InvalidInput(msg)
    return Path(path)


def _key(public_key: object) -> Ed25519PublicKey:
    if isinstance(public_key, Ed25519PublicKey):
        return public_key
    if not isinstance(public_key, bytes | bytearray | memoryview):
        msg = (
            "the key of a card status list is bytes: the key itself (32), or what a key file holds "
            f"(hexadecimal digits, base64, PEM or DER); this is a {type(public_key).__name__}, read the file first"
        )
        raise InvalidInput(msg)
    return decode_issuer_key(bytes(public_key))


def _check_header(header: bytes, size: int) -> tuple[datetime, datetime, int, int]:
    """Check the header of a list of ``size`` bytes; return issued at, next update, sequence and count."""
    if size < HEADER.size + SIGNATURE_LENGTH or len(header) != HEADER.size or not header.startswith(MAGIC):
        msg = "this is no card status list, or it is cut off"
        raise MalformedData(msg)
    _, version, record_length, issued, due, sequence, count = HEADER.unpack(header)
    if version != VERSION:
        msg = f"card status lists of version {version} are not supported"
        raise UnsupportedFeature(msg)
    if (
        record_length != RECORD.size
        or count > MAX_COUNT
        or size != HEADER.size + count * RECORD.size + SIGNATURE_LENGTH
    ):
        msg = "a card status list is cut off, or longer than it says"
        raise MalformedData(msg)
    issued_at, next_update = to_datetime(issued), to_datetime(due)
    if next_update <= issued_at:
        msg = "a card status list that ends before it begins"
        raise MalformedData(msg)
    return issued_at, next_update, sequence, count
