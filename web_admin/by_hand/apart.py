"""Who is in no ratio: guests, members of another chi bộ without a card, and who is counted at an event."""

from collections.abc import Iterable
from functools import partial
from typing import Final

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance.meetings import Meeting, MeetingMode
from appliance.minutes.attendance import AttendanceRow
from appliance.names import clean
from web_admin.by_hand.blueprint import NotPossible, blueprint, require_names, require_opened, to_meeting
from web_admin.by_hand.forms import preset_reasons, reason_on_page
from web_admin.by_hand.page import form_page
from web_admin.by_hand.word_forms import ConfirmedReasonForm, GuestForm, VisitorForm
from web_admin.services import attendance, now, services
from web_admin.signin import current_account

_NEWEST: Final = 50


@blueprint.route("/meetings/<int:meeting_id>/guests", methods=["GET", "POST"])
def guest(meeting_id: int) -> ResponseReturnValue:
    """Record somebody who was invited."""
    meeting = _opened(meeting_id)
    require_names(meeting)
    form = GuestForm()
    if form.validate_on_submit():
        if _is_listed(attendance().attendance_of(meeting_id).guests, form.name.data, form.organisation.data):
            return _listed_before(meeting_id, form.name.data)
        with form.once():
            services().guests.record_guest(
                form.name.data,
                organisation=form.organisation.data,
                invited_by=form.invited_by.data,
                recorded_by=current_account().in_records,
                at=now(),
                meeting_id=meeting_id,
            )
        flash(gettext("%(name)s is recorded as a guest.", name=form.name.data.strip()), "good")
        return to_meeting(meeting_id)
    return form_page(form, meeting, heading=gettext("A guest"), submit=gettext("Record the guest"))


@blueprint.route("/meetings/<int:meeting_id>/visitors", methods=["GET", "POST"])
def visitor(meeting_id: int) -> ResponseReturnValue:
    """Record a member of another chi bộ who shows no card."""
    meeting = _opened(meeting_id)
    require_names(meeting)
    form = VisitorForm()
    if form.validate_on_submit():
        if _is_listed(attendance().attendance_of(meeting_id).visitors, form.name.data, form.origin.data):
            return _listed_before(meeting_id, form.name.data)
        with form.once():
            services().guests.record_visitor(
                form.name.data,
                origin=form.origin.data,
                reason=form.reason.data,
                recorded_by=current_account().in_records,
                at=now(),
                meeting_id=meeting_id,
            )
        flash(gettext("%(name)s is recorded as visiting.", name=form.name.data.strip()), "good")
        return to_meeting(meeting_id)
    heading, submit = gettext("A visiting member without a card"), gettext("Record the visiting member")
    return form_page(form, meeting, heading=heading, submit=submit)


@blueprint.route("/meetings/<int:meeting_id>/count", methods=["GET", "POST"])
def count(meeting_id: int) -> ResponseReturnValue:
    """Count one more at an event that keeps no names."""
    meeting = _opened(meeting_id)
    if meeting.mode is not MeetingMode.COUNTS:
        raise NotPossible(gettext("At this meeting people are recorded by name, and not only counted."))
    form = ConfirmedReasonForm()
    if form.validate_on_submit() and (second := form.second_officer()) is not None:
        with form.once():
            sequence = services().checkins.count_by_hand(
                reason=form.reason.data,
                recorded_by=current_account().in_records,
                confirmed_by=second.in_records,
                at=now(),
                meeting_id=meeting_id,
            )
        flash(gettext("One more is counted, as entry %(number)d.", number=sequence), "good")
        return redirect(url_for("by_hand.count", meeting_id=meeting_id))
    return form_page(
        form,
        meeting,
        heading=gettext("Count one more without a card"),
        lead=gettext("Say why there is no card, and not who it is: this event keeps no names."),
        submit=gettext("Count one more"),
    )


@blueprint.get("/meetings/<int:meeting_id>/counted")
def counted(meeting_id: int) -> ResponseReturnValue:
    """List who was counted last, by the time alone, so that one who was counted by mistake can be taken out."""
    meeting = services().meetings.get(meeting_id)
    newest = attendance().counted_at(meeting_id)[:_NEWEST]
    presets = preset_reasons()
    return render_template(
        "by_hand/counted.html",
        meeting=meeting,
        newest=newest,
        reason_words=partial(reason_on_page, presets=presets),
        section="meetings",
    )


def _is_listed(rows: Iterable[AttendanceRow], name: str, origin: str) -> bool:
    """Tell whether somebody of this name is there from the same place: a form that is sent twice records one."""
    wanted = clean(name, "the name"), clean(origin, "the place")
    return any((row.name, row.origin) == wanted for row in rows)


def _listed_before(meeting_id: int, name: str) -> ResponseReturnValue:
    flash(gettext("%(name)s was on the list already; nothing was changed.", name=name.strip()), "good")
    return to_meeting(meeting_id)


def _opened(meeting_id: int) -> Meeting:
    meeting = services().meetings.get(meeting_id)
    require_opened(meeting)
    return meeting
