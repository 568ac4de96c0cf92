"""Switch the language of this browser's session."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
DEFAULT_LANGUAGE = "vi"

blueprint = Blueprint("language", __name__)


def chosen_language() -> str:
    """Return this session's language code."""
    language = session.get("language")
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


@blueprint.post("/language")
def switch() -> ResponseReturnValue:
    """Remember the language and go back to the page that was shown."""
    language = request.form.get("language")
    if language in LANGUAGES:
        session["language"] = language
    return redirect(_own_path(request.form.get("next", "")) or url_for("home.home"))


def _own_path(target: str) -> str | None:
    """A path on this server, or nothing: ``//host`` and ``/\\host`` lead elsewhere."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target[1:2] in {"/", "\\"}:
        return None
    return target if target.isprintable() else None
