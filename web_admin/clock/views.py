"""Confirm the time that every page asks about while it is not certain, or set another one."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance.clock import ClockState, Reading
from appliance.errors import ClockError, TimeBeforeFloor, TimeTooFarAhead
from web_admin.clock.forms import ClockForm
from web_admin.paths import own_path
from web_admin.services import services
from web_admin.signin import current_account
from web_admin.translate import moment

blueprint = Blueprint("clock", __name__, template_folder="templates")

ASKED_FOR: Final = timedelta(minutes=10)
"""How long after a page was shown «yes, that is right» is about the time on it."""
_LONGEST_NUMBER: Final = 12


@blueprint.app_context_processor
def doubts() -> dict[str, object]:
    """Let every page ask for the time where it is not certain."""
    return {"uncertain_time": _uncertain}


@blueprint.post("/clock/confirm")
def confirm() -> ResponseReturnValue:
    """Take the time that was shown, and what passed since, as right; go back to the page that asked."""
    back = redirect(own_path(request.form.get("next", "")) or url_for("home.home"))
    reading = _uncertain()
    if reading is None:
        return _nothing_to_confirm()
    if reading.state is not ClockState.UNCONFIRMED or not _is_as_shown(reading, request.form.get("shown", "")):
        flash(gettext("Please look at the time once more: it is not the one that this page showed."), "bad")
        return back
    services().clock.confirm(reading.at, by=current_account().in_records)
    flash(gettext("The time is confirmed."), "good")
    return back


@blueprint.route("/clock", methods=["GET", "POST"])
def correct() -> ResponseReturnValue:
    """Ask for the right time, and take it."""
    reading = _uncertain()
    if reading is None:
        return _nothing_to_confirm()
    form = ClockForm()
    zone = ZoneInfo(services().config.time_zone)
    if form.validate_on_submit() and _is_taken(form, zone):
        flash(gettext("The time is confirmed."), "good")
        return redirect(url_for("home.home"))
    if not form.is_submitted() and reading.state is ClockState.UNCONFIRMED:
        local = reading.at.astimezone(zone)
        form.day.data, form.time.data = local.date(), local.time().replace(second=0, microsecond=0)
    return render_template("clock/clock.html", form=form)


def _uncertain() -> Reading | None:
    reading = services().clock.read()
    return None if reading.trusted else reading


def _nothing_to_confirm() -> ResponseReturnValue:
    flash(gettext("The device's time is certain; there is nothing to confirm."), "good")
    return redirect(url_for("home.home"))


def _is_as_shown(reading: Reading, shown: str) -> bool:
    if not (shown.isascii() and shown.isdigit() and len(shown) <= _LONGEST_NUMBER):
        return False
    return -1 <= reading.at.timestamp() - int(shown) <= ASKED_FOR.total_seconds()


def _is_taken(form: ClockForm, zone: ZoneInfo) -> bool:
    """Confirm what was entered; else say at the form why that cannot be."""
    clock = services().clock
    try:
        clock.confirm(form.at(zone), by=current_account().in_records, far_ahead=form.far_ahead.data)
    except TimeBeforeFloor:
        passed = moment(clock.read().floor)
        form.time.errors = [gettext("It is later than that: %(moment)s has certainly passed.", moment=passed)]
    except TimeTooFarAhead:
        days = services().config.clock.longest_gap_days
        form.far_ahead.errors = [
            gettext("That is more than %(days)d days after this device was last sure of the time.", days=days)
        ]
    except ClockError:
        form.time.errors = [gettext("This device takes its time from elsewhere. Please call whoever looks after it.")]
    else:
        return True
    return False
