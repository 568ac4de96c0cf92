"""What the appliance believes today: issuer certificates, revocations and the card status list, from its own storage.

Loaded once and kept; ``current`` looks whether the files changed and loads the new set between two taps. A set that
does not load is refused as a whole, and the last good one stays in use.
"""

from dataclasses import dataclass
from pathlib import Path

from verifier.sdk import CardStatusList, TrustStore
from verifier.sdk.errors import VerifierError


@dataclass(frozen=True, slots=True)
class Lists:
    """One consistent set. ``card_status`` is ``None`` where the appliance never received such a list."""

    trust: TrustStore
    card_status: CardStatusList | None


class ListStore:
    """The lists of one appliance, reloaded when their files change."""

    def __init__(self, trust_directory: Path, card_status_path: Path, card_status_key_path: Path) -> None:
        self._trust_directory = trust_directory
        self._card_status_path = card_status_path
        self._card_status_key_path = card_status_key_path
        self._seen = self._fingerprint()
        self._lists = self._load()
        self.problem: VerifierError | None = None
        """Why the newest set was refused, while an older one is in use."""

    def current(self) -> Lists:
        """Return the newest set that could be loaded."""
        fingerprint = self._fingerprint()
        if fingerprint != self._seen:
            self._seen = fingerprint
            try:
                self._lists = self._load()
                self.problem = None
            except VerifierError as error:
                self.problem = error
        return self._lists

    def _load(self) -> Lists:
        card_status = None
        if self._card_status_path.exists():
            key = self._card_status_key_path.read_bytes()
            card_status = CardStatusList.open(self._card_status_path, key)
        return Lists(TrustStore.from_folder(self._trust_directory), card_status)

    def _fingerprint(self) -> tuple[tuple[str, int, int], ...]:
        """Names, sizes and times of the files: enough to notice a change without reading them."""
        files = [self._card_status_path, self._card_status_key_path]
        if self._trust_directory.is_dir():
            files += sorted(self._trust_directory.iterdir())
        found = []
        for file in files:
            if file.exists():
                status = file.stat()
                found.append((file.name, status.st_size, status.st_mtime_ns))
        return tuple(found)
