"""What signed lists bring to the store: versions of the rules, and the chi bộ's roster. Neither waits for the other.

Who signed is settled before: these are the raw bytes of a verified set. To take over the same again, after a crash for
example, changes nothing.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from appliance.config import Config
from appliance.keys import Keys
from appliance.list_keeping.published_roster import AppliedRoster, apply_roster
from appliance.lists.identity import RosterIdentity
from appliance.lists.roster_envelope import open_roster
from appliance.meetings.rule_sets import receive_rules
from appliance.storage.database import Database

_logger = logging.getLogger(__name__)


class Parts(Protocol):
    """What of the appliance is needed here; ``Services`` has it."""

    @property
    def config(self) -> Config:
        """Where the keys are."""
        ...

    @property
    def database(self) -> Database:
        """The store."""
        ...

    @property
    def keys(self) -> Keys:
        """The keys of numbers and sealed texts."""
        ...


@dataclass(frozen=True, slots=True)
class SealedRoster:
    """A published roster in its envelope, and whose it is expected to be."""

    province: str
    chi_bo: str
    content: bytes = field(repr=False)


def take_over_rules(parts: Parts, documents: Mapping[str, bytes], *, at: datetime) -> tuple[str, ...]:
    """Take over the rules of a verified set, raw documents by version, and return the versions that were new.

    Raises ``RulesRefused`` and ``StorageError``; nothing has changed then.
    """
    with parts.database.writing() as writer:
        new = receive_rules(writer, documents, at=at)
    if new:
        _logger.info("new rules of attendance: %s", ", ".join(new))
    return new


def take_over_roster(parts: Parts, roster: SealedRoster, *, at: datetime) -> AppliedRoster:
    """Take over the roster of a verified set.

    Raises ``RosterRefused`` (``RosterNotForUs`` where it is sealed to another appliance), ``KeyFileError`` and
    ``StorageError``; nothing has changed then.
    """
    identity = RosterIdentity.load_or_create(
        parts.config.keys_directory, keys=parts.keys, sealed=parts.config.protection.is_on
    )
    opened = open_roster(roster.content, identity.secret, province=roster.province, chi_bo=roster.chi_bo)
    with parts.database.writing() as writer:
        applied = apply_roster(opened, parts.keys, writer, at=at)
    if applied.changed:
        counts = (applied.members, applied.added, applied.updated, applied.left)
        _logger.info("the published roster names %d members: %d new, %d changed, %d left", *counts)
    return applied
