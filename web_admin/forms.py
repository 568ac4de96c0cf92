"""What all forms share: the library's own few sentences come from our catalogue, in both languages."""

import hashlib
import secrets
from contextlib import AbstractContextManager
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import Length, ValidationError

from appliance.errors import RuleViolation
from appliance.names import clean
from web_admin.services import now, services

LIBRARY_SENTENCES = (
    _("Not a valid choice."),
    _("Not a valid date value."),
    _("Not a valid integer value."),
    _("Not a valid time value."),
)
"""What WTForms itself says of a value that it cannot read; named here so that they are translated."""

_MOST_BY_NFC = 3
"""A text in NFC is at most so many times as long as it was (Unicode, UAX #15)."""


class _Translations:
    """WTForms has no Vietnamese: its sentences are looked up where ours are."""

    def gettext(self, sentence: str) -> str:
        return str(gettext(sentence))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return str(gettext(singular if number == 1 else plural))


class PageForm(FlaskForm):  # type: ignore[misc]
    """A form of the page, with CSRF protection."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """WTForms' settings."""

        def get_translations(self, form: Any) -> _Translations:  # noqa: ARG002  its interface
            """Return our catalogue."""
            return _Translations()


class RecordingForm(PageForm):
    """A form that is recorded once, however often it is sent: by a second click, or from the page before."""

    number = HiddenField(default=lambda: secrets.token_urlsafe(16))
    """Of this one form, from when it is shown until it is recorded."""

    def once(self) -> AbstractContextManager[None]:
        """Return the ``with`` block in which this form is recorded; FormSentBefore inside where it was before."""
        return services().database.once(hashlib.sha256((self.number.data or "").encode()).digest(), at=now())


def printable(_form: Any, field: Any) -> None:
    """Refuse a text that the records would refuse, while the form can still say so; NFC makes some texts longer."""
    text = field.data or ""
    try:
        cleaned = clean(text, "the text", longest=_MOST_BY_NFC * len(text) + 1)
    except RuleViolation:
        raise ValidationError(gettext("Please use letters and signs that can be printed.")) from None
    most = min((one.max for one in field.validators if isinstance(one, Length)), default=len(cleaned))
    if len(cleaned) > most:
        raise ValidationError(gettext("At most %(max)d characters.", max=most))


def this_century(_form: Any, field: Any) -> None:
    """Refuse a year that was mistyped; the first and the last ones that exist have no time in every zone."""
    if field.data is not None and not 2000 <= field.data.year < 2100:
        raise ValidationError(gettext("Please check the year."))


def at_most(characters: int) -> Length:
    """Return a validator that refuses longer texts."""
    return Length(max=characters, message=_("At most %(max)d characters."))
