from dataclasses import replace
from pathlib import Path

import pytest

from appliance.config.protection import ProtectionConfig
from appliance.errors import BoardUnknown
from appliance.keys.board import BoardSecret
from appliance.keys.protection import KeyRoom

PASSPHRASE = "sáu từ ngẫu nhiên"


class Machine:
    """A board with its card, a folder in memory, and a stick; tests take them apart."""

    def __init__(self, folder: Path, memory: Path) -> None:
        self.card = folder / "keys"
        self.stick = folder / "stick"
        self.stick.mkdir()
        self.memory = memory
        self.serial: bytes | None = b"100000003d1e55ab"
        self.room = KeyRoom(self.card, memory, ProtectionConfig(), board=self._board, log2_cost=10)

    def told(self, kind: str) -> KeyRoom:
        """What the configuration says from now on."""
        file = str(self.stick / "thechip.key") if kind == "key-file" else ""
        self.room = replace(self.room, protection=ProtectionConfig(kind, file))
        return self.room

    def protected(self, kind: str) -> KeyRoom:
        """Keys under one kind, as after ``thechip-appliance protect`` and power-off."""
        keys = self.room.current(lambda: PASSPHRASE)
        room = self.told(kind)
        room.protect(keys, PASSPHRASE)
        self.power_off()
        return room

    def power_off(self) -> None:
        for path in self.memory.iterdir():
            path.unlink()

    def _board(self, source: str | None) -> BoardSecret:
        if self.serial is None or source not in (None, "serial"):
            msg = "no number"
            raise BoardUnknown(msg)
        return BoardSecret("serial", self.serial)


@pytest.fixture
def machine(tmp_path, in_memory):
    return Machine(tmp_path, in_memory)
