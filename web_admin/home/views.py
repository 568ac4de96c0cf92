"""Send a visitor to the page that is next for them."""

from flask import Blueprint, current_app, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from web_admin.services import services

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """The open meeting for an officer; the tray in a demo; the set-up on a fresh appliance; else the sign-in."""
    if current_user.is_authenticated:
        meeting = services().meetings.current()
        page = url_for("meetings.meetings") if meeting is None else url_for("meetings.meeting", meeting_id=meeting.id)
    elif "demo" in current_app.blueprints:
        page = url_for("demo.tray")
    elif services().accounts.needs_set_up():
        page = url_for("setup.set_up")
    else:
        page = url_for("security.login")
    return redirect(page)
