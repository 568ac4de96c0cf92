"""The page of a short form, and whom an entry is about."""

from flask import render_template, url_for
from flask_babel import gettext

from appliance.errors import NotFound
from appliance.ledger import Entry
from appliance.meetings import Meeting
from appliance.persons import Look
from appliance.standing.entries import member_of
from web_admin.by_hand.second_officer import SecondOfficerForm, nobody_confirms
from web_admin.forms import PageForm
from web_admin.looks import note_look
from web_admin.services import services
from web_admin.signin import current_account

_NOT_SHOWN = ("CSRFTokenField", "HiddenField", "PasswordField", "SubmitField")


def form_page(
    form: PageForm, meeting: Meeting, *, heading: str, submit: str, lead: str = "", back: str | None = None
) -> str:
    """Render a form of few fields, and the second officer's part where it has one."""
    is_confirmed = isinstance(form, SecondOfficerForm)
    return render_template(
        "by_hand/form.html",
        form=form,
        fields=[one for one in form if one.type not in _NOT_SHOWN and one.name != "username"],
        meeting=meeting,
        heading=heading,
        lead=lead,
        submit=submit,
        back=back or url_for("meetings.meeting", meeting_id=meeting.id),
        is_confirmed=is_confirmed,
        first=current_account(),
        nobody_confirms=is_confirmed and nobody_confirms(),
        section="meetings",
    )


def member_in(entry: Entry) -> int:
    """Return whom of the roster an entry is about; NotFound where it is about nobody of it."""
    member_id = None if entry.subject is None else member_of(entry.subject)
    if member_id is None:
        msg = f"entry {entry.sequence} is about nobody of the roster"
        raise NotFound(msg)
    return member_id


def seen_name(entry: Entry) -> str:
    """Return the name of whom an entry is about, and record that an officer looked."""
    meeting_id = entry.meeting_id or 0
    if entry.subject is None:
        return str(gettext("One who was counted"))
    if (member_id := member_of(entry.subject)) is not None:
        note_look(Look.PERSON, meeting_id=meeting_id, member_id=member_id)
        return services().roster.get(member_id).name
    note_look(Look.LIST, meeting_id=meeting_id)
    return str((entry.body or {}).get("name", ""))
