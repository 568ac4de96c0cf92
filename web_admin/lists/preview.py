"""What a stick holds, as it is shown before anything of it is taken up."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from appliance.lists.freshness import FreshnessPolicy, ListsAge
from appliance.lists.taking_up import Preview
from web_admin.lists.words import list_words


@dataclass(frozen=True, slots=True)
class PreviewedList:
    """One list: its name in words, its length in bytes, and whether it differs from what is in use."""

    name: str
    length: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A verified preview. ``seen`` stands for exactly this offer: what is taken up later must be the same."""

    seen: str
    is_new: bool
    age: ListsAge
    issued: datetime
    number: int
    in_use: int | None
    versions: tuple[tuple[str, int], ...]
    expires: datetime
    lists: tuple[PreviewedList, ...]

    @property
    def is_ahead(self) -> bool:
        """Whether it was signed after the time of this device's clock."""
        return self.age.age_days is None


def shown(preview: Preview, policy: FreshnessPolicy, *, at: datetime, clock_trusted: bool = True) -> Shown:
    """Return a preview for the page."""
    offer, before = preview.offer, preview.before
    reached = at if clock_trusted else max(at, offer.issued)  # a clock that is not trusted learns from what is taken up
    had = {} if before is None else before.targets
    return Shown(
        seen=_fingerprint(preview),
        is_new=preview.is_new,
        age=ListsAge.at(reached, policy, issued=offer.issued, timestamp=offer.versions["timestamp"]).by_clock(
            trusted=clock_trusted
        ),
        issued=offer.issued,
        number=offer.versions["timestamp"],
        in_use=None if before is None else before.timestamp_version,
        versions=tuple(sorted(offer.versions.items())),
        expires=min(offer.expires.values()),
        lists=tuple(
            PreviewedList(list_words(path), target.length, had.get(path) != target.hashes.get("sha256"))
            for path, target in sorted(offer.targets.items())
        ),
    )


def is_what_was_seen(preview: Preview, seen: str) -> bool:
    """Whether an offer is the one that a page showed."""
    return _fingerprint(preview) == seen


def _fingerprint(preview: Preview) -> str:
    offer = preview.offer
    what = {
        "issued": offer.issued.isoformat(),
        "versions": dict(offer.versions),
        "lists": {path: target.hashes.get("sha256") for path, target in offer.targets.items()},
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
