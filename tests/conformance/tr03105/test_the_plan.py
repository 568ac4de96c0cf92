"""The plan as a whole: every number is there, nothing is left out without a reason, and our laxity is named."""

import pytest
from conformance_suites.tr03105.numbers import icao_number
from conformance_suites.tr03105.plan import UNITS, seen
from conformance_suites.tr03105.plan import test_plan as whole

COUNTS = {
    "ISO7816_A": 3, "ISO7816_B": 10, "ISO7816_C": 8, "ISO7816_D": 15, "ISO7816_E": 38, "ISO7816_F": 9, "ISO7816_G": 41,
    "LDS_A": 10, "LDS_B": 28, "LDS_C": 28, "LDS_D": 16, "LDS_E": 14, "LDS_F": 7, "LDS_G": 2, "LDS_H": 98, "LDS_I": 3,
    "LDS_J": 4, "LDS_K": 4,
}  # fmt: skip
"""Cases of each unit in version 1.5 of the plan."""


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.id)
def test_every_number_of_a_unit_is_there(unit) -> None:
    assert sorted({case.id for case in unit.cases}) == [
        f"{unit.id}_{number:02}" for number in range(1, COUNTS[unit.id] + 1)
    ]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.id)
def test_what_is_not_run_has_a_reason_and_what_is_run_has_a_card(unit) -> None:
    assert all(bool(case.excluded) != bool(case.run) and case.about for case in unit.cases)


def test_the_table_names_every_case() -> None:
    page = whole().footnotes
    assert whole().failures == []
    named = [
        case.id for unit in UNITS for case in unit.cases if unit.id not in {"ISO7816_E", "LDS_D", "LDS_E", "LDS_G"}
    ]
    assert [case for case in named if f"| {case} |" not in page] == []


def test_a_form_that_is_borne_with_is_named_by_the_lint() -> None:
    lax = [case for unit in UNITS for case in unit.cases if "as `trust lint` names it" in case.deviating]
    assert len(lax) == 13
    assert [case.id for case in lax if not seen(case).named] == []


def test_a_card_with_nothing_odd_about_it_is_given_no_name() -> None:
    plain = [
        case for unit in UNITS for case in unit.cases if case.id in {"LDS_H_03", "LDS_H_12", "LDS_H_71", "LDS_H_98"}
    ]
    assert [seen(case).named for case in plain] == [()] * 4


def test_numbers_are_those_that_the_plan_prints() -> None:
    assert [icao_number(case) for case in ("ISO7816_A_03", "ISO7816_F_09", "ISO7816_G_41", "LDS_H_86")] == [
        "ISO7816_A_04",
        "ISO7816_E_08",
        "ISO7816_C_39",
        "LDS_D_35",
    ]
    assert icao_number("LDS_H_45") == icao_number("ISO7816_G_36") == ""
