from datetime import date

import pytest

from verifier.errors import MalformedData
from verifier.lds.mrz_dates import NO_DATE, date_of_expiry

TODAY = date(2026, 5, 19)


@pytest.mark.parametrize(
    ("text", "today", "expiry"),
    [
        ("260519", TODAY, date(2026, 5, 19)),
        ("000101", TODAY, date(2000, 1, 1)),
        ("991231", TODAY, date(2099, 12, 31)),
        ("280229", TODAY, date(2028, 2, 29)),
        ("991231", date(2080, 1, 1), date(2099, 12, 31)),
        ("200101", date(2080, 1, 1), date(2120, 1, 1)),
        ("300101", date(2080, 1, 1), date(2030, 1, 1)),
    ],
)
def test_two_digits_mean_the_year_that_a_chip_document_can_have(text: str, today: date, expiry: date) -> None:
    assert date_of_expiry(text, today=today) == expiry


def test_fillers_mean_that_a_document_never_expires() -> None:
    assert date_of_expiry(NO_DATE, today=TODAY) is None


@pytest.mark.parametrize("text", ["", "26051", "260230", "261301", "26<<<<", "26051A", "²60519", "2605191"])
def test_a_day_that_does_not_exist_is_malformed(text: str) -> None:
    with pytest.raises(MalformedData):
        date_of_expiry(text, today=TODAY)
