"""Switch the language of this browser's session."""

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from web_admin.paths import own_path

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
DEFAULT_LANGUAGE = "vi"

blueprint = Blueprint("language", __name__)


def chosen_language() -> str:
    """Return this session's language code; before one was chosen, what the browser asks for, if we have it."""
    language = session.get("language")
    if language in LANGUAGES:
        return str(language)
    return request.accept_languages.best_match(LANGUAGES, DEFAULT_LANGUAGE)


@blueprint.post("/language")
def switch() -> ResponseReturnValue:
    """Remember the language and go back to the page that was shown."""
    language = request.form.get("language")
    if language in LANGUAGES:
        session["language"] = language
    return redirect(own_path(request.form.get("next", "")) or url_for("home.home"))
