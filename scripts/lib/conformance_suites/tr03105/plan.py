"""BSI TR-03105-5.1, the test plan for inspection systems: units, cases, and what became of them."""

from collections.abc import Iterable, Iterator
from functools import cache

from conformance_suites.results import Group, Suite
from conformance_suites.tr03105.algorithms import algorithm_cases
from conformance_suites.tr03105.case import Case, Seen, Unit
from conformance_suites.tr03105.certificates import certificate_cases
from conformance_suites.tr03105.chip import active_authentication_cases, chip_authentication_cases
from conformance_suites.tr03105.files import com_cases, dg1_cases
from conformance_suites.tr03105.images import dg2_cases
from conformance_suites.tr03105.numbers import icao_number
from conformance_suites.tr03105.pace import pace_cases
from conformance_suites.tr03105.reading import access_cases, file_cases, selection_cases
from conformance_suites.tr03105.security_infos import atr_info_cases, card_security_cases, dg14_cases, dg15_cases
from conformance_suites.tr03105.sod import sod_cases
from conformance_suites.tr03105.world import World

_TERMINAL = (
    "Terminal Authentication is not performed: no reader here has the rights to fingerprints and irises, or wants them"
)
_DELETED = "deleted from the plan by its authors"
_UNSEEN = (
    "moved into ICAO's plan, which could not be read, and the title does not say how the inspection must end. They are "
    "run all the same: what ours makes of each stands below, and a test holds it to that"
)


def _in_order(*cases: Iterable[Case]) -> tuple[Case, ...]:
    return tuple(sorted((case for some in cases for case in some), key=lambda case: case.id))


def _left_out(unit: str, count: int, about: str, reason: str) -> tuple[Case, ...]:
    return tuple(Case(f"{unit}_{number:02}", about, excluded=reason) for number in range(1, count + 1))


def _deleted(*ids: str) -> tuple[Case, ...]:
    return tuple(Case(case, "deleted", excluded=_DELETED) for case in ids)


UNITS = (
    Unit("ISO7816_A", "selecting the application", _in_order(selection_cases())),
    Unit("ISO7816_B", "BAC and secure messaging", _in_order(access_cases())),
    Unit("ISO7816_C", "reading files", _in_order(file_cases())),
    Unit("ISO7816_D", "Chip Authentication", _in_order(chip_authentication_cases())),
    Unit("ISO7816_E", "Terminal Authentication", _left_out("ISO7816_E", 38, "Terminal Authentication", _TERMINAL)),
    Unit("ISO7816_F", "Active Authentication", _in_order(active_authentication_cases(), _deleted("ISO7816_F_03"))),
    Unit("ISO7816_G", "PACE", _in_order(pace_cases(), _deleted("ISO7816_G_37"))),
    Unit("LDS_A", "EF.COM", _in_order(com_cases())),
    Unit("LDS_B", "DG1", _in_order(dg1_cases())),
    Unit("LDS_C", "DG2", _in_order(dg2_cases())),
    Unit("LDS_D", "DG3", _left_out("LDS_D", 16, "fingerprints", _TERMINAL)),
    Unit("LDS_E", "DG4", _left_out("LDS_E", 14, "irises", _TERMINAL)),
    Unit("LDS_F", "DG14", _in_order(dg14_cases())),
    Unit("LDS_G", "EF.CVCA", _left_out("LDS_G", 2, "trust anchors of terminals", _TERMINAL)),
    Unit(
        "LDS_H",
        "EF.SOD and its signer",
        _in_order(algorithm_cases(), sod_cases(), certificate_cases(), _deleted("LDS_H_16", "LDS_H_34", "LDS_H_35")),
    ),
    Unit("LDS_I", "DG15", _in_order(dg15_cases())),
    Unit("LDS_J", "EF.CardSecurity", _in_order(card_security_cases())),
    Unit("LDS_K", "EF.ATR/INFO", _in_order(atr_info_cases())),
)


@cache
def seen(case: Case) -> Seen:
    """Run a case that can be run; once in a process."""
    return case.run(_world()) if case.run else Seen("not run", case.excluded)


@cache
def _world() -> World:
    return World()


@cache
def test_plan() -> Suite:
    """Run every case."""
    groups = [_group(unit) for unit in UNITS]
    tables = "\n".join(line for unit in UNITS for line in _table(unit))
    return Suite("BSI TR-03105-5.1", _TEXT, groups, footnotes=tables)


def _group(unit: Unit) -> Group:
    group = Group(f"{unit.id}, {unit.title}")
    for case in unit.cases:
        if case.excluded:
            group.exclude(1, case.excluded)
        elif case.expected is None:
            group.exclude(1, _UNSEEN)
        elif case.deviating:
            ours = seen(case)
            group.deviate(case.id, ours.result != case.expected, str(ours), case.deviating)
        else:
            ours = seen(case)
            group.judge(case.id, ours.result == case.expected, str(ours))
    return group


def _table(unit: Unit) -> Iterator[str]:
    yield f"### {unit.id}: {unit.title}\n"
    yield "| case | ICAO part 4 | the card | plan | ours |"
    yield "| --- | --- | --- | --- | --- |"
    if all(case.excluded for case in unit.cases):
        first, last = unit.cases[0], unit.cases[-1]
        yield f"| {first.id} to {last.id.rpartition('_')[2]} | | {first.about} | | excluded |"
    else:
        yield from map(_row, unit.cases)
    yield ""


def _row(case: Case) -> str:
    ours = "excluded" if case.run is None else str(seen(case))
    ours += ", deviating" if case.deviating else ""
    expected = case.expected or ("" if case.excluded else "not seen")
    return f"| {case.id} | {icao_number(case.id)} | {case.about} | {expected} | {ours} |"


_TEXT = """\
The inspection system's test plan, version 1.5 of 2020: every case by its number, its card made by the virtual chip and
the synthetic PKI, and inspected as the plan has it: everything that is not protected is read, verified, and decoded.
The advanced procedure requires a chip's proof, the standard one does not. What 1.5 moved into ICAO's own plan (RF and
Protocol Testing, part 4), and so has a number in the second column, is known by its title alone, from which the result
follows where it says that something is wrong, or right. Deprecated SHA-1 (the plan's profile DPRCTD-SHA1) is run with
the policy's tolerance for it. Keys have the plan's lengths, those of DSA excepted (2048 bits throughout); holders and
states are our own. A case over several parameter sets stands here twice, where some of them are refused. Beside a card
that was believed stand the deviations that its report or `trust lint` names."""
