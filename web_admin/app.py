"""The application factory: the page and the kiosk screen over the appliance's services."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect

from appliance.config import Config
from appliance.keys import Keys
from appliance.minutes.attendance import AttendanceService
from appliance.services import Services
from web_admin import access, failures, live, security_headers, services, signin, translate
from web_admin.bundles.views import TRIES as BUNDLE_TRIES
from web_admin.bundles.views import blueprint as bundles
from web_admin.by_hand.views import blueprint as by_hand
from web_admin.clock.views import blueprint as clock_pages
from web_admin.demo.views import blueprint as demo_pages
from web_admin.home.views import blueprint as home
from web_admin.kiosk.roster_line import blueprint as roster_line
from web_admin.kiosk.views import blueprint as kiosk
from web_admin.language.views import blueprint as language
from web_admin.lists import room as lists_room
from web_admin.lists.views import blueprint as lists
from web_admin.meetings.views import blueprint as meetings
from web_admin.officers.views import blueprint as officers
from web_admin.paths import IdConverter
from web_admin.session_key import cookie_key, forget_older_files
from web_admin.setup.views import blueprint as setup
from web_admin.tries import PASSWORDS, Allowance, Tries, counted

LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
MAX_BODY = 64 * 1024
"""Bytes of a form, more than any page sends."""
SESSION_LIFETIME = timedelta(hours=12)
"""After signing in; longer than an evening, shorter than until somebody else finds the browser open."""
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
PASSWORD_TRIES = (Allowance(10, within=_MINUTE), Allowance(100, within=_HOUR))
TYPED_NUMBERS = (Allowance(20, within=_MINUTE), Allowance(300, within=_HOUR))
"""At the kiosk's keypad: more than a queue of people types, fewer than somebody needs who guesses a card's number."""


def create_app(
    config: Config,
    *,
    demo: bool = False,
    allowed_hosts: Iterable[str] = (),
    clock: Callable[[], datetime] | None = None,
    pace: live.Pace | None = None,
) -> Flask:
    """Return the WSGI application for the appliance that ``config`` describes.

    ``demo`` adds the tray of virtual cards and says on every page that nothing is real. ``allowed_hosts`` are the
    names, besides this machine's own, by which browsers may call it. ``clock`` gives the time (aware, UTC) where it
    is not the appliance's own, ``pace`` the rhythm of live updates. Raises ``ApplianceError`` where the store or a key
    cannot be used.
    """
    opened = Services.open(config)
    try:
        return _app_over(opened, demo=demo, hosts={*LOCAL_HOSTS, *allowed_hosts}, clock=clock, pace=pace)
    except BaseException:
        opened.database.close()  # a page that waits tries again and again
        raise


def _app_over(
    opened: Services,
    *,
    demo: bool,
    hosts: set[str],
    clock: Callable[[], datetime] | None,
    pace: live.Pace | None,
) -> Flask:
    app, config = Flask(__name__), opened.config
    app.config.update(_settings(opened.keys))
    forget_older_files(config.keys_directory)
    app.url_map.converters["int"] = IdConverter
    app.extensions[services.SERVICES] = opened
    app.extensions[services.ATTENDANCE] = AttendanceService(opened.database, opened.ledger, time_zone=config.time_zone)
    app.extensions[services.CLOCK] = clock or opened.clock.now
    app.extensions[lists_room.EXTENSION] = lists_room.ListsRoom.open(opened)
    app.extensions[live.EXTENSION] = live.LiveHub(pace)
    app.jinja_env.globals["demo"] = demo
    security_headers.protect(app, hosts)
    translate.install(app, config.time_zone)
    signin.install(app, opened.accounts)
    CSRFProtect(app).exempt(bundles)  # no browser sends them
    access.guard(app)
    failures.install(app)
    pages = (home, setup, meetings, by_hand, lists, officers, clock_pages, kiosk, roster_line, language)
    for blueprint in (*pages, bundles):
        app.register_blueprint(blueprint)
    if demo:
        app.register_blueprint(demo_pages)
    _limit_tries(app)
    return app


def _settings(keys: Keys) -> dict[str, Any]:
    return {
        "SECRET_KEY": cookie_key(keys),
        "SESSION_COOKIE_NAME": "thechip_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "PERMANENT_SESSION_LIFETIME": SESSION_LIFETIME,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a page may stay open all evening
        "MAX_CONTENT_LENGTH": MAX_BODY,
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
    }


def _limit_tries(app: Flask) -> None:
    """Slow guessing down: one count of failures for everything that checks a password or a one-time code.

    A card's number is checked by the card, so every one that is typed counts.
    """
    app.extensions[PASSWORDS] = Tries(*PASSWORD_TRIES)
    views: dict[str, Any] = app.view_functions
    for endpoint, allowances in (("bundles.receive", BUNDLE_TRIES), ("kiosk.type_can", TYPED_NUMBERS)):
        views[endpoint] = counted(views[endpoint], *allowances)
