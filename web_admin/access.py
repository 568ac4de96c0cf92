"""Who may see which page: closed unless this file opens it."""

import ipaddress

from flask import Flask, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from appliance.accounts import Role
from web_admin.signin import current_account

PUBLIC = frozenset(
    {
        "static",
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

AT_THE_DEVICE = frozenset({"kiosk.screen", "kiosk.events", "demo.tray", "demo.tap"})
"""Endpoints that need no account but answer this machine only: they are screens of the appliance itself."""

ADMINISTRATORS = frozenset({"officers.officers", "officers.invite", "officers.invite_again"})
"""Endpoints for administrators; every endpoint not named here at all is for any account that is signed in."""


def guard(app: Flask) -> None:
    """Ask before every request whether this visitor may make it."""

    @app.before_request
    def check_access() -> ResponseReturnValue | None:
        endpoint = request.endpoint
        if endpoint is None or endpoint in PUBLIC:
            return None
        if endpoint in AT_THE_DEVICE:
            return None if _is_loopback(request.remote_addr) else abort(403)
        if not current_user.is_authenticated:
            return _to_sign_in()
        if endpoint in ADMINISTRATORS and current_account().role is not Role.ADMINISTRATOR:
            abort(403)
        return None


def _to_sign_in() -> ResponseReturnValue:
    if request.method != "GET":
        return redirect(url_for("security.login"))
    return redirect(url_for("security.login", next=request.full_path.rstrip("?")))


def _is_loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False
