"""Lists that somebody placed on the device: a trust folder, a card status list and its key.

For a pilot without a publisher. Whoever may write the state directory decides what is believed, and nothing keeps an
older copy out once the station was restarted: that is what signed lists are for.

Loaded once and kept; ``current`` looks whether files changed and loads them anew between two taps, which may take half
a second; a tap takes ``in_use``, which never waits. What is missing is missing: the verifier then says that it cannot
tell, and the kiosk that an officer must see to it. What is damaged, or not signed by whom it must be, is refused: the
last good one stays in use, and where there never was one it counts as missing.
"""

import logging
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar

from appliance.errors import ListRefused, ListRolledBack
from appliance.lists.in_use import Lists
from appliance.names import count
from verifier.sdk import CardStatusList, TrustStore
from verifier.sdk.errors import VerifierError

log = logging.getLogger(__name__)

LONGEST_CARD_STATUS_LIST = 64 << 20
"""Bytes; room for three million cards."""
_LONGEST_KEY = 1024
_MOST_NAMED = 20

_T = TypeVar("_T")


class HandPlacedLists:
    """The lists of one appliance, each reloaded when its files change. Never raises because of them.

    Args:
        trust_directory: issuer certificates and CRLs.
        card_status_path: the signed card status list.
        card_status_key_path: its issuer's public key.
        trust_index: where to keep an index of the trust directory, so that a restarted station need not read all of it;
            a directory that is not there yet is made.
        look_every_s: how often to look for newer files at most; a folder of thousands takes a moment to walk.
        clock: seconds of a clock that never jumps.
    """

    def __init__(
        self,
        trust_directory: Path,
        card_status_path: Path,
        card_status_key_path: Path,
        *,
        trust_index: Path | None = None,
        look_every_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look_every_s = look_every_s
        self._clock = clock
        self._looked_at = -float("inf")
        self._trust = _Part(
            files=lambda: _files_of(trust_directory),
            load=lambda: _load_trust(trust_directory, trust_index),
            value=TrustStore(()),
        )
        self._card_status: _Part[CardStatusList | None] = _Part(
            files=lambda: (card_status_path, card_status_key_path),
            load=lambda: self._load_card_status(card_status_path, card_status_key_path),
            value=None,
        )
        self.current()

    @property
    def problem(self) -> ListRefused | None:
        """Why files that lie there were refused."""
        return self._trust.problem or self._card_status.problem

    def current(self) -> Lists:
        """Return what is in use, after a look whether there is something newer."""
        now = self._clock()
        if now - self._looked_at >= self._look_every_s:
            before, is_first = self.in_use, self._looked_at == -float("inf")
            self._looked_at = now
            self._trust.refresh()
            self._card_status.refresh()
            is_same = self._trust.value is before.trust and self._card_status.value is before.card_status
            if not is_first and not is_same:
                log.warning("what was placed by hand is in use from now on: %s", ", ".join(self._named()))
        return self.in_use

    @property
    def in_use(self) -> Lists:
        """What the last look found; nothing is read."""
        status = self._card_status.value
        return Lists(self._trust.value, status, issued=None if status is None else status.issued_at)

    def summary(self, *, at: datetime) -> str:
        """Return in one line what is in use: how many issuers and CRLs, how old the card status list is, what fails."""
        card_status, parts = self.current().card_status, self._named()
        if card_status is not None:
            age = (at - card_status.issued_at) // timedelta(days=1)
            parts.append(f"{count(age, 'day')} old" if age >= 0 else "issued in the future: check the clock")
        if self.problem is not None:
            parts.append(f"refused: {self.problem.sentence}")
        return ", ".join(parts)

    def _named(self) -> list[str]:
        lists = self.in_use
        status = lists.card_status
        of_cards = "no card status list"
        if status is not None:
            of_cards = f"card status list {status.sequence} of {status.issued_at:%Y-%m-%d}"
        return [count(len(lists.trust.anchors), "issuer"), count(len(lists.trust.crls), "CRL"), of_cards]

    def close(self) -> None:
        """Let go of nothing: what was placed by hand is in memory."""

    def _load_card_status(self, path: Path, key_path: Path) -> CardStatusList | None:
        """Read the list into memory: of one that is overwritten in place, an open file would no longer answer."""
        try:
            encoded = _read(path, LONGEST_CARD_STATUS_LIST)
        except FileNotFoundError:
            return None
        with _naming(key_path):
            key = CardStatusList.issuer_key(_read(key_path, _LONGEST_KEY))
        with _naming(path):
            found = CardStatusList.decode(encoded, key)
        had = self._card_status.value
        if had is not None and found.sequence < had.sequence:
            msg = f"{path.name} is list {found.sequence}, older than {had.sequence}, which is in use"
            raise ListRolledBack(msg)
        return found


@dataclass
class _Part(Generic[_T]):
    """One list and the files that it comes from."""

    files: Callable[[], Iterable[Path]]
    load: Callable[[], _T]
    value: _T
    problem: ListRefused | None = None
    _seen: list[tuple[str, int, int, int]] | None = field(default=None, init=False)

    def refresh(self) -> None:
        fingerprint = _fingerprint(self.files())
        if fingerprint == self._seen:
            return
        self._seen = fingerprint
        try:
            self.value, self.problem = self.load(), None
        except (VerifierError, ListRefused) as error:
            self._refuse(error.sentence)
        except OSError as error:
            self._refuse(f"{error.filename} cannot be read: {error.strerror}")

    def _refuse(self, sentence: str) -> None:
        log.warning("a list was refused: %s", sentence)
        self.problem = ListRefused(sentence)


def _load_trust(directory: Path, index: Path | None) -> TrustStore:
    try:
        if all(file.name.startswith(".") for file in directory.iterdir()):
            return TrustStore(())
    except FileNotFoundError:
        return TrustStore(())
    if index is not None:
        with suppress(OSError):  # then the store is used without an index, and says so
            index.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = TrustStore.from_folder(directory, index=index)
    for name, sentence in store.problems[:_MOST_NAMED]:
        log.warning("the file %a of the trust folder: %s", name, sentence)
    if len(store.problems) > _MOST_NAMED:
        log.warning("and %d more files of the trust folder", len(store.problems) - _MOST_NAMED)
    return store


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except VerifierError as error:
        msg = f"{path.name}: {error.sentence}"
        raise ListRefused(msg) from error


def _read(path: Path, longest: int) -> bytes:
    """Read a regular file of bounded length. To open a pipe would be to wait for whoever writes into it."""
    if not stat.S_ISREG(path.stat().st_mode):
        msg = f"{path.name} is no regular file"
        raise ListRefused(msg)
    with path.open("rb") as file:
        content = file.read(longest + 1)
    if len(content) > longest:
        msg = f"{path.name} is longer than {longest} bytes"
        raise ListRefused(msg)
    return content


def _files_of(directory: Path) -> list[Path]:
    try:
        return sorted(directory.iterdir())
    except OSError:
        return []


def _fingerprint(files: Iterable[Path]) -> list[tuple[str, int, int, int]]:
    """Names, sizes, inodes and times of change: enough to notice another file without reading it."""
    found = []
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        found.append((file.name, status.st_size, status.st_ino, status.st_ctime_ns))
    return found
