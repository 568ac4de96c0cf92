"""Where the plan's cases went in ICAO's own (RF and Protocol Testing, part 4), as its version 1.5 prints it."""

from typing import Final

_SIGNED: Final = {17 + place: 2 + place for place in range(17)} | {
    37: 19,
    38: 20,
    39: 21,
    40: 22,
    41: 23,
    42: 24,
    43: 25,
    44: 27,
    48: 27,
    49: 28,
    53: 29,
    67: 30,
    68: 31,
    86: 35,
    87: 36,
    88: 37,
    89: 38,
}
"""LDS_H to LDS_D. 27 stands there twice, as the plan prints it."""


def icao_number(case: str) -> str:
    """Return the number of a case in ICAO's plan, or nothing for one that stayed, or was deleted."""
    unit, _, digits = case.rpartition("_")
    number = int(digits)
    moved = _OF_UNIT.get(unit, {}).get(number)
    return "" if moved is None else f"{moved[0]}_{moved[1]:02}"


def _same(unit: str, numbers: range, shift: int = 0) -> dict[int, tuple[str, int]]:
    return {number: (unit, number + shift) for number in numbers}


_OF_UNIT: Final[dict[str, dict[int, tuple[str, int]]]] = {
    "ISO7816_A": {**_same("ISO7816_A", range(1, 3)), 3: ("ISO7816_A", 4)},
    "ISO7816_B": {
        **_same("ISO7816_B", range(1, 4)),
        **_same("ISO7816_D", range(4, 10), -3),
        10: ("LDS_D", 32),
    },
    "ISO7816_C": _same("ISO7816_F", range(1, 9)),
    "ISO7816_D": _same("ISO7816_G", range(1, 16)),
    "ISO7816_F": {**_same("ISO7816_E", range(1, 3)), **_same("ISO7816_E", range(4, 10), -1)},
    "ISO7816_G": {**_same("ISO7816_C", range(1, 36)), **_same("ISO7816_C", range(38, 42), -2)},
    "LDS_A": _same("LDS_A", range(1, 11)),
    "LDS_B": _same("LDS_B", range(1, 29)),
    "LDS_C": _same("LDS_C", range(1, 29)),
    "LDS_H": {number: ("LDS_D", other) for number, other in _SIGNED.items()},
}
