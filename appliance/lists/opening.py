"""The parts of a set as they lie on the disk: their files, their hash, and how each is opened."""

from pathlib import Path
from typing import Final

from appliance.errors import ListRefused
from appliance.lists.sealed_set import file_hash, part_hash
from verifier.sdk import CardStatusList, TrustStore

TRUST_FILES: Final = "files"
TRUST_INDEX: Final = "index"
STATUS_LIST: Final = "card-status.list"
STATUS_KEY: Final = "issuer.key"
STATUS_INDEX: Final = "index"
BASE_LIST: Final = "base.list"
ROSTER: Final = "roster.age"
_INDEXES: Final = frozenset((TRUST_INDEX, STATUS_INDEX))
_LONGEST_KEY: Final = 1024


def hash_of_part(place: Path) -> str:
    """Read a part and return its hash; indexes are not of it, since each device makes its own. Raises ``OSError``."""
    files = (path for path in place.rglob("*") if path.is_file() and path.name not in _INDEXES)
    return part_hash({path.name: file_hash(path) for path in files})


def open_trust(part: Path) -> TrustStore:
    """Open a part with issuers and CRLs by its index. Raises ``VerifierError``."""
    return TrustStore.from_folder(part / TRUST_FILES, index=part / TRUST_INDEX)


def open_card_status(part: Path) -> CardStatusList:
    """Open a part with a card status list by its index. Raises ``VerifierError``, ``OSError``."""
    key = CardStatusList.issuer_key(read_bounded(part / STATUS_KEY, _LONGEST_KEY))
    return CardStatusList.open(part / STATUS_LIST, key, index=part / STATUS_INDEX)


def read_rules(part: Path) -> dict[str, bytes]:
    """Return the documents of a part with rules, by version. Raises ``OSError``."""
    return {path.stem: path.read_bytes() for path in sorted(part.glob("*.json"))}


def read_bounded(path: Path, longest: int) -> bytes:
    """Return what a file holds. Raises ``ListRefused`` for one of more than ``longest`` bytes, and ``OSError``."""
    with path.open("rb") as file:
        content = file.read(longest + 1)
    if len(content) > longest:
        msg = f"{path.name} is longer than {longest} bytes"
        raise ListRefused(msg)
    return content
