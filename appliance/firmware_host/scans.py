"""What a scanned line means: a machine readable zone, a card access number, or the code on a citizen card."""

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from verifier.sdk import CanPassword, MrzPassword, Password
from verifier.sdk.errors import InvalidInput

LONGEST_LINE = 512
"""Characters. The citizen card's code has about 150; what is longer is no scan of ours."""
SECONDS_BETWEEN_LINES = 3.0
"""The lines of one zone follow each other at once; a lone one is forgotten."""

_ZONE_LINE = re.compile(r"[A-Z0-9<]+")
_TD1_LINE = 30
_LINES_OF_A_ZONE = {_TD1_LINE: 3, 36: 2, 44: 2}
"""Line length to number of lines: TD1, TD2, TD3 (ICAO 9303-4 to -6)."""
_WHOLE = (90, 88, 72)
_BARE_INFORMATION = range(24, 38)
_CARD_CODE = re.compile(r"(\d{12})\|(\d{9}|)\|([^|]*)\|(\d{8})\|([^|]*)\|([^|]*)\|(\d{8})(\|.*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ScannedPassword:
    """A zone or number that opens a card."""

    password: Password = field(repr=False)


@dataclass(frozen=True, slots=True)
class ScannedIdentifier:
    """The code on a Vietnamese citizen card: ``id|old id|name|birth|sex|address|issue``.

    It says who somebody claims to be, and opens nothing: the date of expiry, which the password needs, is not in it.
    Name, sex and address are not kept.
    """

    number: str = field(repr=False)
    """Twelve digits."""
    date_of_birth: str = field(repr=False)
    """YYMMDD, as in the machine readable zone."""


Scanned: TypeAlias = ScannedPassword | ScannedIdentifier


class LineAssembler:
    """Cuts bytes into lines ending with CR, LF or both. Holds one line of limited length, whatever comes."""

    def __init__(self, limit: int = LONGEST_LINE) -> None:
        self._limit = limit
        self._line = bytearray()
        self._is_too_long = False

    def feed(self, received: bytes) -> list[str]:
        """Take bytes, return the lines that they complete; empty and overlong ones are dropped."""
        lines = []
        for byte in received:
            if byte in b"\r\n":
                if self._line and not self._is_too_long:
                    lines.append(self._line.decode("utf-8", errors="replace").strip())
                self.clear()
            elif len(self._line) < self._limit:
                self._line.append(byte)
            else:
                self._is_too_long = True
        return [line for line in lines if line]

    def clear(self) -> None:
        """Forget a line begun."""
        self._line.clear()
        self._is_too_long = False


def _are_of_one_card(lines: list[str]) -> bool:
    """Whether the last check digit of a TD1 zone agrees, which ties number and dates together (ICAO 9303-5, 4.2.4).

    They stand in two lines, each with check digits of its own, and the lines may have been scanned from two cards. A
    zone that came in one piece is one card's; there a damaged rest does not matter for access.
    """
    if len(lines) != _LINES_OF_A_ZONE[_TD1_LINE]:
        return True
    first, second, _ = lines
    protected = first[5:] + second[:7] + second[8:15] + second[18:29]
    return str(sum(int(c, 36) * (7, 3, 1)[n % 3] for n, c in enumerate(protected.replace("<", "0"))) % 10) == second[29]


class ScanInterpreter:
    """Turns lines into what they mean; joins the lines of a zone that a scanner sends one by one."""

    def __init__(self) -> None:
        self._zone: list[str] = []
        self._last_at = 0.0
        self.rejected = 0
        """Lines that meant nothing, or whose check digits did not agree."""

    def take(self, line: str, at: float) -> Scanned | None:
        """Take a line that arrived ``at`` seconds of a steady clock; return what is now complete."""
        if at - self._last_at > SECONDS_BETWEEN_LINES:
            self._zone.clear()
        self._last_at = at
        if code := _CARD_CODE.fullmatch(line):
            self._zone.clear()
            birth = code[4]
            return ScannedIdentifier(code[1], birth[6:8] + birth[2:4] + birth[0:2])
        if len(line) == 6 and line.isascii() and line.isdigit():
            self._zone.clear()
            return ScannedPassword(CanPassword(line))
        return self._take_zone(line)

    def _take_zone(self, line: str) -> Scanned | None:
        compact = "".join(line.split())
        count = _LINES_OF_A_ZONE.get(len(compact), 1)
        is_zone = _ZONE_LINE.fullmatch(compact) is not None
        if not is_zone or (count == 1 and len(compact) not in _WHOLE and len(compact) not in _BARE_INFORMATION):
            self._reject()
            return None
        if self._zone and len(self._zone[0]) != len(compact):
            self._zone.clear()
        self._zone.append(compact)
        if len(self._zone) < count:
            return None
        lines, self._zone = self._zone, []
        zone = "".join(lines)
        if not _are_of_one_card(lines):
            self._reject()
            return None
        try:
            return ScannedPassword(MrzPassword.from_mrz(zone))
        except InvalidInput:
            self._reject()
            return None

    def _reject(self) -> None:
        self._zone.clear()
        self.rejected += 1
