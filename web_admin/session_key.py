"""The key that signs session cookies: made of the appliance's own, so that a copied card signs nobody in.

Earlier releases kept one in a file of its own, in plain whatever the keys lay under.
"""

from pathlib import Path
from typing import Final

from appliance.keys import Keys, remove_all

_PURPOSE: Final = b"thechip web session 1"
_OLDER: Final = ("web-session.key", ".web-session.key.*")


def cookie_key(keys: Keys) -> bytes:
    """Return the key, of 32 bytes: the same for every process of an appliance, another one on every other."""
    return keys.derived(_PURPOSE)


def forget_older_files(keys_directory: Path) -> None:
    """Delete the file of an earlier release, and what an interrupted start left of it. Raises ``KeyFileError``."""
    remove_all(keys_directory, _OLDER)
