"""Is what lies on the device still what was taken up? Every signature and every byte, once more, without any source."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface

from appliance.errors import ApplianceError, ListAltered
from appliance.lists.catalogue import CARD_STATUS_BASE, CARD_STATUS_KEY, CRLS, ISSUERS, rules_version_of
from appliance.lists.folder import ListsFolder, as_storage_trouble
from appliance.lists.opening import BASE_LIST, ROSTER, STATUS_KEY, STATUS_LIST, TRUST_FILES, hash_of_part
from appliance.lists.publication import LONGEST_ROOT, ROOTS, ChiBo, Publication
from appliance.lists.sealed_set import METADATA, PartKind, SealedSet, current_set, file_hash
from verifier.sdk import CardStatusList, TrustStore
from verifier.sdk.errors import VerifierError

_BASE_URL: Final = "sealed:"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found; ``problem`` is the first thing that is not as it was taken up."""

    sealed: SealedSet | None
    problem: ApplianceError | None = None

    @property
    def ok(self) -> bool:
        """Whether there are lists, and all of them are whole."""
        return self.sealed is not None and self.problem is None

    @property
    def sentence(self) -> str:
        """For people."""
        if self.problem is not None:
            what_to_do = "Take them up anew: lists sync --repair, or lists import from a stick"
            return f"The lists in use are damaged: {self.problem.sentence}. {what_to_do}."
        if self.sealed is None:
            return "No lists were taken up yet."
        return f"The lists in use are whole: {len(self.sealed.targets)} files, content {self.sealed.content[:16]}."


def verify_in_use(folder: ListsFolder, chi_bo: ChiBo | None) -> Verdict:
    """Verify the set in use, as of when it was signed: expiry is another question.

    A problem that is no ``ListRefused`` lies elsewhere: there was no room to look.
    """
    sealed = None
    try:
        sealed = current_set(folder)
        if sealed is not None:
            with _scratch() as scratch:
                _check_signatures(folder, sealed, chi_bo, scratch)
            _check_parts(folder, sealed)
    except ApplianceError as error:
        return Verdict(sealed, error)
    except (VerifierError, OSError) as error:
        return Verdict(sealed, ListAltered(f"a list cannot be opened any more ({error})"))
    return Verdict(sealed)


@contextmanager
def _scratch() -> Iterator[Path]:
    """Make a folder for a moment. Raises ``StorageFull``, ``StorageUnreachable``."""
    with as_storage_trouble():
        folder = TemporaryDirectory(prefix="thechip-verify-", ignore_cleanup_errors=True)
    with folder as name:
        yield Path(name)


def _check_signatures(folder: ListsFolder, sealed: SealedSet, chi_bo: ChiBo | None, scratch: Path) -> None:
    root = folder.read_pinned_root(LONGEST_ROOT)
    if chi_bo is not None and chi_bo.roster not in sealed.targets:
        chi_bo = None  # a province whose signature had expired was left out, and its metadata with it
    fetcher = _SealedMetadata(folder.current / METADATA)
    offer = Publication(fetcher, _BASE_URL, scratch, root, at=sealed.issued, chi_bo=chi_bo).offer
    signed = {path: target.hashes.get("sha256") for path, target in offer.targets.items()}
    if any(signed.get(path) != sha256 for path, sha256 in sealed.targets.items()):
        msg = "the set names other lists than those that are signed"
        raise ListAltered(msg)
    roles = sealed.versions.keys() & offer.versions.keys()  # a province's alone may lack: another chi bộ was set up
    told = [(sealed.versions[role], sealed.expires.get(role)) for role in roles]
    if told != [(offer.versions[role], offer.expires[role]) for role in roles] or sealed.issued != offer.issued:
        msg = "the set names other versions or times than those that are signed"
        raise ListAltered(msg)


def _check_parts(folder: ListsFolder, sealed: SealedSet) -> None:
    for part in sealed.parts.values():
        if hash_of_part(folder.parts / part.name) != part.sha256:
            msg = f"the part {part.kind} is not what was taken up"
            raise ListAltered(msg)
    for path, place in _published_files(folder, sealed):
        if file_hash(place) != sealed.targets[path]:
            msg = f"the list {path} is not what was published"
            raise ListAltered(msg)
    TrustStore.from_folder(folder.parts / sealed.parts[PartKind.TRUST].name / TRUST_FILES)  # without its index, too
    listed = sealed.parts.get(PartKind.CARD_STATUS)
    if listed is not None:
        place = folder.parts / listed.name
        key = CardStatusList.issuer_key((place / STATUS_KEY).read_bytes())
        CardStatusList.open(place / STATUS_LIST, key).close()  # without its index: all of it is read


def _published_files(folder: ListsFolder, sealed: SealedSet) -> Iterator[tuple[str, Path]]:
    """Yield where each published file lies that is kept as it came; a delta is not."""
    at = {kind: folder.parts / part.name for kind, part in sealed.parts.items()}
    fixed = {
        ISSUERS: (PartKind.TRUST, f"{TRUST_FILES}/issuers.zip"),
        CRLS: (PartKind.TRUST, f"{TRUST_FILES}/crls.zip"),
        CARD_STATUS_KEY: (PartKind.CARD_STATUS, STATUS_KEY),
        CARD_STATUS_BASE: (PartKind.CARD_STATUS_BASE, BASE_LIST),
    }
    for path in sealed.targets:
        version = rules_version_of(path)
        if path in fixed:
            kind, name = fixed[path]
        elif version is not None:
            kind, name = PartKind.RULES, f"{version}.json"
        elif path.endswith(".age"):
            kind, name = PartKind.ROSTER, ROSTER
        else:
            continue
        if kind in at:
            yield path, at[kind] / name


class _SealedMetadata(FetcherInterface):
    """The metadata of a set, as if a mirror had it: python-tuf keeps it without the numbers in its names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        name = url.rpartition("/")[2]
        number, _, rest = name.partition(".")
        if rest == "root.json":
            path = self._folder / ROOTS / name
        else:
            path = self._folder / (rest if number.isdigit() else name)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise DownloadHTTPError(name, 404) from error
        return iter((content,))
