"""The files of a chip: a master file and the LDS1 application (ICAO 9303-10, 3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from verifier.iso7816.apdu import EXTENDED_MAX_LE, SHORT_MAX_LE
from verifier.iso7816.status import StatusWord
from verifier.sdk.testing.card_side.refusal import Refusal, require

LDS1_APPLICATION = bytes.fromhex("A0000002471001")
MASTER_FILE = 0x3F00
MASTER_FILES = {"EF.ATR/INFO": 0x2F01, "EF.CardAccess": 0x011C, "EF.CardSecurity": 0x011D}
LDS1_FILES = {"EF.COM": 0x011E, "EF.SOD": 0x011D} | {f"DG{number}": 0x0100 + number for number in range(1, 17)}
"""File identifiers by name; the short identifier is their last five bits."""
_NO_CURRENT_FILE = 0x6986
_WRONG_LE = 0x6C00
_ALWAYS_READABLE = {"EF.ATR/INFO", "EF.CardAccess"}


@dataclass
class FileSystem:
    """Which application and which file is selected, and what reading gives.

    ``files`` maps names (``EF.CardAccess``, ``EF.SOD``, ``DG1`` …) to contents. ``locked`` files are there but need
    a right that no reader here can get (6982), such as fingerprints. ``max_read`` bounds what one command returns.
    """

    files: Mapping[str, bytes] = field(repr=False)
    locked: frozenset[str] = frozenset()
    max_read: int = EXTENDED_MAX_LE
    warn_at_end: bool = True
    """Whether reading less than asked for is answered with 6282."""
    corrects_le: bool = False
    """Whether reading less than asked for is answered with 6Cxx, and nothing is read."""
    empty_reads: bool = False
    """Whether every read succeeds with no data at all."""
    application: bool = False
    """Whether the LDS1 application is selected, not the master file."""
    current: str | None = None
    """The selected elementary file's name."""

    def select_master_file(self) -> None:
        """Leave the application."""
        self.application, self.current = False, None

    def select_application(self, aid: bytes) -> None:
        """Select the LDS1 application; refuse any other with 6A82."""
        require(aid == LDS1_APPLICATION, StatusWord.FILE_NOT_FOUND)
        self.application, self.current = True, None

    def select_file(self, identifier: int, *, access_granted: bool) -> str:
        """Select a file of the current application by its identifier and return its name; refuse with 6A82, 6982."""
        name = self._find(identifier, 0xFFFF)
        self._require_readable(name, access_granted)
        self.current = name
        return name

    def read_short(self, short_identifier: int, offset: int, count: int, *, access_granted: bool) -> tuple[bytes, int]:
        """Select a file by its short identifier and read; return data and status word."""
        self.current = self._find(short_identifier, 0x1F)
        return self.read(offset, count, access_granted=access_granted)

    def read(self, offset: int, count: int, *, access_granted: bool) -> tuple[bytes, int]:
        """Read up to ``count`` bytes of the current file; return data and status word, or refuse with 6986, 6B00."""
        if self.current is None:
            raise Refusal(_NO_CURRENT_FILE)
        self._require_readable(self.current, access_granted)
        content = self.files[self.current]
        require(offset < len(content), StatusWord.OFFSET_OUTSIDE_FILE)
        if self.empty_reads:
            return b"", StatusWord.OK
        data = content[offset : offset + min(count, self.max_read)]
        if self.corrects_le and len(data) < min(count, SHORT_MAX_LE):
            raise Refusal(_WRONG_LE | len(data))
        ended_early = self.warn_at_end and len(data) < count and offset + len(data) == len(content)
        asked_for_all = count in {SHORT_MAX_LE, EXTENDED_MAX_LE}
        return data, StatusWord.END_OF_FILE if ended_early and not asked_for_all else StatusWord.OK

    def _find(self, identifier: int, mask: int) -> str:
        table = LDS1_FILES if self.application else MASTER_FILES
        for name, file_identifier in table.items():
            if file_identifier & mask == identifier and (name in self.files or name in self.locked):
                return name
        raise Refusal(StatusWord.FILE_NOT_FOUND)

    def _require_readable(self, name: str, access_granted: bool) -> None:
        is_open = access_granted or name in _ALWAYS_READABLE
        require(is_open and name not in self.locked, StatusWord.SECURITY_STATUS_NOT_SATISFIED)
