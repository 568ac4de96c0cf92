"""List the accounts and invite another officer."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance.accounts import AccountError, Role, UsernameTaken
from web_admin.officers.forms import InviteForm
from web_admin.services import now, services
from web_admin.signin import current_account

blueprint = Blueprint("officers", __name__, template_folder="templates")


@blueprint.get("/officers")
def officers() -> ResponseReturnValue:
    """Show every account and the invitation form."""
    return _page(InviteForm())


@blueprint.post("/officers")
def invite() -> ResponseReturnValue:
    """Create an invited account and show its one-time link, the only time it is seen."""
    form = InviteForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        account, code = services().accounts.invite(
            username=form.username.data,
            display_name=form.display_name.data,
            role=Role(form.role.data),
            invited_by=current_account().id,
            at=now(),
        )
    except UsernameTaken:
        form.username.errors = [gettext("Another account has this username.")]
        return _page(form), 422
    return render_template("officers/invited.html", account=account, code=code, section="officers")


@blueprint.post("/officers/<int:account_id>/invite-again")
def invite_again(account_id: int) -> ResponseReturnValue:
    """Show a new link for somebody whose first one was lost."""
    account = services().accounts.get(account_id) or abort(404)
    try:
        code = services().accounts.invite_again(account_id, at=now())
    except AccountError:
        flash(gettext("This officer has a password already."), "bad")
        return redirect(url_for("officers.officers"))
    return render_template("officers/invited.html", account=account, code=code, section="officers")


def _page(form: InviteForm) -> str:
    return render_template("officers/officers.html", form=form, accounts=services().accounts.all(), section="officers")
