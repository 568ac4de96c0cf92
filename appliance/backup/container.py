"""The file of a backup: a tar archive of two envelopes of age, so that no program of ours is needed to open it.

``thechip-backup-1.txt`` says how. ``key.age`` holds an X25519 identity under the passphrase, ``content.age`` the
contents, a tar archive, under that identity. pyrage takes a passphrase only for what is in memory as a whole, which a
store of years would not fit into; a key it takes for a stream.
"""

import io
import os
import re
import tarfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any, BinaryIO, Final, Protocol, TypeVar

import pyrage

from appliance.backup.tape import BLOCK, END, Part, Tape, header, padding
from appliance.errors import BackupDamaged, BackupNotOurs, BackupPassphraseWrong

_T = TypeVar("_T")
_HOW: Final = "thechip-backup-1.txt"
_KEY: Final = "key.age"
_CONTENT: Final = "content.age"
_LONGEST_KEY: Final = 4096
_STANZA: Final = re.compile(rb"age-encryption\.org/v1\n-> scrypt [A-Za-z0-9+/]+ ([1-9][0-9]?)\n[A-Za-z0-9+/]+\n--- ")
"""How a key under a passphrase begins: one stanza, which names the logarithm of its cost (https://age-encryption.org/v1)."""
_GREATEST_LOG2_COST: Final = 20
"""1 GiB of memory and some seconds; a fast computer of today makes backups of 19."""
_EXPLANATION: Final = """\
A backup of a thechip appliance. Restore it on another one:

    thechip-appliance restore FILE --state DIRECTORY

Without that program (age: https://age-encryption.org):

    tar xf FILE
    age -d key.age > key.txt            # asks for the passphrase
    age -d -i key.txt content.age | tar x

The appliance that it was made on must not be used any more once it is restored.
"""


def new_identity() -> Any:
    """Return a fresh X25519 identity of age, for one backup."""
    return pyrage.x25519.Identity.generate()


class Sink(Protocol):
    """A file that is written, and in which one can go back."""

    def write(self, content: bytes, /) -> int:
        """Write all of it, and return how much that is."""
        ...

    def flush(self) -> None:
        """Hand over what was written."""
        ...

    def tell(self) -> int:
        """Return where the next byte goes."""
        ...

    def seek(self, position: int, /) -> int:
        """Go there."""
        ...


def write_container(
    file: Sink, parts: Iterable[Part], passphrase: str, *, generate: Callable[[], Any] = new_identity
) -> None:
    """Write parts into a file that is open for writing and can seek; a passphrase takes a second to become a key.

    What ``file`` and the parts raise is raised as it is.
    """
    identity = generate()
    key = pyrage.passphrase.encrypt(str(identity).encode(), passphrase)
    for name, content in ((_HOW, _EXPLANATION.encode()), (_KEY, key)):
        file.write(header(name, len(content)) + content + padding(len(content)))
    begin = file.tell()
    file.write(header(_CONTENT, 0))
    _encrypt(parts, file, identity)
    size = file.tell() - begin - BLOCK
    file.write(padding(size) + END)
    file.seek(begin)
    file.write(header(_CONTENT, size))


@contextmanager
def open_container(file: BinaryIO, passphrase: str) -> Iterator[tarfile.TarFile]:
    """Give the contents as an archive that is read once, from its beginning; what it gives counts once the block ends.

    Then everything was decrypted to its last byte. Raises ``BackupNotOurs``, ``BackupPassphraseWrong``,
    ``BackupDamaged``.
    """
    try:
        with tarfile.open(fileobj=file, mode="r:") as outer:
            members = list(outer)
            names = [member.name for member in members]
            if names != [_HOW, _KEY, _CONTENT] or any(member.issparse() for member in members):
                raise BackupDamaged(_CUT) if names[:1] == [_HOW] else BackupNotOurs(_FOREIGN)
            identity = _opened_key(_member(outer, _KEY).read(_LONGEST_KEY), passphrase)
            with _decrypted(_member(outer, _CONTENT), identity) as inner:
                yield inner
    except tarfile.ReadError as error:
        file.seek(0)
        is_ours = _HOW.encode() in file.read(BLOCK)
        raise (BackupDamaged(_CUT) if is_ours else BackupNotOurs(_FOREIGN)) from error


_FOREIGN: Final = "this is no backup of an appliance"
_CUT: Final = "the backup is damaged: a part of it is missing, or it was altered; take another one"


def _member(outer: tarfile.TarFile, name: str) -> IO[bytes]:
    found = outer.extractfile(name)
    if found is None:
        raise BackupNotOurs(_FOREIGN)
    return found


def _opened_key(key: bytes, passphrase: str) -> Any:
    stanza = _STANZA.match(key)
    if stanza is None:
        raise BackupDamaged(_CUT)
    if int(stanza[1]) > _GREATEST_LOG2_COST:  # before anything is derived
        msg = "the backup asks for more memory than any that this program makes; it was not made by it"
        raise BackupDamaged(msg)
    try:
        return pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(key, passphrase).decode())
    except pyrage.DecryptError as error:
        if "Decryption failed" in str(error):
            msg = "the passphrase is not that of this backup"
            raise BackupPassphraseWrong(msg) from error
        raise BackupDamaged(_CUT) from error
    except (UnicodeDecodeError, pyrage.IdentityError) as error:
        raise BackupNotOurs(_FOREIGN) from error


# --- streams through pyrage, which tells of an exception of ours by its text only -------------------------------------


@dataclass
class _Remembering:
    """A stream that keeps what went wrong in it."""

    stream: Any
    failure: BaseException | None = field(default=None, init=False)

    def read(self, size: int = -1) -> bytes:
        return bytes(self._keeping(lambda: self.stream.read(size)))

    def write(self, content: bytes) -> int:
        return int(self._keeping(lambda: self.stream.write(content)))

    def flush(self) -> None:
        self._keeping(self.stream.flush)

    def _keeping(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except BaseException as error:
            self.failure = error
            raise


def _encrypt(parts: Iterable[Part], file: Sink, identity: Any) -> None:
    source, target = _Remembering(Tape(parts)), _Remembering(file)
    try:
        pyrage.encrypt_io(source, target, [identity.to_public()])
    except (pyrage.EncryptError, OSError) as error:
        raise source.failure or target.failure or error from error


@contextmanager
def _decrypted(content: IO[bytes], identity: Any) -> Iterator[tarfile.TarFile]:
    """Decrypt in a thread, into a pipe; what is read from it is only what age vouches for, piece by piece."""
    read_end, write_end = os.pipe()
    failures: list[BaseException] = []

    def decrypt() -> None:
        try:
            with os.fdopen(write_end, "wb") as sink:
                pyrage.decrypt_io(content, sink, [identity])
        except (pyrage.DecryptError, OSError) as error:  # OSError as well for a piece that nobody vouches for
            failures.append(error)

    thread = threading.Thread(target=decrypt, name="backup")
    thread.start()
    try:
        with os.fdopen(read_end, "rb") as source:
            try:
                with tarfile.open(fileobj=source, mode="r|") as inner:
                    yield inner
                while source.read(io.DEFAULT_BUFFER_SIZE):
                    pass  # to the end, whose absence age would notice
            except tarfile.ReadError as error:
                raise BackupDamaged(_CUT) from error
    finally:
        thread.join()
    if failures:
        raise BackupDamaged(_CUT) from failures[0]
