"""Where a visitor comes from: this machine, or which network."""

import ipaddress

from flask import request

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


def visitor_network() -> str:
    """Return by what guesses are counted: the visitor's address, or its /64, since an IPv6 host has a whole one."""
    address = _address(request.remote_addr)
    if address is None or address.version == 4:
        return request.remote_addr or ""
    return f"{int(address) >> 64:x}/64"


def is_at_the_device() -> bool:
    """Return whether the visitor sits at this machine; a proxy on it brings everybody from here, but says so."""
    address = _address(request.remote_addr)
    return address is not None and address.is_loopback and not any(name in request.headers for name in _FORWARDED)


def _address(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if address.version == 6 else None
    return mapped or address
