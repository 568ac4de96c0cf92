"""The second officer, who confirms with a sign-in of their own in the form of the first."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired

from appliance.accounts import Account
from web_admin.forms import RecordingForm, at_most
from web_admin.services import services
from web_admin.signin import MAX_PASSWORD_LENGTH, account_for, current_account


class SecondOfficerForm(RecordingForm):
    """A form that another officer confirms by their username and password."""

    username = StringField(
        _("Username of the second officer"),
        validators=[DataRequired(_("A second officer must confirm.")), at_most(32)],
    )
    password = PasswordField(
        _("Password of the second officer"),
        validators=[DataRequired(_("A second officer must confirm.")), at_most(MAX_PASSWORD_LENGTH)],
    )

    def second_officer(self) -> Account | None:
        """Return whose password was given; None, and the form says why, where nobody else's was.

        Officers are told apart by their accounts: two may have one name, and nobody confirms their own entry.
        """
        second = account_for(self.username.data, self.password.data)
        if second is None:
            self.password.errors = [gettext("This username and password do not belong together. Please try again.")]
            return None
        if second.id == current_account().id:
            self.username.errors = [gettext("You cannot confirm your own entry. Please ask another officer.")]
            return None
        return second


def nobody_confirms() -> bool:
    """Tell whether nobody else can sign in, and so confirm."""
    return not any(one.is_active and one.id != current_account().id for one in services().accounts.all())
