"""Versions of the rules of attendance: each stays as it was published, for minutes were written by it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import ListRefused
from appliance.lists.catalogue import rules_path
from appliance.lists.rules_document import LONGEST_DOCUMENT, decode_rules, encode_rules
from publisher.desk_folder import DeskFolder
from publisher.errors import ListRejected
from publisher.files import read_regular
from publisher.metadata import HASH
from publisher.staged import sha256_of


@dataclass(frozen=True, slots=True)
class RulesChange:
    """What will be published of the rules."""

    version: str
    replaces: bool
    """Other rules were staged under this version, and are not any more."""


def add_rules(desk: DeskFolder, file: Path) -> RulesChange:
    """Stage a version of the rules.

    Raises ``ListRejected`` for no such document, and where another one is published under this version; ``OSError``.
    """
    published = desk.published().target_files()
    try:
        rules = decode_rules(read_regular(file, LONGEST_DOCUMENT))
        path = rules_path(rules.version)
    except ListRefused as error:
        msg = f"{file.name}: {error.sentence}"
        raise ListRejected(msg) from error
    encoded = encode_rules(rules)
    digest = hashlib.sha256(encoded).hexdigest()
    if path in published and digest != published[path].hashes[HASH]:
        msg = f"the rules of version {rules.version} are published with another content; give these another version"
        raise ListRejected(msg)
    before = desk.staged.files().get(path)
    replaces = before is not None and sha256_of(before) != digest
    desk.staged.put(path, encoded)
    return RulesChange(rules.version, replaces)
