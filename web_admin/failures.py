"""What a visitor reads when something is not possible: a plain page that says what to do next."""

from flask import Flask, current_app, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import AnonymousUserMixin  # type: ignore[import-untyped]
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadRequest, HTTPException, NotFound, ServiceUnavailable, TooManyRequests

from appliance import errors


def install(app: Flask) -> None:
    """Answer every HTTP error, and whatever the services refuse, with the error page."""
    app.register_error_handler(HTTPException, _show)
    app.register_error_handler(errors.ApplianceError, _show_refusal)


def _show(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    code = error.code or 500
    headers = [(name, value) for name, value in error.get_headers() if name in {"Allow", "Retry-After"}]
    _need_no_account()
    return render_template("error.html", sentence=_sentence(error), code=code), code, headers


def _need_no_account() -> None:
    """Where not even the visitor's account can be read, the page's menu is the one for nobody."""
    try:
        _ = current_user.is_authenticated
    except errors.ApplianceError:
        g._login_user = AnonymousUserMixin()  # noqa: SLF001  where flask_login keeps the visitor during a request


def _show_refusal(error: errors.ApplianceError) -> ResponseReturnValue:
    """The log gets the reason code only: a sentence may tell what somebody asked for."""
    if isinstance(error, errors.NotFound):
        return _show(NotFound())
    if isinstance(error, errors.RuleViolation):
        return _show(BadRequest())
    current_app.logger.error("a request failed: %s", error.reason)
    return _show(ServiceUnavailable())


def _wait(error: TooManyRequests) -> str:
    """Say how long to wait, in whole minutes: what was tried is not told."""
    seconds = error.retry_after if isinstance(error.retry_after, int) else 60
    minutes = -(-seconds // 60)
    return str(gettext("Too many tries. Please wait %(minutes)d minutes, then try again.", minutes=minutes))


def _sentence(error: HTTPException) -> str:
    if isinstance(error, CSRFError):
        return str(gettext("This page was open for too long. Please go back, reload it and try again."))
    if isinstance(error, TooManyRequests):
        return _wait(error)
    sentences = {
        400: gettext("The page did not understand this. Please go back and try again."),
        403: gettext("This page is not for this account or this device."),
        404: gettext("There is no such page."),
        405: gettext("There is no such page."),
        413: gettext("That is too much at once."),
        421: gettext("This device is not called that. Please use the address shown on its screen."),
        503: gettext("The device cannot read or write its records now. Please call whoever looks after it."),
    }
    code = error.code or 500
    usual = gettext("Something went wrong on this device.") if code >= 500 else sentences[400]
    return str(sentences.get(code, usual))
