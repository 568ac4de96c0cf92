"""The card status list that appliances know, or will know with the next publication: a base, and a delta to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from appliance.lists.catalogue import CARD_STATUS_BASE, CARD_STATUS_DELTA, CARD_STATUS_KEY
from publisher.desk_folder import DeskFolder
from publisher.moments import Ending
from publisher.published import unaltered_target
from verifier.sdk.card_status import CardStatusDelta, CardStatusList, apply_card_status_delta

_WARNED_WITHIN = 4


@dataclass(frozen=True, slots=True)
class KnownList:
    """A list by its files; what is said of it is said of base and delta together."""

    base: Path
    delta: bytes | None
    sequence: int
    count: int
    """Cards that are listed."""
    issued_at: datetime
    next_update: datetime

    @contextmanager
    def whole(self) -> Iterator[Path]:
        """Make one file of base and delta for a moment. Raises ``TrustMaterialError``, ``OSError``."""
        if self.delta is None:
            yield self.base
            return
        with TemporaryDirectory() as name:
            path = Path(name) / "today.list"
            with path.open("wb") as file:
                apply_card_status_delta(self.base, self.delta, file)
            yield path


def published_list(desk: DeskFolder) -> KnownList | None:
    """Return the list that was published last; ``None`` where there is none.

    Raises ``DeskError`` and the SDK's errors where it is damaged.
    """
    return _known(_published_files(desk))


def card_status_endings(desk: DeskFolder) -> tuple[Ending, ...]:
    """Return when the next list must have come; told when a quarter of the time until then is left."""
    known = published_list(desk)
    if known is None:
        return ()
    warning = (known.next_update - known.issued_at) / _WARNED_WITHIN
    return (Ending("card list", f"number {known.sequence}", known.next_update, warning),)


def next_list(desk: DeskFolder) -> KnownList | None:
    """Return the list that is staged, else published; ``None`` where there is none. Raises as ``published_list``."""
    staged = desk.staged.files()
    if CARD_STATUS_BASE in staged:
        return _known(staged)
    return _known(_published_files(desk) | staged)


def _published_files(desk: DeskFolder) -> dict[str, Path]:
    targets = desk.published().central.signed.targets
    wanted = (CARD_STATUS_KEY, CARD_STATUS_BASE, CARD_STATUS_DELTA)
    return {path: unaltered_target(desk.public, targets[path]) for path in wanted if path in targets}


def _known(files: dict[str, Path]) -> KnownList | None:
    base = files.get(CARD_STATUS_BASE)
    if base is None:
        return None
    with CardStatusList.open(base, files[CARD_STATUS_KEY].read_bytes()) as opened:
        known = KnownList(base, None, opened.sequence, opened.count, opened.issued_at, opened.next_update)
    if CARD_STATUS_DELTA not in files:
        return known
    delta = files[CARD_STATUS_DELTA].read_bytes()
    today = CardStatusDelta.decode(delta)
    return KnownList(base, delta, today.sequence, today.count, today.issued_at, today.next_update)
