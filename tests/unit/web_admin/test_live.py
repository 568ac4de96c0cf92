"""Live streams: one event for a change, little cost without one, and an end."""

import json
import threading
import time

from web_admin.live import LiveHub, Pace


def data_of(text: str) -> list[dict[str, str]]:
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]


def ids_of(text: str) -> list[str]:
    return [line[4:] for line in text.splitlines() if line.startswith("id: ")]


def test_somebody_who_arrives_appears_in_the_stream(site):
    sen, *_ = site.members()
    meeting = site.open_meeting()
    browser = site.signed_in()
    threading.Timer(0.2, site.record, [sen]).start()
    answer = browser.get(f"/meetings/{meeting.id}/events")
    assert answer.mimetype == "text/event-stream"
    first, *_, last = data_of(answer.text)
    assert "0 / 3" in first["html"]
    assert first["arrived"] == ""
    assert "1 / 3" in last["html"]
    assert last["arrived"] == "Mẫu Thị Sen, 19:00"


def test_a_browser_that_comes_back_is_not_told_again_what_it_saw(site):
    meeting = site.open_meeting()
    browser = site.signed_in()
    seen = ids_of(browser.get(f"/meetings/{meeting.id}/events").text)[-1]
    again = browser.get(f"/meetings/{meeting.id}/events", headers={"Last-Event-ID": seen}).text
    assert data_of(again) == []
    assert ": still here" in again


def test_an_id_of_an_earlier_run_of_the_server_means_nothing(make_site):
    first = make_site().browser().get("/kiosk/events")
    second = make_site().browser().get("/kiosk/events", headers={"Last-Event-ID": ids_of(first.text)[-1]})
    assert len(data_of(second.text)) == 1


def test_many_watchers_cost_one_computation_for_each_change():
    hub = LiveHub(Pace(poll=0.01, lifetime=4.0, max_streams=50))
    version, computed = [0], []

    def compute() -> dict[str, int]:
        computed.append(version[0])
        return {"version": version[0]}

    watchers = [
        threading.Thread(target=lambda: list(hub.events("x", lambda: str(version[0]), compute, seen=None)))
        for _ in range(20)
    ]
    for watcher in watchers:
        watcher.start()
    while not computed:
        time.sleep(0.01)
    version[0] = 1
    for watcher in watchers:
        watcher.join()
    assert computed == [0, 1]


def test_a_stream_ends_when_the_server_stops():
    hub = LiveHub(Pace(poll=0.01, lifetime=60))
    events = hub.events("x", lambda: "1", dict, seen=None)
    next(events)
    hub.is_stopping = lambda: True
    assert list(events) == []


def test_a_stream_ends_when_its_officer_signs_out_elsewhere_and_says_nothing_more(make_site):
    site = make_site(pace=Pace(poll=0.01, heartbeat=0.05, lifetime=3600))
    sen, *_ = site.members()
    meeting = site.open_meeting()
    stream = site.signed_in().client.get(f"/meetings/{meeting.id}/events", buffered=False)
    parts = iter(stream.response)
    assert "retry" in str(next(parts))
    assert "0 / 3" in str(next(parts))
    site.services.accounts.renew_session_key(1)
    site.record(sen)
    assert "1 / 3" not in "".join(map(str, parts))
    stream.close()


def test_more_streams_than_places_are_told_to_come_back_and_places_are_given_back(site):
    browser = site.browser()
    open_streams = [browser.client.get("/kiosk/events", buffered=False) for _ in range(3)]
    refused = browser.get("/kiosk/events")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "5"
    for stream in open_streams:
        stream.close()
    assert browser.get("/kiosk/events").status_code == 200
