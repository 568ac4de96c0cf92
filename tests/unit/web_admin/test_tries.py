"""How often somebody may try: every wrong password counts, many at one moment like as many in a row, and no other."""

import math
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from werkzeug.exceptions import TooManyRequests

from appliance.accounts import Role
from web_admin.tries import PASSWORDS, Allowance, Tries

PASSWORD = "bốn từ dễ nhớ"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PATIENCE_SECONDS = 20.0


@pytest.fixture
def meeting(site):
    site.account("bithu")
    site.account("canbo", Role.OFFICER)
    site.members()
    return site.open_meeting()


def wrong(tries: Tries, network: str = "192.0.2.7") -> None:
    with tries.one(network):
        pass


def right(tries: Tries, network: str = "192.0.2.7") -> None:
    with tries.one(network) as one:
        one.was_right()


def seconds_to_wait(tries: Tries, network: str = "192.0.2.7") -> int:
    with pytest.raises(TooManyRequests) as refused:
        wrong(tries, network)
    return refused.value.retry_after


def at_once(browser, path: str, forms: list[dict[str, str]]) -> Counter:
    """The statuses of forms that one browser sends from several tabs at the same moment."""
    token = browser.token()
    cookie = browser.client.get_cookie("thechip_session").value
    clients = [browser.client.application.test_client() for _ in forms]
    together = threading.Barrier(len(forms))

    def send(number: int) -> int:
        clients[number].set_cookie("thechip_session", cookie)
        together.wait(PATIENCE_SECONDS)
        return clients[number].post(path, data={"csrf_token": token, **forms[number]}).status_code

    with ThreadPoolExecutor(len(forms)) as pool:
        return Counter(pool.map(send, range(len(forms))))


def test_the_time_to_wait_is_told_to_the_second_and_is_that_of_the_hour_where_the_hour_is_used_up():
    seconds = [0.0]
    tries = Tries(Allowance(2, within=MINUTE), Allowance(3, within=HOUR), steady_clock=lambda: seconds[0])
    wrong(tries)
    seconds[0] = 10
    wrong(tries)
    assert seconds_to_wait(tries) == 50
    seconds[0] = 60
    wrong(tries)
    assert seconds_to_wait(tries) == 3540
    wrong(tries, "198.51.100.7")
    seconds[0] = 3600
    wrong(tries)
    assert seconds_to_wait(tries) == 10


def test_what_was_right_or_could_not_be_looked_at_is_given_back():
    tries = Tries(Allowance(1, within=MINUTE), steady_clock=lambda: 0.0)
    for _ in range(3):
        right(tries)
        with pytest.raises(ValueError, match="math domain"), tries.one("192.0.2.7"):
            math.sqrt(-1)
    wrong(tries)
    assert seconds_to_wait(tries) == 60


def test_of_networks_nothing_is_kept_longer_than_the_longest_allowance():
    seconds = [0.0]
    tries = Tries(Allowance(5, within=MINUTE), steady_clock=lambda: seconds[0])
    for number in range(20):
        wrong(tries, f"192.0.2.{number}")
    seconds[0] = 61
    right(tries)
    assert list(tries._networks) == ["192.0.2.7"]
    right(tries, "198.51.100.7")
    assert list(tries._networks) == ["198.51.100.7"]


def test_forty_wrong_passwords_at_one_moment_are_ten_tries(site, meeting):
    browser = site.signed_in()
    guesses = [{"reason": "forgotten", "username": "canbo", "password": f"sai {number}"} for number in range(40)]
    assert at_once(browser, f"/meetings/{meeting.id}/by-hand/1", guesses) == {200: 10, 429: 30}
    answer = browser.post(f"/meetings/{meeting.id}/by-hand/1", guesses[0])
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_a_crowd_of_right_passwords_at_one_moment_waits_and_is_refused_to_nobody(site, meeting):
    """Each of them is under way with nine others, and none with ten."""
    rights = [{"username": "canbo", "password": PASSWORD}] * 25
    browser = site.browser()
    assert at_once(browser, "/login", rights) == {302: 25}


@pytest.mark.parametrize(
    ("path", "left_out"),
    [
        ("/by-hand/1", {"reason": "forgotten"}),
        ("/by-hand/1", {"reason": "forgotten", "username": "canbo"}),
        ("/by-hand/1", {"username": "canbo", "password": "sai"}),
        ("/by-hand/1", {"reason": "forgotten", "later": "1"}),
    ],
    ids=["both", "password", "reason", "proposal"],
)
def test_a_form_in_which_no_password_was_looked_at_uses_nothing_up(site, meeting, path, left_out):
    browser = site.signed_in()
    token = browser.token()
    for _ in range(12):
        answer = browser.client.post(f"/meetings/{meeting.id}{path}", data={"csrf_token": token, **left_out})
        assert answer.status_code in {200, 302}
    confirmed = {"reason": "forgotten", "username": "canbo", "password": PASSWORD}
    assert browser.post(f"/meetings/{meeting.id}/by-hand/2", confirmed).status_code == 302
    assert site.browser().post("/login", {"username": "canbo", "password": PASSWORD}).status_code == 302


def test_an_empty_sign_in_uses_nothing_up_and_says_what_is_missing(site):
    site.account("bithu")
    browser = site.browser()
    pages = [browser.post("/login", {"username": "bithu", "password": ""}) for _ in range(12)]
    assert all("field-error" in page.text for page in pages)
    assert browser.post("/login", {"username": "bithu", "password": PASSWORD}).location == "/"


def test_whoever_must_wait_can_propose(site, meeting):
    browser = site.signed_in()
    guess = {"reason": "forgotten", "username": "canbo", "password": "sai"}
    answers = [browser.post(f"/meetings/{meeting.id}/by-hand/1", guess).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    assert browser.post(f"/meetings/{meeting.id}/by-hand/1", {"reason": "forgotten", "later": "1"}).status_code == 302
    assert len(site.services.proposals.pending(meeting.id)) == 1


def test_the_hour_that_is_used_up_is_told_in_minutes(site, meeting):
    seconds = [0.0]
    allowances = (Allowance(10, within=MINUTE), Allowance(12, within=HOUR))
    browser = site.signed_in()
    site.app.extensions[PASSWORDS] = Tries(*allowances, steady_clock=lambda: seconds[0])
    guess = {"reason": "forgotten", "username": "canbo", "password": "sai"}
    for number in range(12):
        seconds[0] = number * 60.0
        assert browser.post(f"/meetings/{meeting.id}/by-hand/1", guess).status_code == 200
    answer = browser.post(f"/meetings/{meeting.id}/by-hand/1", guess)
    assert "Xin đợi 49 phút" in answer.text
    assert answer.headers["Retry-After"] == str(49 * 60)
