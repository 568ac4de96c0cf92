"""The part of the configuration that says under what the appliance's keys lie on its card."""

from dataclasses import dataclass
from typing import Final

from appliance.config.checks import one_of
from appliance.errors import ConfigError

NONE: Final = "none"
BOARD: Final = "board"
PASSPHRASE: Final = "passphrase"
KEY_FILE: Final = "key-file"
KINDS: Final = (NONE, BOARD, PASSPHRASE, KEY_FILE)


@dataclass(frozen=True, slots=True)
class ProtectionConfig:
    """What opens the keys; ``docs/ledger.md`` tells what each kind stops, and what not.

    ``none``: nothing is needed; ``board``: what this board knows; ``passphrase``: somebody types it after power-on;
    ``key-file``: the file ``key_file`` on a stick, which may be pulled once the appliance is up.
    """

    kind: str = NONE
    key_file: str = ""

    def __post_init__(self) -> None:
        one_of("protection.kind", self.kind, KINDS)
        if self.kind == KEY_FILE and not self.key_file.startswith("/"):
            msg = "protection.key_file must be the whole path of the key's file, such as /media/thechip/thechip.key"
            raise ConfigError(msg)

    @property
    def is_on(self) -> bool:
        """Whether the keys lie on the card otherwise than in the clear."""
        return self.kind != NONE
