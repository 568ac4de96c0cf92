"""The parts of a set as they lie on the disk: their files, their hash, and how each is opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from appliance.errors import ListRefused, ListsDamaged
from appliance.lists.folder import ListsFolder
from appliance.lists.sealed_set import Part, PartKind, SealedSet, file_hash, part_hash
from verifier.sdk import CardStatusList, TrustStore
from verifier.sdk.errors import VerifierError

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


def open_trust(folder: ListsFolder, part: Part) -> TrustStore:
    """Open issuers and CRLs in use by their index. Raises ``ListsDamaged``.

    They are short, so all of them are hashed: what could not be read would lack, and nobody would hear of it.
    """
    place = folder.parts / part.name
    with _telling("issuers and CRLs"):
        if hash_of_part(place) != part.sha256:
            msg = "issuers and CRLs in use are not what was taken up"
            raise ListsDamaged(msg)
        return TrustStore.from_folder(place / TRUST_FILES, index=place / TRUST_INDEX)


def open_card_status_in_use(folder: ListsFolder, part: Part) -> CardStatusList:
    """Open the card status list in use by its index. Raises ``ListsDamaged``."""
    with _telling("the card status list"):
        return open_card_status(folder.parts / part.name)


def require_openable(folder: ListsFolder, sealed: SealedSet) -> None:
    """Open what a station opens. Raises ``ListsDamaged``."""
    open_trust(folder, sealed.parts[PartKind.TRUST])
    listed = sealed.parts.get(PartKind.CARD_STATUS)
    if listed is not None:
        open_card_status_in_use(folder, listed).close()


def open_card_status(part: Path) -> CardStatusList:
    """Open a part with a card status list by its index. Raises ``VerifierError``, ``OSError``."""
    key = CardStatusList.issuer_key(read_bounded(part / STATUS_KEY, _LONGEST_KEY))
    return CardStatusList.open(part / STATUS_LIST, key, index=part / STATUS_INDEX)


@contextmanager
def _telling(what: str) -> Iterator[None]:
    try:
        yield
    except (VerifierError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error.sentence
        msg = f"{what} in use cannot be opened: {why}"
        raise ListsDamaged(msg) from error


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
