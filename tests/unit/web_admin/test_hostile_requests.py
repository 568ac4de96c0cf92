"""Whatever is sent to whichever route, signed in or not: an answer that says something, and never a 500."""

import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from werkzeug.routing import Rule

from appliance.kiosk.board import TrayCard
from web_admin.tries import Tries

NUMBERS = ("0", "1", "99999999999999999999", "9223372036854775808", "9" * 400, "-1", "1.5", "%00", "１", "a")
TEXTS = (
    "", " ", "\x00", "a\x00b", "\ufffe", "\u202egnp", "\u2066", "\"'><img src=x onerror=alert(1)>",
    "<script>x</script>",
    "{{7*7}}{%x%}", "%s%n%(x)s", "../../etc/passwd", "a\r\nSet-Cookie: x=1", "//[", "http://[", "//℀.example", "/[",
    "=1+1", "1" * 5000, "ế" * 10_000, "0001-01-01", "9999-12-31", "23:59:59.999999", "1e999", "NaN", "[]", "👨\u200d👩",
)  # fmt: skip
RAW = (b"\xff\xfe", b"%ff%00%c0%af", b"=&=&&&;;", b"a" * 3000, b"csrf_token=", b"\x00")
FIELDS = {
    "kind": "regular", "title": "T", "place": "P", "day": "2026-11-03", "time": "19:00", "late_after": "15",
    "display_name": "N", "username": "somebody", "password": "bốn từ dễ nhớ", "again": "bốn từ dễ nhớ", "next": "/",
    "reason": "other", "details": "x", "role": "officer", "language": "en", "card": "genuine", "code": "x",
    "mode": "roster", "profiles": "", "issuing_states": "", "organisation": "O", "invited_by": "N", "name": "N",
    "origin": "C", "chair": "N", "secretary": "N", "reader": "", "later": "",
}  # fmt: skip
JSON = ([], [1], {}, "x", None, 1, {"username": 5, "password": {"a": []}})
BODIES = (
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nno end'),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"; filename="/b"\r\n\r\na\r\n'),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--"),
    ("multipart/form-data; boundary=" + "x" * 5000, b"--x"),
    ("multipart/form-data", b"--x"),
    ("application/x-www-form-urlencoded; charset=utf-16", b"title=%ff%fe"),
    ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % number for number in range(5000))),
    ("application/x-www-form-urlencoded", b"title=%ff%00&title=%c0%af&csrf_token=%00"),
    ("application/x-www-form-urlencoded", b"x" * 70_000),
    ("text/plain", b"\xff" * 100),
    ("application/json", b"[" * 5000),
    ("application/json", b"{"),
    *(("application/json", json.dumps(body).encode()) for body in JSON),
    *(("application/x+json", json.dumps(body).encode()) for body in JSON),
    ("x", b"x"),
    ("", b"x"),
)  # fmt: skip
HEADERS = (
    {"Accept": "application/json"}, {"Accept-Language": "x" * 5000}, {"Last-Event-ID": "\xff"}, {"Referer": "http://["},
    {"Cookie": "thechip_session=a.b.c"}, {"Cookie": "thechip_session=" + "A" * 8000}, {"Cookie": "=;;;\x00"},
    {"X-Forwarded-For": "x"}, {"Range": "bytes=5-1"}, {"If-None-Match": '"x'}, {"If-Modified-Since": "x"},
    {"Authorization": "Basic \xff"}, {"Authentication-Token": "x"}, {"Content-Length": "x"}, {"X-CSRFToken": "\x00"},
)  # fmt: skip


@pytest.fixture
def furnished(site, monkeypatch):
    """A site with something behind every number 1, and no limit on guessing."""
    site.account("bithu")
    site.members()
    site.open_meeting()
    site.services.board.lay_out([TrayCard("genuine", "Thẻ thật", "Genuine", "present")])
    monkeypatch.setattr(Tries, "_to_wait", lambda *_: 0.0)
    monkeypatch.setattr(Tries, "_could_be_too_many", lambda *_: False)
    return site


