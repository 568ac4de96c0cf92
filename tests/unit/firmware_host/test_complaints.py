"""A trouble is said when it begins and when it changes, not with every look."""

import logging

import pytest

from appliance.firmware_host.complaints import Complaints

GONE, DEAF = "the reader is not there", "the reader does not answer"


def test_a_lasting_trouble_is_said_once_an_hour_and_another_one_at_once(caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints()
    with caplog.at_level(logging.WARNING):
        for second in range(4000):
            complaints.about(DEAF if second == 10 else GONE, at=1000.0 + second)
    said = [record.getMessage().partition(";")[0] for record in caplog.records]
    assert said == [GONE, DEAF, GONE, GONE]


def test_a_reader_that_comes_and_goes_within_seconds_is_one_trouble(caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints()
    with caplog.at_level(logging.WARNING):
        for second in range(100):
            complaints.works(at=second + 0.1)
            complaints.about(GONE, at=second + 0.6)
    assert len(caplog.records) == 1


def test_a_trouble_that_comes_back_after_the_reader_worked_is_said_again(caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints()
    with caplog.at_level(logging.WARNING):
        complaints.about(GONE, at=0.0)
        complaints.works(at=1.0)
        complaints.works(at=100.0)
        complaints.about(GONE, at=101.0)
    assert len(caplog.records) == 2
