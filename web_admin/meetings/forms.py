"""The form that plans a meeting."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DateField, IntegerField, SelectChoice, SelectField, StringField, TimeField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from appliance.meetings import MeetingKind
from web_admin.forms import PageForm, at_most, printable, this_century

KIND_WORDS = {
    MeetingKind.REGULAR: _("Regular meeting"),
    MeetingKind.THEMATIC: _("Meeting on a subject"),
    MeetingKind.EXTRAORDINARY: _("Extraordinary meeting"),
    MeetingKind.CONGRESS: _("Congress"),
    MeetingKind.EVENT: _("Other event"),
}


class MeetingForm(PageForm):
    """Kind, title, place, local start and the minutes after which somebody is late."""

    kind = SelectField(_("Kind"), choices=[SelectChoice(kind.value, words) for kind, words in KIND_WORDS.items()])
    title = StringField(_("Title"), validators=[DataRequired(_("Please enter a title.")), at_most(200), printable])
    place = StringField(_("Place"), validators=[DataRequired(_("Please enter the place.")), at_most(200), printable])
    day = DateField(_("Day"), validators=[InputRequired(_("Please enter the day.")), this_century])
    past = BooleanField(_("This day is over, and I plan the meeting all the same."))
    time = TimeField(_("Beginning"), validators=[InputRequired(_("Please enter the time."))])
    late_after = IntegerField(
        _("Late after (minutes)"),
        default=15,
        validators=[
            InputRequired(_("Please enter the minutes.")),
            NumberRange(0, 240, _("Between 0 and 240 minutes.")),
        ],
    )

    def is_accepted(self, *, today: date) -> bool:
        """Return whether this is a meeting to plan; one whose day is over is meant only where it says so."""
        if not self.validate_on_submit():
            return False
        if self.day.data < today and not self.past.data:
            self.past.errors = [gettext("This day is over. Plan the meeting all the same?")]
            return False
        return True

    def starts_at(self, zone: ZoneInfo) -> datetime:
        """Return the start as UTC."""
        return datetime.combine(self.day.data, self.time.data, tzinfo=zone).astimezone(UTC)

    def late_after_start(self) -> timedelta:
        """Return the time after the start from which somebody is late."""
        return timedelta(minutes=self.late_after.data)
