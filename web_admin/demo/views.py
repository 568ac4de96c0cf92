"""The tray: click a card, and the station reads it as if it lay on the reader."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance.kiosk.display import DisplayState
from appliance.kiosk.phrases import STATES, Phrase
from web_admin.kiosk.shown import shown_now
from web_admin.lists.room import lists_age
from web_admin.services import now, services

blueprint = Blueprint("demo", __name__, template_folder="templates")

_DECISIONS = {
    "present-late": DisplayState.LATE,
    "try-again": DisplayState.ONCE_MORE,
    "recorded-by-hand": DisplayState.PRESENT,
}
"""Decisions that the kiosk shows under another name."""


@blueprint.get("/demo")
def tray() -> ResponseReturnValue:
    """Show the virtual cards and, beside them, the kiosk screen."""
    return render_template(
        "demo/tray.html",
        cards=[(card, *_expected(card.expected)) for card in services().board.tray()],
        shown=shown_now(services(), lists_age(), at=now()),
        time_zone=services().config.time_zone,
        at=now(),
        first_start=services().accounts.needs_set_up(),
        section="demo",
    )


@blueprint.post("/demo/tap")
def tap() -> ResponseReturnValue:
    """Ask the station to lay this card on its reader; a script is told in words what else is to be said."""
    key = request.form.get("card", "")
    if key not in {card.key for card in services().board.tray()}:
        abort(404)
    services().board.request("tap", {"card": key})
    warning = "" if services().meetings.current() else gettext("No meeting is open: the card was not admitted.")
    if request.accept_mimetypes.best == "text/plain":
        return Response(warning, mimetype="text/plain")
    if warning:
        flash(warning, "bad")
    return redirect(url_for("demo.tray"))


def _expected(decision: str) -> tuple[str, Phrase]:
    """The shape and the words with which the kiosk shows a decision."""
    state = _DECISIONS.get(decision) or DisplayState(decision)
    return state.value, STATES[state]
