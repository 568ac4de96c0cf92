"""Another appliance posts its bundle: kept, whoever sent it proven by what is in it, and a stranger told nothing."""

import threading
from datetime import timedelta

import pytest

from appliance.bundles.envelope import LONGEST_SEALED
from appliance.bundles.sending import KIND, send_bundle
from appliance.errors import BundleNotSent, ConfigError
from appliance.meetings import MeetingKind
from appliance.minutes.attendance import AttendanceService
from appliance.roster import MemberClass
from appliance.services import Services
from web_admin.bundles import views
from web_admin.bundles.views import TRIES

NAME = "Mẫu Thị Cúc"


@pytest.fixture
def other(tmp_path, site):
    """Another appliance, paired with the site's, with one meeting and one member present."""
    services = Services.open(site.services.config.for_state(tmp_path / "other"))
    site.services.bundles.pairing.add(services.bundles.pairing.own_card("B"), at=site.now)
    services.bundles.pairing.add(site.services.bundles.pairing.own_card("A"), at=site.now)
    site.services.roster.add(NAME, MemberClass.OFFICIAL)
    member = services.roster.add(NAME, MemberClass.OFFICIAL)
    meeting = services.meetings.create(kind=MeetingKind.REGULAR, title="Mẫu", place="Mẫu", starts_at=site.now)
    services.meetings.open(meeting.id, at=site.now, officer="bình")
    how = {"reason": "Quên thẻ", "recorded_by": "bình", "confirmed_by": "chi"}
    services.checkins.record_by_hand(member.id, at=site.now, **how)
    yield services
    services.database.close()


def posted(site, content, kind=KIND, **headers):
    with site.app.test_client().post("/bundles", data=content, content_type=kind, headers=headers) as answer:
        return answer.status_code, answer.data


def bundle(other, site):
    return other.bundles.export(1, "A", at=site.now)


def test_a_bundle_of_a_paired_appliance_is_kept_and_counts(site, other):
    assert posted(site, bundle(other, site)) == (204, b"")
    attendance = AttendanceService(site.services.database, site.services.ledger)
    (row,) = [row for row in attendance.attendance_of(1).rows if row.name == NAME]
    assert (str(row.state), row.elsewhere) == ("present", "B")
    assert posted(site, bundle(other, site)) == (204, b""), "again is no mistake"


def test_a_stranger_learns_nothing(site, other):
    sealed = bundle(other, site)
    stranger = Services.open(site.services.config.for_state(site.services.config.state_directory / "x"))
    stranger.bundles.pairing.add(site.services.bundles.pairing.own_card("A"), at=site.now)
    stranger.meetings.create(kind=MeetingKind.REGULAR, title="Mẫu", place="Mẫu", starts_at=site.now)
    answers = {
        posted(site, content)
        for content in (b"", b"x", sealed[:-1], sealed + b"x", stranger.bundles.export(1, "A", at=site.now))
    }
    stranger.database.close()
    assert answers == {(400, b"")}


def test_a_paired_appliance_that_contradicts_itself_is_told_that_it_was_refused(site, other):
    assert posted(site, bundle(other, site))[0] == 204
    with site.services.database.writing() as writer:
        writer.exec_driver_sql("UPDATE foreign_entries SET entry_hash = zeroblob(32) WHERE sequence = 2")
    other.ledger.append(other_entry(), at=site.now)
    assert posted(site, bundle(other, site)) == (409, b"")


def other_entry():
    from appliance.ledger import EntryKind, NewEntry

    return NewEntry(EntryKind.REFUSED, 1, body={"reason": "card-revoked"})


def test_what_is_no_bundle_by_its_kind_or_its_length_is_refused_unread(site):
    assert posted(site, b"a=b", "application/x-www-form-urlencoded")[0] == 415
    assert posted(site, b"{}", "application/json")[0] == 415
    assert posted(site, bytes(LONGEST_SEALED + 1))[0] == 413
    assert site.app.test_client().get("/bundles").status_code == 405


def test_nobody_posts_for_ever(site):
    answers = [posted(site, b"x")[0] for _ in range(TRIES[0].most + 1)]
    assert answers == [400] * (len(answers) - 1) + [429]


def test_one_bundle_is_read_at_a_time_and_the_other_told_to_come_again(site, other):
    with views._one_at_a_time:
        assert posted(site, bundle(other, site))[0] == 503
    assert posted(site, bundle(other, site))[0] == 204


class SlowBody:
    """The body of a request that asks, while it is read, whether anybody else is kept waiting."""

    def __init__(self):
        self.was_free = None

    def read(self, _size=-1):
        if self.was_free is None:
            self.was_free = views._one_at_a_time.acquire(blocking=False)
            if self.was_free:
                views._one_at_a_time.release()
            return b"x"
        return b""


def test_who_sends_slowly_keeps_nobody_else_waiting(site):
    body = SlowBody()
    environ = {"wsgi.input": body, "wsgi.input_terminated": True}
    client = site.app.test_client()
    with client.post("/bundles", content_type=KIND, environ_overrides=environ) as answer:
        assert (answer.status_code, body.was_free) == (400, True)


def test_another_host_name_is_refused_as_on_every_page(site, other):
    assert posted(site, bundle(other, site), Host="evil.example")[0] == 421


# --- sending ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(site):
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_bundle_travels_over_the_network_as_the_same_bytes(site, other, server):
    send_bundle(bundle(other, site), server)
    with site.services.database.reading() as reader:
        assert reader.exec_driver_sql("SELECT by_network FROM received_bundles").scalar() == 1


def test_what_the_other_one_refuses_is_said_in_words(server):
    with pytest.raises(BundleNotSent, match="not paired"):
        send_bundle(b"x", server)


def test_an_appliance_that_does_not_answer_is_said_not_to(server):
    with pytest.raises(BundleNotSent, match="does not answer"):
        send_bundle(b"x", "http://127.0.0.1:1")


@pytest.mark.parametrize(
    "address",
    [
        "http://cua-b.example",
        "ftp://x",
        "https://",
        "https://a@b",
        "https://b/path",
        "https://b?x",
        "https://b:x",
        "b",
        "",
    ],
)
def test_only_https_and_this_machine_are_addresses(address):
    with pytest.raises(ConfigError, match="https://"):
        send_bundle(b"x", address)


def test_times_of_the_two_clocks_are_kept(site, other):
    later = site.now + timedelta(minutes=3)
    posted(site, other.bundles.export(1, "A", at=later))
    with site.services.database.reading() as reader:
        made, received = reader.exec_driver_sql("SELECT made_at, received_at FROM received_bundles").one()
    assert made > received
