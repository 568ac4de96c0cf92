"""Times as the store keeps them: one text for one time, and nothing else is read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import RuleViolation
from appliance.storage.base import utc_text, utc_time


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_is_read_as_it_was_written(at):
    assert utc_time(utc_text(at)) == at
    assert len(utc_text(at)) == 27


@pytest.mark.parametrize(
    "text",
    [
        "",
        "junk",
        "2026-11-03",
        "2026-11-03T19:00:00Z",
        "2026-11-03T19:00:00.000000",
        "2026-11-03T19:00:00.000000z",
        "2026-11-03 19:00:00.000000Z",
        "2026-11-03T19:00:00,000000Z",
        "2026-11-03T19:00:00.000000+00:00",
        "2026-11-03T19:00:00.000000+07:00",
        "20261103T190000.00000000000Z",
        "2026-W45-2T19:00:00.000000Z",
        "2026-02-30T19:00:00.000000Z",
        "2026-11-03T19:00:60.000000Z",
        "2026-11-03T24:00:00.000000Z",
    ],
)
def test_another_text_is_no_time(text):
    with pytest.raises(ValueError, match=r"."):
        utc_time(text)


def test_a_time_without_a_zone_is_not_written():
    with pytest.raises(RuleViolation):
        utc_text(datetime(2026, 11, 3))
