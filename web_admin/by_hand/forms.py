"""The form for a member without a card: the reason, and the second officer's own sign-in."""

from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _
from wtforms import PasswordField, RadioField, SelectChoice, StringField
from wtforms.validators import DataRequired

from web_admin.forms import PageForm, at_most
from web_admin.signin import MAX_PASSWORD_LENGTH

OTHER = "other"
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


class ByHandForm(PageForm):
    """Why there is no card, and who confirms it."""

    reason = RadioField(
        _("Why without a card?"),
        choices=[SelectChoice(code, words) for code, words in REASONS.items()],
        validators=[DataRequired(_("Please choose a reason."))],
    )
    details = StringField(_("In your own words"), validators=[at_most(200)])
    username = StringField(
        _("Username of the second officer"),
        validators=[DataRequired(_("A second officer must confirm.")), at_most(32)],
    )
    password = PasswordField(
        _("Password of the second officer"),
        validators=[DataRequired(_("A second officer must confirm.")), at_most(MAX_PASSWORD_LENGTH)],
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for words where the reason is another one."""
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
