"""The roster line on the touch screen: an officer signs in, chooses whose card comes next, and is signed out again.

The kiosk lists nobody. What an officer sees here stays on the screen for as long as they choose, and no longer.
"""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import logout_user

from appliance.kiosk.board import CHOOSE_MEMBER
from appliance.minutes.attendance import AttendanceRow
from appliance.names import folded
from appliance.persons import Look
from web_admin.kiosk.chosen import reader_names
from web_admin.looks import note_look
from web_admin.meetings.people import people_of
from web_admin.services import attendance, services

blueprint = Blueprint("roster_line", __name__, template_folder="templates")
_FEW = 20
"""So many names need no letters to find one."""


@blueprint.get("/touch/roster")
def choose() -> ResponseReturnValue:
    """List who is not here yet and whose card opens to what the roster keeps, by the first letter of the given name."""
    meeting = services().meetings.current()
    if meeting is not None:
        note_look(Look.LIST, meeting_id=meeting.id)
    rows = [] if meeting is None else _readable(meeting.id)
    letters = sorted({_letter(row.name) for row in rows}) if len(rows) > _FEW else []
    letter = request.args.get("letter", "")
    if letters:
        rows = [row for row in rows if _letter(row.name) == letter]
    return render_template(
        "kiosk/roster_line.html",
        meeting=meeting,
        rows=rows,
        letters=letters,
        letter=letter,
        readers=reader_names(services().config),
        screen=request.args.get("screen", ""),
    )


@blueprint.post("/touch/roster/<int:member_id>")
def read_card(member_id: int) -> ResponseReturnValue:
    """Let the station open the next card with what the roster keeps for this member; sign the officer out here."""
    meeting, reader = services().meetings.current(), request.form.get("reader", "")
    if meeting is None or member_id not in {row.member_id for row in _readable(meeting.id)}:
        abort(404)
    if reader and reader not in reader_names(services().config):
        abort(404)
    note_look(Look.PERSON, meeting_id=meeting.id, member_id=member_id)
    services().board.request(CHOOSE_MEMBER, {"member": str(member_id)}, reader=reader)
    return leave()


@blueprint.post("/touch/leave")
def leave() -> ResponseReturnValue:
    """Sign the officer out and show the kiosk: the screen of the door from which they came, or the shared one."""
    logout_user()
    screen = request.form.get("screen", "")
    is_a_doors = screen in reader_names(services().config)
    return redirect(url_for("kiosk.door", reader=screen) if is_a_doors else url_for("kiosk.screen"))


def _readable(meeting_id: int) -> list[AttendanceRow]:
    with_password = {member.id for member in services().roster.members() if member.has_password}
    people = people_of(attendance().attendance_of(meeting_id))
    return [row for row in (*people.missing, *people.proposed) if row.member_id in with_password]


def _letter(name: str) -> str:
    """The letter under which a Vietnamese name is looked for: the given name's, which comes last."""
    return folded(name.rsplit(maxsplit=1)[-1])[:1].upper()
