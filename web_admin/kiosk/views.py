"""The kiosk screen and its live stream."""

from dataclasses import asdict

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from web_admin.kiosk.shown import shown_now, shown_version
from web_admin.lists.room import lists_age
from web_admin.live import hub
from web_admin.services import now, services

blueprint = Blueprint("kiosk", __name__, template_folder="templates")


@blueprint.get("/kiosk")
def screen() -> ResponseReturnValue:
    """Show the screen as it is now; a script keeps it so, and without one the page reloads itself."""
    return render_template(
        "kiosk/kiosk.html",
        shown=shown_now(services(), lists_age(), at=now()),
        time_zone=services().config.time_zone,
        at=now(),
    )


@blueprint.get("/kiosk/events")
def events() -> Response:
    """Send what the screen shows, whenever it changes."""
    return hub().respond(
        "kiosk",
        key="",
        version=lambda: shown_version(services(), lists_age(), at=now()),
        compute=lambda: asdict(shown_now(services(), lists_age(), at=now())),
    )
