"""What makes the protection of the keys weaker than it looks, in words: said when it is set up and at every start."""

from pathlib import Path
from typing import Final

from appliance.config import Config
from appliance.config.protection import BOARD, KEY_FILE, PASSPHRASE
from appliance.keys.disks import lie_on_one_disk
from appliance.keys.memory import is_in_memory

_NAMES_IN_PLAIN: Final = "the name that a kiosk shows last is written to the card in plain"
_NOT_IN_MEMORY: Final = {
    BOARD: _NAMES_IN_PLAIN,
    PASSPHRASE: f"thechip-appliance unlock refuses to open the keys, and {_NAMES_IN_PLAIN}",
    KEY_FILE: f"the stick is needed at every restart of station and page, and {_NAMES_IN_PLAIN}",
}
_WHERE_IT_LIES: Final = {
    True: "lies on the disk that holds the keys: whoever takes or copies the card has the key file with it, which"
    " protects nothing then; put it on a stick, and take that away after each start",
    None: "may lie on the disk that holds the keys, and nobody can tell here: whoever takes or copies the card would"
    " have the key file with it; see to it that it lies on a stick, and take that away after each start",
    False: "",
}


def cautions(config: Config) -> list[str]:
    """Return a sentence for each, none where the keys lie in the clear: who chose that was told."""
    kind, found = config.protection.kind, []
    if kind in _NOT_IN_MEMORY and not is_in_memory(config.run_directory):
        found.append(
            f"run_directory ({config.run_directory}) does not lie in memory: {_NOT_IN_MEMORY[kind]};"
            ' name a tmpfs, run_directory = "/run/thechip"'
        )
    if kind == KEY_FILE:
        where = _WHERE_IT_LIES[lie_on_one_disk(Path(config.protection.key_file), config.keys_directory)]
        found += [f"{config.protection.key_file} {where}"] if where else []
    return found
