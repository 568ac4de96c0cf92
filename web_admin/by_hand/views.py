"""Choose a member who is not here yet, then record them with a reason and a second officer's confirmation."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance.accounts import Account
from appliance.checkin.service import Decision
from appliance.errors import RuleViolation
from appliance.minutes.attendance import AttendanceRow
from appliance.names import folded
from appliance.persons import Look
from web_admin.by_hand.forms import ByHandForm
from web_admin.looks import note_look
from web_admin.meetings.people import CLASS_WORDS
from web_admin.services import attendance, now, services
from web_admin.signin import account_for, current_account

blueprint = Blueprint("by_hand", __name__, template_folder="templates")
_LONGEST_QUERY = 100


@blueprint.get("/meetings/<int:meeting_id>/by-hand")
def choose(meeting_id: int) -> ResponseReturnValue:
    """List who is not here; a search finds names without their accents."""
    listed = attendance().attendance_of(meeting_id)
    note_look(Look.LIST, meeting_id=meeting_id)
    query = request.args.get("q", "").strip()[:_LONGEST_QUERY]
    return render_template(
        "by_hand/choose.html",
        meeting=listed.meeting,
        rows=_matching([row for row in listed.rows if not row.state.is_here], query),
        query=query,
        class_words=CLASS_WORDS,
        section="meetings",
    )


@blueprint.route("/meetings/<int:meeting_id>/by-hand/<int:member_id>", methods=["GET", "POST"])
def record(meeting_id: int, member_id: int) -> ResponseReturnValue:
    """Ask for the reason and the second officer; record the member when both are there."""
    member = services().roster.get(member_id)
    meeting = services().meetings.get(meeting_id)
    note_look(Look.PERSON, meeting_id=meeting_id, member_id=member_id)
    form = ByHandForm()
    if form.validate_on_submit() and (second := _second_officer(form)) is not None:
        try:
            done = services().checkins.record_by_hand(
                member_id,
                reason=form.reason_in_records(),
                recorded_by=current_account().in_records,
                confirmed_by=second.in_records,
                at=now(),
                meeting_id=meeting_id,
            )
        except RuleViolation:
            flash(gettext("Nobody can be recorded for this meeting: it was not opened."), "bad")
        else:
            _tell(done.decision, member.name)
        return redirect(url_for("meetings.meeting", meeting_id=meeting_id))
    return render_template(
        "by_hand/record.html",
        form=form,
        member=member,
        meeting=meeting,
        class_words=CLASS_WORDS,
        first=current_account(),
        nobody_confirms=not _others_who_confirm(),
        section="meetings",
    )


def _matching(rows: list[AttendanceRow], query: str) -> list[AttendanceRow]:
    """Keep those whose name holds every word; of a closed meeting, who has left the roster since is among them."""
    words = folded(query).split()
    return [row for row in rows if all(word in folded(row.name) for word in words)]


def _others_who_confirm() -> bool:
    """Whether anybody else can sign in, and so confirm."""
    return any(account.is_active and account.id != current_account().id for account in services().accounts.all())


def _second_officer(form: ByHandForm) -> Account | None:
    """The officer whose password was given; nobody confirms their own entry."""
    second = account_for(form.username.data, form.password.data)
    if second is None:
        form.password.errors = [gettext("This username and password do not belong together. Please try again.")]
        return None
    if second.id == current_account().id:
        form.username.errors = [gettext("You cannot confirm your own entry. Please ask another officer.")]
        return None
    return second


def _tell(decision: Decision, name: str) -> None:
    if decision is Decision.ALREADY_PRESENT:
        flash(gettext("%(name)s was on the list already; nothing was changed.", name=name), "good")
    else:
        flash(gettext("%(name)s is recorded by hand.", name=name), "good")
