"""What every answer says to the browser, and to which names the server answers."""

import hashlib
import re
from pathlib import Path

import pytest
import sqlalchemy
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

import web_admin
from appliance.accounts import Role
from web_admin.app import create_app

ROOT = Path(web_admin.__file__).parent
TEMPLATES = sorted(ROOT.glob("**/templates/**/*.*"))


@pytest.mark.parametrize("path", ["/login", "/kiosk", "/nowhere", "/static/css/page.css", "/", "/kiosk/events"])
def test_every_answer_carries_a_strict_policy(site, path):
    with site.browser().get(path) as answer:
        headers = answer.headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert not re.search(r"unsafe|http|\*", headers["Content-Security-Policy"])
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"  # CSRF protection asks for it under TLS
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_pages_are_never_kept_by_a_cache(site):
    assert site.browser().get("/login").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "x@127.0.0.1", "127.0.0.1/x", "", "[::1"])
def test_a_foreign_host_name_is_refused_so_that_dns_rebinding_finds_nothing(site, host):
    assert site.browser().get("/login", headers={"Host": host}).status_code in {400, 421}


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080"])
def test_the_machines_own_names_are_answered(site, host):
    assert site.browser().get("/login", headers={"Host": host}).status_code == 200


def test_a_configured_name_is_answered(make_site):
    site = make_site(allowed_hosts=["chibo.lan"])
    assert site.browser().get("/login", headers={"Host": "chibo.lan:8443"}).status_code == 200


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(site):
    cookie = site.browser().get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_the_key_that_signs_cookies_is_in_no_file_and_one_of_an_earlier_release_is_deleted(site):
    keys = site.services.config.keys_directory
    for name in ("web-session.key", ".web-session.key.0123456789abcdef"):
        (keys / name).write_bytes(b"k" * 32)
    again = create_app(site.services.config)
    assert again.config["SECRET_KEY"] == site.app.config["SECRET_KEY"], "two processes would sign each other out"
    assert len(again.config["SECRET_KEY"]) == 32
    state = site.services.config.state_directory
    files = {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}
    assert [path for path, content in files.items() if again.config["SECRET_KEY"] in content] == []
    assert {path.name for path in keys.iterdir()} == {"appliance"}


def test_whoever_copied_the_card_under_protection_signs_no_cookie_for_an_officer(site):
    """Everything that lies in plain, and the cookie that is made of it by Flask's own means."""
    site.account("bithu", Role.ADMINISTRATOR)
    with site.services.database.reading() as connection:
        named = connection.execute(sqlalchemy.text("SELECT session_key FROM accounts")).scalar_one()
    thief = Flask("thief")
    contents = {"_user_id": named, "_fresh": True, "fs_cc": "set", "fs_paa": site.now.timestamp()}
    for secret, answered in ((b"k" * 32, 302), (site.app.config["SECRET_KEY"], 200)):
        thief.config["SECRET_KEY"] = secret
        signer = SecureCookieSessionInterface().get_signing_serializer(thief)
        client = site.app.test_client()
        client.set_cookie("thechip_session", signer.dumps(contents), domain="localhost")
        assert client.get("/meetings").status_code == answered


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_script_style_handler_or_foreign_address(template):
    text = template.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"\son\w+\s*=", text)
    assert not re.search(r"\sstyle\s*=|<style|javascript:|https?://|\|\s*safe", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def test_scripts_and_styles_name_no_other_host():
    for file in (*ROOT.glob("static/js/*.js"), *ROOT.glob("static/css/*.css")):
        assert not re.search(r"https?://|//cdn|@import", file.read_text(encoding="utf-8")), file


def test_vendored_files_are_the_published_ones():
    readme = (ROOT / "static/vendor/README.md").read_text(encoding="utf-8")
    hashes = dict(re.findall(r"^\| (\S+/\S+) .*\| ([0-9a-f]{64}) \|$", readme, re.MULTILINE))
    files = {
        str(file.relative_to(ROOT / "static/vendor"))
        for file in ROOT.glob("static/vendor/**/*")
        if file.suffix in {".css", ".woff2", ".js"}
    }
    assert files == set(hashes)
    for name, expected in hashes.items():
        assert hashlib.sha256((ROOT / "static/vendor" / name).read_bytes()).hexdigest() == expected
