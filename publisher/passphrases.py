"""Passphrases: asked for, or read from files; never an argument of a command, and never in a log."""

import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from publisher.errors import PassphraseMissing, PassphraseWrong
from publisher.files import read_regular

SHORTEST = 12
"""Bytes. What protects a stolen key file is its passphrase: six random words are good, a word and a year are not."""
_LONGEST = 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Passphrases(Protocol):
    """Whoever knows the passphrases of keys, and the PINs of tokens."""

    def __call__(self, name: str, *, new: bool = False) -> bytes:
        """Return the passphrase of the key of this name; ``new`` for a key that is being made.

        Raises ``PassphraseMissing`` where nobody gives it.
        """
        ...


def nobody(name: str, *, new: bool = False) -> bytes:  # noqa: ARG001 – the shape of Passphrases
    """Raise ``PassphraseMissing``: nobody is there to ask."""
    msg = f"the passphrase of {name} was not given"
    raise PassphraseMissing(msg)


@dataclass(frozen=True)
class GivenPassphrases:
    """Passphrases that are known by the names of their keys, and one for all others, if any."""

    by_name: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    others: bytes | None = field(default=None, repr=False)

    def __call__(self, name: str, *, new: bool = False) -> bytes:
        """Return the one of this name, or the one for all others. Raises ``PassphraseMissing``."""
        found = self.by_name.get(name, self.others)
        return nobody(name, new=new) if found is None else found


@dataclass(frozen=True)
class PassphraseFiles:
    """Passphrases in files by the names of their keys; whoever is not there is asked of ``otherwise``."""

    files: Mapping[str, Path]
    otherwise: Passphrases = nobody

    def __call__(self, name: str, *, new: bool = False) -> bytes:
        """Return the content of the key's file without its line ending.

        Raises ``PassphraseWrong`` for a file that others may read, or none of one line.
        """
        path = self.files.get(name)
        return self.otherwise(name, new=new) if path is None else read_passphrase(path)


@dataclass(frozen=True)
class AskedPassphrases:
    """Passphrases that somebody types, each once in a process; for a new key twice.

    ``ask`` shows a prompt and returns what was typed, without showing that. An empty answer means: not this key.
    """

    ask: Callable[[str], str] = field(repr=False)
    _known: dict[str, bytes] = field(default_factory=dict, repr=False, init=False)

    def __call__(self, name: str, *, new: bool = False) -> bytes:
        """Ask. Raises ``PassphraseMissing`` for an empty answer, ``PassphraseWrong`` where the two differ."""
        if name not in self._known:
            typed = self.ask(f"Passphrase of {name}{' (new)' if new else ''}: ")
            if not typed:
                return nobody(name, new=new)
            if new and self.ask(f"Passphrase of {name}, again: ") != typed:
                msg = f"the two passphrases of {name} are not the same"
                raise PassphraseWrong(msg)
            self._known[name] = typed.encode()
        return self._known[name]


def read_passphrase(path: Path) -> bytes:
    """Read a passphrase file, which only its owner may read. Raises ``PassphraseWrong``, ``OSError``."""
    content = read_regular(path, _LONGEST)
    if path.stat().st_mode & _OTHERS:
        msg = f"others may read the passphrase file {path.name}; its mode must be 0600"
        raise PassphraseWrong(msg)
    passphrase = content.removesuffix(b"\n").removesuffix(b"\r")
    if not passphrase or b"\n" in passphrase:
        msg = f"the passphrase file {path.name} must hold one line"
        raise PassphraseWrong(msg)
    return passphrase


def require_strong(name: str, passphrase: bytes) -> bytes:
    """Return the passphrase of a new key. Raises ``PassphraseWrong`` for one of fewer than 12 bytes."""
    if len(passphrase) < SHORTEST:
        msg = f"the passphrase of {name} is shorter than {SHORTEST} characters; take six random words"
        raise PassphraseWrong(msg)
    return passphrase
