"""Protection: under what the keys lie on the card, opened at start, changed as a whole.

The commit point of every change is one step of the file system: a protected set counts from the moment that its file
is there (renamed into place), and an unprotected one from the moment that the file is gone. What a power cut left of
the other form is removed at the next start.
"""

import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.config import Config
from appliance.config.protection import BOARD, KEY_FILE, NONE, PASSPHRASE, ProtectionConfig
from appliance.errors import (
    ConfigError,
    KeyDamaged,
    KeyFileAway,
    KeyFileError,
    KeyFileUnreadable,
    KeyLocked,
    KeysNotProtected,
    WrongSecret,
)
from appliance.keys import memory
from appliance.keys.board import BoardSecret, board_secret
from appliance.keys.files import KEY_LENGTH, fsync_directory, read_regular, read_secret, write_atomically, write_once
from appliance.keys.key_set import FOLDER, NAMES, PROTECTED, UNFINISHED, Keys, write_set
from appliance.keys.wrapping import LOG2_COST, Unopened, WrappedKeys

LONGEST_PASSPHRASE: Final = 1024
_LOCKED: Final = "the keys are locked since power-on: thechip-appliance unlock asks for the passphrase"
_AWAY: Final = "the keys are locked: plug in the stick with {file}, or name another place of it in protection.key_file"
_UNREADABLE: Final = (
    "the keys are locked: {file} is there and cannot be read ({why}); it must be a regular file that the appliance's"
    " user may read"
)
_WRONG: Final = {
    BOARD: "the keys were protected on another board: put the card back into that one, or restore the backup",
    PASSPHRASE: "this is not the passphrase of the keys",
    KEY_FILE: "{file} is not the key file of this appliance",
}
_KEY_FILE: Final = re.compile(rb"[0-9A-Fa-f]{%d}" % (2 * KEY_LENGTH))


