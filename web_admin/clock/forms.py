"""The form by which an officer says what time it is."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DateField, TimeField
from wtforms.validators import InputRequired

from web_admin.forms import PageForm, this_century


class ClockForm(PageForm):
    """Local day and time; ``far_ahead`` is offered where they lie further ahead than a device is ever switched off."""

    day = DateField(_("Day"), validators=[InputRequired(_("Please enter the day.")), this_century])
    time = TimeField(_("Time"), validators=[InputRequired(_("Please enter the time."))])
    far_ahead = BooleanField(_("It is so: the device was switched off for that long."))

    def at(self, zone: ZoneInfo) -> datetime:
        """Return what was entered, as UTC."""
        return datetime.combine(self.day.data, self.time.data, tzinfo=zone).astimezone(UTC)
