"""Units LDS_A, B, C, F, I, J and K: the files of the card, each signed as it is and not as it should be."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from conformance_suites.tr03105.case import FAILURE, SUCCESS, Case, Seen
from conformance_suites.tr03105.world import BAC, World, signed_again, with_files
from conformance_suites.tr03105.writing import edited, removed, valued, with_length
from verifier.sdk.testing import ChipData
from verifier.sdk.testing.writing.data_groups import write_dg1
from verifier.sdk.testing.writing.mrz import check_digit

# --- EF.COM ---------------------------------------------------------------------------------------------------------

_COM_UNREAD = (
    "nothing in EF.COM is relied upon, since nobody signs it: what is on the card is what EF.SOD lists. Its decoder "
    "refuses what has no structure, and gives versions as they stand"
)


def com_cases() -> Iterator[Case]:
    """Yield LDS_A: EF.COM is not read in an inspection; its decoder is asked beside it."""
    whole: dict[int, tuple[str, Callable[[bytes], bytes]]] = {
        1: ("tag 61 instead of 60", lambda com: b"\x61" + com[1:]),
        2: ("outermost length too small", lambda com: with_length(com, -1)),
        3: ("outermost length too big", lambda com: with_length(com, 1)),
        9: ("no list of data groups", lambda com: edited(com, (2,), removed)),
    }
    for number, (about, spoil) in whole.items():
        yield Case(f"LDS_A_{number:02}", about, FAILURE, partial(_com, spoil))
    borne: dict[int, tuple[str, Callable[[bytes], bytes]]] = {
        4: ("LDS version 3.0", lambda com: edited(com, (0,), valued(b"0300"))),
        5: ("no LDS version", lambda com: edited(com, (0,), removed)),
        6: ("Unicode version 5.0.0", lambda com: edited(com, (1,), valued(b"050000"))),
        7: ("no Unicode version", lambda com: edited(com, (1,), removed)),
        8: ("DG1 not in the list", lambda com: edited(com, (2,), valued(b"\x75\x6e"))),
    }
    for number, (about, spoil) in borne.items():
        yield Case(f"LDS_A_{number:02}", about, FAILURE, partial(_com, spoil), deviating=_COM_UNREAD)
    yield Case("LDS_A_10", "LDS version 1.8, in EF.SOD too", SUCCESS, _com_1_8)


def _com(spoil: Callable[[bytes], bytes], world: World) -> Seen:
    data = world.data(BAC)
    card = world.chip(with_files(data, EF_COM=spoil(data.files["EF.COM"])))
    return world.inspect(card, beside=["EF.COM"])


def _com_1_8(world: World) -> Seen:
    data = world.data(replace(BAC, lds_version=1))
    com = edited(data.files["EF.COM"], (0,), valued(b"0108"))
    return world.inspect(world.chip(with_files(data, EF_COM=com)), beside=["EF.COM"])


# --- DG1 ------------------------------------------------------------------------------------------------------------


def resigned(world: World, name: str, content: bytes, data: ChipData | None = None) -> ChipData:
    """Return a card whose file is spoilt and signed like that."""
    altered = with_files(data or world.data(BAC), **{name: content})
    return signed_again(altered, world.state.signer)


def _file(name: str, spoil: Callable[[bytes], bytes], world: World) -> Seen:
    data = world.data(BAC)
    return world.inspect(world.chip(resigned(world, name, spoil(data.files[name]))))


def _field(line: int, start: int, text: str) -> Callable[[list[str]], list[str]]:
    def write(lines: list[str]) -> list[str]:
        lines[line] = lines[line][:start] + text + lines[line][start + len(text) :]
        return lines

    return write


def _second(start: int, text: str, *, digit: int | None = None) -> Callable[[list[str]], list[str]]:
    """Write into the second line, and its check digits again: that at ``digit``, and the last one."""

    def write(lines: list[str]) -> list[str]:
        line = _field(1, start, text)(lines)[1]
        if digit is not None:
            line = line[:digit] + check_digit(line[start : start + len(text)]) + line[digit + 1 :]
        lines[1] = line[:43] + check_digit(line[:10] + line[13:20] + line[21:43])
        return lines

    return write


def _wrong_digit(place: int) -> Callable[[list[str]], list[str]]:
    """Make one check digit of the second line wrong, and all others right."""

    def write(lines: list[str]) -> list[str]:
        other = str((int(lines[1][place]) + 5) % 10) if lines[1][place].isdigit() else "5"
        return _second(place, other)(lines) if place != 43 else _field(1, 43, other)(lines)

    return write


def _mrz(write: Callable[[list[str]], list[str]], world: World) -> Seen:
    """Spoil the zone in DG1; the data page, and so the password, stay right."""
    data = world.data(BAC)
    zone = "".join(write(data.mrz.split("\n")))
    return world.inspect(world.chip(resigned(world, "DG1", write_dg1(zone))))


_CONTENT = (
    "the issuer signed it: the fields are given as they stand, and whoever uses them decides what to make of a value "
    "that no list has"
)
_EXPECTED_NAME = (
    "the verifier is not told what is printed: a caller who has the data page compares it with the report's holder"
)


def dg1_cases() -> Iterator[Case]:
    """Yield LDS_B."""
    good: dict[int, tuple[str, Callable[[list[str]], list[str]]]] = {
        1: ("optional data", _second(28, "ZE184226B<<<<<", digit=42)),
        2: ("a secondary identifier cut short", _field(0, 5, "MAU<<THU<N".ljust(39, "<"))),
        3: ("no secondary identifier", _field(0, 5, "MAU".ljust(39, "<"))),
        4: ("no optional data, and 0 as its check digit", _second(28, "<" * 14, digit=42)),
    }
    for number, (about, write) in good.items():
        yield Case(f"LDS_B_{number:02}", about, SUCCESS, partial(_mrz, write))
    whole: dict[int, tuple[str, Callable[[bytes], bytes]]] = {
        5: ("tag 62 instead of 61", lambda dg1: b"\x62" + dg1[1:]),
        6: ("outermost length too small", lambda dg1: with_length(dg1, -1)),
        7: ("outermost length too big", lambda dg1: with_length(dg1, 1)),
        24: ("no MRZ object", lambda dg1: edited(dg1, (0,), removed)),
    }
    for number, (about, spoil) in whole.items():
        yield Case(f"LDS_B_{number:02}", about, FAILURE, partial(_file, "DG1", spoil))
    bad: dict[int, tuple[str, Callable[[list[str]], list[str]]]] = {
        8: ("an unknown document type", _field(0, 0, "X<")),
        9: ("digits for the issuing state", _field(0, 2, "V1M")),
        13: ("wrong check digit of the document number", _wrong_digit(9)),
        17: ("wrong check digit of the date of birth", _wrong_digit(19)),
        19: ("a date of expiry with letters", _second(21, "39AB31", digit=27)),
        20: ("a date of expiry that does not exist", _second(21, "391332", digit=27)),
        21: ("wrong check digit of the date of expiry", _wrong_digit(27)),
        22: ("wrong check digit of the optional data", _wrong_digit(42)),
        23: ("wrong check digit of the zone", _wrong_digit(43)),
    }
    for number, (about, write) in bad.items():
        yield Case(f"LDS_B_{number:02}", about, FAILURE, partial(_mrz, write))
    borne: dict[int, tuple[str, Callable[[list[str]], list[str]]]] = {
        10: ("an empty name", _field(0, 5, "<" * 39)),
        14: ("digits for the nationality", _second(10, "V1M")),
        15: ("a date of birth with letters", _second(13, "90AB17", digit=19)),
        16: ("a date of birth that does not exist", _second(13, "901332", digit=19)),
        18: ("an unknown sex", _second(20, "X")),
    }
    for number, (about, write) in borne.items():
        yield Case(f"LDS_B_{number:02}", about, FAILURE, partial(_mrz, write), deviating=_CONTENT)
    for number, what in ((11, "name"), (12, "document number")):
        yield Case(f"LDS_B_{number:02}", f"another {what} than on the data page", FAILURE, excluded=_EXPECTED_NAME)
    # The titles do not say whether the inspection must end well; ours does.
    for number, birth in ((25, "9005<<"), (26, "90<<17"), (27, "<<0517"), (28, "<<<<<<")):
        yield Case(
            f"LDS_B_{number:02}", "an incomplete date of birth", None, partial(_mrz, _second(13, birth, digit=19))
        )
