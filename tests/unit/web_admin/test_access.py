"""Who may do what, asked of every route there is."""

from werkzeug.routing import Rule

from appliance.accounts import Role
from web_admin.access import ADMINISTRATORS, AT_THE_DEVICE, PUBLIC
from web_admin.security_headers import TAKE_A_BUNDLE


def rules(site) -> list[Rule]:
    return [rule for rule in site.app.url_map.iter_rules() if rule.endpoint != "static"]


def path_of(rule: Rule) -> str:
    return (
        rule.rule.replace("<int:meeting_id>", "1")
        .replace("<int:member_id>", "1")
        .replace("<int:account_id>", "1")
        .replace("<int:sequence>", "1")
        .replace("<code>", "XXXX")
    )


def test_every_named_endpoint_exists_so_that_no_rule_is_about_nothing(site):
    known = {rule.endpoint for rule in site.app.url_map.iter_rules()}
    assert known >= PUBLIC | AT_THE_DEVICE | ADMINISTRATORS


def test_every_route_that_is_not_opened_on_purpose_asks_for_a_sign_in(site):
    site.members()
    site.open_meeting()
    browser = site.browser()
    for rule in rules(site):
        if rule.endpoint in PUBLIC | AT_THE_DEVICE:
            continue
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = (browser.get if method == "GET" else browser.post)(path_of(rule))
            assert answer.status_code == 302, rule
            assert answer.location.startswith("/login"), rule


def test_every_state_change_without_a_csrf_token_is_refused(site):
    site.members()
    meeting = site.open_meeting()
    browser = site.signed_in()
    # a bundle is no form: who made it is proven by what is in it (test_bundles)
    posts = [rule for rule in rules(site) if "POST" in rule.methods and rule.endpoint not in TAKE_A_BUNDLE]
    assert len(posts) >= 10
    for rule in posts:
        assert browser.client.post(path_of(rule), data={"card": "x"}).status_code == 400, rule
    assert site.services.meetings.get(meeting.id).state == "open"
    assert browser.get("/meetings").status_code == 200


def test_no_route_changes_anything_by_get(site):
    allowed = {"setup.set_up", "setup.join", "security.login", "meetings.new", "clock.correct"}
    words = ("record", "excuse", "withdraw", "decline", "correct", "leave", "guest", "visitor", "count", "begin_visit")
    both = {rule.endpoint for rule in rules(site) if {"GET", "POST"} <= rule.methods}
    assert both == allowed | {f"by_hand.{word}" for word in words}


def test_an_officer_does_not_see_what_administrators_do(site):
    site.account("bithu")
    browser = site.signed_in("canbo", Role.OFFICER)
    for rule in rules(site):
        if rule.endpoint in ADMINISTRATORS:
            call = browser.get if "GET" in rule.methods else browser.post
            assert call(path_of(rule)).status_code == 403, rule


def test_kiosk_and_tray_answer_this_machine_only(site):
    for path in ("/kiosk", "/kiosk/events", "/demo"):
        assert site.browser().get(path, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
        assert site.browser().get(path, environ_base={"REMOTE_ADDR": "::1"}).status_code == 200


def test_without_the_demo_there_is_no_tray(make_site):
    site = make_site(demo=False)
    assert site.browser().get("/demo").status_code == 404
    assert site.browser().get("/").location == "/setup"
    assert "MÔ PHỎNG" not in site.browser().get("/login").text
