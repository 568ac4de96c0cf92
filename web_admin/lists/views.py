"""How the lists stand; pinning their root once; taking up newer ones from mirrors or from a stick."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from appliance.accounts import Role
from appliance.errors import ApplianceError, ConfigError, ListRefused
from appliance.lists.publication import LONGEST_ROOT
from appliance.rules import BUILT_IN
from web_admin.lists import words
from web_admin.lists.background import Done
from web_admin.lists.preview import is_what_was_seen, shown
from web_admin.lists.room import lists_room
from web_admin.live import hub
from web_admin.services import services
from web_admin.signin import current_account, is_signed_in

blueprint = Blueprint("lists", __name__, template_folder="templates")
_MOST_SHOWN: Final = 50


@blueprint.get("/lists")
def lists() -> ResponseReturnValue:
    """Show how the lists stand; live, once a root is pinned."""
    return render_template("lists/lists.html", **_context())


@blueprint.get("/lists/events")
def events() -> Response:
    """Send the live part of the page whenever something changed."""
    session_key = current_account().session_key
    return hub().respond(
        "lists",
        key=(_is_administrator(), str(get_locale())),
        version=lists_room().version,
        compute=_event,
        may_watch=lambda: is_signed_in(session_key),
    )


# --- the root --------------------------------------------------------------------------------------------------------


@blueprint.post("/lists/root")
def show_root() -> ResponseReturnValue:
    """Show the fingerprint of a root to be compared; nothing is pinned yet."""
    file = request.files.get("root")
    encoded = b"" if file is None else file.stream.read(LONGEST_ROOT + 1)
    if not encoded:
        flash(gettext("Please choose the file 1.root.json."), "bad")
        return redirect(url_for("lists.lists"))
    if lists_room().keeper.folder.is_set_up:
        return _root_stays()
    try:
        root = lists_room().show_root(encoded)
    except ListRefused:
        flash(gettext("This file is no root of signed lists, or not signed by its own keys."), "bad")
        return redirect(url_for("lists.lists"))
    return render_template("lists/root.html", root=root, groups=root.read_aloud.split(), section="lists")


@blueprint.post("/lists/root/pin")
def pin() -> ResponseReturnValue:
    """Pin the root whose fingerprint was shown, once somebody says that it was compared."""
    room = lists_room()
    root = room.compared_root(request.form.get("sha256", ""))
    if not request.form.get("compared"):
        flash(gettext("Please compare the fingerprint first; nothing was set up."), "bad")
    elif root is None:
        flash(gettext("Another file was shown meanwhile. Please choose the file again."), "bad")
    else:
        try:
            room.keeper.pin(root)
        except ConfigError:
            return _root_stays()
        except ApplianceError as error:
            flash(words.reason_words(error.reason), "bad")
        else:
            flash(gettext("The root is set up. Now lists can be taken up."), "good")
    return redirect(url_for("lists.lists"))


def _root_stays() -> ResponseReturnValue:
    flash(gettext("A root is set up on this device already. It is never replaced here."), "bad")
    return redirect(url_for("lists.lists"))


# --- taking up -------------------------------------------------------------------------------------------------------


@blueprint.post("/lists/sync")
def sync() -> ResponseReturnValue:
    """Ask the mirrors, then the sticks, in the background."""
    room = lists_room()
    keeper = room.keeper
    if not keeper.folder.is_set_up:
        flash(words.reason_words("lists-not-set-up"), "bad")
    elif not (keeper.mirrors() or keeper.sticks()):
        flash(words.NO_SOURCE, "bad")
    else:
        repair = room.is_damaged()
        _say_whether_begun(begun=room.begin(lambda progress: keeper.sync(progress=progress, repair=repair)))
    return redirect(url_for("lists.lists"))


@blueprint.post("/lists/sticks/look")
def look() -> ResponseReturnValue:
    """Verify what is on a stick and show it; nothing is taken up."""
    room, number = lists_room(), request.form.get("stick", "")
    stick = room.stick(number)
    if stick is None:
        return _stick_is_gone()
    at = services().clock.now()
    try:
        preview = room.keeper.look_at(stick)
        seen = shown(preview, room.keeper.policy, at=at, clock_trusted=services().clock.read().trusted)
    except ApplianceError as error:
        why, forged = words.reason_words(error.reason), error.reason in words.FORGED
        return render_template("lists/refused.html", why=why, forged=forged, section="lists")
    return render_template("lists/preview.html", seen=seen, stick=number, words=words, section="lists")


@blueprint.post("/lists/sticks/take-up")
def take_up() -> ResponseReturnValue:
    """Take up, in the background, what was shown of a stick; anything else that lies there by now is not taken."""
    room = lists_room()
    stick = room.stick(request.form.get("stick", ""))
    if stick is None:
        return _stick_is_gone()
    try:
        is_the_same = is_what_was_seen(room.keeper.look_at(stick), request.form.get("seen", ""))
    except ApplianceError as error:
        flash(words.reason_words(error.reason), "bad")
        return redirect(url_for("lists.lists"))
    if not is_the_same:
        flash(gettext("This is not what was shown of the stick. Please look at it again; nothing was taken up."), "bad")
    else:
        take_it = room.keeper.import_from
        _say_whether_begun(begun=room.begin(lambda progress: take_it(stick, progress=progress), waits=True))
    return redirect(url_for("lists.lists"))


def _say_whether_begun(*, begun: bool) -> None:
    if not begun:
        flash(words.reason_words("sync-runs"), "bad")


def _stick_is_gone() -> ResponseReturnValue:
    flash(gettext("This stick is not plugged in any more."), "bad")
    return redirect(url_for("lists.lists"))


# --- what is shown ---------------------------------------------------------------------------------------------------


def _is_administrator() -> bool:
    return current_account().role is Role.ADMINISTRATOR


def _context() -> dict[str, Any]:
    room = lists_room()
    at, status = services().clock.now(), room.keeper.status()
    is_set_up = room.keeper.folder.is_set_up
    used = room.age(at)
    age = status.age.by_clock(trusted=services().clock.read().trusted) if is_set_up else used
    is_elsewhere = is_set_up and status.sealed is not None and used.content != status.sealed.content
    return {
        "status": status,
        "age": age,
        "look": words.look_of(age),
        "elsewhere": used if is_elsewhere else None,
        "roster": services().roster.taken_over(),
        "rules": services().meetings.rules_on(at.astimezone(ZoneInfo(services().config.time_zone)).date()),
        "built_in": BUILT_IN.version,
        "words": words,
        "runs_out": status.expires_first(),
        "at": at,
        "is_set_up": is_set_up,
        "history": status.history[:_MOST_SHOWN],
        "work": room.background.work,
        "done": room.last_done(),
        "mirrors": room.keeper.mirrors(),
        "sticks": range(len(room.keeper.sticks())),
        "may_change": _is_administrator(),
        "section": "lists",
    }


def _event() -> Mapping[str, str]:
    """Return the live part as HTML, and what became of the last try as a sentence for screen readers."""
    context = _context()
    done: Done | None = context["done"]
    return {
        "html": render_template("lists/standing.html", **context),
        "arrived": "" if done is None or context["work"].is_running else _result(done),
    }


def _result(done: Done) -> str:
    return words.reason_words(done.reason) if done.reason else str(words.OUTCOMES[done.outcome])