@pytest.fixture(params=["signed out", "signed in"])
def browser(furnished, request):
    return furnished.browser() if request.param == "signed out" else furnished.signed_in()


def paths_of(rule: Rule, values: tuple[str, ...] = ("1",)) -> Iterator[str]:
    """The rule's path with each value in every place."""
    for value in values if rule.arguments else values[:1]:
        path = rule.rule
        for place in rule.arguments:
            path = path.replace(f"<int:{place}>", value).replace(f"<path:{place}>", value).replace(f"<{place}>", value)
        yield path


def forms(site) -> list[str]:
    """The path of every form but the one that would end the test's session."""
    rules = [rule for rule in site.app.url_map.iter_rules() if "POST" in rule.methods]
    return [next(paths_of(rule)) for rule in rules if rule.endpoint != "security.logout"]


def pages(site) -> list[Rule]:
    return [
        rule for rule in site.app.url_map.iter_rules() if "GET" in rule.methods and not rule.endpoint.endswith("events")
    ]


def is_fine(answer) -> bool:
    answer.close()
    return answer.status_code < 500


def test_no_number_in_a_path_is_too_strange(furnished, browser):
    token = browser.token()
    for rule in furnished.app.url_map.iter_rules():
        if rule.arguments:
            for path in paths_of(rule, NUMBERS[:1] + NUMBERS[2:]):
                for method in rule.methods - {"OPTIONS", "HEAD"}:
                    data = {"csrf_token": token} if method == "POST" else None
                    assert is_fine(browser.client.open(path, method=method, data=data)), (method, path)


def test_a_number_that_no_row_can_have_is_no_page(furnished):
    browser = furnished.signed_in()
    for path in ("/meetings/99999999999999999999", "/meetings/1/by-hand/99999999999999999999"):
        assert browser.get(path).status_code == 404


def test_no_text_in_a_path_or_a_query_is_too_strange(furnished, browser):
    for rule in pages(furnished):
        for text in TEXTS:
            query = urlencode(dict.fromkeys(("next", "q", "code"), text[:500]))
            for path in paths_of(rule, ("1", quote(text[:200], safe="") or "x")):
                assert is_fine(browser.get(f"{path}?{query}")), (path, text[:40])
        for raw in RAW:
            environ = {"QUERY_STRING": raw.decode("latin-1")}
            assert is_fine(browser.get(next(paths_of(rule)), environ_overrides=environ)), (rule, raw[:40])


def test_no_text_in_a_form_is_too_strange(furnished, browser):
    token = browser.token()
    for path in forms(furnished):
        tries = [dict.fromkeys(FIELDS, text) for text in TEXTS]
        if browser.get("/meetings").status_code == 200 or path in {"/language", "/login", "/join", "/setup"}:
            tries += [{name: text} for name in ("day", "time", "late_after", "next", "title", "code") for text in TEXTS]
        for wrong in tries:
            furnished.services.board.take_requests()
            answer = browser.client.post(path, data={"csrf_token": token, **FIELDS, **wrong})
            assert is_fine(answer), (path, str(wrong)[:80])


def test_no_body_is_too_strange(furnished, browser):
    token = browser.token()
    for path in forms(furnished):
        for content_type, body in BODIES:
            headers = {"X-CSRFToken": token, "Content-Type": content_type}
            assert is_fine(browser.client.post(path, data=body, headers=headers)), (path, content_type, body[:40])
        assert is_fine(browser.client.post(path, data=b"x"))


def test_no_header_is_too_strange(furnished, browser):
    for headers in HEADERS:
        for rule in pages(furnished):
            assert is_fine(browser.client.get(next(paths_of(rule)), headers=headers)), (rule, headers)
        for path in forms(furnished):
            assert is_fine(browser.client.post(path, headers=headers)), (path, headers)


def test_no_method_is_too_strange(furnished, browser):
    for rule in furnished.app.url_map.iter_rules():
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND", "X"):
            assert is_fine(browser.client.open(next(paths_of(rule)), method=method)), (rule, method)
