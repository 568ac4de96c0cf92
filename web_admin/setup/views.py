"""Spend a one-time code: the administrator's at the first start, or an officer's invitation."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security import logout_user

from appliance.accounts import CodeNotValid
from web_admin.services import now, services
from web_admin.setup.forms import CODE_LENGTH_LIMIT, PasswordForm, SetUpForm
from web_admin.signin import hashed

blueprint = Blueprint("setup", __name__, template_folder="templates")


@blueprint.route("/setup", methods=["GET", "POST"])
def set_up() -> ResponseReturnValue:
    """Create the administrator; afterwards this page only leads to the sign-in."""
    accounts = services().accounts
    if not accounts.needs_set_up():
        return redirect(url_for("security.login"))
    form = SetUpForm()
    if form.validate_on_submit():
        try:
            accounts.set_up(
                form.code.data,
                username=form.username.data,
                display_name=form.display_name.data,
                password_hash=hashed(form.password.data),
                at=now(),
            )
        except CodeNotValid:
            form.code.errors = [_not_valid()]
        else:
            flash(gettext("This device is set up. Please sign in."), "good")
            return redirect(url_for("security.login"))
    _fill_in_code(form)
    return render_template("setup/set_up.html", form=form)


@blueprint.route("/join", methods=["GET", "POST"])
def join() -> ResponseReturnValue:
    """Let an invited officer choose a password."""
    form = PasswordForm()
    at = now()
    if form.validate_on_submit():
        try:
            services().accounts.accept(form.code.data, password_hash=hashed(form.password.data), at=at)
        except CodeNotValid:
            form.code.errors = [_not_valid()]
        else:
            logout_user()  # the administrator's session, when both share this screen
            flash(gettext("Your password is set. Please sign in."), "good")
            return redirect(url_for("security.login"))
    _fill_in_code(form)
    return render_template(
        "setup/join.html", form=form, invited=services().accounts.invited(form.code.data or "", at=at)
    )


def _fill_in_code(form: PasswordForm) -> None:
    """Take the code from the link, so that nobody has to type it."""
    if not form.is_submitted():
        form.code.data = request.args.get("code", "")[:CODE_LENGTH_LIMIT]


def _not_valid() -> str:
    return str(gettext("This code is not valid: it was used, is too old, or was not typed as shown."))
