"""Choose a member who is not here yet, then record them with a reason and a second officer's confirmation."""

from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance.accounts import Account
from appliance.checkin.officers import Officer
from appliance.checkin.service import Decision
from appliance.meetings import Meeting, MeetingMode
from appliance.minutes.attendance import AttendanceList
from appliance.names import folded
from appliance.persons import Look
from appliance.roster import Member
from web_admin.by_hand import absences, apart, corrections, home_visits, proposals, somebody
from web_admin.by_hand.blueprint import blueprint, recordable, require_opened, to_meeting
from web_admin.by_hand.forms import ByHandForm
from web_admin.by_hand.second_officer import nobody_confirms
from web_admin.looks import note_look
from web_admin.meetings.people import CLASS_WORDS
from web_admin.services import attendance, now, services
from web_admin.signin import current_account

__all__ = ["PARTS", "blueprint"]

PARTS = (absences, apart, corrections, home_visits, proposals, somebody)
"""The other pages of the blueprint."""
_LONGEST_QUERY = 100


@blueprint.get("/meetings/<int:meeting_id>/by-hand")
def choose(meeting_id: int) -> ResponseReturnValue:
    """List who is not here; a search finds names without their accents."""
    listed = attendance().attendance_of(meeting_id)
    if listed.meeting.mode is MeetingMode.COUNTS:
        return redirect(url_for("by_hand.count", meeting_id=meeting_id))
    note_look(Look.LIST, meeting_id=meeting_id)
    require_opened(listed.meeting)
    query = request.args.get("q", "").strip()[:_LONGEST_QUERY]
    words = folded(query).split()
    return render_template(
        "by_hand/choose.html",
        meeting=listed.meeting,
        people=[one for one in _not_here(listed) if all(word in folded(one[1]) for word in words)],
        query=query,
        class_words=CLASS_WORDS,
        section="meetings",
    )


@blueprint.route("/meetings/<int:meeting_id>/by-hand/<int:member_id>", methods=["GET", "POST"])
def record(meeting_id: int, member_id: int) -> ResponseReturnValue:
    """Ask for the reason and the second officer; record the member when both are there, or propose them."""
    meeting = services().meetings.get(meeting_id)
    member = recordable(meeting, member_id)
    require_opened(meeting)
    note_look(Look.PERSON, meeting_id=meeting_id, member_id=member_id)
    form, zone = ByHandForm(), ZoneInfo(services().config.time_zone)
    if form.validate_on_submit() and form.is_in_time(meeting, zone, at=now()):
        if form.later.data:
            return _propose(form, meeting, member)
        if (second := form.second_officer()) is not None:
            return _record(form, meeting, member, second)
    visit = services().home_visits.current()
    if not form.is_submitted() and visit is not None and visit.meeting_id == meeting_id:
        form.place.data = visit.place
    return render_template(
        "by_hand/record.html",
        form=form,
        member=member,
        meeting=meeting,
        visit=visit if visit is not None and visit.meeting_id == meeting_id else None,
        class_words=CLASS_WORDS,
        first=current_account(),
        nobody_confirms=nobody_confirms(),
        section="meetings",
    )


def _record(form: ByHandForm, meeting: Meeting, member: Member, second: Account) -> ResponseReturnValue:
    with form.once():
        done = services().checkins.record_by_hand(
            member.id,
            reason=form.reason_in_records(),
            recorded_by=current_account().in_records,
            confirmed_by=second.in_records,
            at=now(),
            meeting_id=meeting.id,
            place=form.place_in_records(),
            arrived_at=form.arrived_at(meeting, ZoneInfo(services().config.time_zone)),
        )
    if done.decision is Decision.ALREADY_PRESENT:
        flash(gettext("%(name)s was on the list already; nothing was changed.", name=member.name), "good")
    else:
        flash(gettext("%(name)s is recorded by hand.", name=member.name), "good")
    return to_meeting(meeting.id)


def _propose(form: ByHandForm, meeting: Meeting, member: Member) -> ResponseReturnValue:
    with form.once():
        services().proposals.propose(
            member.id,
            reason=form.reason_in_records(),
            by=Officer(current_account().id, current_account().in_records),
            at=now(),
            meeting_id=meeting.id,
            place=form.place_in_records(),
            arrived_at=form.arrived_at(meeting, ZoneInfo(services().config.time_zone)),
        )
    flash(gettext("%(name)s is proposed, and counts once another officer confirms it.", name=member.name), "good")
    return to_meeting(meeting.id)


def _not_here(listed: AttendanceList) -> list[tuple[int, str, str]]:
    """Return number, name and class of who is not here; an event without a roll may be entered by everybody."""
    if listed.meeting.mode is MeetingMode.ROSTER:
        missing = (row for row in listed.rows if not row.state.is_here and row.proposal is None)
        return [(row.member_id or 0, row.name, row.member_class or "") for row in missing]
    known = {row.member_id for row in listed.rows}
    return [(one.id, one.name, one.member_class) for one in services().roster.members() if one.id not in known]
