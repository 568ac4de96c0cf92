"""The card status list: which cards are no longer good, signed, looked up exactly.

A sorted file of fixed-width records is searched by bisection: no filter that lies now and then, since a false hit
would shame a member, and hardly any memory for what is not looked up. ``docs/card-status-list.md`` has the format.
"""

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from verifier.cardstatus.header import ListHeader
from verifier.cardstatus.issuer_key import decode_issuer_key
from verifier.cardstatus.layout import (
    HEADER,
    SIGNATURE_LENGTH,
    CardState,
    message_of_digest,
    to_datetime,
    truncated,
)
from verifier.cardstatus.list_index import ListIndex
from verifier.cardstatus.publishing import CardStatusEntry, build_card_status_list
from verifier.cardstatus.record_pieces import RecordPieces
from verifier.cardstatus.source import FileSource, MemorySource, Source, path_of, unreadable
from verifier.errors import InvalidInput, TrustMaterialError

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
        self,
        source: Source,
        issuer_public_key: Ed25519PublicKey | bytes,
        path: Path | None = None,
        index: Path | None = None,
    ) -> None:
        self._source = source
        self._path = path
        self._index = index
        self._issuer = _key(issuer_public_key)
        encoded = source.read(0, HEADER.size)
        header = ListHeader.decode(encoded, source.size)
        self.issued_at = header.issued_at
        self.next_update = header.next_update
        self.sequence = header.sequence
        self.count = header.count
        self.index_problem: str | None = None
        """Why the index could not be written; the list is good without it."""
        self._pieces = RecordPieces(source, self.count)
        signature = source.read(source.size - SIGNATURE_LENGTH, SIGNATURE_LENGTH)
        if index is None:
            self._check(encoded, signature)
        else:
            self._check_unless_indexed(encoded, signature, index)

    def __repr__(self) -> str:
        return f"<CardStatusList {self.sequence} of {self.issued_at:%Y-%m-%d}: {self.count} cards>"

    def __len__(self) -> int:
        return self.count

    def __reduce__(self) -> tuple[object, ...]:
        """Go to another process as what it was made of: a file is opened there again."""
        issuer = self._issuer.public_bytes_raw()
        if isinstance(self._source, MemorySource):
            return CardStatusList.decode, (self._source.encoded, issuer)
        return _reopened, (self._path, issuer, self.sequence, self._index)

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
        return cls(MemorySource(encoded), issuer_public_key)

    @staticmethod
    def issuer_key(encoded: bytes) -> Ed25519PublicKey:
        """Decode the bytes of a key file: 32 bytes, 64 hexadecimal digits, base64, PEM or DER.

        Raises ``TrustMaterialError`` for anything else.
        """
        return decode_issuer_key(encoded)

    @classmethod
    def open(
        cls, path: Path | str, issuer_public_key: Ed25519PublicKey | bytes, index: Path | str | None = None
    ) -> "CardStatusList":
        """Open a file and check it as ``decode`` does; a file that cannot be read is a ``TrustMaterialError``.

        The key is bytes, not the name of its file: ``CardStatusList.open(path, key_file.read_bytes())``. Raises
        ``InvalidInput`` for another kind.

        ``index`` is a file in which the check leaves what it found, so that the same list opens again in milliseconds,
        however long it is; a look-up still checks the part that it reads. One that belongs to another list or key, is
        damaged, or may be written by others, is made anew. Keep it where nobody else may write.
        """
        path = path_of(path)
        index = None if index is None else path_of(index).absolute()
        issuer = _key(issuer_public_key)
        source = FileSource.open(path)
        with contextlib.ExitStack() as stack:
            stack.callback(source.close)
            _require_another_file(index, path)
            try:
                opened = cls(source, issuer, path.absolute(), index)
            except OSError as error:
                raise unreadable(path) from error
            stack.pop_all()
        return opened

    def close(self) -> None:
        """Let go of the file; the list cannot be asked any more."""
        self._source.close()

    def status_of(self, key_hash: bytes) -> CardStatus | None:
        """Return a card's entry, or ``None`` if it is not listed.

        ``key_hash`` is a SHA-256 of 32 bytes, or its first 16 bytes, over the chip's public key
        (SubjectPublicKeyInfo in DER) or over what its EF.SOD signs. Raises ``InvalidInput`` for another length, and
        where the list was closed; ``TrustMaterialError`` where the file was changed after it was opened.
        """
        found = self._pieces.record(truncated(key_hash))
        return None if found is None else CardStatus(CardState(found[0]), to_datetime(found[1]))

    def _check_unless_indexed(self, header: bytes, signature: bytes, path: Path) -> None:
        index = ListIndex(header, signature, self._issuer.public_bytes_raw(), self.count)
        remembered = index.read(path)
        if remembered is None:
            self._check(header, signature)
            self.index_problem = index.write(path, self._pieces.remembered)
        else:
            self._pieces.remember(remembered)

    def _check(self, header: bytes, signature: bytes) -> None:
        """Read every record once: what is signed is what is remembered."""
        digest = hashlib.sha512(header)
        for records in self._pieces.check():
            digest.update(records)
        try:
            self._issuer.verify(signature, message_of_digest(digest.digest()))
        except InvalidSignature as error:
            msg = "the card status list is not signed by the issuer whose key was given"
            raise TrustMaterialError(msg) from error


def _reopened(path: Path, issuer: bytes, sequence: int, index: Path | None) -> CardStatusList:
    opened = CardStatusList.open(path, issuer, index)
    if opened.sequence != sequence:
        opened.close()
        msg = f"the card status list {path} was replaced by another one meanwhile"
        raise TrustMaterialError(msg)
    return opened


def _require_another_file(index: Path | None, path: Path) -> None:
    with contextlib.suppress(OSError, ValueError):  # then there is no such file, or none that could be replaced
        if index is not None and index.samefile(path):
            msg = "the index of a card status list is a file of its own"
            raise InvalidInput(msg)


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
