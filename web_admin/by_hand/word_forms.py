"""The forms for what one officer says, and for a correction, which two say."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from wtforms import DateField, StringField, TimeField
from wtforms.validators import DataRequired, InputRequired

from web_admin.by_hand.second_officer import SecondOfficerForm
from web_admin.forms import RecordingForm, at_most, printable, this_century

_TEXT = (at_most(200), printable)


class ReasonForm(RecordingForm):
    """Why: of an absence, of a proposal that is declined, of an excuse that is withdrawn."""

    reason = StringField(_("Reason"), validators=[DataRequired(_("Please tell the reason in a few words.")), *_TEXT])


class ConfirmedReasonForm(SecondOfficerForm):
    """Why, and another officer who confirms it: of a correction, of somebody who is counted by hand."""

    reason = StringField(_("Reason"), validators=[DataRequired(_("Please tell the reason in a few words.")), *_TEXT])


class LeavingForm(RecordingForm):
    """When somebody left, as the clock on the wall said, and why it was not their card that said so."""

    day = DateField(_("Day"), validators=[InputRequired(_("Please enter the day.")), this_century])
    time = TimeField(_("Left at"), validators=[InputRequired(_("Please enter the time."))])
    reason = StringField(_("Reason"), validators=[DataRequired(_("Please tell the reason in a few words.")), *_TEXT])

    def left_at(self, zone: ZoneInfo) -> datetime:
        """Return what was entered, as UTC."""
        return datetime.combine(self.day.data, self.time.data, tzinfo=zone).astimezone(UTC)


class GuestForm(RecordingForm):
    """Somebody who was invited."""

    name = StringField(_("Name"), validators=[DataRequired(_("Please enter a name.")), *_TEXT])
    organisation = StringField(
        _("Organisation"), validators=[DataRequired(_("Please enter where they are from.")), *_TEXT]
    )
    invited_by = StringField(_("Invited by"), validators=[DataRequired(_("Please enter who invited them.")), *_TEXT])


class VisitorForm(RecordingForm):
    """A member of another chi bộ who shows no card."""

    name = StringField(_("Name"), validators=[DataRequired(_("Please enter a name.")), *_TEXT])
    origin = StringField(_("Their chi bộ"), validators=[DataRequired(_("Please enter where they are from.")), *_TEXT])
    reason = StringField(
        _("Why without a card?"), validators=[DataRequired(_("Please tell the reason in a few words.")), *_TEXT]
    )


class HomeVisitForm(RecordingForm):
    """Where the appliance is taken."""

    place = StringField(_("Place"), validators=[DataRequired(_("Please enter the place.")), *_TEXT])
