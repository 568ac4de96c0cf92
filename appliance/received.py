"""What signed lists bring to the store: versions of the rules, and the chi bộ's roster; both, or nothing.

Who signed is settled before: these are the raw bytes of a verified set. To receive the same again, after a crash for
example, changes nothing.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from appliance.config import Config
from appliance.keys import Keys
from appliance.lists.identity import RosterIdentity
from appliance.lists.roster_envelope import OpenedRoster, open_roster
from appliance.published_roster import AppliedRoster, apply_roster
from appliance.rule_sets import receive_rules
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


@dataclass(frozen=True, slots=True)
class Received:
    """What came of it: the versions of the rules that were new, and what the roster did, if there was one."""

    rules: tuple[str, ...]
    roster: AppliedRoster | None


def receive(parts: Parts, *, rules: Mapping[str, bytes], roster: SealedRoster | None, at: datetime) -> Received:
    """Take over the rules (raw documents by version) and the roster of a verified set, in one transaction.

    Raises ``RulesRefused``, ``RosterRefused`` (``RosterNotForUs`` where it is sealed to another appliance),
    ``KeyFileError`` and ``StorageError``; nothing has changed then.
    """
    opened = None if roster is None else _open(parts, roster)
    with parts.database.writing() as writer:
        new = receive_rules(writer, rules, at=at)
        applied = None if opened is None else apply_roster(opened, parts.keys, writer, at=at)
    if new:
        _logger.info("new rules of attendance: %s", ", ".join(new))
    if applied is not None and applied.changed:
        counts = (applied.members, applied.added, applied.updated, applied.left)
        _logger.info("the published roster names %d members: %d new, %d changed, %d left", *counts)
    return Received(new, applied)


def _open(parts: Parts, roster: SealedRoster) -> OpenedRoster:
    identity = RosterIdentity.load_or_create(parts.config.keys_directory)
    return open_roster(roster.content, identity.secret, province=roster.province, chi_bo=roster.chi_bo)
