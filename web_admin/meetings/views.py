"""The meeting list, one meeting live, and its CSV."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from appliance.errors import FormSentBefore, RuleViolation
from appliance.kiosk.board import CHOOSE_MEMBER
from appliance.meetings import Meeting, MeetingKind, MeetingMode, MeetingState
from appliance.names import clean
from appliance.persons import Look
from web_admin.kiosk.chosen import reader_names
from web_admin.lists.room import lists_age
from web_admin.live import hub
from web_admin.looks import note_look, require_look
from web_admin.meetings.forms import KIND_WORDS, ClosingForm, MeetingForm
from web_admin.meetings.people import context_of, event_of
from web_admin.services import attendance, now, services
from web_admin.signin import current_account, is_signed_in

blueprint = Blueprint("meetings", __name__, template_folder="templates")


@blueprint.get("/meetings")
def meetings() -> ResponseReturnValue:
    """Show every meeting, the open one first."""
    everything = services().meetings.all()
    return render_template(
        "meetings/meetings.html",
        current=next((meeting for meeting in everything if meeting.state is MeetingState.OPEN), None),
        planned=[meeting for meeting in reversed(everything) if meeting.state is MeetingState.PLANNED],
        closed=[meeting for meeting in everything if meeting.state is MeetingState.CLOSED],
        kind_words=KIND_WORDS,
        section="meetings",
    )


@blueprint.route("/meetings/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Plan a meeting; it is opened on its own page."""
    zone = ZoneInfo(services().config.time_zone)
    form = MeetingForm()
    local = now().astimezone(zone)
    if form.is_accepted(today=local.date()):
        return _planned(form, zone)
    if not form.is_submitted():
        form.day.data, form.time.data = local.date(), local.time().replace(second=0, microsecond=0)
        form.late_after.data = services().meetings.rules_on(local.date()).late_after // timedelta(minutes=1)
        form.title.data = gettext("Regular meeting of %(month)s", month=f"{local:%m/%Y}")
    is_event = form.mode.data != MeetingMode.ROSTER.value or form.mode.errors
    return render_template("meetings/new.html", form=form, is_event=is_event, section="meetings")


def _planned(form: MeetingForm, zone: ZoneInfo) -> ResponseReturnValue:
    """Plan the meeting of a form, once; a browser that goes back fills in the same in a new form."""
    if (meeting := _like(form, zone)) is not None:
        return _planned_before(meeting.id)
    try:
        with form.once():
            meeting = services().meetings.create(
                kind=MeetingKind(form.kind.data),
                title=form.title.data,
                place=form.place.data,
                starts_at=form.starts_at(zone),
                late_after=form.late_after_start(),
                check_out=form.check_out.data,
                mode=MeetingMode(form.mode.data),
                admission=form.admission(),
            )
    except FormSentBefore:
        return _planned_before(None)
    return redirect(url_for("meetings.meeting", meeting_id=meeting.id))


def _planned_before(meeting_id: int | None) -> ResponseReturnValue:
    flash(gettext("This was recorded already; nothing was changed."), "good")
    if meeting_id is None:
        return redirect(url_for("meetings.meetings"))
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id))


def _like(form: MeetingForm, zone: ZoneInfo) -> Meeting | None:
    """Return a planned meeting of this kind, title, place and start."""
    wanted = (form.kind.data, clean(form.title.data, "the title"), clean(form.place.data, "the place"))
    planned = (one for one in services().meetings.all() if one.state is MeetingState.PLANNED)
    alike = (one for one in planned if (one.kind, one.title, one.place) == wanted)
    return next((one for one in alike if one.starts_at == form.starts_at(zone)), None)


@blueprint.get("/meetings/<int:meeting_id>")
def meeting(meeting_id: int) -> ResponseReturnValue:
    """Show who is here; live while the meeting is open."""
    context = context_of(meeting_id)
    note_look(Look.LIST, meeting_id=meeting_id)
    return render_template(
        "meetings/meeting.html",
        kind_words=KIND_WORDS,
        lists_age=lists_age(),
        readers=reader_names(services().config),
        reader=request.args.get("reader", ""),
        closing_form=ClosingForm() if context["is_open"] else None,
        admitted=services().events.admitted(meeting_id) if context["meeting"].admission is not None else 0,
        section="meetings",
        **context,
    )


@blueprint.get("/meetings/<int:meeting_id>/events")
def events(meeting_id: int) -> Response:
    """Send the attendance part of the page whenever the store changed."""
    services().meetings.get(meeting_id)
    note_look(Look.LIST, meeting_id=meeting_id)
    session_key = current_account().session_key
    return hub().respond(
        "meeting",
        key=(meeting_id, str(get_locale())),
        version=lambda: str(services().database.data_version()),
        compute=lambda: event_of(meeting_id),
        may_watch=lambda: is_signed_in(session_key),
    )


