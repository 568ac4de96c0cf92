"""Absences: why somebody does not come, before the meeting, during it or afterwards; and that it is taken back."""

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance.errors import RuleViolation
from appliance.ledger import EntryKind
from appliance.meetings import Meeting, MeetingMode
from appliance.minutes.attendance import AttendanceState
from appliance.names import clean
from appliance.persons import Look
from web_admin.by_hand.blueprint import NotPossible, blueprint, entry_of, recordable, to_meeting
from web_admin.by_hand.page import form_page, seen_name
from web_admin.by_hand.word_forms import ReasonForm
from web_admin.looks import note_look
from web_admin.services import attendance, now, services
from web_admin.signin import current_account


@blueprint.route("/meetings/<int:meeting_id>/members/<int:member_id>/absence", methods=["GET", "POST"])
def excuse(meeting_id: int, member_id: int) -> ResponseReturnValue:
    """Record the reason for an absence; who comes nevertheless is present."""
    meeting = services().meetings.get(meeting_id)
    member = recordable(meeting, member_id)
    if meeting.mode is not MeetingMode.ROSTER:
        raise NotPossible(gettext("This event expects nobody, so nobody is absent from it."))
    note_look(Look.PERSON, meeting_id=meeting_id, member_id=member_id)
    form = ReasonForm()
    if form.validate_on_submit():
        if not _is_on_record(meeting, member_id, form.reason.data):
            with form.once():
                services().checkins.excuse(
                    member_id,
                    reason=form.reason.data,
                    recorded_by=current_account().in_records,
                    at=now(),
                    meeting_id=meeting_id,
                )
        flash(gettext("The reason why %(name)s does not come is recorded.", name=member.name), "good")
        return to_meeting(meeting_id)
    return form_page(
        form,
        meeting,
        heading=member.name,
        lead=gettext("Why do they not come? Whoever comes nevertheless is present."),
        submit=gettext("Record the reason"),
    )


def _is_on_record(meeting: Meeting, member_id: int, reason: str) -> bool:
    """Tell whether this reason stands already: a form that is sent twice would leave one that comes back later."""
    rows = attendance().attendance_of(meeting.id).rows
    row = next((row for row in rows if row.member_id == member_id), None)
    return row is not None and row.state is AttendanceState.EXCUSED and row.reason == clean(reason, "the reason")


@blueprint.route("/meetings/<int:meeting_id>/entries/<int:sequence>/withdraw", methods=["GET", "POST"])
def withdraw(meeting_id: int, sequence: int) -> ResponseReturnValue:
    """Let a reason count no more: it was taken back, or is not accepted."""
    entry = entry_of(meeting_id, sequence)
    if entry.kind is not EntryKind.EXCUSED:
        msg = f"entry {sequence} is no reason for an absence"
        raise RuleViolation(msg)
    form = ReasonForm()
    if form.validate_on_submit():
        officer = current_account().in_records
        with form.once():
            services().checkins.withdraw_excuse(sequence, reason=form.reason.data, recorded_by=officer, at=now())
        flash(gettext("The reason for the absence counts no more, and stays on record."), "good")
        return to_meeting(meeting_id)
    return form_page(
        form,
        services().meetings.get(meeting_id),
        heading=seen_name(entry),
        lead=gettext("Why does the reason for their absence count no more?"),
        submit=gettext("Withdraw the reason"),
    )
