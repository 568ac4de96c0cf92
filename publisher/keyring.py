"""Keys: encrypted files in one or more folders, or in a PKCS#11 token, found by their TUF key id.

A file key is ``<name>.<first 16 digits of its key id>.pem``: PKCS#8, encrypted, mode 0600. So a key may lie in any of
the folders, on a stick that somebody brings, and its passphrase is asked for by its name. What it is, its public half
says once it is open: a file under another's name is refused.
"""

import secrets
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner, Key, Signer, SSlibKey
from tuf.api.metadata import Role

from publisher.errors import KeyMissing, KeyUnusable, PassphraseMissing, PassphraseWrong
from publisher.files import SECRET_MODE, make_folder, read_regular, write_durably
from publisher.passphrases import Passphrases, nobody, require_strong, weakness
from publisher.token_keys import TokenKey, import_key, open_signer

RandomBytes = Callable[[int], bytes]
SHOWN = 16
"""Hexadecimal digits of a key id in a file's name."""
_LONGEST_KEY_FILE = 16 << 10
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Keyring:
    """The private keys that are here.

    Args:
        folders: where key files are looked for; new ones are made in the first.
        passphrases: who knows them.
        tokens: keys in PKCS#11 tokens, by key id; their PINs are asked for as passphrases.
    """

    def __init__(
        self, folders: Sequence[Path], passphrases: Passphrases = nobody, tokens: Mapping[str, TokenKey] | None = None
    ) -> None:
        self._folders = tuple(folders)
        self._passphrases = passphrases
        self._tokens = dict(tokens or {})
        self._opened: dict[str, Signer] = {}
        self._made: list[Path] = []

    def make(self, name: str, *, folder: Path | None = None, random: RandomBytes = secrets.token_bytes) -> SSlibKey:
        """Make an Ed25519 key, store it encrypted, and return its public half.

        ``random`` gives as many bytes as asked for. Raises ``PassphraseMissing``, ``PassphraseWrong``, ``OSError``.
        """
        passphrase = self._new_passphrase(name)
        private = Ed25519PrivateKey.from_private_bytes(random(32))
        signer = CryptoSigner(private)
        public = signer.public_key
        encoded = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
        folder = folder or self._folders[0]
        make_folder(folder)
        path = folder / f"{name}.{public.keyid[:SHOWN]}.pem"
        write_durably(path, encoded, mode=SECRET_MODE)
        self._made.append(path)
        self._opened[public.keyid] = signer
        return public

    @contextmanager
    def ceremony(self, names: Iterable[str]) -> Iterator[None]:
        """Ask for the passphrases of these new keys before the first is made; destroy those made where it breaks off.

        Raises ``PassphraseMissing``, ``PassphraseWrong``.
        """
        for name in names:
            self._new_passphrase(name)
        before = len(self._made)
        try:
            yield
        except BaseException:
            for path in self._made[before:]:
                path.unlink(missing_ok=True)
            raise

    def take_token(self, token: TokenKey) -> SSlibKey:
        """Take a key that is in a token, and return its public half. Raises ``TokenError``, ``WrongUsage``."""
        key = import_key(token, self._passphrases)
        self._tokens[key.keyid] = token
        return key

    def holds(self, keyid: str) -> bool:
        """Whether the key is here; whether it can be opened is not known then."""
        return keyid in self._opened or keyid in self._tokens or self._file_of(keyid) is not None

    def name_of(self, keyid: str) -> str | None:
        """Return what the key is called here, or its URI in a token; ``None`` where it is not here."""
        if keyid in self._tokens:
            return self._tokens[keyid].uri
        path = self._file_of(keyid)
        return None if path is None else path.name.split(".")[0]

    def private_key(self, key: Key) -> Ed25519PrivateKey:
        """Return the private half of a file key. Raises as ``signer`` does."""
        path = self._file_of(key.keyid)
        if path is None:
            raise KeyMissing(_not_here(key.keyid))
        return self._open(path)

    def signer(self, key: Key) -> Signer:
        """Return who signs with a key. Raises ``KeyMissing``, ``PassphraseMissing``, ``KeyUnusable``."""
        if key.keyid not in self._opened:
            self._opened[key.keyid] = self._signer(key)
        return self._opened[key.keyid]

    def signers(self, role: Role, keys: Mapping[str, Key], what: str) -> list[Signer]:
        """Return as many signers of a role as must sign. Raises ``KeyMissing`` where fewer are here."""
        found = self.available((keys[keyid] for keyid in role.keyids if keyid in keys), enough=role.threshold)
        if len(found) < role.threshold:
            raise self._too_few(role, what, found)
        return found

    def available(self, keys: Iterable[Key], *, enough: int | None = None, optional: bool = False) -> list[Signer]:
        """Return signers of those keys that are here, not more than ``enough``.

        Where their signatures are ``optional``, keys that cannot be opened are passed over as those that are not here.
        """
        passed_over = (KeyMissing, KeyUnusable) if optional else KeyMissing
        found: list[Signer] = []
        for key in keys:
            if len(found) == enough:
                break
            try:
                found.append(self.signer(key))
            except passed_over:
                continue
        return found

    def _signer(self, key: Key) -> Signer:
        token = self._tokens.get(key.keyid)
        if token is not None:
            return open_signer(token, key, self._passphrases)
        path = self._file_of(key.keyid)
        if path is None:
            raise KeyMissing(_not_here(key.keyid))
        private = self._open(path)
        signer = CryptoSigner(private)
        if not isinstance(key, SSlibKey) or signer.public_key.keyval != key.keyval:
            msg = f"the key file {path.name} holds another key than its name says"
            raise KeyUnusable(msg)
        return CryptoSigner(private, key)

    def _too_few(self, role: Role, what: str, found: Sequence[Signer]) -> KeyMissing:
        """Return the error for fewer keys than must sign: those that are not here, and those that nobody opened."""
        opened = {signer.public_key.keyid for signer in found}
        gone = [keyid[:SHOWN] for keyid in role.keyids if not self.holds(keyid)]
        closed = [self._named(keyid) for keyid in role.keyids if self.holds(keyid) and keyid not in opened]
        msg = f"{what} is signed by {role.threshold} of its keys, and {len(found)} can be used here"
        if closed:
            files = ", ".join(f"--passphrase-file {name}=FILE" for name in closed)
            msg += f"; no passphrase was given of {', '.join(closed)} (at a terminal, or {files})"
        if gone:
            return KeyMissing(f"{msg}; not here: {', '.join(gone)} (--keys)")
        return PassphraseMissing(msg)

    def _named(self, keyid: str) -> str:
        """Return the name by which the passphrase of a key, or its PIN, is asked for."""
        token, path = self._tokens.get(keyid), self._file_of(keyid)
        if token is not None:
            return token.name
        return keyid[:SHOWN] if path is None else path.name.split(".")[0]

    def _new_passphrase(self, name: str) -> bytes:
        return require_strong(name, self._passphrases(name, new=True, why_not=weakness))

    def _open(self, path: Path) -> Ed25519PrivateKey:
        encoded = _read(path)

        def why_not(passphrase: bytes) -> str | None:
            try:
                _decrypted(path, encoded, passphrase)
            except PassphraseWrong as error:
                return error.sentence
            return None

        return _decrypted(path, encoded, self._passphrases(path.name.split(".")[0], why_not=why_not))

    def _file_of(self, keyid: str) -> Path | None:
        ending = f".{keyid[:SHOWN]}.pem"
        for folder in self._folders:
            if folder.is_dir():
                for path in sorted(folder.iterdir()):
                    if path.name.endswith(ending):
                        return path
        return None


def _decrypted(path: Path, encoded: bytes, passphrase: bytes) -> Ed25519PrivateKey:
    try:
        private = load_pem_private_key(encoded, passphrase)
    except TypeError as error:  # there is no passphrase on it
        msg = f"the key file {path.name} is not encrypted"
        raise KeyUnusable(msg) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        msg = f"the passphrase does not open the key file {path.name}, or the file is damaged"
        raise PassphraseWrong(msg) from error
    if not isinstance(private, Ed25519PrivateKey):
        msg = f"the key file {path.name} holds no Ed25519 key"
        raise KeyUnusable(msg)
    return private


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_mode & _OTHERS:
            msg = f"others may read the key file {path.name}; its mode must be 0600"
            raise KeyUnusable(msg)
        return read_regular(path, _LONGEST_KEY_FILE)
    except OSError as error:
        msg = f"the key file {path.name} cannot be read: {error.strerror}"
        raise KeyUnusable(msg) from error


def _not_here(keyid: str) -> str:
    return f"the key {keyid[:SHOWN]} is not here; name the folder or stick that holds it (--keys)"
