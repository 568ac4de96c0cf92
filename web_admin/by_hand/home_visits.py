"""Home visits: the appliance goes to people, and what it records carries the place and the officer until it is back."""

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance.errors import RuleViolation
from appliance.meetings import MeetingState
from web_admin.by_hand.blueprint import NotPossible, blueprint, require_names, to_meeting
from web_admin.by_hand.page import form_page
from web_admin.by_hand.word_forms import HomeVisitForm
from web_admin.services import now, services
from web_admin.signin import current_account


@blueprint.route("/meetings/<int:meeting_id>/home-visit", methods=["GET", "POST"])
def begin_visit(meeting_id: int) -> ResponseReturnValue:
    """Ask where; from now on check-ins are those of this place, and of the officer who is signed in."""
    meeting = services().meetings.get(meeting_id)
    require_names(meeting)
    if meeting.state is not MeetingState.OPEN:
        raise NotPossible(gettext("This meeting is not open."))
    form = HomeVisitForm()
    if not form.is_submitted() and services().home_visits.current() is not None:
        raise _not_ended()
    if form.validate_on_submit():
        _begin(form)
        flash(gettext("The home visit has begun: whoever is recorded now is recorded at that place."), "good")
        return to_meeting(meeting_id)
    return form_page(
        form,
        meeting,
        heading=gettext("Home visit"),
        lead=gettext("You, %(name)s, take the appliance there and answer for it.", name=current_account().display_name),
        submit=gettext("Begin the home visit"),
    )


@blueprint.post("/meetings/<int:meeting_id>/home-visit/end")
def end_visit(meeting_id: int) -> ResponseReturnValue:
    """End it: check-ins are those of the meeting's own place again."""
    services().meetings.get(meeting_id)
    if not services().home_visits.end(meeting_id):
        raise NotPossible(gettext("No home visit is on."))
    flash(gettext("The home visit is over."), "good")
    return to_meeting(meeting_id)


def _begin(form: HomeVisitForm) -> None:
    try:
        with form.once():
            services().home_visits.begin(place=form.place.data, officer=current_account().in_records, at=now())
    except RuleViolation:
        raise _not_ended() from None


def _not_ended() -> NotPossible:
    return NotPossible(gettext("Another home visit was not ended. Please end it first."))