@dataclass(frozen=True, slots=True)
class KeyRoom:
    """The keys of one appliance, and what its configuration says of them.

    ``board`` asks this machine's board; ``log2_cost`` is what scrypt costs where keys are protected anew.
    """

    directory: Path
    run_directory: Path
    protection: ProtectionConfig
    board: Callable[[str | None], BoardSecret] = board_secret
    log2_cost: int = LOG2_COST

    @classmethod
    def of(cls, config: Config) -> "KeyRoom":
        """Return that of an appliance."""
        return cls(config.keys_directory, config.run_directory, config.protection)

    @property
    def _file(self) -> Path:
        return self.directory / PROTECTED

    def kind(self) -> str:
        """Return under what the keys lie, KeysNotProtected where that is not what the configuration says."""
        try:
            found = WrappedKeys.decode(read_secret(self._file)).kind if self._file.exists() else NONE
        except OSError as error:
            raise _unusable(self.directory, error) from error
        if found != self.protection.kind:
            raise _not_as_told(self.protection.kind, found)
        return found

    def open(self) -> Keys:
        """Return the keys, making them at the first start where nobody need be asked.

        Raises KeyLocked until they are unlocked, WrongSecret on another board or with another key file,
        KeysNotProtected where they lie otherwise than the configuration says, and what ``Keys.load_or_create`` raises.
        """
        try:
            if not self._file.exists():
                return self._first_or_unprotected()
            wrapped = WrappedKeys.decode(read_secret(self._file))
            self._require_kind(wrapped.kind)
            keys = self._opened(wrapped)
            self._remove_unprotected()
        except OSError as error:
            raise _unusable(self.directory, error) from error
        return keys

    def unlock(self, passphrase: str) -> Keys:
        """Open the keys by their passphrase, for every process until power-off.

        Raises WrongSecret, KeysNotProtected where no passphrase is set, ConfigError where the run directory does not
        lie in memory: what is unlocked would lie on the card.
        """
        self._require_memory()
        wrapped = self._protected_by(PASSPHRASE)
        key = wrapped.key_of(passphrase.encode())
        keys = self._by_key(wrapped, key)
        try:
            memory.remember(self.run_directory, key)
        except OSError as error:
            raise _unusable(self.run_directory, error) from error
        return keys

    def unlock_by_key_file(self) -> Keys:
        """Open the keys by the key file, for every process until power-off; the stick may be pulled then.

        Raises KeyFileAway where the stick is not plugged in, KeyFileUnreadable, WrongSecret, KeysNotProtected where no
        key file is set, and ConfigError as ``unlock`` does.
        """
        self._require_memory()
        wrapped = self._protected_by(KEY_FILE)
        return self._opened_by_key_file(wrapped)

    def lock(self) -> None:
        """Ask for the passphrase, or the stick, again at the next start of a process."""
        memory.forget(self.run_directory)

    def protect(self, keys: Keys, passphrase: str | None = None) -> None:
        """Put keys under what the configuration says; a power cut leaves the old form or the new one, whole.

        ``passphrase`` is the new one, for that kind. A key file is made where there is none; one that holds no key is
        KeyDamaged. Raises BoardUnknown, ConfigError, KeyFileError.
        """
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.protection.kind == NONE:
                self._write_unprotected(keys)
            else:
                write_atomically(self._file, self._wrapped(keys, passphrase).encode())
                self._remove_unprotected()
            memory.forget(self.run_directory)
        except OSError as error:
            raise _unusable(self.directory, error) from error

    def current(self, passphrase: Callable[[], str]) -> Keys:
        """Return the keys however they lie now, or fresh ones where there are none: what ``protect`` begins with.

        ``passphrase`` is asked only where the present form needs it.
        """
        if not self._file.exists():
            return Keys.load_or_create(self.directory) if (self.directory / FOLDER).is_dir() else _fresh()
        wrapped = WrappedKeys.decode(read_secret(self._file))
        if wrapped.kind == PASSPHRASE:
            return self._by_key(wrapped, wrapped.key_of(passphrase().encode()))
        return self._opened(wrapped)

    def _first_or_unprotected(self) -> Keys:
        kind = self.protection.kind
        if kind == NONE:
            return Keys.load_or_create(self.directory)
        if kind == BOARD and not (self.directory / FOLDER).is_dir():
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(self._file, self._wrapped(_fresh(), None).encode())
            return self.open()  # its own, or that of the process that was first
        if not (self.directory / FOLDER).is_dir():
            msg = (
                f'there are no keys yet, and protection "{kind}" is for somebody to set: run thechip-appliance protect'
            )
            raise KeysNotProtected(msg)
        raise _not_as_told(kind, NONE)

    def _opened(self, wrapped: WrappedKeys) -> Keys:
        if wrapped.kind == BOARD:
            return self._by_key(wrapped, wrapped.key_of(self.board(wrapped.source or None).secret))
        remembered = memory.remembered(self.run_directory)
        if remembered is not None:
            try:
                return wrapped.open(remembered)
            except Unopened:
                pass  # of before the keys were protected anew
        if wrapped.kind != KEY_FILE:
            raise KeyLocked(_LOCKED)
        return self._opened_by_key_file(wrapped)

    def _opened_by_key_file(self, wrapped: WrappedKeys) -> Keys:
        key = wrapped.key_of(self._secret_in_file())
        keys = self._by_key(wrapped, key)
        if memory.is_in_memory(self.run_directory):
            memory.remember(self.run_directory, key)  # a restart in a meeting must not need the stick
        return keys

    def _by_key(self, wrapped: WrappedKeys, key: bytes) -> Keys:
        try:
            return wrapped.open(key)
        except Unopened as error:
            raise WrongSecret(_WRONG[wrapped.kind].format(file=self.protection.key_file)) from error

    def _wrapped(self, keys: Keys, passphrase: str | None) -> WrappedKeys:
        kind = self.protection.kind
        if kind == BOARD:
            board = self.board(None)
            return WrappedKeys.new(keys, board.secret, kind=kind, source=board.source, log2_cost=self.log2_cost)
        if kind == KEY_FILE:
            write_once(Path(self.protection.key_file), f"{secrets.token_hex(KEY_LENGTH)}\n".encode())
            return WrappedKeys.new(keys, self._usable_key_file(), kind=kind, log2_cost=self.log2_cost)
        self._require_memory()
        if not passphrase or len(passphrase) > LONGEST_PASSPHRASE:
            msg = f"a passphrase has 1 to {LONGEST_PASSPHRASE} characters"
            raise ConfigError(msg)
        return WrappedKeys.new(keys, passphrase.encode(), kind=kind, log2_cost=self.log2_cost)

    def _secret_in_file(self) -> bytes:
        file = self.protection.key_file
        try:
            digits = read_regular(Path(file), 4 * KEY_LENGTH).strip()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise KeyFileAway(_AWAY.format(file=file)) from error
        except OSError as error:
            raise KeyFileUnreadable(_UNREADABLE.format(file=file, why=error.strerror)) from error
        if not _KEY_FILE.fullmatch(digits):  # also an empty one, which would be a key that everybody has
            raise WrongSecret(_WRONG[KEY_FILE].format(file=file))
        return bytes.fromhex(digits.decode("ascii"))

    def _usable_key_file(self) -> bytes:
        try:
            return self._secret_in_file()
        except WrongSecret as error:
            msg = (
                f"{self.protection.key_file} is there and holds no key, which is {2 * KEY_LENGTH} hexadecimal digits:"
                " remove it, or name another file in protection.key_file; nothing was changed"
            )
            raise KeyDamaged(msg) from error

    def _protected_by(self, kind: str) -> WrappedKeys:
        if not self._file.exists():
            raise _not_as_told(kind, NONE)
        wrapped = WrappedKeys.decode(read_secret(self._file))
        if wrapped.kind != kind:
            raise _not_as_told(kind, wrapped.kind)
        return wrapped

    def _require_kind(self, found: str) -> None:
        if found not in (BOARD, PASSPHRASE, KEY_FILE):
            msg = "the file of the protected keys is damaged; restore it from the backup"
            raise KeyDamaged(msg)
        if found != self.protection.kind:
            raise _not_as_told(self.protection.kind, found)

    def _require_memory(self) -> None:
        if not memory.is_in_memory(self.run_directory):
            msg = (
                "run_directory must lie in memory (a tmpfs such as /run/thechip), or what is unlocked would lie on the"
                " card"
            )
            raise ConfigError(msg)

    def _write_unprotected(self, keys: Keys) -> None:
        if self._file.exists():
            self._remove_unprotected()  # an unfinished one, of a change that was cut off
        if not (self.directory / FOLDER).is_dir():
            write_set(self.directory / FOLDER, keys.secrets())
        self._file.unlink(missing_ok=True)
        fsync_directory(self.directory)

    def _remove_unprotected(self) -> None:
        remains = [*self.directory.glob(f"{UNFINISHED}*"), self.directory / FOLDER]
        if any(folder.is_dir() for folder in remains):
            for folder in remains:
                shutil.rmtree(folder, ignore_errors=True)
            fsync_directory(self.directory)


def open_keys(config: Config) -> Keys:
    """Return the keys of an appliance; see ``KeyRoom.open``."""
    return KeyRoom.of(config).open()


def _fresh() -> Keys:
    return Keys.of(tuple(secrets.token_bytes(KEY_LENGTH) for _ in NAMES))


def _not_as_told(told: str, found: str) -> KeysNotProtected:
    return KeysNotProtected(
        f'the configuration says protection "{told}", and the keys lie under "{found}": run thechip-appliance protect'
    )


def _unusable(directory: Path, error: OSError) -> KeyFileError:
    return KeyFileError(f"the key folder {directory} cannot be used: {error.strerror}")