@blueprint.post("/meetings/<int:meeting_id>/open")
def open_meeting(meeting_id: int) -> ResponseReturnValue:
    """Open a planned meeting; from now on cards are admitted to it."""
    try:
        services().meetings.open(meeting_id, at=now(), officer=current_account().in_records)
    except RuleViolation:
        flash(gettext("This meeting cannot be opened: it was opened before, or another one is open."), "bad")
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id))


@blueprint.post("/meetings/<int:meeting_id>/close")
def close_meeting(meeting_id: int) -> ResponseReturnValue:
    """Close an open meeting; its figures are now those of the minutes, which name chair and secretary where told.

    Where another appliance's part is missing, somebody waits for a second officer, or the meeting has not begun, that
    is shown first with the figures, and whoever goes on does so deliberately.
    """
    form = ClosingForm()
    if services().meetings.get(meeting_id).state is not MeetingState.OPEN:
        flash(gettext("This meeting is not open."), "bad")
        return redirect(url_for("meetings.meeting", meeting_id=meeting_id))
    if not form.validate_on_submit():
        _say_what_is_not_right(form)
        return redirect(url_for("meetings.meeting", meeting_id=meeting_id))
    if "without" not in request.form and (doubts := _what_speaks_against_closing(meeting_id)) is not None:
        return render_template("meetings/close.html", form=form, section="meetings", **doubts)
    try:
        services().meetings.close(
            meeting_id,
            at=now(),
            officer=current_account().in_records,
            chair=form.chair.data,
            secretary=form.secretary.data,
        )
    except RuleViolation:
        flash(gettext("This meeting is not open."), "bad")
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id))


def _say_what_is_not_right(form: ClosingForm) -> None:
    for field in (one for one in form if one.errors):
        words = {"field": field.label.text, "sentence": " ".join(map(str, field.errors))}
        flash(gettext("The meeting is still open. %(field)s: %(sentence)s", **words), "bad")


def _what_speaks_against_closing(meeting_id: int) -> dict[str, Any] | None:
    """Return what an officer is shown before an open meeting is closed; None where nothing is to be said."""
    awaited = [one for one in services().bundles.awaited(meeting_id) if not one.is_closed]
    context = context_of(meeting_id)
    meeting, unconfirmed = context["meeting"], context["people"].proposed
    is_early = now() < meeting.starts_at
    if not context["is_open"] or not (awaited or unconfirmed or is_early):
        return None
    if unconfirmed:
        note_look(Look.LIST, meeting_id=meeting_id)
    is_roster = meeting.mode is MeetingMode.ROSTER
    return context | {
        "awaited": awaited,
        "unconfirmed": unconfirmed,
        "is_early": is_early,
        "is_roster": is_roster,
    }


@blueprint.post("/meetings/<int:meeting_id>/members/<int:member_id>/read-card")
def read_card(meeting_id: int, member_id: int) -> ResponseReturnValue:
    """Let the station open the next card with what the roster keeps for this member, who then need not scan it.

    With several doors the officer says at which; without that word it is the first one's.
    """
    meeting, member = services().meetings.get(meeting_id), services().roster.get(member_id)
    reader = request.form.get("reader", "")
    if reader and reader not in reader_names(services().config):
        abort(404)
    if meeting.state is not MeetingState.OPEN:
        flash(gettext("This meeting is not open."), "bad")
    elif meeting.mode is MeetingMode.COUNTS:  # the look would be on record, and tell who came
        flash(gettext("This event only counts who comes. Please scan the card."), "bad")
    elif not member.has_password:
        flash(gettext("The roster does not know the code of this member's card. Please scan it."), "bad")
    else:
        note_look(Look.PERSON, meeting_id=meeting_id, member_id=member_id)
        services().board.request(CHOOSE_MEMBER, {"member": str(member.id)}, reader=reader)
        flash(_hold_the_card(member.name, reader), "good")
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id, reader=reader or None))


def _hold_the_card(name: str, reader: str) -> str:
    if not reader or len(reader_names(services().config)) == 1:
        return str(gettext("Please let %(name)s hold the card to the reader, within half a minute.", name=name))
    return str(
        gettext(
            "Please let %(name)s hold the card to the reader “%(reader)s”, within half a minute.",
            name=name,
            reader=reader,
        )
    )


@blueprint.get("/meetings/<int:meeting_id>/attendance.csv")
def export(meeting_id: int) -> Response:
    """Download the list as CSV, as it stands now; its name says so while the meeting may still change it."""
    meeting = services().meetings.get(meeting_id)
    day = meeting.starts_at.astimezone(ZoneInfo(services().config.time_zone)).date()
    provisional = "" if meeting.state is MeetingState.CLOSED else "-tam-tinh"
    require_look(Look.EXPORT, meeting_id=meeting_id)
    name = f"diem-danh-{day.isoformat()}-{meeting_id}{provisional}.csv"
    lines = (line.encode() for line in attendance().csv_lines(meeting_id))
    return Response(
        lines,
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
