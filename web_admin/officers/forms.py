"""The form that invites an officer."""

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectChoice, StringField
from wtforms.validators import DataRequired, Length, Regexp

from appliance.accounts import Role
from web_admin.forms import PageForm, at_most, printable


class InviteForm(PageForm):
    """Name, username and role; the password is chosen by the invited person alone."""

    display_name = StringField(_("Name"), validators=[DataRequired(_("Please enter a name.")), at_most(100), printable])
    username = StringField(
        _("Username"),
        validators=[
            DataRequired(_("Please choose a username.")),
            Length(3, 32, _("The username needs 3 to 32 characters.")),
            Regexp(r"^[\w.-]+$", message=_("Only letters, digits, dot and hyphen, without spaces.")),
        ],
    )
    role = RadioField(
        _("May"),
        choices=[
            SelectChoice(Role.OFFICER.value, _("take attendance (officer)")),
            SelectChoice(Role.ADMINISTRATOR.value, _("also invite others (administrator)")),
        ],
        default=Role.OFFICER.value,
        validators=[DataRequired()],
    )
