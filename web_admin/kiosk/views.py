"""The kiosk screen, its live stream, and the number that is typed on it. One screen for all readers, or one each."""

import re
from dataclasses import asdict

from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from appliance.kiosk.board import TYPE_CAN
from web_admin.kiosk.chosen import reader_names
from web_admin.kiosk.shown import shown_now, shown_version
from web_admin.lists.room import lists_age
from web_admin.live import hub
from web_admin.services import now, services

blueprint = Blueprint("kiosk", __name__, template_folder="templates")
_CARD_ACCESS_NUMBER = re.compile(r"[0-9]{6}", re.ASCII)


@blueprint.get("/kiosk")
def screen() -> ResponseReturnValue:
    """Show the screen as it is now; a script keeps it so, and without one the page reloads itself."""
    return _page(None)


@blueprint.get("/kiosk/events")
def events() -> Response:
    """Send what the screen shows, whenever it changes."""
    return _stream(None)


@blueprint.get("/kiosk/<reader>")
def door(reader: str) -> ResponseReturnValue:
    """Show the screen of one door."""
    return _page(_known(reader))


@blueprint.get("/kiosk/<reader>/events")
def door_events(reader: str) -> Response:
    """Send what the screen of one door shows, whenever it changes."""
    return _stream(_known(reader))


@blueprint.get("/kiosk/keypad")
def keypad() -> Response:
    """Give the script what it sends along with a number: the page may have been open for longer than a session."""
    return jsonify(token=generate_csrf())


@blueprint.post("/kiosk/can")
def type_can() -> ResponseReturnValue:
    """Hand a card's number to the station, for the card that lies on the reader or comes next. It is kept nowhere."""
    digits, reader = request.form.get("digits", ""), request.form.get("reader", "")
    if not _CARD_ACCESS_NUMBER.fullmatch(digits):
        abort(400)
    services().board.request(TYPE_CAN, {"digits": digits}, reader=_known(reader) if reader else "")
    return "", 204


def _page(reader: str | None) -> str:
    names = reader_names(services().config)
    return render_template(
        "kiosk/kiosk.html",
        shown=shown_now(services(), lists_age(), at=now(), reader=reader),
        events=url_for("kiosk.events") if reader is None else url_for("kiosk.door_events", reader=reader),
        readers=names if reader is None and len(names) > 1 else (),
        reader=reader or "",
        keypad=True,
        time_zone=services().config.time_zone,
        at=now(),
    )


def _stream(reader: str | None) -> Response:
    return hub().respond(
        "kiosk",
        key=reader or "",
        version=lambda: shown_version(services(), lists_age(), at=now(), reader=reader),
        compute=lambda: asdict(shown_now(services(), lists_age(), at=now(), reader=reader)),
    )


def _known(reader: str) -> str:
    """Return a reader's name; nothing is shown, and nothing remembered, for one that does not exist."""
    if reader not in reader_names(services().config) and services().board.latest(reader) is None:
        abort(404)
    return reader
