"""What all pages of this folder share: their blueprint, and what an officer reads when something cannot be recorded."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance.checkin.officers import SameOfficer
from appliance.errors import FormSentBefore, NotFound, RuleViolation
from appliance.ledger import Entry
from appliance.meetings import Meeting, MeetingMode, MeetingState
from appliance.roster import Member
from web_admin.services import services

blueprint = Blueprint("by_hand", __name__, template_folder="templates")


class NotPossible(Exception):
    """Something cannot be recorded, and this is the sentence that says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def require_names(meeting: Meeting) -> None:
    """Raise NotPossible for an event that only counts."""
    if meeting.mode is MeetingMode.COUNTS:
        raise NotPossible(gettext("This event only counts who comes: nobody is recorded by name."))


def require_opened(meeting: Meeting) -> None:
    """Raise NotPossible for a meeting that is only planned."""
    if meeting.state is MeetingState.PLANNED:
        raise NotPossible(gettext("Nobody can be recorded for this meeting: it was not opened."))


def recordable(meeting: Meeting, member_id: int) -> Member:
    """Return a member who has a line in the list of this meeting.

    Raises NotPossible for one who left or was not on the roll, NotFound for nobody.
    """
    member = services().roster.get(member_id)
    require_names(meeting)
    try:
        return services().checkins.expected(member_id, meeting.id)
    except NotFound:
        if meeting.state is MeetingState.CLOSED:
            sentence = gettext(
                "This member was not on the roll when the meeting closed: nothing can be recorded of them."
            )
        elif member.has_left:
            sentence = gettext("This member is not on the roster any more: nothing can be recorded of them.")
        else:
            raise
        raise NotPossible(sentence) from None


def entry_of(meeting_id: int, sequence: int) -> Entry:
    """Return an entry of this meeting; NotFound for another meeting's, and for one whose person was erased."""
    entry = services().ledger.entry(sequence)
    if entry.meeting_id != meeting_id or entry.body is None:
        msg = f"entry {sequence} is none of this meeting, or its person was erased"
        raise NotFound(msg)
    return entry


def to_meeting(meeting_id: int) -> ResponseReturnValue:
    """Lead back to the meeting's list."""
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id))


@blueprint.errorhandler(NotPossible)
def _not_possible(error: NotPossible) -> ResponseReturnValue:
    return _told(error.sentence)


@blueprint.errorhandler(SameOfficer)
def _same_officer(_error: SameOfficer) -> ResponseReturnValue:
    return _told(gettext("You cannot confirm your own entry. Please ask another officer."))


@blueprint.errorhandler(FormSentBefore)
def _sent_before(_error: FormSentBefore) -> ResponseReturnValue:
    """A second click, or the form of the page before: what it says is on record."""
    flash(gettext("This was recorded already; nothing was changed."), "good")
    return _to_its_meeting()


@blueprint.errorhandler(RuleViolation)
def _changed_meanwhile(_error: RuleViolation) -> ResponseReturnValue:
    """What was possible when the page was opened is not any more: another officer, another tab, a card meanwhile."""
    return _told(
        gettext("Nothing was recorded: the list has changed since this page was opened. Please look at it again.")
    )


def _told(sentence: str) -> ResponseReturnValue:
    flash(sentence, "bad")
    return _to_its_meeting()


def _to_its_meeting() -> ResponseReturnValue:
    return to_meeting(int((request.view_args or {})["meeting_id"]))
