"""Sending a bundle over the network: the same bytes that a stick would carry, by HTTPS."""

import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Final
from urllib.parse import urlsplit

from appliance.errors import BundleNotSent, ConfigError

PATH: Final = "/bundles"
KIND: Final = "application/octet-stream"
_LOOPBACK: Final = frozenset(("127.0.0.1", "localhost", "::1"))
_SECONDS: Final = 120.0
"""Until the other one has kept thousands of entries."""
_MEANINGS: Final = {
    400: "it refused it: not paired, made for another one, or damaged on the way",
    409: "it refused it; its bundle status says why",
    413: "it takes no bundle of that length; send what is new, --since N",
    421: "it does not answer to that name: allowed_hosts in its configuration",
    429: "it is being asked too often; try again in a minute",
    503: "it cannot keep anything just now; try again",
}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def send_bundle(sealed: bytes, address: str) -> None:
    """Post a bundle to ``https://host[:port]``, without a proxy; the other appliance has kept it when this returns.

    Raises ConfigError for an address that is none, BundleNotSent where it was not taken.
    """
    url = _url(address)  # HTTPS
    request = urllib.request.Request(url, data=sealed, headers={"Content-Type": KIND}, method="POST")  # noqa: S310 – _url lets HTTPS only
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    try:
        with opener.open(request, timeout=_SECONDS):
            return
    except urllib.error.HTTPError as error:
        with error:
            meaning = _MEANINGS.get(error.code, f"it answered {error.code}")
        msg = f"the other appliance did not take the bundle: {meaning}"
        raise BundleNotSent(msg) from error
    except (OSError, HTTPException) as error:
        msg = f"the other appliance does not answer at {address}"
        raise BundleNotSent(msg) from error


def _url(address: str) -> str:
    parts = None
    try:
        parts = urlsplit(address)
        is_secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        is_plain = not parts.query and not parts.fragment and parts.username is None and parts.path in ("", "/")
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        is_secure = is_plain = has_port = False
    if not (is_secure and is_plain and has_port and parts and parts.hostname):
        msg = "the address of the other appliance is written https://cua-b.example or https://192.0.2.7:8443"
        raise ConfigError(msg)
    return address.rstrip("/") + PATH
