"""What every answer says to the browser, and which names and which bodies this server answers to."""

import re
from collections.abc import Collection
from io import BytesIO
from typing import Any

from flask import Flask, Request, Response, abort, request

from appliance.bundles.envelope import LONGEST_SEALED

FORM = "application/x-www-form-urlencoded"
"""The kind of body that pages send: none sends JSON, and the libraries stumble over odd ones."""
FORM_WITH_FILE = "multipart/form-data"
TAKE_A_FILE = frozenset({"lists.show_root"})
"""The endpoints that are sent a file, a small one."""
TAKE_A_BUNDLE = frozenset({"bundles.receive"})
"""The endpoints that another appliance sends bytes to, by a program and not from a page."""
_BYTES = "application/octet-stream"
_LONGEST_WITH_FILE = 68 * 1024
_MOST_PARTS = 4
_HOST = re.compile(r"(?P<name>[a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types server-fragment",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class BoundedRequest(Request):
    """A request whose file, bounded as it is, stays in memory: a broken upload leaves nothing on the disk."""

    def _get_file_stream(self, *_about: Any, **_more: Any) -> BytesIO:
        return BytesIO()


def protect(app: Flask, allowed_hosts: Collection[str]) -> None:
    """Refuse foreign Host headers (DNS rebinding) and odd bodies, and put the security headers on every answer.

    ``allowed_hosts`` are host names without a port, compared without regard to case.
    """
    allowed = frozenset(host.lower() for host in allowed_hosts)

    @app.before_request
    def check_host() -> None:
        if _host_name(request.headers.get("Host", "")) not in allowed:
            abort(421)

    app.request_class = BoundedRequest
    app.before_request(_check_form)
    app.after_request(_add_headers)


def _check_form() -> None:
    if not request.query_string.isascii():
        abort(400)
    if request.endpoint in TAKE_A_FILE and request.mimetype == FORM_WITH_FILE:
        request.max_content_length = _LONGEST_WITH_FILE
        request.max_form_parts = _MOST_PARTS
        if None in request.form or None in request.files:  # a part without a name
            abort(400)
    elif request.endpoint in TAKE_A_BUNDLE:
        request.max_content_length = LONGEST_SEALED
        if request.mimetype != _BYTES:
            abort(415)
    elif request.mimetype not in {"", FORM}:
        abort(415)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _host_name(host: str) -> str:
    """The name in a Host header without its port; empty where it is no plain host."""
    match = _HOST.fullmatch(host.lower())
    return match["name"] if match else ""
