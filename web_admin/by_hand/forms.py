"""The form for a member without a card: the reason, and the second officer's own sign-in, now or later."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectChoice, StringField, SubmitField, TimeField
from wtforms.validators import DataRequired, Optional

from appliance.meetings import Meeting
from web_admin.by_hand.second_officer import SecondOfficerForm
from web_admin.forms import at_most, printable

OTHER = "other"
_MOST_DETAILS = 160
"""Characters: with the reason that was chosen they fit into what the records keep."""
REASONS = {
    "probationary": _("Probationary member, no card yet"),
    "forgotten": _("Forgot the card"),
    "broken": _("The card cannot be read"),
    OTHER: _("Another reason"),
}


def preset_reasons() -> dict[str, str]:
    """Return the reasons that were offered, from the words that the records keep to those of the page's language."""
    offered = [words for code, words in REASONS.items() if code != OTHER]
    with force_locale("vi"):
        kept = [str(words) for words in offered]
    return dict(zip(kept, map(str, offered), strict=True))


def reason_on_page(reason: str, presets: Mapping[str, str]) -> str:
    """Return a recorded reason with its offered part translated by ``presets``; typed words stay as they are.

    >>> reason_on_page("Quên thẻ: để ở nhà", {"Quên thẻ": "Forgot the card"})
    'Forgot the card: để ở nhà'
    """
    offered, colon, typed = reason.partition(": ")
    return presets.get(offered, offered) + colon + typed


class ByHandForm(SecondOfficerForm):
    """Why there is no card, and who confirms it; ``later`` is the button for a proposal, which needs no second yet."""

    reason = RadioField(
        _("Why without a card?"),
        choices=[SelectChoice(code, words) for code, words in REASONS.items()],
        validators=[DataRequired(_("Please choose a reason."))],
    )
    details = StringField(_("In your own words"), validators=[Optional(), at_most(_MOST_DETAILS), printable])
    place = StringField(_("At their home: where"), validators=[Optional(), at_most(200), printable])
    came_at = TimeField(_("Came at, where it was not now"), validators=[Optional()])
    later = SubmitField(_("Propose; another officer confirms later"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for words where the reason is another one, and for nobody else where it is proposed."""
        if self.later.data:
            self.username.validators = self.password.validators = ()
        if not super().validate(extra_validators):
            return False
        if self.reason.data == OTHER and not (self.details.data or "").strip():
            self.details.errors = [_("Please tell the reason in a few words.")]
            return False
        return True

    def reason_in_records(self) -> str:
        """Return the reason as the ledger keeps it: in Vietnamese, whichever language the officer reads."""
        details = (self.details.data or "").strip()
        if self.reason.data == OTHER:
            return details
        with force_locale("vi"):
            reason = str(REASONS[self.reason.data])
        return f"{reason}: {details}" if details else reason

    def arrived_at(self, meeting: Meeting, zone: ZoneInfo) -> datetime | None:
        """Return when they came, as UTC: the time of day that was entered, at most half a day before the start."""
        if self.came_at.data is None:
            return None
        half_a_day_before = meeting.starts_at.astimezone(zone) - timedelta(hours=12)
        came = datetime.combine(half_a_day_before.date(), self.came_at.data, tzinfo=zone)
        return (came if came >= half_a_day_before else came + timedelta(days=1)).astimezone(UTC)

    def is_in_time(self, meeting: Meeting, zone: ZoneInfo, *, at: datetime) -> bool:
        """Tell whether they can have come when it says; the form says why they cannot."""
        came = self.arrived_at(meeting, zone)
        if came is None or came <= min(at, meeting.closed_at or at):
            return True
        self.came_at.errors = [gettext("They came before now, and before the meeting was closed.")]
        return False

    def place_in_records(self) -> str | None:
        """Return the place of a home visit; None where they came to the meeting."""
        return (self.place.data or "").strip() or None
