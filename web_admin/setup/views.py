"""Spend a one-time code: the administrator's at the first start, or an officer's invitation."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security import logout_user

from appliance.accounts import CodeNotValid
from web_admin.services import now, services
from web_admin.setup.forms import PasswordForm, SetUpForm
from web_admin.signin import hashed
from web_admin.tries import one_password

blueprint = Blueprint("setup", __name__, template_folder="templates")


@blueprint.get("/setup/<code>", endpoint="set_up_link")
@blueprint.route("/setup", methods=["GET", "POST"], endpoint="set_up")
def set_up(code: str = "") -> ResponseReturnValue:
    """Create the administrator; afterwards this page only leads to the sign-in. A link fills the code in."""
    accounts = services().accounts
    if not accounts.needs_set_up():
        flash(gettext("This device is set up already; this code is of no more use."), "good")
        return redirect(url_for("security.login"))
    form = SetUpForm()
    if form.validate_on_submit():
        if _is_spent(
            lambda: accounts.set_up(
                form.code.data,
                username=form.username.data,
                display_name=form.display_name.data,
                password_hash=hashed(form.password.data),
                at=now(),
            )
        ):
            flash(gettext("This device is set up. Please sign in."), "good")
            return redirect(url_for("security.login"))
        form.code.errors = [_not_valid()]
    form.code.data = form.code.data or code
    return render_template("setup/set_up.html", form=form)


@blueprint.get("/join/<code>", endpoint="join_link")
@blueprint.route("/join", methods=["GET", "POST"], endpoint="join")
def join(code: str = "") -> ResponseReturnValue:
    """Let an invited officer choose a password. A link fills the code in."""
    form = PasswordForm()
    at = now()
    if form.validate_on_submit():
        accept = services().accounts.accept
        if _is_spent(lambda: accept(form.code.data, password_hash=hashed(form.password.data), at=at)):
            logout_user()  # the administrator's session, when both share this screen
            flash(gettext("Your password is set. Please sign in."), "good")
            return redirect(url_for("security.login"))
        form.code.errors = [_not_valid()]
    form.code.data = form.code.data or code
    return render_template(
        "setup/join.html", form=form, invited=services().accounts.invited(form.code.data or "", at=at)
    )


def _is_spent(spend: Callable[[], object]) -> bool:
    """Spend a one-time code; False, and it counts as a guess, for one that is not valid."""
    with one_password() as one:
        try:
            spend()
        except CodeNotValid:
            return False
        one.was_right()
    return True


def _not_valid() -> str:
    return str(gettext("This code is not valid: it was used, is too old, or was not typed as shown."))
