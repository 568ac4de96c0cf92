"""The versions of the rules: those that are built in, and those that signed lists brought.

Meetings name the version that they were planned with, for years; so a version that arrived once is kept, and never
means anything else.
"""

import logging
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from appliance.errors import NotFound, RulesRefused, StorageDamaged
from appliance.lists.rules_document import decode_rules
from appliance.rules import BUILT_IN, BUILT_INS, RuleSet
from appliance.storage.rules import rule_sets

_logger = logging.getLogger(__name__)


def rule_set_in(reader: Connection, version: str) -> RuleSet:
    """Return the rules of a version; NotFound for one that is neither built in nor ever arrived."""
    if version in BUILT_INS:
        return BUILT_INS[version]
    document = reader.scalar(select(rule_sets.c.document).where(rule_sets.c.version == version))
    if document is None:
        raise _unknown(version)
    return _kept(document)


def rule_sets_in(reader: Connection, versions: AbstractSet[str]) -> Mapping[str, RuleSet]:
    """Return the rules of several versions, one query; NotFound as for ``rule_set_in``."""
    query = select(rule_sets.c.document).where(rule_sets.c.version.in_(versions - BUILT_INS.keys()))
    kept = {rules.version: rules for rules in map(_kept, reader.scalars(query))}
    known = {**BUILT_INS, **kept}
    for version in sorted(versions - known.keys()):
        raise _unknown(version)
    return {version: known[version] for version in versions}


def rule_set_in_force(reader: Connection, day: date) -> RuleSet:
    """Return the rules for a meeting on this day: of those in force by then the newest, built in where there are none.

    Of two that come into force on one day, the later in the alphabet counts.
    """
    kept = (_kept(document) for document in reader.scalars(select(rule_sets.c.document)))
    in_force = (rules for rules in kept if rules.in_force_from <= day)
    return max(in_force, key=lambda rules: (rules.in_force_from, rules.version), default=BUILT_IN)


def receive_rules(writer: Connection, documents: Mapping[str, bytes], *, at: datetime) -> tuple[str, ...]:
    """Keep the versions that are new, and return them; ``documents`` are raw bytes by the version they claim to be.

    Raises RulesRefused for a document that is none, is of another version, or would change what a version means:
    whoever owns the transaction then rolls everything back.
    """
    new = []
    for version, document in sorted(documents.items()):
        rules = decode_rules(document)
        if rules.version != version:
            msg = f"the document of the rules of version {version!r} is one of version {rules.version!r}"
            raise RulesRefused(msg)
        known = _known(writer, version)
        if known is None:
            writer.execute(insert(rule_sets), {"version": version, "document": document, "received_at": at})
            new.append(version)
        elif known != rules:
            _logger.warning("rules of version %r arrived with another content and were refused", version)
            msg = f"the rules of version {version!r} mean something else than before; a change needs a new version"
            raise RulesRefused(msg)
    return tuple(new)


def _known(reader: Connection, version: str) -> RuleSet | None:
    try:
        return rule_set_in(reader, version)
    except NotFound:
        return None


def _unknown(version: str) -> NotFound:
    return NotFound(f"the rules of version {version!r} are not known to this appliance")


def _kept(document: bytes) -> RuleSet:
    try:
        return decode_rules(document)
    except RulesRefused as error:
        msg = "the store holds rules that this program never wrote"
        raise StorageDamaged(msg) from error
