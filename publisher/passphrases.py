"""Passphrases: asked for, or read from files; never an argument of a command, and never in a log."""

import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from publisher.errors import PassphraseMissing, PassphraseWrong
from publisher.files import read_regular

SHORTEST = 12
"""Bytes. What protects a stolen key file is its passphrase: six random words are good, a word and a year are not."""
TRIES = 3
"""How often somebody is asked for one passphrase."""
_LONGEST = 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


WhyNot: TypeAlias = Callable[[bytes], str | None]
"""What is wrong with a passphrase, as a sentence without its dot."""


def fits(_: bytes) -> str | None:
    """Find nothing wrong with a passphrase."""
    return None


class Passphrases(Protocol):
    """Whoever knows the passphrases of keys, and the PINs of tokens."""

    def __call__(self, name: str, *, new: bool = False, why_not: WhyNot = fits) -> bytes:
        """Return the passphrase of the key of this name; ``new`` for a key that is being made.

        ``why_not`` is for those who can be asked again. Raises ``PassphraseMissing`` where nobody gives it.
        """
        ...


def nobody(name: str, *, new: bool = False, why_not: WhyNot = fits) -> bytes:  # noqa: ARG001 – as Passphrases
    """Raise ``PassphraseMissing``: nobody is there to ask."""
    msg = f"the passphrase of {name} was not given: type it at a terminal, or --passphrase-file {name}=FILE"
    raise PassphraseMissing(msg)


@dataclass(frozen=True)
class GivenPassphrases:
    """Passphrases that are known by the names of their keys, and one for all others, if any."""

    by_name: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    others: bytes | None = field(default=None, repr=False)

    def __call__(self, name: str, *, new: bool = False, why_not: WhyNot = fits) -> bytes:  # noqa: ARG002 – as above
        """Return the one of this name, or the one for all others. Raises ``PassphraseMissing``."""
        found = self.by_name.get(name, self.others)
        return nobody(name, new=new) if found is None else found


@dataclass(frozen=True)
class PassphraseFiles:
    """Passphrases in files by the names of their keys; whoever is not there is asked of ``otherwise``."""

    files: Mapping[str, Path]
    otherwise: Passphrases = nobody

    def __call__(self, name: str, *, new: bool = False, why_not: WhyNot = fits) -> bytes:
        """Return the content of the key's file without its line ending.

        Raises ``PassphraseWrong`` for a file that others may read, or none of one line.
        """
        path = self.files.get(name)
        return self.otherwise(name, new=new, why_not=why_not) if path is None else read_passphrase(path)


@dataclass(frozen=True)
class AskedPassphrases:
    """Passphrases that somebody types, each once in a process; for a new key twice, and after a mistake again.

    ``ask`` shows a prompt and returns what was typed, without showing that. An empty answer means: not this key.
    """

    ask: Callable[[str], str] = field(repr=False)
    _known: dict[str, bytes] = field(default_factory=dict, repr=False, init=False)

    def __call__(self, name: str, *, new: bool = False, why_not: WhyNot = fits) -> bytes:
        """Ask, three times at most. Raises ``PassphraseMissing`` for an empty answer, ``PassphraseWrong``."""
        if name in self._known and why_not(self._known[name]) is None:
            return self._known[name]
        why: str | None = None
        for _ in range(TRIES):
            typed = self._ask(name, new=new, after=why)
            why = why_not(typed) if typed is not None else "the two were not the same"
            if typed is not None and why is None:
                self._known[name] = typed
                return typed
        msg = f"the passphrase of {name} was asked for {TRIES} times: {why}"
        raise PassphraseWrong(msg)

    def _ask(self, name: str, *, new: bool, after: str | None) -> bytes | None:
        """Return what was typed; ``None`` where it was not the same both times."""
        again = "" if after is None else f"{after}. Once more. "
        typed = self.ask(f"{again}Passphrase of {name}{' (new)' if new else ''}: ")
        if not typed:
            return nobody(name)
        if new and self.ask(f"Passphrase of {name}, again: ") != typed:
            return None
        return typed.encode()


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


def weakness(passphrase: bytes) -> str | None:
    """Say why a passphrase protects no new key: it has fewer than 12 bytes."""
    return f"it is shorter than {SHORTEST} characters; take six random words" if len(passphrase) < SHORTEST else None


def require_strong(name: str, passphrase: bytes) -> bytes:
    """Return the passphrase of a new key. Raises ``PassphraseWrong`` for one of fewer than 12 bytes."""
    why = weakness(passphrase)
    if why is not None:
        msg = f"the passphrase of {name} is not strong enough: {why}"
        raise PassphraseWrong(msg)
    return passphrase
