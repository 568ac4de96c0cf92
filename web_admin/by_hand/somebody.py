"""One member at one meeting: what was recorded of them and on whose word, and what can be recorded now."""

from functools import partial
from zoneinfo import ZoneInfo

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from appliance.checkin.by_hand import CORRECTABLE
from appliance.errors import FormSentBefore, RuleViolation
from appliance.ledger import EntryKind
from appliance.meetings import Meeting, MeetingMode
from appliance.minutes.attendance import AttendanceRow
from appliance.persons import Look
from web_admin.by_hand.blueprint import NotPossible, blueprint, recordable, require_names, require_opened, to_meeting
from web_admin.by_hand.forms import preset_reasons, reason_on_page
from web_admin.by_hand.page import form_page
from web_admin.by_hand.word_forms import LeavingForm
from web_admin.looks import note_look
from web_admin.meetings.people import CLASS_WORDS
from web_admin.services import attendance, now, services
from web_admin.signin import current_account

KIND_WORDS = {
    EntryKind.CHECK_IN: _("Came, by card"),
    EntryKind.CHECK_IN_BY_HAND: _("Recorded by hand"),
    EntryKind.PROPOSED: _("Proposed by one officer"),
    EntryKind.DECLINED: _("Proposal declined"),
    EntryKind.CORRECTION: _("Corrected"),
    EntryKind.EXCUSED: _("Reason for the absence"),
    EntryKind.EXCUSE_WITHDRAWN: _("Reason withdrawn"),
    EntryKind.CHECK_OUT: _("Left"),
}


@blueprint.get("/meetings/<int:meeting_id>/members/<int:member_id>")
def somebody(meeting_id: int, member_id: int) -> ResponseReturnValue:
    """Show the entries of a member at a meeting, and what an officer can do."""
    meeting = services().meetings.get(meeting_id)
    require_names(meeting)
    member = services().roster.get(member_id)
    row = _row(meeting, member_id)
    history = attendance().history_of(meeting_id, member_id)
    is_recordable = _is_recordable(meeting, member_id, row)
    if not is_recordable and row is None and not history:
        recordable(meeting, member_id)  # says why there is nothing to see
    note_look(Look.PERSON, meeting_id=meeting_id, member_id=member_id)
    proposal = None if row is None else row.proposal
    return render_template(
        "by_hand/somebody.html",
        meeting=meeting,
        member=member,
        row=row,
        is_recordable=is_recordable,
        history=history,
        kind_words=KIND_WORDS,
        correctable=CORRECTABLE,
        class_words=CLASS_WORDS,
        is_expected=meeting.mode is MeetingMode.ROSTER,
        reason_words=partial(reason_on_page, presets=preset_reasons()),
        pending=None if proposal is None else proposal.sequence,
        is_own=proposal is not None and proposal.recorded_by == current_account().in_records,
        section="meetings",
    )


@blueprint.route("/meetings/<int:meeting_id>/members/<int:member_id>/leaving", methods=["GET", "POST"])
def leave(meeting_id: int, member_id: int) -> ResponseReturnValue:
    """Record when a member left, where the meeting wants to know and their card did not say it."""
    meeting = services().meetings.get(meeting_id)
    member = recordable(meeting, member_id)
    require_opened(meeting)
    row = _row(meeting, member_id)
    if not meeting.check_out or row is None or not row.state.is_here:
        raise NotPossible(
            gettext("Only where the meeting wants check-out, and of somebody who is here, is the leaving recorded.")
        )
    note_look(Look.PERSON, meeting_id=meeting_id, member_id=member_id)
    form, zone = LeavingForm(), ZoneInfo(services().config.time_zone)
    if form.validate_on_submit() and _is_recorded(form, meeting, row, zone):
        flash(gettext("It is recorded when %(name)s left.", name=member.name), "good")
        return to_meeting(meeting_id)
    if not form.is_submitted() and row.at is not None:
        form.day.data = row.at.astimezone(zone).date()
    return form_page(
        form,
        meeting,
        heading=member.name,
        lead=gettext("When did they leave, and why not by their card?"),
        submit=gettext("Record the leaving"),
    )


def _is_recordable(meeting: Meeting, member_id: int, row: AttendanceRow | None) -> bool:
    """Tell whether somebody who is not here can be recorded, or excused."""
    if row is not None:
        return not row.state.is_here and not row.is_outside_roll
    try:
        recordable(meeting, member_id)
    except NotPossible:
        return False
    return True


def _is_recorded(form: LeavingForm, meeting: Meeting, row: AttendanceRow, zone: ZoneInfo) -> bool:
    """Record the leaving; False, and the form says why, for a time that cannot be."""
    left_at = form.left_at(zone)
    if row.at is not None and left_at == row.at.replace(second=0, microsecond=0):
        left_at = row.at  # in the minute in which they came
    if left_at == row.left_at:  # a browser that went back filled in the same
        msg = "this leaving is on record"
        raise FormSentBefore(msg)
    try:
        with form.once():
            services().checkins.check_out_by_hand(
                row.member_id or 0,
                left_at=left_at,
                reason=form.reason.data,
                recorded_by=current_account().in_records,
                at=now(),
                meeting_id=meeting.id,
            )
    except RuleViolation:
        form.time.errors = [gettext("They left after they came, and not in the future.")]
        return False
    return True


def _row(meeting: Meeting, member_id: int) -> AttendanceRow | None:
    """Return the line of a member in the list of a meeting, also of one who is outside its roll."""
    listed = attendance().attendance_of(meeting.id)
    return next((row for row in (*listed.rows, *listed.visitors) if row.member_id == member_id), None)
