"""The forms that plan a meeting and close it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, ValidationError

from appliance.meetings import Admission, MeetingKind, MeetingMode
from appliance.roster import MemberClass
from web_admin.forms import PageForm, RecordingForm, at_most, printable, this_century
from web_admin.meetings.people import CLASS_WORDS

KIND_WORDS = {
    MeetingKind.REGULAR: _("Regular meeting"),
    MeetingKind.THEMATIC: _("Meeting on a subject"),
    MeetingKind.EXTRAORDINARY: _("Extraordinary meeting"),
    MeetingKind.CONGRESS: _("Congress"),
    MeetingKind.EVENT: _("Other event"),
}


MODE_WORDS = {
    MeetingMode.ROSTER: _("The members are expected"),
    MeetingMode.NAMES: _("Nobody is expected; who comes is listed by name"),
    MeetingMode.COUNTS: _("Nobody is expected; who comes is only counted, and nothing of them is kept"),
}
_STATE = re.compile(r"[A-Z]{3}")
_PROFILE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def _each(pattern: re.Pattern[str], sentence: Any) -> Callable[[Any, Any], None]:
    """Return a validator that wants every word of a text to be of a pattern."""

    def check(_form: Any, field: Any) -> None:
        if not all(pattern.fullmatch(word) for word in _words(field.data)):
            raise ValidationError(sentence)

    return check


class MeetingForm(RecordingForm):
    """Kind, title, place, local start, when somebody is late, whether they check out; of an event who may enter."""

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

    check_out = BooleanField(_("Check-out: a second tap is the leaving"))
    mode = SelectField(
        _("Who is expected"),
        default=MeetingMode.ROSTER.value,
        choices=[SelectChoice(mode.value, words) for mode, words in MODE_WORDS.items()],
    )
    classes = SelectMultipleField(
        _("Members of these classes"),
        choices=[SelectChoice(one.value, words) for one, words in CLASS_WORDS.items()],
    )
    by_list = BooleanField(_("Whoever is on a list of numbers (thechip-appliance event admit)"))
    profiles = StringField(
        _("Cards of these profiles"),
        validators=[at_most(200), _each(_PROFILE, _("Please enter names of profiles, such as party-card."))],
    )
    issuing_states = StringField(
        _("Cards of these issuing states"),
        validators=[at_most(200), _each(_STATE, _("Please enter states in three capital letters, such as VNM."))],
    )

    def is_accepted(self, *, today: date) -> bool:
        """Return whether this is a meeting to plan; one whose day is over is meant only where it says so."""
        if not self.validate_on_submit():
            return False
        if self.day.data < today and not self.past.data:
            self.past.errors = [gettext("This day is over. Plan the meeting all the same?")]
            return False
        return self._fits_together()

    def _fits_together(self) -> bool:
        """Say what contradicts what, as the plan of a meeting would refuse it."""
        mode = MeetingMode(self.mode.data)
        if mode is not MeetingMode.ROSTER and self.kind.data != MeetingKind.EVENT.value:
            self.mode.errors = [gettext("Only another event can be without a roll.")]
        elif mode is MeetingMode.ROSTER and self.admission() is not None:
            self.mode.errors = [
                gettext("Members of the roll always enter: a rule is for an event that expects nobody.")
            ]
        elif mode is MeetingMode.COUNTS and self.check_out.data:
            self.mode.errors = [gettext("Where nothing is kept of who came, nobody checks out.")]
        return not self.mode.errors

    def admission(self) -> Admission | None:
        """Return the rule for who may enter; None where every genuine card does."""
        profiles, states = _words(self.profiles.data), _words(self.issuing_states.data)
        if not (profiles or states or self.classes.data or self.by_list.data):
            return None
        classes = frozenset(MemberClass(one) for one in self.classes.data)
        return Admission(frozenset(profiles), frozenset(states), classes, by_list=self.by_list.data)

    def starts_at(self, zone: ZoneInfo) -> datetime:
        """Return the start as UTC."""
        return datetime.combine(self.day.data, self.time.data, tzinfo=zone).astimezone(UTC)

    def late_after_start(self) -> timedelta:
        """Return the time after the start from which somebody is late."""
        return timedelta(minutes=self.late_after.data)


class ClosingForm(PageForm):
    """Who signs the minutes."""

    chair = StringField(_("Chair"), validators=[Optional(), at_most(200), printable])
    secretary = StringField(_("Secretary"), validators=[Optional(), at_most(200), printable])


def _words(text: str | None) -> list[str]:
    return (text or "").replace(",", " ").split()
