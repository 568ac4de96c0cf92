"""The form for a member without a card: the reason, and the second officer's own sign-in, now or later."""

from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectChoice, StringField, SubmitField
from wtforms.validators import DataRequired, Optional

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

    def place_in_records(self) -> str | None:
        """Return the place of a home visit; None where they came to the meeting."""
        return (self.place.data or "").strip() or None
