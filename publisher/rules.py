"""Versions of the rules of attendance: each stays as it was published, for minutes were written by it."""

from pathlib import Path

from appliance.errors import ListRefused
from appliance.lists.catalogue import rules_path
from appliance.lists.rules_document import LONGEST_DOCUMENT, decode_rules, encode_rules
from publisher.desk_folder import DeskFolder
from publisher.errors import ListRejected
from publisher.files import read_regular
from publisher.staged import sha256_of
from publisher.target_changes import HASH


def add_rules(desk: DeskFolder, file: Path) -> str:
    """Stage a version of the rules; return its version.

    Raises ``ListRejected`` for no such document, and where another one is published under this version; ``OSError``.
    """
    published = desk.published().target_files()
    try:
        rules = decode_rules(read_regular(file, LONGEST_DOCUMENT))
        path = rules_path(rules.version)
    except ListRefused as error:
        msg = f"{file.name}: {error.sentence}"
        raise ListRejected(msg) from error
    before = desk.staged.files().get(path)
    desk.staged.put(path, encode_rules(rules))
    if path in published and sha256_of(desk.staged.files()[path]) != published[path].hashes[HASH]:
        if before is None:
            desk.staged.forget(path)
        msg = f"the rules of version {rules.version} are published with another content; give these another version"
        raise ListRejected(msg)
    return rules.version
