"""The tray: click a card, and the station reads it as if it lay on the reader."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from web_admin.kiosk.shown import shown_now
from web_admin.services import now, services

blueprint = Blueprint("demo", __name__, template_folder="templates")


@blueprint.get("/demo")
def tray() -> ResponseReturnValue:
    """Show the virtual cards and, beside them, the kiosk screen."""
    return render_template(
        "demo/tray.html",
        cards=services().board.tray(),
        shown=shown_now(services(), at=now()),
        time_zone=services().config.time_zone,
        at=now(),
        section="demo",
    )


@blueprint.post("/demo/tap")
def tap() -> ResponseReturnValue:
    """Ask the station to lay this card on its reader."""
    key = request.form.get("card", "")
    if key not in {card.key for card in services().board.tray()}:
        abort(404)
    services().board.request("tap", {"card": key})
    return redirect(url_for("demo.tray"))
