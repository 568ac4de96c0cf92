"""Who may see which page: closed unless this file opens it."""

from flask import Flask, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security import current_user

from appliance.accounts import Role
from web_admin.signin import current_account
from web_admin.visitor import is_at_the_device

PUBLIC = frozenset(
    {
        "static",
        "bundles.receive",
        "home.home",
        "language.switch",
        "security.login",
        "setup.set_up",
        "setup.set_up_link",
        "setup.join",
        "setup.join_link",
    }
)
"""Endpoints that need no account. None of them shows a person's data."""

AT_THE_DEVICE = frozenset(
    {
        "kiosk.screen",
        "kiosk.events",
        "kiosk.door",
        "kiosk.door_events",
        "kiosk.keypad",
        "kiosk.type_can",
        "demo.tray",
        "demo.tap",
    }
)
"""Endpoints that need no account but answer this machine only: they are screens of the appliance itself."""

OFFICERS = frozenset(
    {
        "security.logout",
        "meetings.meetings",
        "meetings.new",
        "meetings.meeting",
        "meetings.events",
        "meetings.open_meeting",
        "meetings.close_meeting",
        "meetings.read_card",
        "roster_line.choose",
        "roster_line.read_card",
        "roster_line.leave",
        "meetings.export",
        "by_hand.choose",
        "by_hand.record",
        "by_hand.somebody",
        "by_hand.excuse",
        "by_hand.withdraw",
        "by_hand.confirm",
        "by_hand.decline",
        "by_hand.correct",
        "by_hand.leave",
        "by_hand.guest",
        "by_hand.visitor",
        "by_hand.count",
        "by_hand.counted",
        "by_hand.begin_visit",
        "by_hand.end_visit",
        "clock.confirm",
        "clock.correct",
        "lists.lists",
        "lists.events",
    }
)
"""Endpoints for every account that is signed in."""

ADMINISTRATORS = frozenset(
    {
        "officers.officers",
        "officers.invite",
        "officers.invite_again",
        "lists.show_root",
        "lists.pin",
        "lists.sync",
        "lists.look",
        "lists.take_up",
    }
)
"""Endpoints for administrators. An endpoint in none of these sets is nobody's."""


def guard(app: Flask) -> None:
    """Ask before every request whether this visitor may make it."""

    @app.before_request
    def check_access() -> ResponseReturnValue | None:
        endpoint = request.endpoint
        if endpoint is None or endpoint in PUBLIC:
            return None
        if endpoint in AT_THE_DEVICE:
            return None if is_at_the_device() else abort(403)
        if not current_user.is_authenticated:
            return _to_sign_in()
        is_administrator = current_account().role is Role.ADMINISTRATOR
        if endpoint not in OFFICERS and not (is_administrator and endpoint in ADMINISTRATORS):
            abort(403)
        return None


def _to_sign_in() -> ResponseReturnValue:
    if request.method != "GET":
        if request.endpoint != "security.logout":
            told = gettext("You were signed out meanwhile, so nothing was recorded. Please sign in, and do it again.")
            flash(told, "bad")
        return redirect(url_for("security.login"))
    return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
