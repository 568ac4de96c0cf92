"""What an offer must hold against the lists in use, beyond what The Update Framework sees to by itself.

Its client remembers in files what it has seen, and a file may be damaged: then it begins anew at the pinned root, and
would follow whoever holds keys that were given up long ago. So a set remembers root, versions and lists by itself.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tuf.api.metadata import Root

from appliance.errors import ListExpired, ListNotSigned, ListRefused, ListRolledBack
from appliance.lists.opening import open_card_status
from appliance.lists.publication import Offer, lacks_root, read_root
from appliance.lists.sealed_set import SealedSet, earliest_end
from verifier.sdk.errors import VerifierError

_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def judge_offer(before: SealedSet | None, offer: Offer, metadata: Path) -> None:
    """Raise ``ListRefused``, or one of its kinds, for an offer that may not follow the set in use.

    ``metadata`` is the folder in which the offer was verified.
    """
    if offer.issued > earliest_end(offer.expires):
        msg = f"the lists say that they were signed on {offer.issued:%Y-%m-%d}, and expired before"
        raise ListRefused(msg)
    if before is not None:
        known = _require_known_root(before, offer, metadata)
        _require_not_older(before, offer, known)


def judge_card_status(
    place: Path, before: SealedSet | None, offer: Offer, *, is_new: bool, at: datetime
) -> tuple[int, datetime]:
    """Return the number and time of the card status list in ``place``. It may be neither older nor out of date.

    The Update Framework sees to both as long as central's key is safe; the list's own key is another one. Where the
    root gave targets other keys, numbers may begin anew. Raises ``ListRolledBack``, ``ListExpired``, and
    ``ListRefused`` for one that cannot be used.
    """
    try:
        with open_card_status(place) as cards:
            sequence, issued, due = cards.sequence, cards.issued_at, cards.next_update
    except (VerifierError, OSError) as error:
        msg = "the card status list cannot be used"
        raise ListRefused(msg) from error
    begins_anew = before is None or before.targets_keys != offer.targets_keys
    if before is not None and not begins_anew and sequence < before.card_status_sequence + is_new:
        msg = f"the card status list {sequence} is not newer than the one in use"
        raise ListRolledBack(msg)
    if due <= at and (before is None or sequence != before.card_status_sequence):
        msg = f"the card status list {sequence} has expired; look for a newer one"
        raise ListExpired(msg)
    return sequence, issued


NO_CARD_STATUS: Final = (0, _NEVER)
"""Number and time where no card status list is published."""


def _require_known_root(before: SealedSet, offer: Offer, metadata: Path) -> Root:
    """Return the root of the set in use. It must lie on the way to the one that was followed now."""
    version = before.versions[Root.type]
    if offer.versions[Root.type] < version:
        raise lacks_root(version)
    root = read_root(metadata, version)
    if root.sha256 != before.root_sha256:
        msg = f"the root {version} of this source is not the one that this device has followed"
        raise ListNotSigned(msg)
    return root.signed


def _require_not_older(before: SealedSet, offer: Offer, known: Root) -> None:
    """Require versions that are no lower.

    Where a new root gives a role other keys it may begin anew: so somebody is replaced who signed versions without end.
    """
    for role, version in offer.versions.items():
        if version < before.versions.get(role, 0) and not _begins_anew(role, offer, known):
            msg = f"the source offers an older {role} than the one in use"
            raise ListRolledBack(msg)


def _begins_anew(role: str, offer: Offer, known: Root) -> bool:
    if role not in known.roles:  # a delegated one: its keys are named by targets
        return offer.versions[Root.type] != known.version
    return offer.keys[role] != frozenset(known.roles[role].keyids)
