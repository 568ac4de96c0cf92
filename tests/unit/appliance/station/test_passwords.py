"""A password lives as long as its tap."""

from appliance.station.passwords import SECONDS_TO_LIVE, PasswordDesk
from verifier.sdk import CanPassword, Password

FIRST, SECOND = CanPassword("111111"), CanPassword("222222")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def desk(*answers: Password | None) -> tuple[PasswordDesk, Clock]:
    clock, queue = Clock(), list(answers)
    return PasswordDesk([lambda: queue.pop(0) if queue else None], clock), clock


def test_a_password_is_handed_out_once() -> None:
    passwords, _ = desk(FIRST)
    assert passwords.take() == FIRST
    assert passwords.take() is None


def test_the_newest_password_replaces_an_older_one() -> None:
    passwords, _ = desk(FIRST, SECOND)
    passwords.collect()
    assert passwords.take() == SECOND


def test_who_scans_and_walks_away_leaves_nothing() -> None:
    passwords, clock = desk(FIRST)
    passwords.collect()
    clock.now += SECONDS_TO_LIVE + 1
    assert passwords.take() is None


def test_a_forgotten_password_is_gone_and_none_is_ever_shown() -> None:
    passwords, _ = desk()
    passwords.offer(FIRST)
    assert "111111" not in repr(passwords)
    passwords.forget()
    assert passwords.take() is None
