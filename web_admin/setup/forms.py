"""The forms of somebody who gets an account."""

from flask_babel import lazy_gettext as _
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length, Regexp

from web_admin.forms import PageForm, at_most, printable
from web_admin.signin import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH

CODE_LENGTH_LIMIT = 40
_CHOSEN_PASSWORD = [
    DataRequired(_("Please choose a password.")),
    Length(
        MIN_PASSWORD_LENGTH,
        MAX_PASSWORD_LENGTH,
        _("The password needs at least %(min)d characters."),
    ),
]


class PasswordForm(PageForm):
    """A one-time code and a password, typed twice."""

    code = StringField(
        _("One-time code"), validators=[DataRequired(_("Please enter the code.")), at_most(CODE_LENGTH_LIMIT)]
    )
    password = PasswordField(_("New password"), validators=_CHOSEN_PASSWORD)
    again = PasswordField(
        _("The same password again"),
        validators=[
            DataRequired(_("Please repeat the password.")),
            EqualTo("password", _("The two passwords differ.")),
        ],
    )


class SetUpForm(PasswordForm):
    """The administrator's account."""

    display_name = StringField(
        _("Your name"), validators=[DataRequired(_("Please enter your name.")), at_most(100), printable]
    )
    username = StringField(
        _("Username"),
        validators=[
            DataRequired(_("Please choose a username.")),
            Length(3, 32, _("The username needs 3 to 32 characters.")),
            Regexp(r"^[\w.-]+$", message=_("Only letters, digits, dot and hyphen, without spaces.")),
        ],
    )
