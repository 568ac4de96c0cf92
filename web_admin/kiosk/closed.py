"""The kiosk while the appliance's records cannot be opened: it says why, and what to do. No other page is there then.

The blueprint goes by the name of the one that takes its place, so that a screen which shows either finds the other
behind the same addresses.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Final, cast

from flask import Blueprint, Response, abort, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from appliance.config import Config
from appliance.errors import ApplianceError
from web_admin.kiosk.chosen import reader_names
from web_admin.kiosk.shown import Shown, shown_while_closed
from web_admin.live import hub
from web_admin.services import now
from web_admin.visitor import is_at_the_device

blueprint = Blueprint("kiosk", __name__, template_folder="templates")
TROUBLE: Final = "thechip-trouble"
"""Where the application keeps what tells why nothing can be opened."""
CONFIG: Final = "thechip-config"
_COME_BACK_AFTER_SECONDS: Final = 5
_NOT_SO: Final = Shown(
    "", "", "Không mở được trang", "This page cannot be opened",
    detail_vi="Trang chưa hiểu yêu cầu này. Xin quay lại và thử lần nữa.",
    detail_en="The page did not understand this. Please go back and try again.",
    sequence=0,
)  # fmt: skip
_TOLD: Final = {
    400: _NOT_SO,
    421: replace(
        _NOT_SO,
        detail_vi="Máy không có địa chỉ này. Xin dùng địa chỉ hiện trên màn hình của máy.",
        detail_en="This device is not called that. Please use the address shown on its screen.",
    ),
}
"""A request that is none, or for another host, is told so and nothing else: why the page is closed is not for it."""


@blueprint.before_request
def check_place() -> None:
    """Show the screen at this machine only, as always."""
    if not is_at_the_device():
        abort(403)


@blueprint.get("/kiosk")
def screen() -> ResponseReturnValue:
    """Show why nobody can be served; the same screen for every reader."""
    return _page(None)


@blueprint.get("/kiosk/events")
def events() -> Response:
    """Send it again whenever the reason is another one; the stream ends once there is none."""
    return _stream()


@blueprint.get("/kiosk/<reader>")
def door(reader: str) -> ResponseReturnValue:
    """Show it on the screen of one door."""
    return _page(_known(reader))


@blueprint.get("/kiosk/<reader>/events")
def door_events(reader: str) -> Response:
    """Send it to the screen of one door."""
    _known(reader)
    return _stream()


def answer_closed(error: HTTPException) -> ResponseReturnValue:
    """Answer for every other page that it is not there yet: 503, with a sentence that says what to do."""
    if error.code in _TOLD:
        return render_template("kiosk/closed.html", shown=_TOLD[error.code], seconds=0), error.code
    headers = {"Retry-After": str(_COME_BACK_AFTER_SECONDS)}
    return render_template("kiosk/closed.html", shown=_shown(), seconds=_COME_BACK_AFTER_SECONDS), 503, headers


def _page(reader: str | None) -> str:
    return render_template(
        "kiosk/kiosk.html",
        shown=_shown(),
        events=url_for("kiosk.events") if reader is None else url_for("kiosk.door_events", reader=reader),
        keypad=False,
        time_zone=_config().time_zone,
        at=now(),
    )


def _stream() -> Response:
    return hub().respond("kiosk", key="", version=lambda: _trouble().reason, compute=lambda: asdict(_shown()))


def _shown() -> Shown:
    return shown_while_closed(_trouble())


def _known(reader: str) -> str:
    if reader not in reader_names(_config()):
        abort(404)
    return reader


def _trouble() -> ApplianceError:
    return cast("Callable[[], ApplianceError]", current_app.extensions[TROUBLE])()


def _config() -> Config:
    return cast("Config", current_app.extensions[CONFIG])
