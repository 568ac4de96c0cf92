"""Where a form may lead: to a path on this server, never to another one."""

from urllib.parse import urlsplit


def own_path(target: str) -> str | None:
    """Return ``target`` if it is a path on this server; browsers read ``//host`` and ``/\\host`` as another one.

    >>> own_path("/meetings/7"), own_path("//evil.example"), own_path("https://evil.example")
    ('/meetings/7', None, None)
    """
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target[1:2] in {"/", "\\"}:
        return None
    return target if target.isprintable() else None
