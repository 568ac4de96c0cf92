"""The application that answers while the appliance's records cannot be opened: the kiosk's screen, and nothing else.

It has no session, no account and no store. What it does not have, nobody can reach through it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from flask import Flask
from werkzeug.exceptions import HTTPException

from appliance.config import Config
from appliance.errors import ApplianceError
from web_admin import live, security_headers, services, translate
from web_admin.app import LOCAL_HOSTS, MAX_BODY
from web_admin.kiosk import closed


def create_closed_app(
    config: Config,
    *,
    trouble: Callable[[], ApplianceError],
    clock: Callable[[], datetime],
    allowed_hosts: Iterable[str] = (),
    pace: live.Pace | None = None,
) -> Flask:
    """Return the WSGI application; ``trouble`` tells why nothing can be opened, ``clock`` the time (aware, UTC)."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions[services.CLOCK] = clock
    app.extensions[live.EXTENSION] = live.LiveHub(pace)
    app.extensions[closed.TROUBLE] = trouble
    app.extensions[closed.CONFIG] = config
    security_headers.protect(app, {*LOCAL_HOSTS, *allowed_hosts})
    translate.install(app, config.time_zone)
    app.register_error_handler(HTTPException, closed.answer_closed)
    app.register_blueprint(closed.blueprint)
    return app
